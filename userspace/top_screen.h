/* SPDX-License-Identifier: GPL-2.0 */
/* Show the busiest connections on a screen, with keys as in htop(1). */
#ifndef _TCPTRACECTL_TOP_SCREEN_H
#define _TCPTRACECTL_TOP_SCREEN_H

#include "top_page.h"

bool top_screen_is_possible(const struct top_options *options);
int top_screen_run(struct top_options *options);

#endif /* _TCPTRACECTL_TOP_SCREEN_H */
