/* SPDX-License-Identifier: GPL-2.0 */
/* The options of a TCP header. */
#ifndef _TCPT_OPTION_H
#define _TCPT_OPTION_H

#include "env.h"

struct tcpt_options;

void tcpt_options_parse(struct tcpt_options *opt, const u8 *p, size_t len);

#endif /* _TCPT_OPTION_H */
