/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copy each packet to memory of exactly its size, through the linker's --wrap.
 */
#ifndef _FUZZ_EXACT_H
#define _FUZZ_EXACT_H

#include "link.h"

enum link_result __real_link_strip(int type, struct link_bytes *b);
enum link_result __wrap_link_strip(int type, struct link_bytes *b);

#endif /* _FUZZ_EXACT_H */
