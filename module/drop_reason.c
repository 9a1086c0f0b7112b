// SPDX-License-Identifier: GPL-2.0
/*
 * A drop reason has different values in different kernels, so the names come
 * from the headers of the kernel that the module is built for.
 */
#include "drop_reason.h"

#include <linux/kernel.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include <net/dropreason.h>

#define PAIR(reason)	{ SKB_DROP_REASON_##reason, #reason },

static const struct {
	u32 reason;
	const char *name;
} names[] = {
	DEFINE_DROP_REASON(PAIR, PAIR)
};

/**
 * tcpt_drop_reason_name - look up the name of a drop reason
 * @reason: enum skb_drop_reason, or the reason of a subsystem
 *
 * Context: any.
 * Return: the name that the tracepoint skb:kfree_skb prints, a constant string;
 *	"OTHER" if the kernel's list has no name for @reason.
 */
const char *tcpt_drop_reason_name(u32 reason)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].reason == reason)
			return names[i].name;
	return "OTHER";
}

/**
 * tcpt_drop_reason_is_none - check whether TCP may have processed a packet
 * @reason: enum skb_drop_reason of a packet that a socket has received
 *
 * Newer kernels have a separate reason for packets purged from a queue.
 *
 * Context: any.
 * Return: true if TCP may have processed the packet.
 */
bool tcpt_drop_reason_is_none(u32 reason)
{
	return reason == SKB_DROP_REASON_NOT_SPECIFIED ||
	       !strcmp(tcpt_drop_reason_name(reason), "QUEUE_PURGE");
}
