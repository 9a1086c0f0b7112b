/* SPDX-License-Identifier: GPL-2.0 */
/* Declarations for all fuzz targets: entry point, input and invariants. */
#ifndef _FUZZ_H
#define _FUZZ_H

#include "core/env.h"

#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's entry point, with a name in the style of this project. */
int fuzz_one(const u8 *data, size_t len) __asm__("LLVMFuzzerTestOneInput");

/**
 * struct fuzz_input - the bytes that control a run
 * @p: the next byte
 * @len: number of bytes that are left
 */
struct fuzz_input {
	const u8 *p;
	size_t len;
};

/* An exhausted input returns zeroes. */
static inline u8 fuzz_u8(struct fuzz_input *in)
{
	if (in->len == 0)
		return 0;
	in->len--;
	return *in->p++;
}

static inline u16 fuzz_u16(struct fuzz_input *in)
{
	u16 high = fuzz_u8(in);

	return (u16)(high << 8 | fuzz_u8(in));
}

/* Print an invariant that does not hold, and crash to inform libFuzzer. */
static inline void fuzz_must(bool holds, const char *what, const char *file,
			     int line)
{
	if (holds)
		return;
	fprintf(stderr, "FUZZ: %s:%d: does not hold: %s\n", file, line, what);
	abort();
}

#define must(condition)	\
	fuzz_must(condition, #condition, __FILE__, __LINE__)

#endif /* _FUZZ_H */
