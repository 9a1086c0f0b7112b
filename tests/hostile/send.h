/* SPDX-License-Identifier: GPL-2.0 */
/* Sending of packets. */
#ifndef _HOSTILE_SEND_H
#define _HOSTILE_SEND_H

#include "packet.h"

int send_open(const char *device, const char *far);
void send_packet(const struct packet *p);
void send_all(void);
void send_report(void);

#endif /* _HOSTILE_SEND_H */
