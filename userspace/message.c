// SPDX-License-Identifier: GPL-2.0
/*
 * Look up messages in catalogues of gettext's format. The gettext() of libc is
 * not used: it translates only if a locale of the language is installed, which
 * many hosts lack.
 */
#include "message.h"

#include "core/env.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN	"tcptracectl"

enum {
	MO_MAGIC	= 0x950412de,	/* in the byte order of the host */
	MO_MAX		= 1 << 20,	/* bytes; a file must be smaller */
};

/**
 * struct mo_header - header of a catalogue; offsets are relative to its start
 * @magic: MO_MAGIC
 * @revision: 0
 * @n: number of messages
 * @ids: offset of an array of struct mo_string: the messages, sorted
 * @texts: offset of an array of struct mo_string: the translations
 */
struct mo_header {
	u32 magic;
	u32 revision;
	u32 n;
	u32 ids;
	u32 texts;
};

/**
 * struct mo_string - a text that ends with a NUL
 * @len: length of the text; a plural has a NUL between its forms
 * @offset: offset of the text
 */
struct mo_string {
	u32 len;
	u32 offset;
};

/* The catalogue in use; NULL: messages are in English. */
static const u8 *catalogue;

/*
 * The directories of catalogues, relative to the directory of the program: the
 * first for a program in the build tree, the second for an installed program.
 */
static const char *const folders[] = { "locale", "../share/locale" };

static const struct mo_header *header(void)
{
	return (const void *)catalogue;
}

static const char *string_at(u32 table, u32 number)
{
	const struct mo_string *strings = (const void *)(catalogue + table);

	return (const char *)catalogue + strings[number].offset;
}

static bool strings_are_inside(u32 table, u32 n, size_t size)
{
	const struct mo_string *strings = (const void *)(catalogue + table);
	u32 i;

	if (table % 4 || table > size || n > (size - table) / sizeof(*strings))
		return false;
	for (i = 0; i < n; i++)
		if (strings[i].offset >= size ||
		    strings[i].len >= size - strings[i].offset ||
		    catalogue[strings[i].offset + strings[i].len] != '\0')
			return false;
	return true;
}

static bool is_valid(size_t size)
{
	return size >= sizeof(struct mo_header) &&
	       header()->magic == MO_MAGIC && header()->revision == 0 &&
	       strings_are_inside(header()->ids, header()->n, size) &&
	       strings_are_inside(header()->texts, header()->n, size);
}

/* Load a catalogue. Return: 0; -ENOENT if it is invalid or memory is short. */
static int take(FILE *file)
{
	u8 *bytes = malloc(MO_MAX);
	size_t size;

	if (!bytes)
		return -ENOENT;
	size = fread(bytes, 1, MO_MAX, file);
	catalogue = bytes;
	if (size < MO_MAX && is_valid(size))
		return 0;
	catalogue = NULL;
	free(bytes);
	return -ENOENT;
}

static int try_folder(const char *program, const char *folder,
		      const char *lang)
{
	char path[PATH_MAX + 256];
	FILE *file;
	int err;

	snprintf(path, sizeof(path), "%s/%s/%s/LC_MESSAGES/" DOMAIN ".mo",
		 program, folder, lang);
	file = fopen(path, "re");
	if (!file)
		return -ENOENT;
	err = take(file);
	fclose(file);
	return err;
}

static int find_catalogue(const char *lang)
{
	char program[PATH_MAX];
	ssize_t n;
	size_t i;

	n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (n < 0)
		return -ENOENT;
	program[n] = '\0';
	*strrchr(program, '/') = '\0';
	for (i = 0; i < ARRAY_SIZE(folders); i++)
		if (try_folder(program, folders[i], lang) == 0)
			return 0;
	return -ENOENT;
}

/**
 * message - translate a message into the language of the user
 * @text: the message in English
 *
 * Return: the translation, or @text if there is none.
 */
const char *message(const char *text)
{
	u32 low = 0, high = catalogue ? header()->n : 0, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(text, string_at(header()->ids, middle));
		if (order == 0)
			return string_at(header()->texts, middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return text;
}

/**
 * message_plural - translate a message that depends on a count
 * @one: the English message if @n is 1; also the key of the translation
 * @many: the English message if @n is not 1
 * @n: the count
 *
 * Return: the translation; if there is none, the English message for @n.
 * Korean has one form for all counts.
 */
const char *message_plural(const char *one, const char *many, u32 n)
{
	const char *text = message(one);

	return text == one && n != 1 ? many : text;
}

/**
 * message_init - choose the language of the messages
 * @lang: "en", "ko", or NULL for the language of the locale
 * @why: set to a one-line reason for a failure
 * @size: size of @why
 *
 * Only the character set and the messages depend on the locale: numbers always
 * have a decimal point.
 *
 * Return: 0; -EINVAL if the language is unknown; -ENOENT if @lang is set and
 * its messages or the locale C.UTF-8 are missing.
 */
int message_init(const char *lang, char *why, size_t size)
{
	const char *locale;

	setlocale(LC_CTYPE, "");
	if (lang && strcmp(lang, "en") == 0)
		return 0;
	if (lang && strcmp(lang, "ko") != 0) {
		snprintf(why, size, "invalid --lang: '%s': use en or ko", lang);
		return -EINVAL;
	}
	locale = lang ? lang : setlocale(LC_MESSAGES, "");
	if (!locale || strncmp(locale, "ko", 2) != 0)
		return 0;
	if (lang && !setlocale(LC_CTYPE, "C.UTF-8")) {
		snprintf(why, size, "--lang=ko needs the locale C.UTF-8");
		return -ENOENT;
	}
	if (find_catalogue("ko") != 0 && lang) {
		snprintf(why, size,
			 "no Korean messages: " DOMAIN ".mo is not installed");
		return -ENOENT;
	}
	return 0;
}
