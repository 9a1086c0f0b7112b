/* SPDX-License-Identifier: GPL-2.0 */
/* The memory of a ring. */
#ifndef _TCPT_BUFFER_H
#define _TCPT_BUFFER_H

#include "ring.h"

#include <linux/types.h>

struct page;

u32 tcpt_buffer_round(u32 size);
void *tcpt_buffer_alloc(size_t size);
unsigned long tcpt_buffer_pages(const struct tcpt_ring *ring);
struct page *tcpt_buffer_page(const struct tcpt_ring *ring,
			      unsigned long number);
int tcpt_buffer_resize(struct tcpt_ring *ring, u32 size);

#endif /* _TCPT_BUFFER_H */
