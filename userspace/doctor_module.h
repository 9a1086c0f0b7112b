/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doctor: check whether the module is loaded and whether this user may read
 * from it; if not, report the reason.
 */
#ifndef _TCPTRACECTL_DOCTOR_MODULE_H
#define _TCPTRACECTL_DOCTOR_MODULE_H

#include "doctor_report.h"
#include "module_file.h"

void doctor_module_explain(struct report *report,
			   const struct module_files *files);

/**
 * enum presence - whether the module is loaded
 * @PRESENCE_NO: no
 * @PRESENCE_YES: yes
 * @PRESENCE_UNKNOWN: neither /sys nor /proc is mounted
 */
enum presence {
	PRESENCE_NO,
	PRESENCE_YES,
	PRESENCE_UNKNOWN,
};

enum presence doctor_module_check(struct report *report);
void doctor_module_check_use(struct report *report);

#endif /* _TCPTRACECTL_DOCTOR_MODULE_H */
