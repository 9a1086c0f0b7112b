// SPDX-License-Identifier: GPL-2.0
/*
 * Judge packets according to Documentation/tcptrace.rst and the RFCs, without
 * the module's parser. The packets must be complete.
 */
#include "judge.h"

enum {
	TCP_HDR_MAX	= 60,
	HEADERS_MAX	= 512,		/* Documentation/security.rst */
};

const char *const judge_names[JUDGMENTS] = {
	[JUDGE_TCP]		= "tcp",
	[JUDGE_NOT_TCP]		= "not_tcp",
	[JUDGE_FRAGMENT]	= "fragment",
	[JUDGE_IP_VERSION]	= "ip_version",
	[JUDGE_IP_HDRLEN]	= "ip_hdrlen",
	[JUDGE_IP_LENGTH]	= "ip_length",
	[JUDGE_EXT_LENGTH]	= "ext_length",
	[JUDGE_EXT_LIMIT]	= "ext_limit",
	[JUDGE_TCP_LENGTH]	= "tcp_length",
	[JUDGE_TCP_DOFF]	= "tcp_doff",
};

static enum judgment judge_tcp(const u8 *tcp, u32 len, struct doubt *doubt)
{
	u32 hdr_len;

	if (len < 20)
		return JUDGE_TCP_LENGTH;
	hdr_len = (tcp[12] >> 4) * 4u;
	doubt->lenient = hdr_len < 20;
	return hdr_len < 20 || hdr_len > len ? JUDGE_TCP_DOFF : JUDGE_TCP;
}

static enum judgment judge_ip4(const u8 *p, u32 len, struct doubt *doubt)
{
	u32 hdr_len = (p[0] & 15) * 4u, total = tcpt_be16(p + 2);

	if (len < 20)
		return JUDGE_IP_LENGTH;
	if (p[9] != 6)
		return JUDGE_NOT_TCP;
	if (hdr_len < 20)
		return JUDGE_IP_HDRLEN;
	if (!total)
		total = len;
	doubt->lenient = total > len;
	if (doubt->lenient)
		return JUDGE_IP_LENGTH;
	if (hdr_len > total)
		return JUDGE_IP_HDRLEN;
	if (tcpt_be16(p + 6) & 0x3fff)
		return JUDGE_FRAGMENT;
	return judge_tcp(p + hdr_len, total - hdr_len, doubt);
}

/* Check whether a header may precede TCP: RFC 8200, 4302, 6275. */
static bool may_precede(u8 proto)
{
	return proto == 0 || proto == 43 || proto == 44 || proto == 51 ||
	       proto == 60 || proto == 135;
}

static u32 extension_len(const u8 *ext, u8 proto)
{
	if (proto == 44)
		return 8;
	return proto == 51 ? (ext[1] + 2u) * 4 : (ext[1] + 1u) * 8;
}

static enum judgment judge_ip6(const u8 *p, u32 len, struct doubt *doubt)
{
	u32 payload, at = 40, n, size;
	u8 proto;

	if (len < 40)
		return JUDGE_IP_LENGTH;
	payload = tcpt_be16(p + 4);
	proto = p[6];
	if (payload == 0 && proto == 0)		/* RFC 2675 */
		payload = len - 40;
	doubt->lenient = 40 + payload > len;
	if (doubt->lenient)
		return JUDGE_IP_LENGTH;
	for (n = 0; may_precede(proto); n++) {
		if (n == 8)
			return JUDGE_EXT_LIMIT;
		if (40 + payload - at < 8)
			return JUDGE_EXT_LENGTH;
		if (proto == 44 && tcpt_be16(p + at + 2) & 0xfff9)
			return p[at] == 6 || may_precede(p[at]) ?
			       JUDGE_FRAGMENT : JUDGE_NOT_TCP;
		size = extension_len(p + at, proto);
		if (40 + payload - at < size)
			return JUDGE_EXT_LENGTH;
		proto = p[at];
		at += size;
		doubt->deep = at + TCP_HDR_MAX > HEADERS_MAX;
	}
	return proto == 6 ? judge_tcp(p + at, 40 + payload - at, doubt) :
	       JUDGE_NOT_TCP;
}

/**
 * judge - decide which class the module must give a packet
 * @p: the packet, starting at its IP header
 * @len: length of the packet, at least 1
 * @doubt: filled in
 *
 * Return: one of enum judgment.
 */
enum judgment judge(const u8 *p, u32 len, struct doubt *doubt)
{
	*doubt = (struct doubt){};
	switch (p[0] >> 4) {
	case 4:
		return judge_ip4(p, len, doubt);
	case 6:
		return judge_ip6(p, len, doubt);
	default:
		doubt->lenient = true;
		return JUDGE_IP_VERSION;
	}
}
