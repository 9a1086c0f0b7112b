/* SPDX-License-Identifier: GPL-2.0 */
/* Translate messages into the language of the user with gettext catalogues. */
#ifndef _TCPTRACECTL_MESSAGE_H
#define _TCPTRACECTL_MESSAGE_H

#include "core/env.h"

#include <stddef.h>

#define _(text)		message(text)

const char *message(const char *text) __attribute__((__format_arg__(1)));
const char *message_plural(const char *one, const char *many, u32 n)
	__attribute__((__format_arg__(1), __format_arg__(2)));
int message_init(const char *lang, char *why, size_t size);

#endif /* _TCPTRACECTL_MESSAGE_H */
