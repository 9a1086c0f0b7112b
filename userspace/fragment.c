// SPDX-License-Identifier: GPL-2.0
/*
 * Reassemble IP fragments. The engine reads headers and lengths but no payload,
 * so keep only the first bytes of a packet and a list of the parts received.
 */
#include "fragment.h"

enum {
	IP4_HDR_MIN	= 20,
	IP4_OFFSET	= 0x1fff,
	IP4_MORE	= 0x2000,
	IP6_HDR_LEN	= 40,
	IP6_EXT_MAX	= 8,
	FRAG_HDR_LEN	= 8,
	PROTO_HOPOPTS	= 0,
	PROTO_ROUTING	= 43,
	PROTO_FRAGMENT	= 44,
	PROTO_DSTOPTS	= 60,
	SIZE_MAX_IP	= 65535,
};

#define WAIT_MAX	60000000000ULL	/* ns, RFC 8200 section 4.5 */

/**
 * struct part - a fragment
 * @key: fields that identify the packet: addresses, identification, protocol,
 *	family, tunnel
 * @hdr: length of the headers before the payload, without a fragment header
 * @begin: offset of the fragment in the payload of the packet
 * @end: offset of the first byte after the fragment
 * @last: this is the last fragment
 */
struct part {
	struct {
		u8 addr[32];
		u32 id;
		u32 tunnel;
		u32 proto;
	} key;
	u32 hdr;
	u32 begin;
	u32 end;
	bool last;
};

/**
 * struct waiting - a packet with missing fragments
 * @part: a fragment of the packet; only its key is used
 * @since: when its earliest fragment arrived, ns; 0: this entry is unused
 * @packets: number of fragments that have arrived
 * @size: length of the payload; 0 while the last fragment is missing
 * @ranges: number of entries of @range that are used
 * @range: the parts of the payload that have arrived, in ascending order
 * @hdr: length of the headers; 0 while the fragment at offset 0 is missing
 * @data_len: length of @data up to the first byte that was not captured
 * @head: the headers
 * @data: the first bytes of the payload
 */
struct waiting {
	struct part part;
	u64 since;
	unsigned int packets;
	u32 size;
	u32 ranges;
	struct {
		u32 begin;
		u32 end;
	} range[FRAGMENT_RANGES_MAX];
	u32 hdr;
	u32 data_len;
	u8 head[FRAGMENT_HEAD_MAX];
	u8 data[FRAGMENT_HEAD_MAX];
};

static struct waiting all[FRAGMENT_PACKETS_MAX];

static void put_be16(u8 *p, u32 n)
{
	p[0] = (u8)(n >> 8);
	p[1] = (u8)n;
}

static bool read_ip4(const struct link_bytes *b, struct part *part)
{
	u32 offset, total;

	if (!link_has(b, IP4_HDR_MIN))
		return false;
	part->hdr = (b->p[0] & 0xfU) * 4;
	offset = tcpt_be16(b->p + 6);
	total = tcpt_be16(b->p + 2);
	if (!(offset & (IP4_OFFSET | IP4_MORE)) || part->hdr < IP4_HDR_MIN ||
	    !link_has(b, part->hdr) || total <= part->hdr || total > b->wire_len)
		return false;
	memcpy(part->key.addr, b->p + 12, 8);
	part->key.id = tcpt_be16(b->p + 4);
	part->key.proto = 4U << 8 | b->p[9];
	part->begin = (offset & IP4_OFFSET) * 8;
	part->end = part->begin + total - part->hdr;
	part->last = !(offset & IP4_MORE);
	return true;
}

/*
 * Find the fragment header of an IPv6 packet.
 * @link: set to the offset of the Next Header field that announces the fragment
 *	header
 * Return: offset of the fragment header; 0 if there is none.
 */
