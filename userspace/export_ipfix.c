// SPDX-License-Identifier: GPL-2.0
#include "export_ipfix.h"

#include <fixbuf/public.h>

#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	TEMPLATE_IP4	= 256,
	TEMPLATE_IP6	= 257,
	TEMPLATE_TYPES	= 258,	/* RFC 5610 */

	/* Parts of a template; elements without a part are in all templates. */
	PART_IP4	= 1,
	PART_IP6	= 2,
	PART_ENTERPRISE	= 4,
	PART_MEMORY	= 8,	/* padding, not in messages */

	/* Over UDP, resend the templates this often, for new collectors. */
	TEMPLATES_S	= 60,
};

/* Seconds from 1900, the NTP epoch, to 1970, the Unix epoch. */
#define NTP_EPOCH_S	2208988800ULL
#define NS_PER_S	1000000000ULL

/**
 * struct ipfix_common - fields of a flow record, in the order of elements[]
 *
 * The addresses are in struct ipfix_addrs. In each array of two values, the
 * first value is the originator's.
 */
struct ipfix_common {
	u64 start_ms;
	u64 end_ms;
	u64 start_ntp;
	u64 end_ntp;
	u64 conn;
	u64 netns;
	u64 octets[2];
	u64 packets[2];
	u64 delta_packets[2];
	u64 syns[2];
	u64 fins[2];
	u64 rsts[2];
	u64 pushes[2];
	u64 acks[2];
	u64 urgents[2];
	u32 ingress[2];
	u32 egress[2];
	u16 ports[2];
	u16 nat_ports[2];
	u16 flags[2];
	u16 wscale[2];
	u8 ttl_min[2];
	u8 ttl_max[2];
	u8 protocol;
	u8 end_reason;
	u8 biflow;
	u8 pad;
};

/* Values for which there is no standard IPFIX element. */
struct ipfix_enterprise {
	u64 syn_synack_ns;
	u64 synack_ack_ns;
	u64 rexmit_octets[2];
	u64 missed_octets[2];
	u64 rtt_min_ns[2];
	u64 srtt_ns[2];
	u32 findings;
	u32 suspected;
	u8 reason;
	u8 by;
	u8 fate;
	u8 conn_state;
	u8 pad[4];
};

static_assert(sizeof(struct ipfix_common) == 232, "no gaps");
static_assert(sizeof(struct ipfix_enterprise) == 96, "no gaps");

/*
 * The addresses of the originator and the responder, then their addresses after
 * NAT.
 */
struct ipfix_addrs {
	union {
		u32 ip4[4];
		u8 ip6[4][16];
	};
};

/**
 * struct ipfix_record - a flow record with room for every part
 *
 * A record has only the parts of its template, and no gaps: the addresses
 * follow struct ipfix_enterprise if the template has that part; otherwise they
 * follow struct ipfix_common.
 */
struct ipfix_record {
	u64 words[(sizeof(struct ipfix_common) +
		   sizeof(struct ipfix_enterprise) +
		   sizeof(struct ipfix_addrs)) / sizeof(u64)];
};

/**
 * struct ipfix - an exporter
 * @lock: protects @session, @buf and @templates_at
 * @model: the elements
 * @session: the templates
 * @buf: the message that is being written
 * @spec: the collector that gets the messages
 * @enterprise: enterprise number of the nonstandard elements; 0: do not export
 *	these elements
 * @datagrams: the transport is UDP, so the export continues after an error
 * @templates_at: when the templates were last sent, seconds of CLOCK_MONOTONIC
 * @host: copy of the host name; @spec points to this copy
 */
struct ipfix {
	pthread_mutex_t lock;
	fbInfoModel_t *model;
	fbSession_t *session;
	fBuf_t *buf;
	fbConnSpec_t spec;
	u32 enterprise;
	bool datagrams;
	time_t templates_at;
	char host[256];
};

#define ELEMENT(name, len)	{ (char *)name, len, 0 }
#define ENTERPRISE(name, len)	{ (char *)name, len, PART_ENTERPRISE }

