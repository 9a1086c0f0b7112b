// SPDX-License-Identifier: GPL-2.0
#include "top_page.h"

#include "command.h"
#include "output.h"
#include "summary.h"
#include "tty.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC	1000000000ULL

enum {
	LINES_DEFAULT	= 24,
	/* lines of the header, of the titles and of the cursor */
	LINES_OTHER	= 3,
};

/**
 * struct pages - the state of one run of top
 * @options: the options of top
 * @batch: write all rows
 * @replay: the capture
 * @begin: start of the interval, ns since 1970; 0 before the first step()
 * @first: start of the first interval
 * @wall: time of the page, ns since 1970
 * @shown: how many pages were written
 * @err: a negative error number
 * @bad: name of the column that is missing or invalid, or NULL
 * @now: the connections at the end of the interval
 * @before: the connections at the start of the interval
 * @sums: numbers of open, opened and refused connections
 * @table: how rows are printed
 */
struct pages {
	struct top_options *options;
	bool batch;
	struct replay replay;
	u64 begin;
	u64 first;
	u64 wall;
	u64 shown;
	int err;
	const char *bad;
	struct top_rows now;
	struct top_rows before;
	struct top_sums sums;
	struct top_table table;
};

/* Return: how many rows to write: all if @batch, otherwise those that fit. */
static size_t rows_wanted(const struct pages *p)
{
	size_t n = p->options->selection.order.n, lines = LINES_DEFAULT;
	struct winsize size;

	if (p->batch)
		return n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row)
		lines = size.ws_row;
	lines = lines > LINES_OTHER ? lines - LINES_OTHER : 1;
	return lines < n ? lines : n;
}

static int put_header(const struct pages *p)
{
	char text[192], sums[128], lost[48] = "";

	top_table_header(&p->table, p->wall, &p->sums, sums, sizeof(sums));
	if (p->options->source.interface)
		snprintf(lost, sizeof(lost), "  %llu lost",
			 (unsigned long long)p->replay.capture.dropped);
	snprintf(text, sizeof(text), "%s%s%s  sort: %s",
		 p->shown && p->batch ? "\n" : "", sums, lost,
		 top_sort_names[p->table.sort]);
	return output_line(text);
}

/* Return: 0 or a negative error number. */
static int put_rows(struct pages *p)
{
	struct top_order *order = &p->options->selection.order;
	size_t i, n = rows_wanted(p);
	int err;

	top_order_sort(order, 0, n);
	err = put_header(p) ?: top_table_begin(&p->table);
	for (i = 0; i < n && !err; i++)
		err = top_table_row(&p->table, order->place[i].row);
	return err ?: columns_print(&p->table.cols);
}

/* Replace the page on the terminal; cut long lines. Return: 0 or -errno. */
static int put_screen(struct pages *p)
{
	size_t len, size, width = tty_columns();
	char *text = NULL, *line;
	FILE *page;
	int err;

	page = open_memstream(&text, &size);
	if (!page)
		return -errno;
	output_divert(page);
	err = put_rows(p);
	output_divert(NULL);
	if (fclose(page) != 0 && !err)
		err = -errno;
	err = err ?: output_write(TTY_CLEAR, strlen(TTY_CLEAR));
	for (line = text; !err && *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		line[len] = '\0';
		if (width && len > width)
			line[width] = '\0';
		err = output_line(line);
	}
	free(text);
	return err;
}

static bool is_capture(const struct pages *p)
{
	return source_is_capture(&p->options->source);
}

/* Return: 0 or a negative error number. */
static int put_page(struct pages *p)
{
	int err;

	err = top_select(&p->options->selection, &p->now,
			 is_capture(p) ? p->wall + p->options->length : p->wall);
	if (err)
		return err;
	err = p->batch ? put_rows(p) : put_screen(p);
	p->shown++;
	return err ?: output_flush();
}