static size_t find_ip6(const struct link_bytes *b, size_t *link)
{
	size_t at = IP6_HDR_LEN;
	unsigned int i;

	*link = 6;
	for (i = 0; i < IP6_EXT_MAX && link_has(b, at + 8); i++) {
		switch (b->p[*link]) {
		case PROTO_FRAGMENT:
			return at;
		case PROTO_HOPOPTS:
		case PROTO_ROUTING:
		case PROTO_DSTOPTS:
			*link = at;
			at += 8U * (b->p[at + 1] + 1U);
			break;
		default:
			return 0;
		}
	}
	return 0;
}

static bool read_ip6(const struct link_bytes *b, struct part *part)
{
	size_t at, link;
	u32 offset, end;

	if (!link_has(b, IP6_HDR_LEN))
		return false;
	at = find_ip6(b, &link);
	end = IP6_HDR_LEN + tcpt_be16(b->p + 4);
	if (!at || end <= at + FRAG_HDR_LEN || end > b->wire_len)
		return false;
	offset = tcpt_be16(b->p + at + 2);
	if (!(offset & 0xfff9))
		return false;
	memcpy(part->key.addr, b->p + 8, 32);
	part->key.id = tcpt_be32(b->p + at + 4);
	part->key.proto = 6U << 8 | b->p[at];
	part->hdr = (u32)at;
	part->begin = offset & 0xfff8;
	part->end = part->begin + end - (u32)at - FRAG_HDR_LEN;
	part->last = !(offset & 1);
	return true;
}

/*
 * Read the headers of a fragment. Return: false if the packet is not a
 * fragment, if the fragment is malformed, or if its headers were not captured.
 */
static bool read_part(const struct link_bytes *b, struct part *part)
{
	bool good;

	memset(part, 0, sizeof(*part));
	if (!link_has(b, 1))
		return false;
	good = b->p[0] >> 4 == 4 ? read_ip4(b, part) :
	       b->p[0] >> 4 == 6 && read_ip6(b, part);
	return good && part->hdr + part->end <= SIZE_MAX_IP &&
	       (part->last || part->end % 8 == 0);
}

/*
 * Return: the entry of the packet that the fragment belongs to; a new packet
 * takes the oldest entry.
 */
static struct waiting *find(const struct part *part, u64 now)
{
	struct waiting *w, *oldest = all;

	for (w = all; w < all + FRAGMENT_PACKETS_MAX; w++) {
		/* the times of packets may go backwards */
		if (w->since && now < w->since + WAIT_MAX &&
		    w->since < now + WAIT_MAX &&
		    memcmp(&w->part.key, &part->key, sizeof(part->key)) == 0)
			return w;
		if (w->since < oldest->since)
			oldest = w;
	}
	oldest->since = now ? now : 1;
	oldest->part = *part;
	oldest->packets = 0;
	oldest->size = 0;
	oldest->ranges = 0;
	oldest->hdr = 0;
	oldest->data_len = FRAGMENT_HEAD_MAX;
	return oldest;
}

/*
 * Add a range of the payload. Return: false if there are too many ranges, or if
 * the range overlaps an earlier range, which IPv6 forbids (RFC 5722). An equal
 * range is not an overlap.
 */
static bool add_range(struct waiting *w, u32 begin, u32 end)
{
	u32 i, at = 0;

	while (at < w->ranges && w->range[at].begin < begin)
		at++;
	if (at < w->ranges && w->range[at].begin == begin &&
	    w->range[at].end == end)
		return true;
	if ((at && w->range[at - 1].end > begin) ||
	    (at < w->ranges && w->range[at].begin < end) ||
	    w->ranges == FRAGMENT_RANGES_MAX)
		return false;
	for (i = w->ranges++; i > at; i--)
		w->range[i] = w->range[i - 1];
	w->range[at].begin = begin;
	w->range[at].end = end;
	return true;
}

static bool is_complete(const struct waiting *w)
{
	u32 i, end = 0;

	for (i = 0; i < w->ranges && w->range[i].begin == end; i++)
		end = w->range[i].end;
	return w->hdr && w->size && end == w->size;
}

