/* SPDX-License-Identifier: GPL-2.0 */
/* Find the names of users. */
#ifndef _TCPTRACECTL_USER_H
#define _TCPTRACECTL_USER_H

#include "core/env.h"

/* Room for a name or a number */
#define USER_LEN	64

const char *user_name(u32 uid);

#endif /* _TCPTRACECTL_USER_H */
