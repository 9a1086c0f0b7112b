/* SPDX-License-Identifier: GPL-2.0 */
/* doctor: find out which packets may bypass the module's hooks. */
#ifndef _TCPTRACECTL_DOCTOR_BYPASS_H
#define _TCPTRACECTL_DOCTOR_BYPASS_H

#include "doctor_report.h"
#include "module_file.h"

void doctor_bypass_check(struct report *report,
			 const struct module_files *files);

#endif /* _TCPTRACECTL_DOCTOR_BYPASS_H */
