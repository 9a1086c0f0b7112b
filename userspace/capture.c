// SPDX-License-Identifier: GPL-2.0
#include "capture.h"

#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define NS_PER_SEC	1000000000ULL

enum {
	/* larger ones leave the second level cache */
	BUFFER_SIZE	= 128 * 1024,
};

static int explain_link(const struct capture *capture, char *why, size_t size)
{
	const char *name = pcap_datalink_val_to_name(capture->link);

	if (name)
		snprintf(why, size, "%s: link type %s is not supported",
			 capture->path, name);
	else
		snprintf(why, size, "%s: link type %d is not supported",
			 capture->path, capture->link);
	return -EPROTONOSUPPORT;
}

static FILE *open_file(struct capture *capture, char *why, size_t size)
{
	bool is_stdin = strcmp(capture->path, "-") == 0;
	/* one capture at a time; a size without memory is ignored */
	static char buffer[BUFFER_SIZE];
	struct stat st;
	FILE *file;

	if (is_stdin)
		capture->path = "standard input";
	file = is_stdin ? stdin : fopen(capture->path, "re");
	if (!file || fstat(fileno(file), &st) < 0) {
		snprintf(why, size, "%s: %s", capture->path, strerror(errno));
		if (file)
			fclose(file);
		return NULL;
	}
	capture->streamed = !S_ISREG(st.st_mode);
	setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	return file;
}

/**
 * capture_open - open a capture
 * @capture: filled in; to be closed only if this succeeds
 * @path: its path, "-" for standard input
 * @words: a filter expression of tcpdump, its words up to a NULL; no word or
 *	NULL for none
 * @why: where the reason of a failure goes, one line
 * @size: size of @why
 *
 * Return: 0 or a negative error number; -EINVAL if the filter is wrong.
 */
int capture_open(struct capture *capture, const char *path,
		 char *const words[], char *why, size_t size)
{
	const unsigned int nano = PCAP_TSTAMP_PRECISION_NANO;
	char reason[PCAP_ERRBUF_SIZE];
	FILE *file;
	int err;

	memset(capture, 0, sizeof(*capture));
	capture->path = path;
	file = open_file(capture, why, size);
	if (!file)
		return -EIO;
	capture->pcap = pcap_fopen_offline_with_tstamp_precision(file, nano,
								 reason);
	if (!capture->pcap) {
		snprintf(why, size, "%s: %s", capture->path, reason);
		fclose(file);
		return -EIO;
	}
	capture->link = pcap_datalink(capture->pcap);
	err = link_is_known(capture->link) ? 0 :
	      explain_link(capture, why, size);
	if (!err)
		err = expression_compile(&capture->filter, capture->pcap, words,
					 why, size);
	if (err)
		capture_close(capture);
	return err;
}

/*
 * The files have 32 bits for the seconds; libpcap takes the highest for a
 * sign, others do not. What is no time at all wraps, and harms nobody.
 */
static u64 packet_time(const struct timeval *tv)
{
	u64 seconds = tv->tv_sec < 0 ? (u32)tv->tv_sec : (u64)tv->tv_sec;

	return seconds * NS_PER_SEC + (u64)tv->tv_usec;
}

/* Called by libpcap. */
static void take(u_char *data, const struct pcap_pkthdr *h, const u_char *p)
{
	struct capture *capture = (struct capture *)data;
	struct packet packet;

	capture->frame++;
	if (capture->filter.program.bf_insns &&
	    !pcap_offline_filter(&capture->filter.program, h, p)) {
		capture->filtered++;
		return;
	}
	packet.frame = capture->frame;
	packet.time = packet_time(&h->ts);
	packet.p = p;
	packet.len = h->caplen;
	packet.wire_len = h->len > h->caplen ? h->len : h->caplen;
	capture->ret = capture->handle(capture->data, &packet);
	if (capture->ret)
		pcap_breakloop(capture->pcap);
}

/**
 * capture_run - read the packets of a capture
 * @capture: the capture
 * @handle: called with each packet that the filter takes: 0 to go on
 * @data: passed to @handle
 * @why: where the reason of a failure goes, one line
 * @size: size of @why
 *
 * Packets before a place that cannot be read are handled before it fails.
 *
 * Return: 0 at the end of the file or after capture_stop(), what @handle
 * returned if that was not 0, or -EIO with @why filled in.
 */
int capture_run(struct capture *capture,
		int (*handle)(void *data, const struct packet *packet),
		void *data, char *why, size_t size)
{
	int ret;

	capture->handle = handle;
	capture->data = data;
	capture->ret = 0;
	/* One call for all packets: half the time of one for each. */
	ret = pcap_loop(capture->pcap, -1, take, (u_char *)capture);
	if (ret == PCAP_ERROR_BREAK)
		return capture->ret;
	if (ret == 0)
		return 0;
	snprintf(why, size, "%s: after packet %llu: %s", capture->path,
		 (unsigned long long)capture->frame,
		 pcap_geterr(capture->pcap));
	return -EIO;
}

/**
 * capture_stop - make capture_run() end after the packet it is at
 * @capture: the capture
 *
 * A signal handler may call it.
 */
void capture_stop(struct capture *capture)
{
	pcap_breakloop(capture->pcap);
}

void capture_close(struct capture *capture)
{
	expression_free(&capture->filter);
	pcap_close(capture->pcap);
}
