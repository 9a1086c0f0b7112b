/* SPDX-License-Identifier: GPL-2.0 */
/* Check the invariants that hold after each call of the engine. */
#ifndef _FUZZ_INVARIANT_H
#define _FUZZ_INVARIANT_H

#include "view.h"

void invariant_check(const struct view *w);
void invariant_check_finding(const struct view *w);

#endif /* _FUZZ_INVARIANT_H */
