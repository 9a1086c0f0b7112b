// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the code of watch -r with capture files: the reader, the engine with
 * every event, and the output as text and as JSON. The output is checked
 * and discarded.
 */
#include "fuzz.h"

#include "json_writer.h"
#include "record.h"
#include "replay.h"
#include "view_json.h"
#include "view_text.h"

#include <linux/tcptrace.h>
#include <sys/mman.h>
#include <unistd.h>

/**
 * struct shown - the records of a capture that have been shown so far
 * @text: the view as text
 * @records: number of records shown so far
 * @open: number of open connections
 * @frame: packet number of the last record, other than CLOSE, that a packet
 *	caused
 * @capture: the capture
 */
struct shown {
	struct view_text text;
	u64 records;
	u64 open;
	u64 frame;
	const struct capture *capture;
};

/* Check a line of JSON: printable ASCII, paired brackets, closed strings. */
static void check_json(const char *p, size_t len)
{
	char open[16];
	unsigned int depth = 0;
	bool word = false;
	size_t i;

	for (i = 0; i < len; i++) {
		must((u8)p[i] >= ' ' && (u8)p[i] < 0x7f);
		if (p[i] == '"')
			word = !word;
		if (word && p[i] == '\\')
			i++;
		if (word)
			continue;
		if (p[i] == '{' || p[i] == '[') {
			must(depth < sizeof(open));
			open[depth++] = p[i];
		} else if (p[i] == '}' || p[i] == ']') {
			must(depth > 0 && open[--depth] == p[i] - 2);
			must(depth > 0 || i + 1 == len);
		}
	}
	must(len > 2 && p[0] == '{' && depth == 0 && !word);
}

static void show(struct shown *shown, const union record *rec, u64 frame)
{
	const struct view_json_stamp stamp = { .frame = frame };
	static struct json_writer writer;
	char line[TEXT_LEN];

	writer.len = 0;
	view_json(&writer, rec, &stamp);
	must(!writer.failed);
	check_json(writer.buf, writer.len);
	memset(line, 'x', sizeof(line));
	view_text_format(&shown->text, rec, line, sizeof(line));
	must(memchr(line, '\0', sizeof(line)) && !strchr(line, '\n'));
	must(strlen(line) < sizeof(line) - 1);
}

/* A replay's handler. */
static int handle(void *data, const union record *rec, u64 frame)
{
	struct shown *shown = data;

	must(record_is_known(rec->h.type) && rec->h.type != TCPTRACE_LOST);
	must(rec->h.seq == shown->records++);
	must(frame <= shown->capture->frame);
	/*
	 * a CLOSE may come late, with the number of the packet that caused it
	 */
	if (rec->h.type != TCPTRACE_CLOSE &&
	    !(rec->h.type == TCPTRACE_FINDING && frame == 0)) {
		must(frame >= shown->frame && frame > 0);
		shown->frame = frame;
	}
	if (rec->h.type == TCPTRACE_OPEN)
		shown->open++;
	else
		must(shown->open > 0 || rec->h.type == TCPTRACE_SEGMENT ||
		     rec->h.type == TCPTRACE_ICMP ||
		     rec->h.type == TCPTRACE_SUSPECTED ||
		     rec->h.type == TCPTRACE_STATE);
	if (rec->h.type == TCPTRACE_CLOSE)
		shown->open--;
	show(shown, rec, frame);
	return 0;
}

/*
 * Check that each packet is counted once, and that each opened connection is
 * counted as closed, open or reused.
 */
static void check_counts(const u64 *counts)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < COUNT_PACKETS; i++)
		sum += counts[i];
	must(sum == counts[COUNT_PACKETS]);
	sum = counts[COUNT_CLOSED] + counts[COUNT_OPEN];
	must(counts[COUNT_OPENED] >= sum &&
	     counts[COUNT_OPENED] <= sum + counts[COUNT_REUSED]);
	must(counts[COUNT_OPENED] <= counts[COUNT_TRACKED]);
	for (i = 0; i < COUNTS; i++)
		must(capture_stats_name(i) &&
		     counts[i] <= counts[COUNT_PACKETS]);
}

static void replay_file(const char *path)
{
	static struct replay replay;
	struct shown shown = { .capture = &replay.capture };
	enum replay_end end;

	view_text_init(&shown.text, 0);
	if (replay_open(&replay, path, NULL, TCPTRACE_MASK_ALL, handle,
			&shown) != 0) {
		must(replay.why[0] && !strchr(replay.why, '\n'));
		return;
	}
	end = replay_run(&replay);
	must(end == REPLAY_EOF || end == REPLAY_BROKEN);
	if (end == REPLAY_BROKEN)
		must(replay.why[0] && !strchr(replay.why, '\n'));
	must(shown.open == 0);
	check_counts(replay.tracker.counts);
	replay_close(&replay);
}

/**
 * fuzz_one - one run
 * @data: a file
 * @len: its length
 *
 * Return: 0.
 */
int fuzz_one(const u8 *data, size_t len)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	char path[40];

	must(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	replay_file(path);
	close(fd);
	return 0;
}
