/* SPDX-License-Identifier: GPL-2.0 */
/* Access to /dev/tcptrace, or to a saved file of records. */
#ifndef _TCPTRACECTL_DEVICE_H
#define _TCPTRACECTL_DEVICE_H

#include "core/env.h"

#include <pcap/pcap.h>

#include <linux/tcptrace.h>

int device_open(const char *path);
int device_set_mask(int fd, u32 mask);
int device_set_all_netns(int fd);
int device_set_filter(int fd, const struct bpf_program *program);
int device_set_ring(int fd, u32 size);
int device_info(int fd, struct tcptrace_info *info);
int device_epoch(int fd, u64 *epoch);
void device_explain(const char *path, int err, char *buf, size_t size);

#endif /* _TCPTRACECTL_DEVICE_H */
