/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in text, all of it or nothing. */
#ifndef _TCPTRACECTL_NUMBER_H
#define _TCPTRACECTL_NUMBER_H

#include "core/env.h"

int number_parse(const char *text, int base, u64 max, u64 *value);

#endif /* _TCPTRACECTL_NUMBER_H */
