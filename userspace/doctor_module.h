/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doctor: is the module loaded, and may this user read from it? If not, why?
 */
#ifndef _TCPTRACECTL_DOCTOR_MODULE_H
#define _TCPTRACECTL_DOCTOR_MODULE_H

#include "doctor_report.h"
#include "module_file.h"

void doctor_module_explain(struct report *report,
			   const struct module_files *files);

/**
 * enum presence - is the module loaded?
 * @PRESENCE_NO: no
 * @PRESENCE_YES: yes
 * @PRESENCE_UNKNOWN: neither /sys nor /proc is there
 */
enum presence {
	PRESENCE_NO,
	PRESENCE_YES,
	PRESENCE_UNKNOWN,
};

enum presence doctor_module_check(struct report *report);
void doctor_module_check_use(struct report *report);

#endif /* _TCPTRACECTL_DOCTOR_MODULE_H */