/* Copy the headers of the packet, but not the fragment header. */
static void take_head(struct waiting *w, const struct link_bytes *b,
		      const struct part *part)
{
	size_t link;

	if (part->hdr >= FRAGMENT_HEAD_MAX)
		return;
	memcpy(w->head, b->p, part->hdr);
	if (b->p[0] >> 4 == 6) {
		find_ip6(b, &link);
		w->head[link] = b->p[part->hdr];
	}
	w->hdr = part->hdr;
}

/*
 * Copy this fragment's part of the first bytes of the payload: the TCP header
 * may be split between fragments.
 */
static void take_data(struct waiting *w, const struct link_bytes *b,
		      const struct part *part)
{
	size_t skipped = part->hdr + (b->p[0] >> 4 == 6 ? FRAG_HDR_LEN : 0);
	size_t want, left = b->len - skipped;

	if (part->begin >= FRAGMENT_HEAD_MAX)
		return;
	want = part->end - part->begin;
	if (want > FRAGMENT_HEAD_MAX - part->begin)
		want = FRAGMENT_HEAD_MAX - part->begin;
	if (left > want)
		left = want;
	else if (left < want && w->data_len > part->begin + left)
		w->data_len = part->begin + (u32)left;
	memcpy(w->data + part->begin, b->p + skipped, left);
}

static void give_whole(const struct waiting *w, struct link_bytes *b)
{
	static u8 whole[FRAGMENT_HEAD_MAX];
	u32 room = FRAGMENT_HEAD_MAX - w->hdr;
	u32 len = w->data_len < w->size ? w->data_len : w->size;

	if (len > room)
		len = room;
	memcpy(whole, w->head, w->hdr);
	memcpy(whole + w->hdr, w->data, len);
	if (whole[0] >> 4 == 4) {
		put_be16(whole + 2, w->hdr + w->size);
		put_be16(whole + 6, 0);
	} else {
		put_be16(whole + 4, w->hdr - IP6_HDR_LEN + w->size);
	}
	b->p = whole;
	b->wire_len = w->hdr + w->size;
	b->len = w->hdr + len;
}

/**
 * fragment_join - reassemble a packet
 * @b: a packet that starts at its IP header; after FRAGMENT_COMPLETE, @b is the
 *	whole packet, whose first bytes are valid until the next call
 * @tunnel: number of the tunnel that @b came through
 * @now: when @b was captured, ns
 * @others: if @b is a fragment, set to the number of earlier fragments of its
 *	packet
 * @proto: if @b is a fragment, set to its protocol or next extension header
 *
 * Calls must not run concurrently. An incomplete packet is dropped if its
 * fragments overlap or form too many ranges, if a fragment is still missing
 * after a minute, or if a newer packet needs its entry.
 *
 * Return: the result for @b.
 */
enum fragment_result fragment_join(struct link_bytes *b, u32 tunnel, u64 now,
				   unsigned int *others, unsigned int *proto)
{
	struct waiting *w;
	struct part part;

	if (!read_part(b, &part))
		return FRAGMENT_NONE;
	part.key.tunnel = tunnel;
	*proto = part.key.proto & 0xff;
	w = find(&part, now);
	*others = w->packets++;
	if (part.last)
		w->size = part.end;
	if (part.begin == 0 && !w->hdr)
		take_head(w, b, &part);
	take_data(w, b, &part);
	if (!add_range(w, part.begin, part.end)) {
		w->since = 0;
		return FRAGMENT_WAITS;
	}
	if (!is_complete(w))
		return FRAGMENT_WAITS;
	give_whole(w, b);
	w->since = 0;
	return FRAGMENT_COMPLETE;
}

/* Forget all incomplete packets before a new capture is read. */
void fragment_reset(void)
{
	memset(all, 0, sizeof(all));
}
