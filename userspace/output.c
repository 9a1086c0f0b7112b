// SPDX-License-Identifier: GPL-2.0
#include "output.h"

#include "command.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>

/* The stream that output_line() writes to; NULL: standard output. */
static FILE *other;

/**
 * output_divert - redirect the output of output_line()
 * @to: the stream to write to; NULL: standard output
 */
void output_divert(FILE *to)
{
	other = to;
}

/**
 * output_line - write a line
 * @text: the line, without its newline
 *
 * Write lines of output with the functions in this file, which check every
 * write. A check at the end of the program could not report the reason for a
 * failure, because stdio does not keep the errno of a failed write.
 *
 * Return: 0, or the error from write().
 */
int output_line(const char *text)
{
	FILE *to = other ?: stdout;

	errno = 0;
	if (fputs(text, to) == EOF || putc('\n', to) == EOF)
		return errno ? -errno : -EIO;
	return 0;
}

/* Write a text as it is. Return: 0 or a negative error number. */
int output_write(const char *text, size_t len)
{
	errno = 0;
	if (fwrite(text, 1, len, stdout) != len)
		return errno ? -errno : -EIO;
	return 0;
}

/* Return: 0 or a negative error number. */
int output_flush(void)
{
	errno = 0;
	if (fflush(stdout) == EOF)
		return errno ? -errno : -EIO;
	return 0;
}

/**
 * output_status - report a write error
 * @err: the result of output_line() or output_flush()
 *
 * EPIPE is not a failure: the reader of the output has exited, as in "| head".
 *
 * Return: EXIT_OK; EXIT_FAIL if an error was printed.
 */
int output_status(int err)
{
	if (err == 0 || err == -EPIPE)
		return EXIT_OK;
	errno = -err;
	warn("standard output");
	return EXIT_FAIL;
}
