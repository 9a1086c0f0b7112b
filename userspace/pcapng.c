// SPDX-License-Identifier: GPL-2.0
#include "pcapng.h"

#include <errno.h>
#include <pcap/dlt.h>
#include <stdarg.h>
#include <stdlib.h>

#define NS_PER_SEC	1000000000ULL

enum {
	BLOCK_INTERFACE		= 1,
	BLOCK_PACKET_OLD	= 2,
	BLOCK_PACKET_SIMPLE	= 3,
	BLOCK_PACKET		= 6,
	BLOCK_SECTION		= 0x0a0d0d0a,
};

enum {
	BYTE_ORDER_MAGIC	= 0x1a2b3c4d,
	VERSION_MAJOR		= 1,
	OPTION_END		= 0,
	OPTION_TSRESOL		= 9,
	OPTION_TSOFFSET		= 14,
	TSRESOL_BINARY		= 0x80,
	TSRESOL_DEFAULT		= 6,
	TSRESOL_DECIMAL_MAX	= 19,	/* 10^20 has more than 64 bits */
	TSRESOL_BINARY_MAX	= 63,
};

/* Minimum lengths of block bodies, without the type and both length fields. */
enum {
	SECTION_LEN		= 16,
	INTERFACE_LEN		= 8,
	PACKET_LEN		= 20,
	PACKET_SIMPLE_LEN	= 4,
	OPTION_HEAD		= 4,
	BLOCK_ROOM		= 4096,	/* first allocation */
};

/* Link types whose LINKTYPE_* value in files differs from DLT_*. */
enum {
	LINKTYPE_ATM_RFC1483	= 100,
	LINKTYPE_RAW		= 101,
};

static int __printf(2, 3) fail(struct pcapng *ng, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ng->why, sizeof(ng->why), format, args);
	va_end(args);
	return -EIO;
}

static u16 get16(const struct pcapng *ng, const u8 *p)
{
	u16 n;

	memcpy(&n, p, sizeof(n));
	return ng->swapped ? __builtin_bswap16(n) : n;
}

static u32 get32(const struct pcapng *ng, const u8 *p)
{
	u32 n;

	memcpy(&n, p, sizeof(n));
	return ng->swapped ? __builtin_bswap32(n) : n;
}

static u64 get64(const struct pcapng *ng, const u8 *p)
{
	u64 n;

	memcpy(&n, p, sizeof(n));
	return ng->swapped ? __builtin_bswap64(n) : n;
}

static int explain_short(struct pcapng *ng)
{
	if (ferror_unlocked(ng->file))
		return fail(ng, "%s", strerror(errno));
	return fail(ng, "truncated: the file ends inside a block");
}

static int read_bytes(struct pcapng *ng, u8 *to, size_t n)
{
	return fread_unlocked(to, 1, n, ng->file) == n ? 0 : explain_short(ng);
}

static int make_room(struct pcapng *ng, size_t size)
{
	u8 *block;

	if (size <= ng->block_room)
		return 0;
	if (size < BLOCK_ROOM)
		size = BLOCK_ROOM;
	block = realloc(ng->block, size);
	if (!block)
		return fail(ng, "%s", strerror(ENOMEM));
	ng->block = block;
	ng->block_room = size;
	return 0;
}

/*
 * Read the rest of a block.
 * @head: the type, the length and the first @have bytes of the body
 * @len: set to the length of the body
 */
static int read_body(struct pcapng *ng, const u8 *head, size_t have, u32 *len)
{
	u32 total = get32(ng, head + 4), tail;
	int err;

	if (total < PCAPNG_HEAD + have + PCAPNG_TAIL || total % 4)
		return fail(ng, "invalid block length: %u", total);
	if (total > PCAPNG_BLOCK_MAX)
		return fail(ng, "block too long: %u bytes, limit %u", total,
			    PCAPNG_BLOCK_MAX);
	*len = total - PCAPNG_HEAD - PCAPNG_TAIL;
	ng->len = *len;
	memcpy(ng->head, head, PCAPNG_HEAD);
	err = make_room(ng, *len + PCAPNG_TAIL);
	if (err)
		return err;
	memcpy(ng->block, head + PCAPNG_HEAD, have);
	err = read_bytes(ng, ng->block + have, *len + PCAPNG_TAIL - have);
	if (err)
		return err;
	tail = get32(ng, ng->block + *len);
	if (tail != total)
		return fail(ng, "block lengths differ: %u and %u", total, tail);
	return 0;
}

