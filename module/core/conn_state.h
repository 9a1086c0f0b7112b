/* SPDX-License-Identifier: GPL-2.0 */
/* Zeek's conn_state: the end of a connection in a word. */
#ifndef _TCPT_CONN_STATE_H
#define _TCPT_CONN_STATE_H

#include "env.h"

struct tcpt_history;

u8 tcpt_conn_state(const struct tcpt_history *h);

#endif /* _TCPT_CONN_STATE_H */
