// SPDX-License-Identifier: GPL-2.0
#include "mask.h"

static bool is_failure(const struct tcptrace_header *h)
{
	const struct tcptrace_close *rec = (const struct tcptrace_close *)h;

	if (h->type == TCPTRACE_SUSPECTED)
		return true;
	if (h->type != TCPTRACE_CLOSE)
		return false;
	switch (rec->reason) {
	case TCPTRACE_CLOSE_RESET:
	case TCPTRACE_CLOSE_REFUSED:
	case TCPTRACE_CLOSE_UNREACHABLE:
	case TCPTRACE_CLOSE_UNANSWERED:
	case TCPTRACE_CLOSE_TIMEOUT:
	case TCPTRACE_CLOSE_EVICTED:
		return true;
	default:
		return false;
	}
}

/**
 * tcpt_mask_types - the types that an event mask asks for
 * @mask: the event mask
 *
 * Context: any.
 * Return: TCPTRACE_MASK() of each type that has records which the mask may ask
 * for.
 */
u32 tcpt_mask_types(u32 mask)
{
	if (mask & TCPTRACE_MASK_FAILURES)
		mask |= TCPTRACE_MASK(TCPTRACE_CLOSE) |
			TCPTRACE_MASK(TCPTRACE_SUSPECTED);
	return mask;
}

/**
 * tcpt_mask_wants - does an event mask ask for a record?
 * @mask: the event mask
 * @h: the complete record
 *
 * Context: any.
 * Return: true if it does.
 */
bool tcpt_mask_wants(u32 mask, const struct tcptrace_header *h)
{
	return mask & TCPTRACE_MASK(h->type) ||
	       (mask & TCPTRACE_MASK_FAILURES && is_failure(h));
}
