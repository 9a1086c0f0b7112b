// SPDX-License-Identifier: GPL-2.0
#include "pcapng_write.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	BLOCK_SECTION		= 0x0a0d0d0a,
	BLOCK_INTERFACE		= 1,
	BLOCK_NAMES		= 4,
	BLOCK_STATS		= 5,
	BLOCK_PACKET		= 6,
	BYTE_ORDER_MAGIC	= 0x1a2b3c4d,
};

enum {
	OPTION_END		= 0,
	OPTION_COMMENT		= 1,
	OPTION_SECTION_PROGRAM	= 4,
	OPTION_INTERFACE_NAME	= 2,
	OPTION_INTERFACE_TSRESOL = 9,
	OPTION_PACKET_FLAGS	= 2,
	OPTION_PACKET_DROPS	= 4,
	OPTION_STATS_RECEIVED	= 4,
	OPTION_STATS_DROPPED	= 5,
	TSRESOL_NS		= 9,
	NAME_IPV4		= 1,
	NAME_IPV6		= 2,
	SECTION_LENGTH_AT	= 8,	/* offset in a section header's body */
};

/* Size of a buffer for a block without the bytes of its packet. */
#define BLOCK_ROOM	(PCAPNG_COMMENT_MAX + 512)

/**
 * struct block - a part of a block under construction
 * @bytes: the bytes that have been added
 * @len: number of @bytes, a multiple of 4
 */
struct block {
	u8 bytes[BLOCK_ROOM];
	u32 len;
};

static u32 padded(u32 len)
{
	return (len + 3) & ~3U;
}

/* Add bytes, and pad them with zeros to a multiple of 4. */
static void add(struct block *b, const void *p, u32 len)
{
	memcpy(b->bytes + b->len, p, len);
	memset(b->bytes + b->len + len, 0, padded(len) - len);
	b->len += padded(len);
}

static void add32(struct block *b, u32 value)
{
	add(b, &value, sizeof(value));
}

static void add_time(struct block *b, u64 time)
{
	add32(b, (u32)(time >> 32));
	add32(b, (u32)time);
}

static void add_head(struct block *b, bool swapped, u16 code, u16 len)
{
	u16 head[2] = { code, len };

	if (swapped) {
		head[0] = __builtin_bswap16(code);
		head[1] = __builtin_bswap16(len);
	}
	add(b, head, sizeof(head));
}

static void add_option(struct block *b, u16 code, const void *p, size_t len)
{
	add_head(b, false, code, (u16)len);
	add(b, p, (u32)len);
}

static void add_comment(struct block *b, bool swapped, const char *comment)
{
	size_t len = strnlen(comment, PCAPNG_COMMENT_MAX);

	add_head(b, swapped, OPTION_COMMENT, (u16)len);
	add(b, comment, (u32)len);
}

static int put(FILE *to, const void *p, size_t len)
{
	errno = 0;
	if (len == 0 || fwrite(p, 1, len, to) == len)
		return 0;
	return errno ? -errno : -EIO;
}

/*
 * Write a block: its fixed part, @n bytes of data, and the rest. The length in
 * the block includes the padding after the data.
 */
static int put_block(FILE *to, u32 type, const struct block *fixed,
		     const u8 *p, u32 n, const struct block *rest)
{
	static const u8 zeros[4];
	u32 len = PCAPNG_HEAD + fixed->len + padded(n) +
		  (rest ? rest->len : 0) + PCAPNG_TAIL;
	u32 head[2] = { type, len };
	int err;

	err = put(to, head, sizeof(head)) ?:
	      put(to, fixed->bytes, fixed->len);
	err = err ?: put(to, p, n) ?: put(to, zeros, padded(n) - n);
	if (rest)
		err = err ?: put(to, rest->bytes, rest->len);
	return err ?: put(to, &len, sizeof(len));
}

/* Write the header of a section. Return: 0 or a negative error number. */
int pcapng_write_section(FILE *to, const char *program)
{
	struct block b = { .len = 0 };

	add32(&b, BYTE_ORDER_MAGIC);
	add_head(&b, false, 1, 0);	/* version 1.0 */
	add32(&b, UINT32_MAX);		/* section length: unspecified */
	add32(&b, UINT32_MAX);
	add_option(&b, OPTION_SECTION_PROGRAM, program, strlen(program));
	add_head(&b, false, OPTION_END, 0);
	return put_block(to, BLOCK_SECTION, &b, NULL, 0, NULL);
}

/**
 * pcapng_write_interface - describe the next interface
 * @to: the file
 * @link: link type, DLT_*
 * @snaplen: maximum number of bytes captured per packet; 0: no limit
 * @name: name of the interface, or NULL
 *
 * Return: 0 or a negative error number.
 */
