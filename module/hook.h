/* SPDX-License-Identifier: GPL-2.0 */
/* The Netfilter hooks that observe packets. */
#ifndef _TCPT_HOOK_H
#define _TCPT_HOOK_H

struct net;

int tcpt_hook_register(struct net *net);
void tcpt_hook_unregister(struct net *net);

#endif /* _TCPT_HOOK_H */