/*
 * Read a section header. The byte order of the section also applies to the
 * length field of its header.
 */
static int read_section(struct pcapng *ng, u8 *head)
{
	u32 magic, len;
	int err;

	err = read_bytes(ng, head + PCAPNG_HEAD, sizeof(magic));
	if (err)
		return err;
	ng->swapped = false;
	magic = get32(ng, head + PCAPNG_HEAD);
	ng->swapped = magic == __builtin_bswap32(BYTE_ORDER_MAGIC);
	if (!ng->swapped && magic != BYTE_ORDER_MAGIC)
		return fail(ng, "invalid byte-order magic: %08x", magic);
	err = read_body(ng, head, sizeof(magic), &len);
	if (err)
		return err;
	if (len < SECTION_LEN)
		return fail(ng, "section header too short: %u bytes", len);
	if (get16(ng, ng->block + 4) != VERSION_MAJOR)
		return fail(ng, "unsupported version: %u.%u",
			    get16(ng, ng->block + 4),
			    get16(ng, ng->block + 6));
	ng->n = 0;
	return 0;
}

static int set_resolution(struct pcapng *ng, struct pcapng_interface *in,
			  u8 resolution)
{
	unsigned int digits;

	in->units = 0;
	in->shift = resolution & ~TSRESOL_BINARY;
	digits = in->shift;
	if (resolution & TSRESOL_BINARY) {
		if (in->shift > TSRESOL_BINARY_MAX)
			return fail(ng, "unsupported time resolution: 2^-%u",
				    in->shift);
		return 0;
	}
	if (digits > TSRESOL_DECIMAL_MAX)
		return fail(ng, "unsupported time resolution: 10^-%u", digits);
	for (in->units = 1; digits > 0; digits--)
		in->units *= 10;
	return 0;
}

static int read_option(struct pcapng *ng, struct pcapng_interface *in,
		       unsigned int code, const u8 *p, u32 len)
{
	switch (code) {
	case OPTION_TSRESOL:
		if (len != 1)
			break;
		return set_resolution(ng, in, p[0]);
	case OPTION_TSOFFSET:
		if (len != 8)
			break;
		in->offset = (s64)get64(ng, p);
		return 0;
	default:
		return 0;
	}
	return fail(ng, "invalid length of interface option %u: %u", code, len);
}

static int read_options(struct pcapng *ng, struct pcapng_interface *in,
			const u8 *p, u32 len)
{
	u32 code, size, padded;
	int err;

	while (len >= OPTION_HEAD) {
		code = get16(ng, p);
		size = get16(ng, p + 2);
		padded = (size + 3) & ~3U;
		p += OPTION_HEAD;
		len -= OPTION_HEAD;
		if (code == OPTION_END)
			return 0;
		if (padded > len)
			return fail(ng, "interface option %u: exceeds its block",
				    code);
		err = read_option(ng, in, code, p, size);
		if (err)
			return err;
		p += padded;
		len -= padded;
	}
	return 0;
}

static int dlt_of(unsigned int linktype)
{
	switch (linktype) {
	case LINKTYPE_ATM_RFC1483:
		return DLT_ATM_RFC1483;
	case LINKTYPE_RAW:
		return DLT_RAW;
	default:
		return (int)linktype;
	}
}

/**
 * pcapng_linktype - convert a link type to its number in pcapng files
 * @link: DLT_*
 */
int pcapng_linktype(int link)
{
	switch (link) {
	case DLT_ATM_RFC1483:
		return LINKTYPE_ATM_RFC1483;
	case DLT_RAW:
		return LINKTYPE_RAW;
	default:
		return link;
	}
}

