/* SPDX-License-Identifier: GPL-2.0 */
/* Module parameters: Documentation/tcptrace.rst describes them. */
#ifndef _TCPT_PARAM_H
#define _TCPT_PARAM_H

#include "config.h"

extern struct tcpt_config tcpt_param;

void tcpt_param_choose(void);

#endif /* _TCPT_PARAM_H */
