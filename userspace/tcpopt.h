/* SPDX-License-Identifier: GPL-2.0 */
/* The names of the TCP options. */
#ifndef _TCPTRACECTL_TCPOPT_H
#define _TCPTRACECTL_TCPOPT_H

#include "core/env.h"

const char *tcpopt_next(u16 *options);

#endif /* _TCPTRACECTL_TCPOPT_H */