static int add_interface(struct pcapng *ng, const struct pcapng_interface *in)
{
	struct pcapng_interface *more;
	size_t room = ng->room ? 2 * ng->room : 4;

	if (ng->n == PCAPNG_INTERFACES_MAX)
		return fail(ng, "too many interfaces: limit %u per section",
			    PCAPNG_INTERFACES_MAX);
	if (ng->n == ng->room) {
		more = realloc(ng->interfaces, room * sizeof(*more));
		if (!more)
			return fail(ng, "%s", strerror(ENOMEM));
		ng->interfaces = more;
		ng->room = room;
	}
	ng->interfaces[ng->n++] = *in;
	return PCAPNG_INTERFACE;
}

static int read_interface(struct pcapng *ng, u32 len)
{
	struct pcapng_interface in = {};
	int err;

	if (len < INTERFACE_LEN)
		return fail(ng, "interface description too short: %u bytes",
			    len);
	in.link = dlt_of(get16(ng, ng->block));
	in.snaplen = get32(ng, ng->block + 4);
	err = set_resolution(ng, &in, TSRESOL_DEFAULT);
	if (!err)
		err = read_options(ng, &in, ng->block + INTERFACE_LEN,
				   len - INTERFACE_LEN);
	return err ?: add_interface(ng, &in);
}

/* Convert a timestamp to ns since 1970; a time beyond 64 bits wraps around. */
static u64 time_of(const struct pcapng_interface *in, u64 stamp)
{
	u64 seconds, rest;

	if (in->units == 0) {
		seconds = stamp >> in->shift;
		rest = stamp - (seconds << in->shift);
		rest = (u64)((__uint128_t)rest * NS_PER_SEC >> in->shift);
	} else {
		seconds = stamp / in->units;
		rest = stamp % in->units;
		if (in->units <= NS_PER_SEC)
			rest *= NS_PER_SEC / in->units;
		else
			rest /= in->units / NS_PER_SEC;
	}
	return (seconds + (u64)in->offset) * NS_PER_SEC + rest;
}

/* Return: interface number @id of the section, or NULL if there is none. */
static const struct pcapng_interface *interface_of(struct pcapng *ng, u32 id)
{
	if (id < ng->n)
		return &ng->interfaces[id];
	fail(ng, "unknown interface: %u", id);
	return NULL;
}

/*
 * Read a packet block. @id_len: length of the interface id; 4, or 2 in the
 * obsolete packet block, in which a 2-byte drop count follows the id.
 */
static int read_packet(struct pcapng *ng, u32 len, size_t id_len,
		       struct pcapng_packet *packet)
{
	const struct pcapng_interface *in;
	const u8 *p = ng->block;
	u32 id;

	if (len < PACKET_LEN)
		return fail(ng, "packet block too short: %u bytes", len);
	id = id_len == 2 ? get16(ng, p) : get32(ng, p);
	in = interface_of(ng, id);
	if (!in)
		return -EIO;
	packet->link = in->link;
	packet->interface = id;
	packet->time = time_of(in, (u64)get32(ng, p + 4) << 32 |
				   get32(ng, p + 8));
	packet->len = get32(ng, p + 12);
	packet->wire_len = get32(ng, p + 16);
	packet->p = p + PACKET_LEN;
	if (packet->len > len - PACKET_LEN)
		return fail(ng, "packet too long: %u bytes in a block of %u",
			    packet->len, len);
	return PCAPNG_PACKET;
}

static int read_simple(struct pcapng *ng, u32 len, struct pcapng_packet *packet)
{
	const struct pcapng_interface *in;

	if (len < PACKET_SIMPLE_LEN)
		return fail(ng, "packet block too short: %u bytes", len);
	in = interface_of(ng, 0);
	if (!in)
		return -EIO;
	packet->link = in->link;
	packet->interface = 0;
	packet->time = time_of(in, 0);
	packet->wire_len = get32(ng, ng->block);
	packet->len = packet->wire_len;
	if (in->snaplen && packet->len > in->snaplen)
		packet->len = in->snaplen;
	packet->p = ng->block + PACKET_SIMPLE_LEN;
	if (packet->len > len - PACKET_SIMPLE_LEN)
		return fail(ng, "packet too long: %u bytes in a block of %u",
			    packet->len, len);
	return PCAPNG_PACKET;
}

