// SPDX-License-Identifier: GPL-2.0
#include "replay.h"

#include "core/icmp.h"
#include "core/segment.h"
#include "fragment.h"
#include "link.h"
#include "tunnel.h"

#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum {
	TCP_HDR_MIN	= 20,
	IP4_HDR_MIN	= 20,
	IP4_FRAGMENT	= 0x3fff,	/* offset, and "more fragments" */
	PROTO_ICMP	= 1,
	PROTO_IGMP	= 2,
	PROTO_TCP	= 6,
	PROTO_UDP	= 17,
	PROTO_ESP	= 50,
	PROTO_ICMP6	= 58,
	PROTO_OSPF	= 89,
	PROTO_SCTP	= 132,
	TOGETHER	= 16,	/* segments tracked in one call */
};

/* The capture that SIGINT or SIGTERM ends. */
static struct capture *running;
static atomic_bool stopped;

static void stop(int number)
{
	(void)number;
	stopped = true;
	if (running)
		capture_stop(running);
}

/*
 * Catch each signal only once, so that a second signal kills this program: a
 * signal that comes just before read() does not interrupt read(), which may
 * then wait for data from a pipe.
 */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop,
				    .sa_flags = (int)SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int begin(struct replay *r, u32 mask,
		 int (*handle)(void *data, const union record *rec, u64 frame),
		 void *data)
{
	int err;

	tunnel_reset();
	fragment_reset();
	err = tracker_init(&r->tracker, mask, handle, data);
	if (err) {
		snprintf(r->why, sizeof(r->why), "%s: %s", r->capture.path,
			 strerror(-err));
		capture_close(&r->capture);
	}
	return err;
}

/**
 * replay_open - open a capture
 * @r: filled in; the caller must close it after success; after a failure,
 *	@r->why has the reason
 * @path: path of the capture; "-" for standard input
 * @words: the words of a tcpdump filter, NULL-terminated
 * @mask: bit mask (1 << type) of the events that are wanted
 * @handle: called with each wanted record and the number of its packet or 0;
 *	returns 0 to continue, 1 to stop, or a negative error number
 * @data: passed to @handle
 *
 * Return: 0 or a negative error number.
 */
int replay_open(struct replay *r, const char *path, char *const words[],
		u32 mask,
		int (*handle)(void *data, const union record *rec, u64 frame),
		void *data)
{
	int err;

	memset(r, 0, sizeof(*r));
	err = capture_open(&r->capture, path, words, r->why, sizeof(r->why));
	return err ?: begin(r, mask, handle, data);
}

/* A live capture calls this regularly: pass time and losses to the tracker. */
static int take_pause(void *data, u64 now, u64 dropped)
{
	struct replay *r = data;

	if (dropped)
		tracker_lost(&r->tracker, now, dropped);
	return tracker_advance(&r->tracker, now);
}

/**
 * replay_open_live - begin to capture
 * @r: filled in; the caller must close it after success; after a failure,
 *	@r->why has the reason
 * @interface: the interface; "any" for all interfaces
 * @buffer: size of the kernel's capture buffer in bytes; 0: the default
 * @words: the words of a tcpdump filter, NULL-terminated
 * @mask: bit mask (1 << type) of the events that are wanted
 * @handle: see replay_open()
 * @data: passed to @handle
 *
 * Return: 0 or a negative error number.
 */
int replay_open_live(struct replay *r, const char *interface, u32 buffer,
		     char *const words[], u32 mask,
		     int (*handle)(void *data, const union record *rec,
				   u64 frame),
		     void *data)
{
	int err;

	memset(r, 0, sizeof(*r));
	err = capture_open_live(&r->capture, interface, buffer, words, r->why,
				sizeof(r->why));
	r->capture.pause = take_pause;
	return err ?: begin(r, mask, handle, data);
}

/**
 * replay_interface - find the interface on which a packet was captured
 * @r: a live capture
 * @frame: number of the packet; the interface is known only for the packet that
 *	was read last
 *
 * Return: the name of the interface, valid until the next call; NULL if it is
 * not known or if the capture has only one interface.
 */
