/* SPDX-License-Identifier: GPL-2.0 */
/* The life of every network namespace: set up, observed, left. */
#ifndef _TCPT_PERNET_H
#define _TCPT_PERNET_H

struct tcpt_tracker;

int tcpt_pernet_register(struct tcpt_tracker *tracker);
void tcpt_pernet_unregister(void);

#endif /* _TCPT_PERNET_H */
