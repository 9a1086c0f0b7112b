/* SPDX-License-Identifier: GPL-2.0 */
/* Why records were lost, as text and as JSON. */
#ifndef _TCPTRACECTL_LOSS_H
#define _TCPTRACECTL_LOSS_H

#include "core/env.h"
#include "writer.h"

/* Room for the names of 32 causes, the known ones and "?". */
#define LOSS_LEN	160

const char *loss_causes(u32 causes, char buf[LOSS_LEN]);
void loss_write(struct writer *w, u32 causes);

#endif /* _TCPTRACECTL_LOSS_H */
