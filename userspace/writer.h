/* SPDX-License-Identifier: GPL-2.0 */
/* JSON text, written from left to right. */
#ifndef _TCPTRACECTL_WRITER_H
#define _TCPTRACECTL_WRITER_H

#include "core/env.h"

/**
 * struct writer - JSON text under construction
 * @buf: the text, not terminated; grows as needed
 * @size: its size
 * @len: bytes written
 * @failed: there was no memory for some of it
 *
 * All zero is a writer that has written nothing. Whatever takes a name takes
 * NULL inside an array.
 */
struct writer {
	char *buf;
	size_t size;
	size_t len;
	bool failed;
};

/**
 * struct writer_label - a name that is made when the program is built
 * @text: the name with what is around it, a comma too: it cannot be the first
 * @len: length of @text
 */
struct writer_label {
	char text[32];
	size_t len;
};

void writer_open(struct writer *w, const char *name, char bracket);
void writer_close(struct writer *w, char bracket);
void writer_u64(struct writer *w, const char *name, u64 value);
void writer_labeled(struct writer *w, const struct writer_label *label,
		    u64 value);
void writer_u32s(struct writer *w, const char *name, const u32 *values,
		 size_t n);
void writer_text(struct writer *w, const char *name, const char *text);
void writer_word(struct writer *w, const char *name, const char *word);
int writer_line(struct writer *w);

#endif /* _TCPTRACECTL_WRITER_H */
