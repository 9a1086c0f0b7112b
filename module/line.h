/* SPDX-License-Identifier: GPL-2.0 */
/* A connection as a line of /proc/net/tcptrace. */
#ifndef _TCPT_LINE_H
#define _TCPT_LINE_H

#include "conn.h"

#include <linux/seq_file.h>

void tcpt_line_names(struct seq_file *s);
void tcpt_line_conn(struct seq_file *s, const struct tcpt_conn *conn,
		    const struct tcpt_track *t,
		    const struct tcpt_owner owner[2]);

#endif /* _TCPT_LINE_H */
