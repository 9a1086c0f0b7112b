/* SPDX-License-Identifier: GPL-2.0 */
/* Insert headers into a packet. */
#ifndef _HOSTILE_HEADER_H
#define _HOSTILE_HEADER_H

#include "packet.h"

bool header_insert(struct packet *p, u32 at, u32 n);
void header_set_length(struct packet *p, u32 len);
void header_add_fragment(struct packet *p, u32 offset, u32 id);
void header_add_extension(struct packet *p, struct dice *dice);
u8 header_odd_byte(struct dice *dice);

#endif /* _HOSTILE_HEADER_H */
