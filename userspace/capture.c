// SPDX-License-Identifier: GPL-2.0
#include "capture.h"

#include "link.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_SEC	1000000000ULL

enum {
	LIVE_SNAPLEN	= 512,	/* enough for the headers of several tunnels */
	LIVE_BUFFER	= 8 * 1024 * 1024,
	LIVE_TIMEOUT	= 50,	/* ms for which the kernel collects packets */
	LIVE_ROUNDS	= 16,	/* maximum number of reads at the end */
	LIVE_PAUSE	= 200,	/* ms to wait for packets */
	LIVE_TOGETHER	= 4096,	/* maximum number of packets in a read */
	SLL2_INDEX	= 4,	/* offset of the interface index */
};

static int explain_link(const struct capture *capture, int link, char *why,
			size_t size)
{
	const char *name = pcap_datalink_val_to_name(link);

	if (link >= DLT_USER0 && link <= DLT_USER15)
		snprintf(why, size, "%s: link type USER%d is not supported",
			 capture->path, link - DLT_USER0);
	else if (name)
		snprintf(why, size, "%s: link type %s is not supported",
			 capture->path, name);
	else
		snprintf(why, size, "%s: link type %d is not supported",
			 capture->path, link);
	return -EPROTONOSUPPORT;
}

/* Write the reason for a failure to @why: a read error, or else @reason. */
static int explain(const struct capture *capture, const char *reason, char *why,
		   size_t size)
{
	if (capture->stream.why[0])
		reason = capture->stream.why;
	if (capture->frame)
		snprintf(why, size, "%s: after packet %llu: %s", capture->path,
			 (unsigned long long)capture->frame, reason);
	else
		snprintf(why, size, "%s: %s", capture->path, reason);
	return -EIO;
}

/* Return: the filter for a link type; NULL if there is none. */
static const struct capture_filter *filter_of(const struct capture *capture,
					      int link)
{
	size_t i;

	for (i = 0; i < capture->n_filters; i++)
		if (capture->filters[i].link == link)
			return &capture->filters[i];
	return NULL;
}

/*
 * Compile the filter expression for a link type. There can be one filter for
 * each supported link type.
 */
static int add_filter(struct capture *capture, int link, char *why, size_t size)
{
	struct capture_filter *more;
	int err;

	if (!capture->words || !capture->words[0] || filter_of(capture, link))
		return 0;
	more = reallocarray(capture->filters, capture->n_filters + 1,
			    sizeof(*more));
	if (!more)
		return explain(capture, strerror(ENOMEM), why, size);
	capture->filters = more;
	more += capture->n_filters;
	more->link = link;
	err = expression_compile(&more->expression, link, capture->words, why,
				 size);
	if (!err)
		capture->n_filters++;
	return err;
}

static int open_pcap(struct capture *capture, char *why, size_t size)
{
	const unsigned int nano = PCAP_TSTAMP_PRECISION_NANO;
	char reason[PCAP_ERRBUF_SIZE];

	capture->pcap =
		pcap_fopen_offline_with_tstamp_precision(capture->stream.file,
							 nano, reason);
	if (!capture->pcap) {
		fclose(capture->stream.file);
		return explain(capture, reason, why, size);
	}
	capture->link = pcap_datalink(capture->pcap);
	if (!link_is_known(capture->link))
		return explain_link(capture, capture->link, why, size);
	return add_filter(capture, capture->link, why, size);
}

/*
 * Read until the first interface with a supported link type. If a packet or the
 * end of the file comes before this interface, the file is not supported.
 */
static int open_pcapng(struct capture *capture, char *why, size_t size)
{
	struct pcapng *ng = &capture->pcapng;
	struct pcapng_packet packet;
	int link, ret;

	ret = pcapng_open(ng, capture->stream.file);
	if (ret)
		return explain(capture, ng->why, why, size);
	do {
		ret = pcapng_read(ng, &packet);
		if (ret < 0)
			return explain(capture, ng->why, why, size);
		if (ng->n == 0)
			return explain(capture, "no interface description",
				       why, size);
		link = ng->interfaces[ng->n - 1].link;
		if (ret != PCAPNG_INTERFACE)
			return explain_link(capture, link, why, size);
	} while (!link_is_known(link));
	return add_filter(capture, link, why, size);
}