/*
 * Read a block other than a section header. Return: enum pcapng_event, 0 if the
 * block is skipped, or an error number.
 */
static int read_block(struct pcapng *ng, const u8 *head,
		      struct pcapng_packet *packet)
{
	u32 len;
	int err;

	err = read_body(ng, head, 0, &len);
	if (err)
		return err;
	switch (get32(ng, head)) {
	case BLOCK_INTERFACE:
		return read_interface(ng, len);
	case BLOCK_PACKET:
		return read_packet(ng, len, 4, packet);
	case BLOCK_PACKET_OLD:
		return read_packet(ng, len, 2, packet);
	case BLOCK_PACKET_SIMPLE:
		return read_simple(ng, len, packet);
	default:
		return 0;
	}
}

/**
 * pcapng_open - begin to read a file
 * @ng: filled in; the caller must free it even after an error
 * @file: the file, positioned at its beginning; the caller closes it
 *
 * Return: 0 or a negative error number, with @ng->why filled in.
 */
int pcapng_open(struct pcapng *ng, FILE *file)
{
	u8 head[PCAPNG_HEAD + 4];
	int err;

	memset(ng, 0, sizeof(*ng));
	ng->file = file;
	err = read_bytes(ng, head, PCAPNG_HEAD);
	if (err)
		return err;
	if (get32(ng, head) != BLOCK_SECTION)
		return fail(ng, "unknown file format");
	return read_section(ng, head);
}

/**
 * pcapng_next - read the next block
 * @ng: the file
 * @packet: filled in for a packet
 *
 * Return: one of enum pcapng_event, or a negative error number with @ng->why
 * filled in.
 */
int pcapng_next(struct pcapng *ng, struct pcapng_packet *packet)
{
	u8 head[PCAPNG_HEAD + 4];
	size_t n;
	int ret;

	n = fread_unlocked(head, 1, PCAPNG_HEAD, ng->file);
	if (n == 0 && !ferror_unlocked(ng->file))
		return PCAPNG_EOF;
	if (n < PCAPNG_HEAD)
		return explain_short(ng);
	ret = get32(ng, head) == BLOCK_SECTION ?
	      read_section(ng, head) : read_block(ng, head, packet);
	return ret ?: PCAPNG_OTHER;
}

/**
 * pcapng_read - read until the next interface or packet
 * @ng: the file
 * @packet: filled in for a packet
 *
 * Return: as pcapng_next(), but never PCAPNG_OTHER.
 */
int pcapng_read(struct pcapng *ng, struct pcapng_packet *packet)
{
	int ret;

	do {
		ret = pcapng_next(ng, packet);
	} while (ret == PCAPNG_OTHER);
	return ret;
}

/* Check whether the block that was read last is a section header. */
bool pcapng_is_section(const struct pcapng *ng)
{
	return get32(ng, ng->head) == BLOCK_SECTION;
}

/**
 * pcapng_has_options - check whether the last packet's block can have options
 * @ng: the file
 * @at: set to the offset of the options in the body of the block, even if there
 *	are none
 *
 * Return: false if the block is a simple packet block.
 */
bool pcapng_has_options(const struct pcapng *ng, u32 *at)
{
	u32 caplen;

	if (get32(ng, ng->head) == BLOCK_PACKET_SIMPLE)
		return false;
	caplen = get32(ng, ng->block + 12);
	*at = PACKET_LEN + ((caplen + 3) & ~3U);
	return *at <= ng->len;
}

void pcapng_free(struct pcapng *ng)
{
	free(ng->interfaces);
	free(ng->block);
}
