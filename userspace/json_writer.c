// SPDX-License-Identifier: GPL-2.0
#include "json_writer.h"

#include "names.h"
#include "number.h"
#include "output.h"

#include <errno.h>
#include <linux/tcptrace.h>
#include <stdlib.h>

enum {
	FIRST_SIZE	= 4096,
	NAME_MORE	= 4,	/* comma, quotes and colon around a name */
	ESCAPED		= 6,	/* longest form of a character */
};

static const char hex[] = "0123456789abcdef";

/* Return: false if there is no memory for @n more bytes. */
static bool grow(struct json_writer *w, size_t n)
{
	size_t size = w->size ? w->size : FIRST_SIZE;
	char *buf;

	while (size - w->len < n)
		size *= 2;
	buf = realloc(w->buf, size);
	if (!buf) {
		w->failed = true;
		return false;
	}
	w->buf = buf;
	w->size = size;
	return true;
}

/* Return: where the next @n bytes go; NULL if there is no memory for them. */
static inline char *reserve(struct json_writer *w, size_t n)
{
	if (unlikely(n > w->size - w->len) && !grow(w, n))
		return NULL;
	return w->buf + w->len;
}

static void put(struct json_writer *w, const char *text, size_t len)
{
	char *to = reserve(w, len);

	if (!to)
		return;
	memcpy(to, text, len);
	w->len += len;
}

static void put_char(struct json_writer *w, char c)
{
	char *to = reserve(w, 1);

	if (!to)
		return;
	*to = c;
	w->len++;
}

/* Write a comma if needed, then the name of a value. */
static char *put_name(const struct json_writer *w, char *to, const char *name,
		      size_t len)
{
	if (w->len > 0 && to[-1] != '{' && to[-1] != '[')
		*to++ = ',';
	if (name) {
		*to++ = '"';
		to = mempcpy(to, name, len);
		*to++ = '"';
		*to++ = ':';
	}
	return to;
}

static void begin(struct json_writer *w, const char *name)
{
	size_t len = name ? strlen(name) : 0;
	char *to = reserve(w, len + NAME_MORE);

	if (to)
		w->len = (size_t)(put_name(w, to, name, len) - w->buf);
}

void json_writer_open(struct json_writer *w, const char *name, char bracket)
{
	begin(w, name);
	put_char(w, bracket);
}

void json_writer_close(struct json_writer *w, char bracket)
{
	put_char(w, bracket);
}

void json_writer_u64(struct json_writer *w, const char *name, u64 value)
{
	size_t len = name ? strlen(name) : 0;
	char *to = reserve(w, len + NAME_MORE + NUMBER_DIGITS);

	if (!to)
		return;
	to = number_put(put_name(w, to, name, len), value);
	w->len = (size_t)(to - w->buf);
}

/* Write a number as a member, which must not be the first of its object. */
void json_writer_labeled(struct json_writer *w,
			 const struct json_writer_label *label, u64 value)
{
	char *to = reserve(w, sizeof(label->text) + NUMBER_DIGITS);

	if (!to)
		return;
	/* a copy of constant length needs only a few instructions */
	memcpy(to, label->text, sizeof(label->text));
	to = number_put(to + label->len, value);
	w->len = (size_t)(to - w->buf);
}

void json_writer_u32s(struct json_writer *w, const char *name,
		      const u32 *values, size_t n)
{
	char *to;
	size_t i;

	begin(w, name);
	to = reserve(w, 2 + n * (1 + NUMBER_DIGITS));
	if (!to)
		return;
	*to++ = '[';
	for (i = 0; i < n; i++) {
		if (i > 0)
			*to++ = ',';
		to = number_put(to, values[i]);
	}
	*to++ = ']';
	w->len = (size_t)(to - w->buf);
}

/* Write an escaped character (RFC 8259 section 7). Return: its end. */
static char *put_escaped(char *to, unsigned char c)
{
	*to++ = '\\';
	if (c == '"' || c == '\\') {
		*to++ = (char)c;
		return to;
	}
	to = mempcpy(to, "u00", 3);
	*to++ = hex[c >> 4];
	*to++ = hex[c & 15];
	return to;
}

/*
 * Return: the length of a non-ASCII character (RFC 3629 section 4); 0 if the
 * bytes are not a character. Names from the host may contain any bytes.
 */
static size_t utf8_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t i, len = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;

	if (c[0] < 0xc2 || c[0] > 0xf4 || (c[0] == 0xe0 && c[1] < 0xa0) ||
	    (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
	    (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	for (i = 1; i < len; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/**
 * json_writer_text - write a string
 * @w: the writer
 * @name: name of the member, or NULL in an array
 * @text: the string; a byte that is not valid UTF-8 becomes U+FFFD
 */
void json_writer_text(struct json_writer *w, const char *name, const char *text)
{
	size_t n, len = name ? strlen(name) : 0;
	char *to = reserve(w, len + NAME_MORE + 2 + ESCAPED * strlen(text));

	if (!to)
		return;
	to = put_name(w, to, name, len);
	*to++ = '"';
	for (; *text != '\0'; text += n) {
		n = 1;
		if (unlikely((unsigned char)*text >= 0x80)) {
			n = utf8_length(text);
			to = mempcpy(to, n ? text : "\\ufffd", n ? n : 6);
			n += !n;
		} else if (likely(*text >= ' ' && *text != '"' &&
				  *text != '\\')) {
			*to++ = *text;
		} else {
			to = put_escaped(to, (unsigned char)*text);
		}
	}
	*to++ = '"';
	w->len = (size_t)(to - w->buf);
}

/* Write a window scale; write null for TCPTRACE_WSCALE_NONE. */
void json_writer_wscale(struct json_writer *w, const char *name, u8 wscale)
{
	if (wscale == TCPTRACE_WSCALE_NONE)
		json_writer_word(w, name, "null");
	else
		json_writer_u64(w, name, wscale);
}

/**
 * json_writer_word - write a value without quotes
 * @w: the writer
 * @name: name of the member, or NULL in an array
 * @word: the text of the value, such as true, null or a number
 */
void json_writer_word(struct json_writer *w, const char *name, const char *word)
{
	begin(w, name);
	put(w, word, strlen(word));
}

/**
 * json_writer_line - write the text as a line, then empty the writer
 * @w: the writer
 *
 * Return: 0 or a negative error number.
 */
int json_writer_line(struct json_writer *w)
{
	int err;

	put_char(w, '\n');
	err = w->failed ? -ENOMEM : output_write(w->buf, w->len);
	w->len = 0;
	w->failed = false;
	return err;
}

/* Write the name of an end, or null if @end is neither 0 nor 1. */
void json_writer_end(struct json_writer *w, const char *name, unsigned int end)
{
	const char *text = event_end_name(end);

	if (text)
		json_writer_text(w, name, text);
	else
		json_writer_word(w, name, "null");
}

void json_writer_endpoint(struct json_writer *w, const char *addr_name,
			  const char *port_name, const struct addr *addr,
			  u16 port)
{
	char text[ADDR_LEN];

	addr_format(addr, text, sizeof(text));
	json_writer_text(w, addr_name, text);
	json_writer_u64(w, port_name, port);
}

/* Write a tunnel as an element of an array. */
void json_writer_tunnel(struct json_writer *w, const char *type, u64 id)
{
	json_writer_open(w, NULL, '{');
	json_writer_text(w, "type", type);
	json_writer_u64(w, "id", id);
	json_writer_close(w, '}');
}
