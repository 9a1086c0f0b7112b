/* SPDX-License-Identifier: GPL-2.0 */
/* What the module's counters mean. */
#ifndef _TCPTRACECTL_COUNTER_H
#define _TCPTRACECTL_COUNTER_H

const char *counter_text(const char *name);

#endif /* _TCPTRACECTL_COUNTER_H */
