/* SPDX-License-Identifier: GPL-2.0 */
/* What takes packets past the hooks that the module sees them at. */
#ifndef _TCPTRACECTL_SHORTCUT_H
#define _TCPTRACECTL_SHORTCUT_H

#include "kofile.h"
#include "report.h"

void shortcuts_check(struct report *report, const struct kofiles *files);

#endif /* _TCPTRACECTL_SHORTCUT_H */
