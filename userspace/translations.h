/* SPDX-License-Identifier: GPL-2.0 */
/* Remember the translated addresses of open connections. */
#ifndef _TCPTRACECTL_TRANSLATIONS_H
#define _TCPTRACECTL_TRANSLATIONS_H

#include "record.h"

#include <stddef.h>

enum {
	/* Maximum number of connections with remembered addresses. */
	TRANSLATIONS_MAX	= 65536,
};

/**
 * struct translations - translated addresses
 * @tree: entries of open connections that NAT translates
 * @n: number of entries
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