static fbInfoElementSpec_t elements[] = {
	ELEMENT("flowStartMilliseconds", 8),
	ELEMENT("flowEndMilliseconds", 8),
	ELEMENT("flowStartNanoseconds", 8),
	ELEMENT("flowEndNanoseconds", 8),
	ELEMENT("flowId", 8),
	ELEMENT("observationPointId", 8),
	ELEMENT("initiatorOctets", 8),
	ELEMENT("responderOctets", 8),
	ELEMENT("initiatorPackets", 8),
	ELEMENT("responderPackets", 8),
	ELEMENT("packetDeltaCount", 8),
	ELEMENT("reversePacketDeltaCount", 8),
	ELEMENT("tcpSynTotalCount", 8),
	ELEMENT("reverseTcpSynTotalCount", 8),
	ELEMENT("tcpFinTotalCount", 8),
	ELEMENT("reverseTcpFinTotalCount", 8),
	ELEMENT("tcpRstTotalCount", 8),
	ELEMENT("reverseTcpRstTotalCount", 8),
	ELEMENT("tcpPshTotalCount", 8),
	ELEMENT("reverseTcpPshTotalCount", 8),
	ELEMENT("tcpAckTotalCount", 8),
	ELEMENT("reverseTcpAckTotalCount", 8),
	ELEMENT("tcpUrgTotalCount", 8),
	ELEMENT("reverseTcpUrgTotalCount", 8),
	ELEMENT("ingressInterface", 4),
	ELEMENT("reverseIngressInterface", 4),
	ELEMENT("egressInterface", 4),
	ELEMENT("reverseEgressInterface", 4),
	ELEMENT("sourceTransportPort", 2),
	ELEMENT("destinationTransportPort", 2),
	ELEMENT("postNAPTSourceTransportPort", 2),
	ELEMENT("reversePostNAPTSourceTransportPort", 2),
	ELEMENT("tcpControlBits", 2),
	ELEMENT("reverseTcpControlBits", 2),
	ELEMENT("tcpWindowScale", 2),
	ELEMENT("reverseTcpWindowScale", 2),
	ELEMENT("minimumTTL", 1),
	ELEMENT("reverseMinimumTTL", 1),
	ELEMENT("maximumTTL", 1),
	ELEMENT("reverseMaximumTTL", 1),
	ELEMENT("protocolIdentifier", 1),
	ELEMENT("flowEndReason", 1),
	ELEMENT("biflowDirection", 1),
	{ (char *)"paddingOctets", 1, PART_MEMORY },
	ENTERPRISE("tcptraceSynSynackNanoseconds", 8),
	ENTERPRISE("tcptraceSynackAckNanoseconds", 8),
	ENTERPRISE("tcptraceInitiatorRetransmittedOctets", 8),
	ENTERPRISE("tcptraceResponderRetransmittedOctets", 8),
	ENTERPRISE("tcptraceInitiatorMissedOctets", 8),
	ENTERPRISE("tcptraceResponderMissedOctets", 8),
	ENTERPRISE("tcptraceInitiatorMinimumRttNanoseconds", 8),
	ENTERPRISE("tcptraceResponderMinimumRttNanoseconds", 8),
	ENTERPRISE("tcptraceInitiatorSmoothedRttNanoseconds", 8),
	ENTERPRISE("tcptraceResponderSmoothedRttNanoseconds", 8),
	ENTERPRISE("tcptraceFindings", 4),
	ENTERPRISE("tcptraceSuspicions", 4),
	ENTERPRISE("tcptraceCloseReason", 1),
	ENTERPRISE("tcptraceClosedBy", 1),
	ENTERPRISE("tcptraceFate", 1),
	ENTERPRISE("tcptraceConnState", 1),
	{ (char *)"paddingOctets", 4, PART_MEMORY | PART_ENTERPRISE },
	{ (char *)"sourceIPv4Address", 4, PART_IP4 },
	{ (char *)"destinationIPv4Address", 4, PART_IP4 },
	{ (char *)"postNATSourceIPv4Address", 4, PART_IP4 },
	{ (char *)"reversePostNATSourceIPv4Address", 4, PART_IP4 },
	{ (char *)"sourceIPv6Address", 16, PART_IP6 },
	{ (char *)"destinationIPv6Address", 16, PART_IP6 },
	{ (char *)"postNATSourceIPv6Address", 16, PART_IP6 },
	{ (char *)"reversePostNATSourceIPv6Address", 16, PART_IP6 },
	FB_IESPEC_NULL
};

/* The element IDs are documented and must not change: append new elements. */
static const struct {
	const char *name;
	u16 len;
} enterprise_elements[] = {
	{ "tcptraceSynSynackNanoseconds", 8 },
	{ "tcptraceSynackAckNanoseconds", 8 },
	{ "tcptraceInitiatorRetransmittedOctets", 8 },
	{ "tcptraceResponderRetransmittedOctets", 8 },
	{ "tcptraceInitiatorMissedOctets", 8 },
	{ "tcptraceResponderMissedOctets", 8 },
	{ "tcptraceInitiatorMinimumRttNanoseconds", 8 },
	{ "tcptraceResponderMinimumRttNanoseconds", 8 },
	{ "tcptraceInitiatorSmoothedRttNanoseconds", 8 },
	{ "tcptraceResponderSmoothedRttNanoseconds", 8 },
	{ "tcptraceFindings", 4 },
	{ "tcptraceSuspicions", 4 },
	{ "tcptraceCloseReason", 1 },
	{ "tcptraceClosedBy", 1 },
	{ "tcptraceFate", 1 },
	{ "tcptraceConnState", 1 },
};

