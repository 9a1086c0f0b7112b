/* SPDX-License-Identifier: GPL-2.0 */
/* Follows observed packets while a reader asks for their fate. */
#ifndef _TCPT_FATE_MODULE_H
#define _TCPT_FATE_MODULE_H

struct tcpt_net;

int tcpt_fate_init(void);
void tcpt_fate_exit(void);

int tcpt_fate_add(struct tcpt_net *tn);
void tcpt_fate_del(struct tcpt_net *tn);
void tcpt_fate_flush(void);

int tcpt_fate_get(void);
void tcpt_fate_put(void);

#endif /* _TCPT_FATE_MODULE_H */