int pcapng_write_interface(FILE *to, int link, u32 snaplen, const char *name)
{
	const u8 resolution = TSRESOL_NS;
	struct block b = { .len = 0 };

	add_head(&b, false, (u16)pcapng_linktype(link), 0);
	add32(&b, snaplen);
	if (name)
		add_option(&b, OPTION_INTERFACE_NAME, name, strlen(name));
	add_option(&b, OPTION_INTERFACE_TSRESOL, &resolution, 1);
	add_head(&b, false, OPTION_END, 0);
	return put_block(to, BLOCK_INTERFACE, &b, NULL, 0, NULL);
}

/* Write a packet of interface 0. Return: 0 or a negative error number. */
int pcapng_write_packet(FILE *to, const struct pcapng_write_packet *packet)
{
	struct block b = { .len = 0 }, options = { .len = 0 };

	add32(&b, 0);
	add_time(&b, packet->time);
	add32(&b, packet->len);
	add32(&b, packet->wire_len);
	if (packet->comment)
		add_comment(&options, false, packet->comment);
	if (packet->direction)
		add_option(&options, OPTION_PACKET_FLAGS, &packet->direction,
			   sizeof(packet->direction));
	if (packet->dropped)
		add_option(&options, OPTION_PACKET_DROPS, &packet->dropped,
			   sizeof(packet->dropped));
	if (options.len)
		add_head(&options, false, OPTION_END, 0);
	return put_block(to, BLOCK_PACKET, &b, packet->p, packet->len,
			 &options);
}

/**
 * pcapng_write_stats - write the statistics of interface 0
 * @to: the file
 * @time: when the statistics were taken, ns since 1970
 * @received: number of packets that the interface has received
 * @dropped: number of packets that were lost
 *
 * Return: 0 or a negative error number.
 */
int pcapng_write_stats(FILE *to, u64 time, u64 received, u64 dropped)
{
	struct block b = { .len = 0 };

	add32(&b, 0);
	add_time(&b, time);
	add_option(&b, OPTION_STATS_RECEIVED, &received, sizeof(received));
	add_option(&b, OPTION_STATS_DROPPED, &dropped, sizeof(dropped));
	add_head(&b, false, OPTION_END, 0);
	return put_block(to, BLOCK_STATS, &b, NULL, 0, NULL);
}

/*
 * Write a name for an address; skip a name of more than 255 bytes.
 * Return: 0 or a negative error number.
 */
int pcapng_write_name(FILE *to, const struct addr *addr, const char *name)
{
	u32 bytes = addr->family == AF_INET ? 4 : 16;
	size_t len = strlen(name) + 1;
	struct block b = { .len = 0 };
	u8 value[16 + 256];

	if (len > 256)
		return 0;
	memcpy(value, addr->bytes, bytes);
	memcpy(value + bytes, name, len);
	add_option(&b, addr->family == AF_INET ? NAME_IPV4 : NAME_IPV6, value,
		   bytes + len);
	add_head(&b, false, OPTION_END, 0);
	return put_block(to, BLOCK_NAMES, &b, NULL, 0, NULL);
}

static int put_length(FILE *to, const struct pcapng *from, u32 len)
{
	if (from->swapped)
		len = __builtin_bswap32(len);
	return put(to, &len, sizeof(len));
}

/* Write the last block read, with a comment as its first option. */
static int put_commented(FILE *to, const struct pcapng *from, u32 options,
			 const char *comment)
{
	u32 len = PCAPNG_HEAD + from->len + PCAPNG_TAIL;
	struct block b = { .len = 0 };
	int err;

	add_comment(&b, from->swapped, comment);
	if (options == from->len)
		add_head(&b, false, OPTION_END, 0);
	len += b.len;
	err = put(to, from->head, sizeof(u32)) ?: put_length(to, from, len);
	err = err ?: put(to, from->block, options) ?: put(to, b.bytes, b.len);
	err = err ?: put(to, from->block + options, from->len - options);
	return err ?: put_length(to, from, len);
}

/**
 * pcapng_write_copy - copy the block that was read last
 * @to: the file to write
 * @from: the file that is being read
 * @comment: comment to add, or NULL; not added to a block that cannot have
 *	options
 *
 * The length in a section header is set to "unspecified", because comments
 * change the length of the section.
 *
 * Return: 0 or a negative error number.
 */
int pcapng_write_copy(FILE *to, const struct pcapng *from, const char *comment)
{
	u32 options;

	if (pcapng_is_section(from))
		memset(from->block + SECTION_LENGTH_AT, 0xff, sizeof(u64));
	if (comment && pcapng_has_options(from, &options))
		return put_commented(to, from, options, comment);
	return put(to, from->head, PCAPNG_HEAD) ?:
	       put(to, from->block, from->len + PCAPNG_TAIL);
}
