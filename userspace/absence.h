/* SPDX-License-Identifier: GPL-2.0 */
/* Why the module is not loaded. */
#ifndef _TCPTRACECTL_ABSENCE_H
#define _TCPTRACECTL_ABSENCE_H

#include "kofile.h"
#include "report.h"

void absence_explain(struct report *report, const struct kofiles *files);

#endif /* _TCPTRACECTL_ABSENCE_H */
