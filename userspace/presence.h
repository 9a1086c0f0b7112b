/* SPDX-License-Identifier: GPL-2.0 */
/* Is the module there, and may this user read from it? */
#ifndef _TCPTRACECTL_PRESENCE_H
#define _TCPTRACECTL_PRESENCE_H

#include "report.h"

/**
 * enum presence - is the module loaded?
 * @PRESENCE_NO: no
 * @PRESENCE_YES: yes
 * @PRESENCE_UNKNOWN: what would tell is not there
 */
enum presence {
	PRESENCE_NO,
	PRESENCE_YES,
	PRESENCE_UNKNOWN,
};

enum presence presence_check(struct report *report);
void presence_check_use(struct report *report);

#endif /* _TCPTRACECTL_PRESENCE_H */
