// SPDX-License-Identifier: GPL-2.0
#include "html.h"

#include "core/env.h"

/*
 * Return: the number of bytes in the first character of a text; 0 if it is not
 * valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
 */
static unsigned int character_len(const unsigned char *text)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int i, n;
	u32 c;

	if (text[0] < 0x80)
		return 1;
	n = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	if (text[0] < 0xc0 || text[0] >= 0xf8)
		return 0;
	c = text[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ?
	       0 : n;
}

static bool is_control(unsigned char c)
{
	return (c < ' ' && c != '\n') || c == 0x7f;
}

static void put_character(FILE *to, const char *text, unsigned int len)
{
	switch (*text) {
	case '&':
		fputs("&amp;", to);
		break;
	case '<':
		fputs("&lt;", to);
		break;
	case '>':
		fputs("&gt;", to);
		break;
	case '"':
		fputs("&quot;", to);
		break;
	case '\'':
		fputs("&#39;", to);
		break;
	default:
		fwrite(text, 1, len, to);
	}
}

/**
 * html_text - write a text between tags, or as the value of an attribute
 * @to: where the text goes
 * @text: the text; invalid UTF-8, and ASCII control characters other than
 *	newlines, become '?'
 */
void html_text(FILE *to, const char *text)
{
	unsigned int len;

	for (; *text != '\0'; text += len ?: 1) {
		len = character_len((const unsigned char *)text);
		if (len == 0 || is_control((unsigned char)*text))
			fputc('?', to);
		else
			put_character(to, text, len);
	}
}
