/* SPDX-License-Identifier: GPL-2.0 */
/* Check the ABI records that the engine fills in. */
#ifndef _FUZZ_RECORDS_H
#define _FUZZ_RECORDS_H

#include "view.h"

#include "core/record.h"

void records_check(const struct view *w, const struct tcpt_source *source);
void records_check_stray(const struct tcpt_segment *seg, u64 now);
void records_check_dir(const struct tcptrace_dir *d,
		       const struct tcptrace_dir *before,
		       const struct tcpt_segment *seg);

#endif /* _FUZZ_RECORDS_H */
