/* SPDX-License-Identifier: GPL-2.0 */
/* The names of the kernel's drop reasons. */
#ifndef _TCPT_DROP_REASON_H
#define _TCPT_DROP_REASON_H

#include <linux/types.h>

bool tcpt_drop_reason_is_none(u32 reason);
const char *tcpt_drop_reason_name(u32 reason);

#endif /* _TCPT_DROP_REASON_H */
