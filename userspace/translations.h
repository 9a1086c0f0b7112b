/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of open connections after NAT. */
#ifndef _TCPTRACECTL_TRANSLATIONS_H
#define _TCPTRACECTL_TRANSLATIONS_H

#include "record.h"

#include <stddef.h>

enum {
	/* Connections whose addresses after NAT are remembered. */
	TRANSLATIONS_MAX	= 65536,
};

/**
 * struct translations - addresses after NAT
 * @tree: an entry for each open connection behind NAT
 * @n: how many
 * @last: the addresses that translations_note() returned
 */
struct translations {
	void *tree;
	size_t n;
	struct tcptrace_nat last;
};

const struct tcptrace_nat *translations_note(struct translations *t,
					     const union record *rec);

#endif /* _TCPTRACECTL_TRANSLATIONS_H */