static bool is_last(const struct pages *p)
{
	return p->options->pages && p->shown >= p->options->pages;
}

/* Keep the current rows as the previous rows. */
static void turn(struct pages *p)
{
	struct top_rows rows = p->before;

	p->before = p->now;
	p->now = rows;
}

/* Return: 0, 1 after the last page, or a negative error number. */
static int end_interval(struct pages *p)
{
	u64 end = p->begin + p->options->length;
	int err;

	turn(p);
	err = top_track(&p->now, &p->replay.tracker.conns);
	if (err)
		return err;
	top_compare(&p->now, &p->before, &p->sums);
	if (end <= p->first + p->options->at)
		return 0;
	p->wall = p->begin;
	return put_page(p) ?: is_last(p);
}

/* tracker.step: end the interval, and begin the next. */
static int step(void *data, u64 now)
{
	struct pages *p = data;
	int ret = 0;

	if (p->begin)
		ret = end_interval(p);
	else
		p->first = now;
	p->begin = now - (now - p->first) % p->options->length;
	p->replay.tracker.step_at = p->begin + p->options->length;
	p->err = ret < 0 ? ret : 0;
	return ret;
}

static int fail(const struct pages *p, int err)
{
	if (p->bad)
		warnx("%s: %s: %s", p->options->path, p->bad, strerror(-err));
	return p->bad ? EXIT_FAIL : output_status(err);
}

static int page_capture(struct pages *p)
{
	const struct top_options *o = p->options;
	struct replay *r = &p->replay;
	enum replay_end end;
	int ret;

	if (source_open(&o->source, r, o->words, 0, NULL, p) != 0)
		return EXIT_FAIL;
	r->tracker.step = step;
	r->tracker.step_at = 0;
	end = replay_run(r);
	if ((end == REPLAY_EOF || end == REPLAY_BROKEN) && p->begin)
		p->err = end_interval(p);
	ret = p->err < 0 ? fail(p, p->err) : EXIT_OK;
	if (end == REPLAY_BROKEN) {
		warnx("%s", r->why);
		ret = EXIT_FAIL;
	}
	summary_warn(r);
	replay_close(r);
	return ret;
}

static int read_table(struct pages *p)
{
	struct proc_table table;
	struct timespec t;
	char why[512];
	int err;

	err = proc_table_open(&table, p->options->path);
	if (err) {
		proc_table_explain(p->options->path, err, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	turn(p);
	clock_gettime(CLOCK_REALTIME, &t);
	p->wall = (u64)t.tv_sec * NS_PER_SEC + (u64)t.tv_nsec;
	err = top_read(&p->now, &table, p->wall, &p->bad);
	proc_table_close(&table);
	return err ? fail(p, err) : EXIT_OK;
}

static void wait_for(u64 length)
{
	struct timespec t = {
		.tv_sec = (time_t)(length / NS_PER_SEC),
		.tv_nsec = (long)(length % NS_PER_SEC),
	};

	nanosleep(&t, NULL);
}

static int page_table(struct pages *p)
{
	int ret, err = 0;

	ret = read_table(p);
	while (ret == EXIT_OK && !err && !is_last(p)) {
		wait_for(p->options->length);
		ret = read_table(p);
		if (ret != EXIT_OK)
			break;
		top_compare(&p->now, &p->before, &p->sums);
		err = put_page(p);
	}
	return err ? output_status(err) : ret;
}

/* Return: the exit status. */
int top_page_run(struct top_options *options)
{
	static struct pages p;
	int ret;

	p.options = options;
	p.batch = options->batch || source_is_capture(&options->source) ||
		  !isatty(STDOUT_FILENO);
	p.table.sort = options->selection.sort;
	p.table.group = options->selection.group;
	p.table.length = options->length;
	ret = source_is_capture(&options->source) ? page_capture(&p) :
						    page_table(&p);
	top_free(&p.now);
	top_free(&p.before);
	return ret;
}
