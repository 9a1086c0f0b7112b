/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Judge the packets that nftables logs at the module's hooks. Write them to a
 * file, except packets that are judged lenient (see struct doubt).
 */
#ifndef _HOSTILE_TAP_H
#define _HOSTILE_TAP_H

#include "packet.h"

enum {
	TAP_GROUP	= 5,	/* the nftables rules have "log group 5" */
};

int tap_open(const char *path);
int tap_drain(int patience_ms);
void tap_sentinel(struct packet *p);
int tap_finish(void);
void tap_report(void);

#endif /* _HOSTILE_TAP_H */
