// SPDX-License-Identifier: GPL-2.0
#include "expression.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SNAPLEN		= 65535,
	TCP_WORDS	= sizeof(struct tcphdr) / 4,
};

/* A packet built from a record; the filter is applied to this packet. */
union stand_in {
	struct iphdr ip;
	struct ip6_hdr ip6;
	u8 bytes[sizeof(struct ip6_hdr) + sizeof(struct tcphdr)];
};

static char *join(char *const words[])
{
	size_t i, len = 1;
	char *text, *end;

	for (i = 0; words[i]; i++)
		len += strlen(words[i]) + 1;
	text = malloc(len);
	if (!text)
		return NULL;
	end = text;
	*end = '\0';
	for (i = 0; words[i]; i++) {
		if (i > 0)
			*end++ = ' ';
		end = stpcpy(end, words[i]);
	}
	return text;
}

/*
 * Return: advice if the text looks like a Wireshark display filter, such as
 * "tcp.port == 443"; otherwise an empty text.
 */
static const char *hint(const char *text)
{
	static const char *const fields[] = { "tcp.", "ip.", "ipv6.", "frame." };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (strncmp(text, fields[i], strlen(fields[i])) == 0)
			return "; a display filter of Wireshark? try 'tcp port 443'";
	return "";
}

/**
 * expression_compile - compile a filter expression
 * @e: filled in
 * @link: link type of the packets, DLT_*
 * @words: words of the expression, NULL-terminated; NULL or no words: every
 *	packet matches
 * @why: set to a one-line reason for a failure
 * @size: size of @why
 *
 * Return: 0, -EINVAL if the expression is invalid, or a different negative
 * error number.
 */
int expression_compile(struct expression *e, int link, char *const words[],
		       char *why, size_t size)
{
	pcap_t *pcap;
	char *text;
	int err = -ENOMEM;

	memset(e, 0, sizeof(*e));
	if (!words || !words[0])
		return 0;
	text = join(words);
	pcap = pcap_open_dead(link, SNAPLEN);
	if (!text || !pcap) {
		snprintf(why, size, "%s", strerror(ENOMEM));
		goto out;
	}
	err = 0;
	if (pcap_compile(pcap, &e->program, text, 1, PCAP_NETMASK_UNKNOWN)) {
		snprintf(why, size, "filter '%s': %s%s", text,
			 pcap_geterr(pcap), hint(text));
		err = -EINVAL;
	}
out:
	if (pcap)
		pcap_close(pcap);
	free(text);
	return err;
}

/* Write the IP header. Return: where the TCP header goes. */
static u8 *put_addresses(union stand_in *p, const u8 *src, const u8 *dst,
			 const struct tcptrace_open *rec)
{
	u16 len = (u16)(sizeof(struct tcphdr) + rec->seg.len);

	if (rec->flow.family == AF_INET6) {
		p->ip6.ip6_vfc = 6 << 4;
		p->ip6.ip6_plen = htons(len);
		p->ip6.ip6_nxt = IPPROTO_TCP;
		p->ip6.ip6_hlim = IPDEFTTL;
		memcpy(&p->ip6.ip6_src, src, sizeof(p->ip6.ip6_src));
		memcpy(&p->ip6.ip6_dst, dst, sizeof(p->ip6.ip6_dst));
		return p->bytes + sizeof(p->ip6);
	}
	p->ip.version = 4;
	p->ip.ihl = sizeof(p->ip) / 4;
	p->ip.tot_len = htons((u16)(sizeof(p->ip) + len));
	p->ip.ttl = IPDEFTTL;
	p->ip.protocol = IPPROTO_TCP;
	memcpy(&p->ip.saddr, src, sizeof(p->ip.saddr));
	memcpy(&p->ip.daddr, dst, sizeof(p->ip.daddr));
	return p->bytes + sizeof(p->ip);
}

/**
 * struct ends - addresses and ports of a connection, before or after NAT
 * @addr: addresses of originator and responder
 * @port: ports of originator and responder
 */
struct ends {
	const u8 *addr[2];
	u16 port[2];
};

/* Check whether the expression matches the segment as sent by end @from. */
static bool takes_from(const struct expression *e,
		       const struct tcptrace_open *rec,
		       const struct ends *ends, unsigned int from)
{
	struct pcap_pkthdr h = {};
	union stand_in p = {};
	struct tcphdr tcp = {
		.source = htons(ends->port[from]),
		.dest = htons(ends->port[!from]),
		.seq = htonl(rec->seg.seq),
		.ack_seq = htonl(rec->seg.ack),
		.doff = TCP_WORDS,
		.window = htons(rec->seg.window),
	};
	u8 *to = put_addresses(&p, ends->addr[from], ends->addr[!from], rec);

	memcpy(to, &tcp, sizeof(tcp));
	to[13] = (u8)rec->seg.flags;
	h.caplen = (bpf_u_int32)(to - p.bytes) + sizeof(tcp);
	h.len = h.caplen + rec->seg.len;
	return pcap_offline_filter(&e->program, &h, p.bytes);
}

static bool takes_ends(const struct expression *e,
		       const struct tcptrace_open *rec, const struct ends *ends)
{
	if (rec->seg.hook != TCPTRACE_HOOK_NONE)
		return takes_from(e, rec, ends, rec->seg.from == 1);
	return takes_from(e, rec, ends, 0) || takes_from(e, rec, ends, 1);
}

/* @translated: bit mask (1 << end) of the ends to which NAT is applied. */
static struct ends ends_of(const struct tcptrace_flow *f,
			   const struct tcptrace_nat *nat,
			   unsigned int translated)
{
	struct ends ends = {
		.addr = { f->orig_addr, f->resp_addr },
		.port = { f->orig_port, f->resp_port },
	};
	unsigned int end;

	for (end = 0; end < 2; end++)
		if (translated & 1U << end) {
			ends.addr[end] = nat->addr[end];
			ends.port[end] = nat->port[end];
		}
	return ends;
}

/**
 * expression_takes - check whether an expression matches a record
 * @e: an expression that was compiled for DLT_RAW
 * @rec: the record
 * @nat: the addresses of the connection after NAT, or NULL
 *
 * Apply the expression to a packet built from the record. If the packet does
 * not match, replace the address and the port of one end, or of both ends, by
 * those in @nat, and try again. If the record has no segment, try both
 * directions.
 *
 * Return: true if the expression matches. It always matches LOST and LIMIT,
 * which belong to no connection.
 */
bool expression_takes(const struct expression *e, const union record *rec,
		      const struct tcptrace_nat *nat)
{
	unsigned int has = nat ? (nat->translated[0] != 0) |
				 (nat->translated[1] != 0) << 1 : 0;
	unsigned int translated;
	struct ends ends;

	if (!e->program.bf_insns || rec->h.type == TCPTRACE_LOST ||
	    rec->h.type == TCPTRACE_LIMIT)
		return true;
	for (translated = 0; translated < 4; translated++) {
		if (translated & ~has)
			continue;
		ends = ends_of(&rec->c.flow, nat, translated);
		if (takes_ends(e, &rec->c, &ends))
			return true;
	}
	return false;
}

void expression_free(struct expression *e)
{
	pcap_freecode(&e->program);
}
