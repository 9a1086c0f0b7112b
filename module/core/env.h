/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Definitions that the core needs from its environment. All other files of the
 * core are the same for the kernel and for user space.
 */
#ifndef _TCPT_ENV_H
#define _TCPT_ENV_H

#ifdef __KERNEL__

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

/*
 * older kernels do not define this attribute, which keeps CONFIG_INIT_STACK_*
 * from initializing a variable
 */
#ifndef __uninitialized
#define __uninitialized	__attribute__((__uninitialized__))
#endif

#else

#include <assert.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s32 s32;
typedef __s64 s64;

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define noinline	/* saves stack in the kernel */
#define __uninitialized	/* likewise */
#ifndef __always_inline	/* the C library may define it */
#define __always_inline	inline
#endif
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* __KERNEL__ */

/* Load byte by byte, because a header need not be aligned. */
static inline u16 tcpt_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 tcpt_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

#endif /* _TCPT_ENV_H */
