/* SPDX-License-Identifier: GPL-2.0 */
/* Parse the records of /dev/tcptrace. */
#ifndef _TCPTRACECTL_RECORD_H
#define _TCPTRACECTL_RECORD_H

#include "core/env.h"

#include <linux/tcptrace.h>

/* Maximum length of a record; a record with a larger length is invalid. */
#define RECORD_MAX	65536

/* Extends enum tcptrace_hook: the segment comes from a capture. */
#define RECORD_HOOK_FILE	255

/*
 * Extends enum tcptrace_lost_cause: packets of a capture were lost, not records
 * of the module.
 */
#define RECORD_LOST_PACKETS	30

/**
 * union record - a record of any type
 * @h: the header, in every record
 * @c: h, flow and seg, with which every record about a connection begins
 * @open: TCPTRACE_OPEN
 * @state: TCPTRACE_STATE
 * @established: TCPTRACE_ESTABLISHED
 * @segment: TCPTRACE_SEGMENT
 * @close: TCPTRACE_CLOSE
 * @lost: TCPTRACE_LOST
 * @suspected: TCPTRACE_SUSPECTED
 * @limit: TCPTRACE_LIMIT
 * @finding: TCPTRACE_FINDING
 * @icmp: TCPTRACE_ICMP
 * @drop: TCPTRACE_DROP
 * @owner: TCPTRACE_OWNER
 */
union record {
	struct tcptrace_header h;
	struct tcptrace_open c;
	struct tcptrace_open open;
	struct tcptrace_transition state;
	struct tcptrace_established established;
	struct tcptrace_segment segment;
	struct tcptrace_close close;
	struct tcptrace_lost lost;
	struct tcptrace_suspected suspected;
	struct tcptrace_limit limit;
	struct tcptrace_finding_record finding;
	struct tcptrace_icmp icmp;
	struct tcptrace_drop drop;
	struct tcptrace_owner_record owner;
};

bool record_is_known(unsigned int type);
int record_next(const u8 *buf, size_t len, union record *rec, size_t *step);

#endif /* _TCPTRACECTL_RECORD_H */
