/* SPDX-License-Identifier: GPL-2.0 */
/* Paths through netfilter, each with the hooks of at most one observer. */
#ifndef _BENCH_PATH_H
#define _BENCH_PATH_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

/**
 * struct bench_path - the hooks of one observer
 * @name: name of the observer in the results
 * @pre: hooks at PRE_ROUTING for IPv4 and for IPv6, or NULL
 * @in: hooks at LOCAL_IN for IPv4 and for IPv6, or NULL
 */
struct bench_path {
	const char *name;
	struct nf_hook_entries *pre[2];
	struct nf_hook_entries *in[2];
};

extern struct bench_path bench_nothing;		/* the cost of the harness */
extern struct bench_path bench_noop;		/* one hook that accepts */
extern struct bench_path bench_tcptrace;
extern struct bench_path bench_conntrack;

int bench_paths_open(void);
void bench_paths_close(void);
unsigned int bench_path_send(const struct bench_path *path,
			     struct sk_buff *skb);
void bench_forget_conntrack(void);

#endif /* _BENCH_PATH_H */