const char *replay_interface(const struct replay *r, u64 frame)
{
	static char name[IF_NAMESIZE];
	static u32 known;

	if (!r->interface || frame != r->arrival.frame)
		return NULL;
	if (r->interface != known)
		known = if_indextoname(r->interface, name) ? r->interface : 0;
	return known ? name : NULL;
}

/* The work function of the queue: track segments. */
static int work(void *data, const struct arrival *arrivals, size_t n)
{
	struct replay *r = data;
	size_t i, step;
	int ret = 0;

	for (i = 0; i < n && ret == 0; i += step) {
		step = n - i < TOGETHER ? n - i : TOGETHER;
		ret = tracker_segments(&r->tracker, arrivals + i, step);
	}
	return ret;
}

/*
 * Return: where to store the next segment. Segments from a pipe or a live
 * capture bypass the queue, so that their events are shown at once.
 */
static struct arrival *place(struct replay *r)
{
	return r->capture.streamed ? &r->arrival : batch_queue_place(&r->queue);
}

static int put(struct replay *r)
{
	return r->capture.streamed ? work(r, &r->arrival, 1) :
	       batch_queue_put(&r->queue);
}

/*
 * Parse an ICMP error that quotes a segment. Return: false if the packet is not
 * such an error or is a redirect, which is only counted.
 */
static bool take_icmp(struct replay *r, struct arrival *a,
		      const struct link_bytes *b)
{
	u64 *counts = r->tracker.counts;
	struct tcpt_icmp icmp;

	a->broken = false;
	counts[COUNT_NOT_TCP]++;
	if (tcpt_icmp_parse(&icmp, b->p, b->len, b->wire_len) != TCPT_PARSE_OK)
		return false;
	if (icmp.error.kind == TCPTRACE_ERROR_REDIRECT) {
		counts[COUNT_ICMP_REDIRECT]++;
		return false;
	}
	a->seg = icmp.quoted;
	a->error = icmp.error;
	return true;
}

/*
 * Parse a segment or an ICMP error. Accept a TCP header length that is below
 * the minimum: every receiver drops the segment, but Wireshark analyzes it.
 */
static bool salvage(struct replay *r, struct arrival *a,
		    const struct link_bytes *b)
{
	u64 *counts = r->tracker.counts;
	enum tcpt_parse ret;

	ret = tcpt_segment_salvage(&a->seg, b->p, b->len, b->wire_len);
	a->error.kind = TCPTRACE_ERROR_NONE;
	if (ret == TCPT_PARSE_NOT_TCP)
		return take_icmp(r, a, b);
	a->broken = ret == TCPT_PARSE_TCP_DOFF && a->seg.hdr_len < TCP_HDR_MIN;
	if (ret != TCPT_PARSE_OK)
		counts[capture_stats_of_parse[ret]]++;
	else if (a->seg.cut)
		counts[COUNT_TCP_CUT]++;
	return ret == TCPT_PARSE_OK || a->broken;
}

/* Check whether the packet is unfragmented TCP, as most packets are. */
static bool is_plain_tcp(const struct link_bytes *b)
{
	if (!link_has(b, IP4_HDR_MIN))
		return false;
	return b->p[0] >> 4 == 4 ? b->p[9] == PROTO_TCP &&
				   !(tcpt_be16(b->p + 6) & IP4_FRAGMENT) :
				   b->p[6] == PROTO_TCP;
}

/*
 * Check for the common protocols other than TCP and tunnels. UDP is one of
 * them, although some UDP ports carry tunnels.
 */
static bool is_not_tcp(unsigned int proto)
{
	return proto == PROTO_ICMP || proto == PROTO_IGMP ||
	       proto == PROTO_UDP || proto == PROTO_ESP ||
	       proto == PROTO_ICMP6 || proto == PROTO_OSPF ||
	       proto == PROTO_SCTP;
}

