/* SPDX-License-Identifier: GPL-2.0 */
/* The version of the client, here and nowhere else. */
#ifndef _TCPTRACECTL_VERSION_H
#define _TCPTRACECTL_VERSION_H

#define TCPTRACECTL_VERSION	"0.1.0"

#endif /* _TCPTRACECTL_VERSION_H */
