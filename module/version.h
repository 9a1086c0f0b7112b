/* SPDX-License-Identifier: GPL-2.0 */
/* The version of the module, the client and the man page. */
#ifndef _TCPT_VERSION_H
#define _TCPT_VERSION_H

#define TCPTRACE_VERSION	"0.1.0"

#endif /* _TCPT_VERSION_H */
