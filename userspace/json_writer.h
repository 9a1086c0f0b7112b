/* SPDX-License-Identifier: GPL-2.0 */
/* Write JSON text from left to right. */
#ifndef _TCPTRACECTL_JSON_WRITER_H
#define _TCPTRACECTL_JSON_WRITER_H

#include "addr.h"
#include "core/env.h"

/**
 * struct json_writer - JSON text under construction
 * @buf: the text, without a terminating NUL; grows as needed
 * @size: size of @buf
 * @len: bytes written
 * @failed: there was not enough memory
 *
 * An all-zero writer is empty. Inside an array, the name passed to any
 * function must be NULL.
 */
struct json_writer {
	char *buf;
	size_t size;
	size_t len;
	bool failed;
};

/**
 * struct json_writer_label - a member name that is formatted at compile time
 * @text: a comma, the name in quotes, and a colon; because of the comma, the
 *	member cannot be the first of its object
 * @len: length of @text
 */
struct json_writer_label {
	char text[32];
	size_t len;
};

void json_writer_open(struct json_writer *w, const char *name, char bracket);
void json_writer_close(struct json_writer *w, char bracket);
void json_writer_u64(struct json_writer *w, const char *name, u64 value);
void json_writer_labeled(struct json_writer *w,
			 const struct json_writer_label *label, u64 value);
void json_writer_u32s(struct json_writer *w, const char *name,
		      const u32 *values, size_t n);
void json_writer_text(struct json_writer *w, const char *name,
		      const char *text);
void json_writer_wscale(struct json_writer *w, const char *name, u8 wscale);
void json_writer_word(struct json_writer *w, const char *name,
		      const char *word);
int json_writer_line(struct json_writer *w);
void json_writer_end(struct json_writer *w, const char *name, unsigned int end);
void json_writer_endpoint(struct json_writer *w, const char *addr_name,
			  const char *port_name, const struct addr *addr,
			  u16 port);
void json_writer_tunnel(struct json_writer *w, const char *type, u64 id);

#endif /* _TCPTRACECTL_JSON_WRITER_H */