static u8 element_type(u16 len)
{
	switch (len) {
	case 8:
		return FB_UINT_64;
	case 4:
		return FB_UINT_32;
	default:
		return FB_UINT_8;
	}
}

static void add_enterprise(struct ipfix *x)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(enterprise_elements); i++) {
		fbInfoElement_t element =
			FB_IE_INIT_FULL(enterprise_elements[i].name,
					x->enterprise, (u16)(i + 1),
					enterprise_elements[i].len,
					FB_IE_F_ENDIAN, 0, 0,
					element_type(enterprise_elements[i].len),
					NULL);

		fbInfoModelAddElement(x->model, &element);
	}
}

static int fail(GError **error, char *why, size_t size)
{
	snprintf(why, size, "IPFIX: %s", *error ? (*error)->message : "failed");
	g_clear_error(error);
	return -EIO;
}

/* Return: 0 or -EIO. */
static int add_template(struct ipfix *x, u16 number, bool in_memory, u32 parts,
			GError **error)
{
	fbTemplate_t *template = fbTemplateAlloc(x->model);

	if (x->enterprise)
		parts |= PART_ENTERPRISE;
	if (in_memory)
		parts |= PART_MEMORY;
	return fbTemplateAppendSpecArray(template, elements, parts, error) &&
	       fbSessionAddTemplate(x->session, in_memory, number, template,
				    error) ? 0 : -EIO;
}

/* Split udp:HOST:PORT or tcp:HOST:PORT; HOST:PORT without a prefix is UDP. */
static int parse_socket(struct ipfix *x, const char *where)
{
	const char *colon;
	size_t len;

	x->spec.transport = FB_UDP;
	if (strncmp(where, "tcp:", 4) == 0)
		x->spec.transport = FB_TCP;
	if (strncmp(where, "tcp:", 4) == 0 || strncmp(where, "udp:", 4) == 0)
		where += 4;
	colon = strrchr(where, ':');
	if (!colon || colon == where || !colon[1])
		return -EINVAL;
	len = (size_t)(colon - where);
	if (*where == '[' && colon[-1] == ']') {
		where++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(x->host))
		return -EINVAL;
	memcpy(x->host, where, len);
	x->host[len] = '\0';
	x->spec.host = x->host;
	x->spec.svc = (char *)colon + 1;
	x->datagrams = x->spec.transport == FB_UDP;
	return 0;
}

/*
 * Return: the exporter; NULL if @where is neither "file:PATH" nor a valid
 * socket address.
 */
static fbExporter_t *open_exporter(struct ipfix *x, const char *where)
{
	if (strncmp(where, "file:", 5) == 0 && where[5])
		return fbExporterAllocFile(where + 5);
	if (parse_socket(x, where) != 0)
		return NULL;
	return fbExporterAllocNet(&x->spec);
}

/* A GLib log handler: print a libfixbuf warning as this program's warning. */
static void log_warning(const gchar *domain, GLogLevelFlags level,
			const gchar *text, gpointer data)
{
	(void)domain;
	(void)data;
	if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL |
		     G_LOG_LEVEL_WARNING))
		warnx("IPFIX: %s", text);
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int send_templates(struct ipfix *x, GError **error)
{
	x->templates_at = now_s();
	return fbSessionExportTemplates(x->session, error) &&
	       fBufEmit(x->buf, error) ? 0 : -EIO;
}

static int set_up(struct ipfix *x, fbExporter_t *exporter, GError **error)
{
	x->session = fbSessionAlloc(x->model);
	x->buf = fBufAllocForExport(x->session, exporter);
	if (x->enterprise &&
	    !fbSessionSetMetadataExportElements(x->session, TRUE,
						TEMPLATE_TYPES, error))
		return -EIO;
	return add_template(x, TEMPLATE_IP4, true, PART_IP4, error) ?:
	       add_template(x, TEMPLATE_IP4, false, PART_IP4, error) ?:
	       add_template(x, TEMPLATE_IP6, true, PART_IP6, error) ?:
	       add_template(x, TEMPLATE_IP6, false, PART_IP6, error);
}

static void release(struct ipfix *x)
{
	if (x->buf)
		fBufFree(x->buf);
	fbInfoModelFree(x->model);
	free(x);
}

