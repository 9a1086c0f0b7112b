// SPDX-License-Identifier: GPL-2.0
#include "exact.h"

#include "fuzz.h"

/**
 * __wrap_link_strip - replace link_strip()
 * @type: the link type
 * @b: the packet
 *
 * libpcap's buffer is larger than the packet. Copy the packet to memory of its
 * exact size, so that ASan finds reads past the end.
 *
 * Return: the result of link_strip().
 */
enum link_result __wrap_link_strip(int type, struct link_bytes *b)
{
	static u8 *exact;
	static size_t len;

	/* the inner frame of a tunnel, perhaps empty, is already in the copy */
	if (exact && b->p > exact && b->p <= exact + len)
		return __real_link_strip(type, b);
	free(exact);
	exact = malloc(b->len);
	must(exact);
	memcpy(exact, b->p, b->len);
	b->p = exact;
	len = b->len;
	return __real_link_strip(type, b);
}
