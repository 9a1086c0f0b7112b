/* SPDX-License-Identifier: GPL-2.0 */
/* Export closing records as IPFIX flows (RFC 7011, RFC 5103) with libfixbuf. */
#ifndef _TCPTRACECTL_EXPORT_IPFIX_H
#define _TCPTRACECTL_EXPORT_IPFIX_H

#include "core/env.h"

#include <errno.h>
#include <linux/tcptrace.h>
#include <stdio.h>

struct ipfix;

#ifdef HAVE_FIXBUF
int ipfix_open(struct ipfix **ipfix, const char *where, u32 enterprise,
	       char *why, size_t size);
int ipfix_take(struct ipfix *ipfix, const struct tcptrace_close *c, u64 offset,
	       char *why, size_t size);
int ipfix_flush(struct ipfix *ipfix, char *why, size_t size);
int ipfix_close(struct ipfix *ipfix, char *why, size_t size);
#else
static inline int ipfix_open(struct ipfix **ipfix, const char *where,
			     u32 enterprise, char *why, size_t size)
{
	(void)ipfix;
	(void)where;
	(void)enterprise;
	snprintf(why, size, "this tcptracectl was built without libfixbuf");
	return -EOPNOTSUPP;
}

static inline int ipfix_take(struct ipfix *ipfix,
			     const struct tcptrace_close *c, u64 offset,
			     char *why, size_t size)
{
	(void)ipfix;
	(void)c;
	(void)offset;
	(void)why;
	(void)size;
	return -EOPNOTSUPP;
}

static inline int ipfix_flush(struct ipfix *ipfix, char *why, size_t size)
{
	(void)ipfix;
	(void)why;
	(void)size;
	return 0;
}

static inline int ipfix_close(struct ipfix *ipfix, char *why, size_t size)
{
	(void)ipfix;
	(void)why;
	(void)size;
	return 0;
}
#endif

#endif /* _TCPTRACECTL_EXPORT_IPFIX_H */
