// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Read input for libarchive. If a signal interrupts read(), return an error
 * instead of calling read() again, which could wait for an idle pipe.
 */
static la_ssize_t take_input(struct archive *a, void *data, const void **p)
{
	struct stream *s = data;
	ssize_t n = read(s->fd, s->input, sizeof(s->input));

	if (n < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	*p = s->input;
	return n;
}

/* Check for a filter other than "none", which is always the last filter. */
static bool is_compressed(const struct stream *s)
{
	return archive_filter_count(s->archive) > 1;
}

static int keep_error(struct stream *s)
{
	const char *text = archive_error_string(s->archive) ?: "unreadable";

	if (is_compressed(s))
		snprintf(s->why, sizeof(s->why), "%s: %s",
			 archive_filter_name(s->archive, 0), text);
	else
		snprintf(s->why, sizeof(s->why), "%s", text);
	errno = EIO;
	return -EIO;
}

/*
 * Read data for stdio. Wait until there is some data, but do not wait until a
 * pipe has @size bytes.
 */
static ssize_t read_cookie(void *cookie, char *to, size_t size)
{
	struct stream *s = cookie;
	const void *block;
	la_int64_t offset;
	size_t n;
	int ret;

	while (s->left == 0) {
		if (s->empty)
			return 0;
		ret = archive_read_data_block(s->archive, &block, &s->left,
					      &offset);
		if (ret == ARCHIVE_EOF)
			return 0;
		if (ret != ARCHIVE_OK) {
			s->left = 0;
			keep_error(s);
			return -1;
		}
		s->p = block;
	}
	n = s->left < size ? s->left : size;
	memcpy(to, s->p, n);
	s->p += n;
	s->left -= n;
	return (ssize_t)n;
}

static int close_cookie(void *cookie)
{
	struct stream *s = cookie;

	archive_read_free(s->archive);
	return close(s->fd);
}

/*
 * Enable only formats that libarchive decodes itself. ARCHIVE_WARN would mean
 * that libarchive runs a program, because it was built without the library for
 * the format.
 */
static int open_archive(struct stream *s)
{
	static int (*const supports[])(struct archive *a) = {
		archive_read_support_filter_gzip,
		archive_read_support_filter_zstd,
		archive_read_support_filter_lz4,
		archive_read_support_filter_xz,
		archive_read_support_filter_bzip2,
		archive_read_support_format_raw,
		archive_read_support_format_empty,
	};
	struct archive *a = s->archive;
	struct archive_entry *entry;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(supports); i++)
		if (supports[i](a) != ARCHIVE_OK)
			return keep_error(s);
	if (archive_read_open(a, s, NULL, take_input, NULL) != ARCHIVE_OK)
		return keep_error(s);
	ret = archive_read_next_header(a, &entry);
	s->empty = ret == ARCHIVE_EOF;
	return ret == ARCHIVE_OK || s->empty ? 0 : keep_error(s);
}

static int open_fd(struct stream *s, const char *path)
{
	struct stat st;

	s->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) :
		fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	if (s->fd < 0)
		goto err;
	if (fstat(s->fd, &st) < 0)
		goto err_close;
	s->piped = !S_ISREG(st.st_mode);
	return 0;

err_close:
	close(s->fd);
err:
	snprintf(s->why, sizeof(s->why), "%s", strerror(errno));
	return -EIO;
}

static FILE *open_cookie(struct stream *s)
{
	const cookie_io_functions_t calls = {
		.read = read_cookie,
		.close = close_cookie,
	};
	FILE *file = fopencookie(s, "r", calls);

	if (file)
		setvbuf(file, s->output, _IOFBF, sizeof(s->output));
	return file;
}

/*
 * Open an uncompressed file at @start without libarchive, because plain stdio
 * is faster than a cookie stream.
 */
static FILE *open_plain(struct stream *s, off_t start)
{
	FILE *file;

	if (lseek(s->fd, start, SEEK_SET) < 0)
		return NULL;
	file = fdopen(s->fd, "r");
	if (!file)
		return NULL;
	archive_read_free(s->archive);
	setvbuf(file, (char *)s->input, _IOFBF, sizeof(s->input));
	return file;
}

/**
 * stream_open - open a file
 * @s: filled in; after success, fclose(s->file) closes it; after an error,
 *	s->why is set
 * @path: path of the file; "-" for standard input
 *
 * The file may be uncompressed, or compressed with gzip, zstd, lz4, xz or
 * bzip2. Decompression needs at most 1 GiB of memory for xz, and 128 MiB for
 * the window of zstd.
 *
 * Return: 0 or a negative error number.
 */
int stream_open(struct stream *s, const char *path)
{
	off_t start;
	int err;

	memset(s, 0, sizeof(*s));
	err = open_fd(s, path);
	if (err)
		return err;
	start = lseek(s->fd, 0, SEEK_CUR);
	s->archive = archive_read_new();
	if (!s->archive) {
		err = -ENOMEM;
		goto err_close;
	}
	err = open_archive(s);
	if (err)
		goto err_free;
	s->file = s->piped || is_compressed(s) ? open_cookie(s) :
						 open_plain(s, start);
	if (s->file)
		return 0;
	err = -errno;

err_free:
	archive_read_free(s->archive);
err_close:
	close(s->fd);
	if (!s->why[0])
		snprintf(s->why, sizeof(s->why), "%s", strerror(-err));
	return err;
}
