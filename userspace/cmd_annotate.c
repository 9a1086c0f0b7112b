// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "comments.h"
#include "core/mask.h"
#include "replay.h"
#include "summary.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

/**
 * struct annotate - one run of the command
 * @in: path of the capture to read
 * @out: path of the capture to write
 * @to: the file at @out
 * @comments: the comments
 * @simple: number of packets that have an event, but are in a block that cannot
 *	hold a comment
 * @why: reason why @in could not be read, in one line
 */
struct annotate {
	const char *in;
	const char *out;
	FILE *to;
	struct comments comments;
	u64 simple;
	char why[512];
};

static const struct option options[] = {
	{ "read", required_argument, NULL, 'r' },
	{ "write", required_argument, NULL, 'w' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl annotate -r IN -w OUT [FILTER]\n"
	      "\n"
	      "Copy a capture and add comments to its packets, which Wireshark shows: changes\n"
	      "of state, Wireshark's classes, suspicions and findings. The display\n"
	      "filter 'frame.comment contains \"FINDING\"' selects packets.\n"
	      "\n"
	      "Only packets that FILTER, a tcpdump expression, matches get comments.\n"
	      "\n"
	      "  -r, --read IN    read this capture, pcap or pcapng\n"
	      "  -w, --write OUT  write this capture, pcapng (-: standard output)\n"
	      "  -h, --help       show this help\n",
	      to);
}

/* The handler for the records of a replay. */
static int take_record(void *data, const union record *rec, u64 frame)
{
	return comments_take(data, rec, frame);
}

/* Return: the exit status. */
static int collect(struct annotate *a, char *const words[])
{
	const u32 mask = TCPTRACE_MASK_ALL & ~TCPTRACE_MASK(TCPTRACE_DROP);
	static struct replay replay;
	int ret = EXIT_OK;

	if (replay_open(&replay, a->in, words, mask, take_record,
			&a->comments) != 0) {
		warnx("%s", replay.why);
		return EXIT_FAIL;
	}
	switch (replay_run(&replay)) {
	case REPLAY_OUTPUT:
		warnx("%s: %s", a->in, strerror(-replay.err));
		ret = EXIT_FAIL;
		break;
	case REPLAY_SIGNAL:
		ret = EXIT_FAIL;
		break;
	default:
		/* errors are reported when the file is read a second time */
		summary_warn(&replay);
	}
	replay_close(&replay);
	comments_sort(&a->comments);
	return ret;
}

/* The handler for the packets of a capture. */
static int put_packet(void *data, const struct packet *packet)
{
	struct comment comment;
	struct annotate *a = data;
	struct pcapng_write_packet to = {
		.time = packet->time,
		.p = packet->p,
		.len = (u32)packet->len,
		.wire_len = (u32)packet->wire_len,
		.comment = comments_of(&a->comments, packet->frame, &comment),
	};

	return pcapng_write_packet(a->to, &to);
}

static int convert_pcap(struct annotate *a, struct capture *capture)
{
	int err;

	err = pcapng_write_section(a->to, "tcptracectl annotate") ?:
	      pcapng_write_interface(a->to, capture->link,
				     (u32)pcap_snapshot(capture->pcap), NULL);
	return err ?: capture_run(capture, put_packet, a, a->why,
				  sizeof(a->why));
}

/* Copy a block. @frame: number of the last packet; a packet block adds 1. */
static int copy_block(struct annotate *a, const struct pcapng *ng, int event,
		      u64 *frame)
{
	struct comment comment;
	const char *text = NULL;
	u32 at;

	if (event == PCAPNG_PACKET)
		text = comments_of(&a->comments, ++*frame, &comment);
	if (text && !pcapng_has_options(ng, &at))
		a->simple++;
	return pcapng_write_copy(a->to, ng, text);
}

static int copy_pcapng(struct annotate *a)
{
	static struct stream stream;
	struct pcapng_packet packet;
	struct pcapng ng;
	u64 frame = 0;
	int err, ret;

	err = stream_open(&stream, a->in);
	if (err) {
		snprintf(a->why, sizeof(a->why), "%s: %s", a->in, stream.why);
		return err;
	}
	ret = pcapng_open(&ng, stream.file) ?: PCAPNG_OTHER;
	while (ret > 0 && !err) {
		err = copy_block(a, &ng, ret, &frame);
		ret = err ?: pcapng_next(&ng, &packet);
	}
	if (ret < 0 && !err)
		snprintf(a->why, sizeof(a->why), "%s: after packet %llu: %s",
			 a->in, (unsigned long long)frame, ng.why);
	pcapng_free(&ng);
	fclose(stream.file);
	return ret;
}

static int copy(struct annotate *a)
{
	static struct capture capture;
	int err;

	err = capture_open(&capture, a->in, NULL, a->why, sizeof(a->why));
	if (err)
		return err;
	err = capture.is_pcapng ? copy_pcapng(a) : convert_pcap(a, &capture);
	capture_close(&capture);
	return err;
}

static bool is_same_file(const char *in, const char *out)
{
	struct stat a, b;

	return stat(in, &a) == 0 && stat(out, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * Check the paths. Return: EXIT_OK, or an exit status if an error was printed.
 */
static int check(const struct annotate *a)
{
	struct stat st;

	if (!a->in || !a->out) {
		warnx("%s is missing", a->in ? "--write OUT" : "--read IN");
		return command_misuse("annotate");
	}
	if (strcmp(a->in, "-") == 0 ||
	    (stat(a->in, &st) == 0 && !S_ISREG(st.st_mode))) {
		warnx("%s: not a file, and it must be read twice", a->in);
		return EXIT_FAIL;
	}
	if (is_same_file(a->in, a->out)) {
		warnx("%s: input and output are the same file", a->out);
		return EXIT_FAIL;
	}
	return EXIT_OK;
}

static int open_output(struct annotate *a)
{
	a->to = strcmp(a->out, "-") ? fopen(a->out, "wbe") : stdout;
	if (a->to)
		return 0;
	warn("%s", a->out);
	return -errno;
}

/* Return: the exit status. */
static int write_output(struct annotate *a)
{
	int err;

	if (open_output(a) != 0)
		return EXIT_FAIL;
	err = copy(a);
	if (fflush(a->to) == EOF && !err)
		err = -errno;
	if (a->to != stdout)
		fclose(a->to);
	if (a->simple)
		warnx("%s: %llu packets cannot have a comment: their block type has none",
		      a->in, (unsigned long long)a->simple);
	if (!err)
		return EXIT_OK;
	if (a->why[0])
		warnx("%s", a->why);
	else
		warnx("%s: %s", a->out, strerror(-err));
	return EXIT_FAIL;
}

static int parse_option(void *data, int opt, const char *text)
{
	struct annotate *a = data;

	switch (opt) {
	case 'r':
		a->in = text;
		return 0;
	case 'w':
		a->out = text;
		return 0;
	default:
		return -EINVAL;
	}
}

static const struct command_syntax command = {
	.name = "annotate",
	.usage = usage,
	.options = options,
	.take = parse_option,
};

int annotate_main(int argc, char **argv)
{
	static struct annotate a;
	int ret;

	if (!command_options(&command, argc, argv, &a, &ret))
		return ret;
	ret = check(&a) ?: collect(&a, argv + optind);
	ret = ret ?: write_output(&a);
	comments_free(&a.comments);
	return ret;
}