/* Return: false if the packet is a fragment and other fragments are missing. */
static bool reassemble(struct replay *r, struct link_bytes *b, u32 tunnel,
		       u64 now)
{
	u64 *counts = r->tracker.counts;
	unsigned int others, proto;

	switch (fragment_join(b, tunnel, now, &others, &proto)) {
	case FRAGMENT_WAITS:
		counts[is_not_tcp(proto) ? COUNT_NOT_TCP :
					 COUNT_FRAGMENT]++;
		return false;
	case FRAGMENT_COMPLETE:
		counts[is_not_tcp(proto) ? COUNT_NOT_TCP :
					 COUNT_FRAGMENT] -= others;
		counts[COUNT_REASSEMBLED] += others;
		return true;
	default:
		return true;
	}
}

/*
 * Check whether an IP packet was found; if not, count the packet.
 */
static bool is_ip(u64 *counts, enum link_result result)
{
	switch (result) {
	case LINK_NOT_IP:
		counts[COUNT_NOT_IP]++;
		return false;
	case LINK_TRUNCATED:
		counts[COUNT_LINK_TRUNCATED]++;
		return false;
	case LINK_ENCRYPTED:
		counts[COUNT_ENCRYPTED]++;
		return false;
	case LINK_FRAGMENT:
		counts[COUNT_LINK_FRAGMENT]++;
		return false;
	case LINK_UNKNOWN:
		counts[COUNT_LINK_TYPE]++;
		return false;
	case LINK_IP:
		break;
	}
	return true;
}

/*
 * Return: the number of the tunnel; 0 if there are too many tunnels, in which
 * case the packet is counted.
 */
static u32 enter(struct replay *r, const struct tunnel *tunnel,
		 unsigned int depth)
{
	u32 number = depth < TUNNEL_DEPTH_MAX ? tunnel_number(tunnel) : 0;

	r->tracker.counts[COUNT_TUNNEL_LIMIT] += !number;
	return number;
}

/*
 * Remove the tunnel headers, and reassemble the fragments outside and inside
 * the tunnels; with --as-module, do neither.
 * Return: false if there is nothing to track; the packet has been counted.
 */
static bool unwrap(struct replay *r, struct link_bytes *b, u64 now,
		   u32 *number)
{
	u64 *counts = r->tracker.counts;
	struct tunnel tunnel;
	enum link_result ret;
	unsigned int depth;

	*number = 0;
	if (!r->tracker.as_module && tunnel_of_link(b, &tunnel)) {
		*number = enter(r, &tunnel, 0);
		if (!*number)
			return false;
	}
	for (depth = *number != 0;
	     !r->tracker.as_module && !is_plain_tcp(b); depth++) {
		if (!reassemble(r, b, *number, now))
			return false;
		tunnel.outer = *number;
		ret = tunnel_open(b, &tunnel);
		if (ret == LINK_NOT_IP)
			return true;
		if (!is_ip(counts, ret))
			return false;
		*number = enter(r, &tunnel, depth);
		if (!*number)
			return false;
	}
	return true;
}

enum {
	LINK_HEADER_MAX	= 24,
	FNV_PRIME	= 16777619,
};

/*
 * Return: a hash of the interface and of the link-layer header of @len bytes;
 * the hash tells vantage points apart. A long header is not hashed, because it
 * may contain times and signal strengths.
 */
static u32 vantage_of(const struct packet *packet, size_t len)
{
	u32 hash = packet->interface + 1;
	size_t i;

	for (i = 0; i < len && len <= LINK_HEADER_MAX; i++)
		hash = (hash ^ packet->p[i]) * FNV_PRIME;
	return hash;
}

