/* SPDX-License-Identifier: GPL-2.0 */
/* Creates /proc/net/tcptrace and the counter files in /proc/net/stat. */
#ifndef _TCPT_PROCFS_H
#define _TCPT_PROCFS_H

struct net;

int tcpt_procfs_create(struct net *net);
void tcpt_procfs_remove(struct net *net);

#endif /* _TCPT_PROCFS_H */
