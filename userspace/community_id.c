// SPDX-License-Identifier: GPL-2.0
#include "community_id.h"

#include <netinet/in.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <string.h>
#include <sys/socket.h>

/* The size of the longest hash input: two IPv6 addresses and 8 bytes. */
enum {
	INPUT_MAX	= 2 + 2 * 16 + 1 + 1 + 2 * 2,
};

static u8 *put(u8 *to, const void *from, size_t len)
{
	memcpy(to, from, len);
	return to + len;
}

static u8 *put_be16(u8 *to, u16 n)
{
	*to++ = (u8)(n >> 8);
	*to++ = (u8)n;
	return to;
}

/*
 * Check whether the originator is the lower end. The lower end is hashed first,
 * so that both directions have the same ID.
 */
static bool is_ordered(const struct tcptrace_flow *flow, size_t len)
{
	int order = memcmp(flow->orig_addr, flow->resp_addr, len);

	return order < 0 || (order == 0 && flow->orig_port <= flow->resp_port);
}

/**
 * community_id - compute the Community ID of a connection (version 1, seed 0)
 * @flow: the connection
 * @buf: where the ID goes; COMMUNITY_ID_LEN bytes
 */
void community_id(const struct tcptrace_flow *flow,
		  char buf[COMMUNITY_ID_LEN])
{
	size_t len = flow->family == AF_INET ? 4 : 16;
	bool ordered = is_ordered(flow, len);
	u8 digest[SHA1_DIGEST_SIZE];
	u8 input[INPUT_MAX], *p = input;
	struct sha1_ctx sha1;

	static_assert(2 + BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE) <
		      COMMUNITY_ID_LEN, "room for the text");
	p = put_be16(p, 0);	/* the seed */
	p = put(p, ordered ? flow->orig_addr : flow->resp_addr, len);
	p = put(p, ordered ? flow->resp_addr : flow->orig_addr, len);
	*p++ = IPPROTO_TCP;
	*p++ = 0;
	p = put_be16(p, ordered ? flow->orig_port : flow->resp_port);
	p = put_be16(p, ordered ? flow->resp_port : flow->orig_port);
	sha1_init(&sha1);
	sha1_update(&sha1, (size_t)(p - input), input);
	sha1_digest(&sha1, sizeof(digest), digest);
	memcpy(buf, "1:", 2);
	base64_encode_raw(buf + 2, sizeof(digest), digest);
	buf[2 + BASE64_ENCODE_RAW_LENGTH(sizeof(digest))] = '\0';
}