static bool is_pcapng(FILE *file)
{
	int first = getc(file);

	return ungetc(first, file) == PCAPNG_FIRST_BYTE;
}

/**
 * capture_open - open a capture
 * @capture: filled in; close it only if this function succeeds
 * @path: path of the file; "-": standard input
 * @words: NULL-terminated words of a tcpdump filter, which must outlive the
 *	capture; no words or NULL: no filter
 * @why: set to the reason for a failure, in one line
 * @size: size of @why
 *
 * Return: 0 or a negative error number; -EINVAL if the filter is wrong.
 */
int capture_open(struct capture *capture, const char *path,
		 char *const words[], char *why, size_t size)
{
	int err;

	memset(capture, 0, sizeof(*capture));
	capture->path = strcmp(path, "-") ? path : "standard input";
	capture->words = words;
	err = stream_open(&capture->stream, path);
	if (err)
		return explain(capture, "", why, size);
	capture->streamed = capture->stream.piped;
	capture->is_pcapng = is_pcapng(capture->stream.file);
	err = capture->is_pcapng ? open_pcapng(capture, why, size) :
				   open_pcap(capture, why, size);
	if (err)
		capture_close(capture);
	return err;
}

/* Start a live capture. Return: 0, or a negative status of libpcap. */
static int activate(struct capture *capture, const char *interface, u32 buffer)
{
	char reason[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_create(interface, reason);
	int ret;

	if (!pcap)
		return PCAP_ERROR;
	capture->pcap = pcap;
	pcap_set_snaplen(pcap, LIVE_SNAPLEN);
	pcap_set_promisc(pcap, 1);
	pcap_set_timeout(pcap, LIVE_TIMEOUT);
	pcap_set_buffer_size(pcap, buffer ? (int)buffer : LIVE_BUFFER);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	ret = pcap_activate(pcap);
	/* a positive value is a warning */
	return ret < 0 ? ret : pcap_setnonblock(pcap, 1, reason);
}

static const char *explain_activate(const struct capture *capture, int ret)
{
	switch (ret) {
	case PCAP_ERROR_PERM_DENIED:
		return "CAP_NET_RAW is needed to capture, try sudo";
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return "no such interface: 'ip link' lists them, 'any' is all of them";
	case PCAP_ERROR_IFACE_NOT_UP:
		return "the interface is down";
	default:
		break;
	}
	return capture->pcap && *pcap_geterr(capture->pcap) ?
	       pcap_geterr(capture->pcap) : pcap_statustostr(ret);
}

/* Prefer a link type whose header has the interface index. */
static void choose_link(struct capture *capture)
{
	if (pcap_datalink(capture->pcap) == DLT_LINUX_SLL)
		pcap_set_datalink(capture->pcap, DLT_LINUX_SLL2);
	capture->link = pcap_datalink(capture->pcap);
}

/* Set the filter in the kernel, where dropping a packet takes less time. */
static int filter_live(struct capture *capture, char *why, size_t size)
{
	struct expression expression;
	int err;

	if (!capture->words || !capture->words[0])
		return 0;
	err = expression_compile(&expression, capture->link, capture->words,
				 why, size);
	if (err)
		return err;
	if (pcap_setfilter(capture->pcap, &expression.program))
		err = explain(capture, pcap_geterr(capture->pcap), why, size);
	expression_free(&expression);
	return err;
}

/**
 * capture_open_live - start a live capture
 * @capture: filled in; close it only if this function succeeds
 * @interface: name of the interface; "any": all interfaces
 * @buffer: size of the kernel's buffer, at most INT_MAX; 0: the default
 * @words: NULL-terminated words of a tcpdump filter; no words or NULL: no
 *	filter
 * @why: set to the reason for a failure, in one line
 * @size: size of @why
 *
 * Return: 0 or a negative error number; -EINVAL if the filter is wrong.
 */
int capture_open_live(struct capture *capture, const char *interface,
		      u32 buffer, char *const words[], char *why, size_t size)
{
	int err;

	memset(capture, 0, sizeof(*capture));
	capture->path = interface;
	capture->words = words;
	capture->live = true;
	capture->streamed = true;
	err = activate(capture, interface, buffer);
	if (err) {
		err = explain(capture, explain_activate(capture, err), why,
			      size);
		goto err_close;
	}
	choose_link(capture);
	err = link_is_known(capture->link) ?
	      filter_live(capture, why, size) :
	      explain_link(capture, capture->link, why, size);
	if (!err)
		return 0;
err_close:
	capture_close(capture);
	return err;
}

/* Call the handler if the filter accepts the packet. */
static int handle_packet(struct capture *capture, struct packet *packet)
{
	const struct capture_filter *filter = filter_of(capture, packet->link);
	const struct pcap_pkthdr h = {
		.caplen = (bpf_u_int32)packet->len,
		.len = (bpf_u_int32)packet->wire_len,
	};

	packet->frame = ++capture->frame;
	if (filter &&
	    !pcap_offline_filter(&filter->expression.program, &h, packet->p)) {
		capture->filtered++;
		return 0;
	}
	if (packet->wire_len < packet->len)
		packet->wire_len = packet->len;
	capture->ret = capture->handle(capture->data, packet);
	return capture->ret;
}

/*
 * Convert a time to ns since 1970. In a pcap file, the seconds have 32 bits.
 * libpcap treats them as signed, other programs as unsigned. An invalid time
 * may wrap around, which is harmless.
 */
static u64 packet_time(const struct timeval *tv)
{
	u64 seconds = tv->tv_sec < 0 ? (u32)tv->tv_sec : (u64)tv->tv_sec;

	return seconds * NS_PER_SEC + (u64)tv->tv_usec;
}

/*
 * Return: the interface index in the link-layer header of a live capture; 0 for
 * a file, or if the header has no index.
 */
static u32 interface_of(const struct capture *capture, const u8 *p, u32 len)
{
	u32 index;

	if (!capture->live || capture->link != DLT_LINUX_SLL2 ||
	    len < SLL2_INDEX + sizeof(index))
		return 0;
	memcpy(&index, p + SLL2_INDEX, sizeof(index));
	return be32toh(index);
}

/* Called by libpcap. */
static void take(u_char *data, const struct pcap_pkthdr *h, const u_char *p)
{
	struct capture *capture = (struct capture *)data;
	struct packet packet = {
		.link = capture->link,
		.interface = interface_of(capture, p, h->caplen),
		.time = packet_time(&h->ts),
		.p = p,
		.len = h->caplen,
		.wire_len = h->len,
	};

	if (handle_packet(capture, &packet))
		pcap_breakloop(capture->pcap);
}

static int run_pcap(struct capture *capture, char *why, size_t size)
{
	/* One libpcap call for each packet would take twice as long. */
	int ret = pcap_loop(capture->pcap, -1, take, (u_char *)capture);

	if (ret == PCAP_ERROR_BREAK)
		return capture->ret;
	if (ret == 0)
		return 0;
	return explain(capture, pcap_geterr(capture->pcap), why, size);
}

static int take_pcapng(struct capture *capture, const struct pcapng_packet *ng)
{
	struct packet packet = {
		.link = ng->link,
		.interface = ng->interface,
		.time = ng->time,
		.p = ng->p,
		.len = ng->len,
		.wire_len = ng->wire_len,
	};

	return handle_packet(capture, &packet);
}

static int take_interface(struct capture *capture, char *why, size_t size)
{
	const struct pcapng *ng = &capture->pcapng;
	int link = ng->interfaces[ng->n - 1].link;

	return link_is_known(link) ? add_filter(capture, link, why, size) : 0;
}

static int run_pcapng(struct capture *capture, char *why, size_t size)
{
	struct pcapng_packet packet;
	int ret;

	while (!capture->stopped) {
		ret = pcapng_read(&capture->pcapng, &packet);
		if (ret < 0)
			return explain(capture, capture->pcapng.why, why, size);
		if (ret == PCAPNG_EOF)
			break;
		ret = ret == PCAPNG_PACKET ? take_pcapng(capture, &packet) :
		      take_interface(capture, why, size);
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * Return: how many packets the kernel has lost since the last call; 0 after an
 * error.
 */
static u64 new_drops(struct capture *capture)
{
	struct pcap_stat stat;
	u32 drops;

	if (pcap_stats(capture->pcap, &stat))
		return 0;
	/* libpcap counts in 32 bits */
	drops = stat.ps_drop - (u32)capture->dropped;
	capture->dropped += drops;
	return drops;
}

static int pause_live(struct capture *capture)
{
	struct timespec t;
	u64 now;

	clock_gettime(CLOCK_REALTIME, &t);
	now = (u64)t.tv_sec * NS_PER_SEC + (u64)t.tv_nsec;
	if (capture->deadline && now >= capture->deadline)
		capture->stopped = true;
	return capture->pause(capture->data, now, new_drops(capture));
}

/*
 * Read the packets that are available. Return: the number of packets (0 if
 * @capture->handle has ended the capture), or a negative error number.
 */
static int read_live(struct capture *capture, char *why, size_t size)
{
	int ret = pcap_dispatch(capture->pcap, LIVE_TOGETHER, take,
				(u_char *)capture);

	if (ret < 0 && ret != PCAP_ERROR_BREAK)
		return explain(capture, pcap_geterr(capture->pcap), why, size);
	return ret < 0 ? 0 : ret;
}

/*
 * Read the last packets. After two timeouts, the kernel has passed all its
 * buffers to the reader.
 */
static int read_last(struct capture *capture, char *why, size_t size)
{
	int round, ret = 1;

	poll(NULL, 0, 2 * LIVE_TIMEOUT);
	for (round = 0; round < LIVE_ROUNDS && ret > 0; round++)
		ret = read_live(capture, why, size);
	if (ret < 0)
		return ret;
	if (!capture->ret)
		capture->ret = pause_live(capture);
	return capture->ret;
}

static int run_live(struct capture *capture, char *why, size_t size)
{
	struct pollfd poll_fd = {
		.fd = pcap_get_selectable_fd(capture->pcap),
		.events = POLLIN,
	};
	int ret = 0;

	while (!capture->stopped) {
		/* a signal just before poll() is noticed only after poll() */
		if (ret == 0)
			poll(&poll_fd, 1, LIVE_PAUSE);
		ret = read_live(capture, why, size);
		if (ret < 0)
			return ret;
		if (!capture->ret)
			capture->ret = pause_live(capture);
		if (capture->ret)
			return capture->ret;
	}
	return read_last(capture, why, size);
}

/**
 * capture_run - read the packets of a capture
 * @capture: the capture
 * @handle: called with each packet that the filter accepts; returns 0 to
 *	continue
 * @data: passed to @handle
 * @why: set to the reason for a failure, in one line
 * @size: size of @why
 *
 * If the file is damaged, the packets before the damage are still handled.
 *
 * Return: 0 at the end of the file, after the deadline or after capture_stop();
 * a value other than 0 that @handle or @capture->pause has returned; or a
 * negative error number with @why filled in.
 */
int capture_run(struct capture *capture,
		int (*handle)(void *data, const struct packet *packet),
		void *data, char *why, size_t size)
{
	capture->handle = handle;
	capture->data = data;
	capture->ret = 0;
	if (capture->live)
		return run_live(capture, why, size);
	return capture->is_pcapng ? run_pcapng(capture, why, size) :
				    run_pcap(capture, why, size);
}

/**
 * capture_stop - make capture_run() end
 * @capture: the capture
 *
 * If the capture is a file, no packet after the current packet is delivered. A
 * live capture also delivers the packets that the kernel has already captured.
 * A signal handler may call this function.
 */
void capture_stop(struct capture *capture)
{
	capture->stopped = true;
	if (capture->pcap && !capture->live)
		pcap_breakloop(capture->pcap);
}

void capture_close(struct capture *capture)
{
	while (capture->n_filters)
		expression_free(&capture->filters[--capture->n_filters]
				.expression);
	free(capture->filters);
	if (capture->pcap) {
		pcap_close(capture->pcap);
	} else if (capture->is_pcapng) {
		pcapng_free(&capture->pcapng);
		fclose(capture->stream.file);
	}
}
