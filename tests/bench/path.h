/* SPDX-License-Identifier: GPL-2.0 */
/* A path through netfilter with the hooks of one observer only. */
#ifndef _BENCH_PATH_H
#define _BENCH_PATH_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

/**
 * struct bench_path - the hooks of one observer
 * @name: its name in the results
 * @pre: PRE_ROUTING of IPv4 and IPv6, or NULL
 * @in: LOCAL_IN of IPv4 and IPv6, or NULL
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
