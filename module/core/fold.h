/* SPDX-License-Identifier: GPL-2.0 */
/* Make the state of a connection easier to compress. */
#ifndef _TCPT_FOLD_H
#define _TCPT_FOLD_H

struct tcpt_track;

void tcpt_fold(struct tcpt_track *t);

#endif /* _TCPT_FOLD_H */
