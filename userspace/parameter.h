/* SPDX-License-Identifier: GPL-2.0 */
/* The module's parameters. */
#ifndef _TCPTRACECTL_PARAMETER_H
#define _TCPTRACECTL_PARAMETER_H

#include "core/env.h"

#define PARAMETER_PATH	"/sys/module/tcptrace/parameters/"

/* Digits of a number, or a word. */
#define PARAMETER_LEN	32

const char *parameter_text(const char *name, char buf[PARAMETER_LEN]);
int parameter_get(const char *name, u64 *value);

#endif /* _TCPTRACECTL_PARAMETER_H */
