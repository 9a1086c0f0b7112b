/* SPDX-License-Identifier: GPL-2.0 */
/* Allocate many objects of one size. */
#ifndef _TCPTRACECTL_POOL_H
#define _TCPTRACECTL_POOL_H

#include <stddef.h>

enum {
	/* The size of a cache line; each object begins on a new cache line. */
	POOL_ALIGN	= 64,
};

struct pool_slab;

/**
 * struct pool - memory for objects of one size
 * @size: size of an object, a multiple of POOL_ALIGN
 * @slabs: the memory, the newest first
 * @used: number of bytes of the newest slab that have been allocated
 * @unused: list of the objects that were given back
 */
struct pool {
	size_t size;
	struct pool_slab *slabs;
	size_t used;
	void *unused;
};

void *pool_take(struct pool *pool);
void pool_give_back(struct pool *pool, void *object);
void pool_free(struct pool *pool);

#endif /* _TCPTRACECTL_POOL_H */
