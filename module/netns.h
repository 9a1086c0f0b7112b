/* SPDX-License-Identifier: GPL-2.0 */
/* Starts and stops the observation of network namespaces. */
#ifndef _TCPT_NETNS_H
#define _TCPT_NETNS_H

struct tcpt_tracker;

int tcpt_netns_register(struct tcpt_tracker *t);
void tcpt_netns_unregister(void);

#endif /* _TCPT_NETNS_H */
