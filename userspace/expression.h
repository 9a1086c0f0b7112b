/* SPDX-License-Identifier: GPL-2.0 */
/* Filter expressions in tcpdump's syntax. */
#ifndef _TCPTRACECTL_EXPRESSION_H
#define _TCPTRACECTL_EXPRESSION_H

#include "record.h"

#include <pcap/pcap.h>

/**
 * struct expression - a compiled expression
 * @program: classic BPF program; all zero: every packet matches
 */
struct expression {
	struct bpf_program program;
};

int expression_compile(struct expression *e, int link, char *const words[],
		       char *why, size_t size);
bool expression_takes(const struct expression *e, const union record *rec,
		      const struct tcptrace_nat *nat);
void expression_free(struct expression *e);

#endif /* _TCPTRACECTL_EXPRESSION_H */
