// SPDX-License-Identifier: GPL-2.0
#include "sysfile.h"

#include "number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/**
 * sysfile_read - read the beginning of a file
 * @path: the file
 * @buf: where it goes, terminated, without a newline at its end
 * @size: size of @buf; what does not fit is left out
 *
 * Return: the length, or a negative error number.
 */
ssize_t sysfile_read(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fd, err;

	/* whatever it is, nobody waits for it */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	err = -errno;
	close(fd);
	if (n < 0)
		return err;
	if (len > 0 && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return (ssize_t)len;
}

/**
 * sysfile_number - read a number
 * @path: the file, which has nothing else
 * @value: where it goes
 *
 * Return: 0 or a negative error number.
 */
int sysfile_number(const char *path, u64 *value)
{
	char buf[32];
	ssize_t len = sysfile_read(path, buf, sizeof(buf));

	return len < 0 ? (int)len : number_parse(buf, 10, UINT64_MAX, value);
}

/**
 * sysfile_exists - is there a file or directory?
 * @path: its path
 *
 * Return: false also if it cannot be known.
 */
bool sysfile_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/**
 * sysfile_has_word - does a line of a file begin with a word?
 * @path: the file
 * @word: the word, which a blank follows
 *
 * Return: false also if the file cannot be read.
 */
bool sysfile_has_word(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	size_t size = 0, len = strlen(word);
	char *line = NULL;
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = strncmp(line, word, len) == 0 && line[len] == ' ';
	free(line);
	fclose(file);
	return found;
}
