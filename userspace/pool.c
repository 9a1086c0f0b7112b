// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	/*
	 * the size of a huge page; with small pages, TLB misses cost a fifth of
	 * the run time
	 */
	SLAB_SIZE	= 2 << 20,
};

struct pool_slab {
	struct pool_slab *older;
};

static void *first_of(struct pool_slab *slab)
{
	return (char *)slab + POOL_ALIGN;
}

static void *new_slab(struct pool *pool)
{
	struct pool_slab *slab = aligned_alloc(SLAB_SIZE, SLAB_SIZE);

	if (!slab)
		return NULL;
	/* ignore errors: without huge pages, the pool is only slower */
	madvise(slab, SLAB_SIZE, MADV_HUGEPAGE);
	slab->older = pool->slabs;
	pool->slabs = slab;
	pool->used = POOL_ALIGN + pool->size;
	return first_of(slab);
}

/**
 * pool_take - get memory for an object
 * @pool: the pool
 *
 * Return: the object, not initialized; NULL if there is no memory.
 */
void *pool_take(struct pool *pool)
{
	void *object = pool->unused;

	if (object) {
		memcpy(&pool->unused, object, sizeof(pool->unused));
		return object;
	}
	if (!pool->slabs || pool->used + pool->size > SLAB_SIZE)
		return new_slab(pool);
	object = (char *)pool->slabs + pool->used;
	pool->used += pool->size;
	return object;
}

/**
 * pool_give_back - return an unused object to its pool
 * @pool: the pool that the object came from
 * @object: the object
 */
void pool_give_back(struct pool *pool, void *object)
{
	memcpy(object, &pool->unused, sizeof(pool->unused));
	pool->unused = object;
}

/* Free all objects. */
void pool_free(struct pool *pool)
{
	struct pool_slab *slab, *older;

	for (slab = pool->slabs; slab; slab = older) {
		older = slab->older;
		free(slab);
	}
}
