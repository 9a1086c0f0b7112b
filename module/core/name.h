/* SPDX-License-Identifier: GPL-2.0 */
/* Names for the values in the ABI. */
#ifndef _TCPT_NAME_H
#define _TCPT_NAME_H

#include "env.h"

/* Room for all letters and the terminating zero. */
#define TCPT_FLAGS_LEN	12
#define TCPT_MARKS_LEN	8

/*
 * Each function up to tcpt_hook_name() takes any value and returns a constant
 * string. All but one return "?" for a value without a name.
 * tcpt_wireshark_name() takes the index of a bit of TCPTRACE_A_*, and returns
 * NULL if the bit has no name. A reason has a name for machines and a text for
 * people.
 */
const char *tcpt_state_name(unsigned int state);
const char *tcpt_reason_name(unsigned int reason);
const char *tcpt_reason_text(unsigned int reason);
const char *tcpt_close_name(unsigned int reason);
const char *tcpt_conn_state_name(unsigned int state);
const char *tcpt_wireshark_name(unsigned int bit);
const char *tcpt_suspicion_name(unsigned int what);
const char *tcpt_finding_name(unsigned int finding);
const char *tcpt_error_name(unsigned int kind);
const char *tcpt_fate_name(unsigned int fate);
const char *tcpt_limited_name(unsigned int limited);
const char *tcpt_known_name(unsigned int known);
const char *tcpt_fit_name(unsigned int fit);
const char *tcpt_lost_name(unsigned int cause);
const char *tcpt_limit_name(unsigned int kind);
const char *tcpt_hook_name(unsigned int hook);

const char *tcpt_marks_name(unsigned int marks, char buf[TCPT_MARKS_LEN]);
char *tcpt_flags_name(unsigned int flags, char buf[TCPT_FLAGS_LEN]);

#endif /* _TCPT_NAME_H */
