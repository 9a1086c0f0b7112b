// SPDX-License-Identifier: GPL-2.0
#include "mask.h"

static bool is_failure(unsigned int reason)
{
	switch (reason) {
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
 * tcpt_mask_types - get the record types that an event mask can select
 * @mask: the event mask
 *
 * Context: any.
 * Return: @mask, with TCPTRACE_MASK() of each type of record that @mask can
 * select.
 */
u32 tcpt_mask_types(u32 mask)
{
	if (mask & TCPTRACE_MASK_FAILURES)
		mask |= TCPTRACE_MASK(TCPTRACE_CLOSE) |
			TCPTRACE_MASK(TCPTRACE_SUSPECTED);
	return mask;
}

/**
 * tcpt_mask_close - get the mask bits that select a CLOSE record
 * @reason: enum tcptrace_close_reason of the record
 *
 * Context: any.
 * Return: the bits; an event mask with any of these bits selects the record.
 */
u32 tcpt_mask_close(unsigned int reason)
{
	return TCPTRACE_MASK(TCPTRACE_CLOSE) |
	       (is_failure(reason) ? TCPTRACE_MASK_FAILURES : 0);
}

/**
 * tcpt_mask_record - get the mask bits that select a record
 * @h: the complete record
 *
 * Context: any.
 * Return: the bits; an event mask with any of these bits selects the record.
 */
u32 tcpt_mask_record(const struct tcptrace_header *h)
{
	const struct tcptrace_close *closing =
		(const struct tcptrace_close *)h;

	switch (h->type) {
	case TCPTRACE_CLOSE:
		return tcpt_mask_close(closing->reason);
	case TCPTRACE_SUSPECTED:
		return TCPT_MASK_SUSPECTED;
	default:
		return TCPTRACE_MASK(h->type);
	}
}

/**
 * tcpt_mask_wants - check whether an event mask selects a record
 * @mask: the event mask
 * @h: the complete record
 *
 * Context: any.
 * Return: true if the mask selects the record.
 */
bool tcpt_mask_wants(u32 mask, const struct tcptrace_header *h)
{
	return mask & tcpt_mask_record(h);
}
