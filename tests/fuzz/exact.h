/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copy each packet to memory of its exact size: the linker's --wrap replaces
 * the client's calls of link_strip().
 */
#ifndef _FUZZ_EXACT_H
#define _FUZZ_EXACT_H

#include "link.h"

enum link_result __real_link_strip(int type, struct link_bytes *b);
enum link_result __wrap_link_strip(int type, struct link_bytes *b);

#endif /* _FUZZ_EXACT_H */