/**
 * ipfix_open - begin to export
 * @ipfix: set to the exporter
 * @where: HOST:PORT or udp:HOST:PORT, tcp:HOST:PORT, file:PATH
 * @enterprise: enterprise number (IANA PEN) of the nonstandard elements; 0: do
 *	not export these elements
 * @why: set to a one-line reason for a failure
 * @size: size of @why
 *
 * Return: 0 or a negative error number.
 */
int ipfix_open(struct ipfix **ipfix, const char *where, u32 enterprise,
	       char *why, size_t size)
{
	struct ipfix *x = calloc(1, sizeof(*x));
	fbExporter_t *exporter;
	GError *error = NULL;

	if (!x) {
		snprintf(why, size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	pthread_mutex_init(&x->lock, NULL);
	g_log_set_default_handler(log_warning, NULL);
	x->enterprise = enterprise;
	x->model = fbInfoModelAlloc();
	if (enterprise)
		add_enterprise(x);
	exporter = open_exporter(x, where);
	if (!exporter) {
		snprintf(why, size,
			 "invalid collector: '%s': use [udp:|tcp:]HOST:PORT or file:PATH",
			 where);
		release(x);
		return -EINVAL;
	}
	if (set_up(x, exporter, &error) != 0 ||
	    (send_templates(x, &error) != 0 && !x->datagrams)) {
		fail(&error, why, size);
		release(x);
		return -EIO;
	}
	g_clear_error(&error);
	*ipfix = x;
	return 0;
}

static u64 to_ntp(u64 ns)
{
	return (ns / NS_PER_S + NTP_EPOCH_S) << 32 |
	       ((ns % NS_PER_S) << 32) / NS_PER_S;
}

static u8 biflow_direction(const struct tcptrace_close *c)
{
	return c->h.flags & TCPTRACE_F_GUESSED ? 0 : 1;
}

static u16 window_scale(const struct tcptrace_dir *dir)
{
	return dir->wscale == TCPTRACE_WSCALE_NONE ? 0 : dir->wscale;
}

static void fill_end(struct ipfix_common *r, unsigned int end,
		     const struct tcptrace_dir *dir)
{
	r->octets[end] = dir->bytes;
	r->packets[end] = dir->packets;
	r->delta_packets[end] = dir->packets;
	r->syns[end] = dir->syns;
	r->fins[end] = dir->fins;
	r->rsts[end] = dir->rsts;
	r->pushes[end] = dir->pushes;
	r->acks[end] = dir->acks;
	r->urgents[end] = dir->urgent_packets;
	r->flags[end] = dir->flags;
	r->wscale[end] = window_scale(dir);
	r->ttl_min[end] = dir->ttl_min;
	r->ttl_max[end] = dir->ttl_max;
}

/* Return: the port of an end after NAT; without NAT, the port of the end. */
static u16 port_after_nat(const struct tcptrace_close *c, unsigned int end)
{
	const struct tcptrace_nat *nat = &c->context.nat;

	if (nat->translated[end])
		return nat->port[end];
	return end ? c->flow.resp_port : c->flow.orig_port;
}

static const u8 *addr_after_nat(const struct tcptrace_close *c,
				unsigned int end)
{
	const struct tcptrace_nat *nat = &c->context.nat;

	if (nat->translated[end])
		return nat->addr[end];
	return end ? c->flow.resp_addr : c->flow.orig_addr;
}

static void fill_way(struct ipfix_common *r, const struct tcptrace_close *c,
		     unsigned int end)
{
	r->ingress[end] = c->context.path[end].in;
	r->egress[end] = c->context.path[end].out;
	r->nat_ports[end] = port_after_nat(c, end);
}

static void fill_common(struct ipfix_common *r, const struct tcptrace_close *c,
			u64 offset)
{
	u64 start = c->start + offset, end = start + c->duration_ns;

	memset(r, 0, sizeof(*r));
	r->start_ms = start / 1000000;
	r->end_ms = end / 1000000;
	r->start_ntp = to_ntp(start);
	r->end_ntp = to_ntp(end);
	r->conn = c->flow.conn;
	r->netns = c->flow.netns;
	r->ports[0] = c->flow.orig_port;
	r->ports[1] = c->flow.resp_port;
	fill_end(r, 0, &c->dir[0]);
	fill_end(r, 1, &c->dir[1]);
	fill_way(r, c, 0);
	fill_way(r, c, 1);
	r->protocol = IPPROTO_TCP;
	r->end_reason = c->end_reason;
	r->biflow = biflow_direction(c);
}

static void fill_enterprise(struct ipfix_enterprise *r,
			    const struct tcptrace_close *c)
{
	unsigned int end;

	memset(r, 0, sizeof(*r));
	r->syn_synack_ns = c->syn_synack_ns;
	r->synack_ack_ns = c->synack_ack_ns;
	for (end = 0; end < 2; end++) {
		r->rexmit_octets[end] = c->dir[end].rexmit_bytes;
		r->missed_octets[end] = c->dir[end].missed_bytes;
		r->rtt_min_ns[end] = c->dir[end].rtt_min_ns;
		r->srtt_ns[end] = c->dir[end].srtt_ns;
	}
	r->findings = c->findings;
	r->suspected = c->suspected;
	r->reason = c->reason;
	r->by = c->by;
	r->fate = c->opening.fate;
	r->conn_state = c->conn_state;
}

static u32 load_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static size_t fill_addrs(struct ipfix_addrs *r, const struct tcptrace_close *c)
{
	const u8 *addrs[] = { c->flow.orig_addr, c->flow.resp_addr,
			      addr_after_nat(c, 0), addr_after_nat(c, 1) };
	unsigned int i;

	if (c->flow.family == AF_INET6) {
		for (i = 0; i < ARRAY_SIZE(addrs); i++)
			memcpy(r->ip6[i], addrs[i], sizeof(r->ip6[i]));
		return sizeof(r->ip6);
	}
	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		r->ip4[i] = load_be32(addrs[i]);
	return sizeof(r->ip4);
}

static size_t fill(const struct ipfix *x, struct ipfix_record *r,
		   const struct tcptrace_close *c, u64 offset)
{
	size_t len = sizeof(struct ipfix_common);
	u8 *p = (u8 *)r->words;

	fill_common((void *)p, c, offset);
	if (x->enterprise) {
		fill_enterprise((void *)(p + len), c);
		len += sizeof(struct ipfix_enterprise);
	}
	return len + fill_addrs((void *)(p + len), c);
}

static int append(struct ipfix *x, const struct tcptrace_close *c, u64 offset,
		  GError **error)
{
	u16 template = c->flow.family == AF_INET6 ? TEMPLATE_IP6 : TEMPLATE_IP4;
	struct ipfix_record r;
	size_t len = fill(x, &r, c, offset);

	return fBufSetInternalTemplate(x->buf, template, error) &&
	       fBufSetExportTemplate(x->buf, template, error) &&
	       fBufAppend(x->buf, (u8 *)r.words, len, error) ? 0 : -EIO;
}

/*
 * Ignore UDP errors: the collector sees a gap in the IPFIX sequence numbers.
 */
static int result(const struct ipfix *x, int err, GError **error, char *why,
		  size_t size)
{
	if (!err)
		return 0;
	fail(error, why, size);
	return x->datagrams ? 0 : err;
}

/**
 * ipfix_take - export a closing record
 * @ipfix: the exporter
 * @c: the record
 * @offset: CLOCK_REALTIME minus the clock of the record's times, ns
 * @why: set to a one-line reason for a failure
 * @size: size of @why
 *
 * Return: 0 or a negative error number; over UDP, 0 even after an error.
 */
int ipfix_take(struct ipfix *ipfix, const struct tcptrace_close *c, u64 offset,
	       char *why, size_t size)
{
	GError *error = NULL;
	int err;

	pthread_mutex_lock(&ipfix->lock);
	err = append(ipfix, c, offset, &error);
	pthread_mutex_unlock(&ipfix->lock);
	return result(ipfix, err, &error, why, size);
}

/**
 * ipfix_flush - send the waiting records, and the templates when they are due
 * @ipfix: the exporter
 * @why: set to a one-line reason for a failure
 * @size: size of @why
 *
 * Return: 0 or a negative error number; over UDP, 0 even after an error.
 */
int ipfix_flush(struct ipfix *ipfix, char *why, size_t size)
{
	GError *error = NULL;
	int err = 0;

	pthread_mutex_lock(&ipfix->lock);
	if (!fBufEmit(ipfix->buf, &error))
		err = -EIO;
	if (!err && ipfix->datagrams &&
	    now_s() - ipfix->templates_at >= TEMPLATES_S)
		err = send_templates(ipfix, &error);
	pthread_mutex_unlock(&ipfix->lock);
	return result(ipfix, err, &error, why, size);
}

/* Send the waiting records and end the export. Return: as ipfix_flush(). */
int ipfix_close(struct ipfix *ipfix, char *why, size_t size)
{
	int err = ipfix_flush(ipfix, why, size);

	release(ipfix);
	return err;
}
