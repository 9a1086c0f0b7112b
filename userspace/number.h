/* SPDX-License-Identifier: GPL-2.0 */
/* Convert numbers to text and text to numbers. */
#ifndef _TCPTRACECTL_NUMBER_H
#define _TCPTRACECTL_NUMBER_H

#include "core/env.h"

/* Digits of the largest number. */
#define NUMBER_DIGITS	20

char *number_put(char *to, u64 value);
int number_parse(const char *text, int base, u64 max, u64 *value);

#endif /* _TCPTRACECTL_NUMBER_H */