/* The handler of a capture: find the segment in a packet, and track it. */
static int take(void *data, const struct packet *packet)
{
	struct link_bytes b = {
		.p = packet->p,
		.len = packet->len,
		.wire_len = packet->wire_len,
	};
	struct replay *r = data;
	struct arrival *a = place(r);
	u64 *counts = r->tracker.counts;

	if (!is_ip(counts, link_strip(packet->link, &b)))
		return 0;
	a->vantage = vantage_of(packet, (size_t)(b.p - packet->p));
	counts[COUNT_AMSDU] += b.more;
	if (!unwrap(r, &b, packet->time, &a->tunnel) || !salvage(r, a, &b))
		return 0;
	counts[COUNT_TUNNELED] += a->tunnel != 0;
	a->now = packet->time;
	a->frame = packet->frame;
	r->interface = r->capture.live ? packet->interface : 0;
	tracker_address(&r->tracker, a);
	return put(r);
}

static enum replay_end end_of(struct replay *r, int ret)
{
	if (ret == 0)
		return REPLAY_EOF;
	r->err = ret;
	return ret > 0 ? REPLAY_DONE : REPLAY_OUTPUT;
}

/*
 * Read and track the whole capture.
 * @broken: set if the capture cannot be read to its end; @r->why has the reason
 * Return: 0, or the nonzero value with which the tracker stopped the reading.
 */
static int read_packets(struct replay *r, bool *broken)
{
	bool on_queue = !r->capture.streamed;
	int ret;

	ret = on_queue ? batch_queue_start(&r->queue, work, r) : 0;
	*broken = ret;
	if (ret) {
		snprintf(r->why, sizeof(r->why), "%s: %s", r->capture.path,
			 strerror(-ret));
		return 0;
	}
	ret = capture_run(&r->capture, take, r, r->why, sizeof(r->why));
	*broken = ret && !r->capture.ret;
	if (*broken)
		ret = 0;
	return on_queue ? batch_queue_end(&r->queue) : ret;
}

/* Return: why the replay ended; replay_run() checks if a signal ended it. */
static enum replay_end replay_packets(struct replay *r)
{
	bool broken;
	int ret;

	running = &r->capture;
	catch_signals();
	ret = read_packets(r, &broken);
	running = NULL;
	r->tracker.counts[COUNT_PACKETS] = r->capture.frame;
	r->tracker.counts[COUNT_FILTERED] = r->capture.filtered;
	if (ret == -ENOMEM) {
		snprintf(r->why, sizeof(r->why), "%s: after packet %llu: %s",
			 r->capture.path, (unsigned long long)r->tracker.frame,
			 strerror(-ret));
		return REPLAY_BROKEN;
	}
	return ret == 0 && broken ? REPLAY_BROKEN : end_of(r, ret);
}

/**
 * replay_summary - print a summary on standard error at the end of a capture
 * @r: the capture
 * @events: number of events that were shown
 */
void replay_summary(const struct replay *r, u64 events)
{
	const u64 *counts = r->tracker.counts;
	char conns[80] = "";

	if (!r->capture.live)
		snprintf(conns, sizeof(conns),
			 ", %llu connections, %llu of them closed",
			 (unsigned long long)counts[COUNT_OPENED],
			 (unsigned long long)counts[COUNT_CLOSED]);
	warnx("%llu events, %llu packets, %llu lost%s",
	      (unsigned long long)events,
	      (unsigned long long)r->capture.frame,
	      (unsigned long long)r->capture.dropped, conns);
}

/**
 * replay_run - replay a capture
 * @r: the capture
 *
 * If the capture is damaged, handle the packets before the damage, and end the
 * open connections there, as at the end of the file.
 *
 * Return: why the replay ended.
 */
enum replay_end replay_run(struct replay *r)
{
	enum replay_end end, last;

	end = replay_packets(r);
	if (end != REPLAY_EOF && end != REPLAY_BROKEN)
		return end;
	last = end_of(r, tracker_finish(&r->tracker));
	if (last != REPLAY_EOF)
		return last;
	/* the error may come from a read() that the signal interrupted */
	return stopped || r->capture.stopped ? REPLAY_SIGNAL : end;
}

void replay_close(struct replay *r)
{
	tracker_free(&r->tracker);
	capture_close(&r->capture);
}
