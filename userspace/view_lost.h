/* SPDX-License-Identifier: GPL-2.0 */
/* Why records were lost, as text and as JSON. */
#ifndef _TCPTRACECTL_VIEW_LOST_H
#define _TCPTRACECTL_VIEW_LOST_H

#include "core/env.h"
#include "json_writer.h"

/* Room for the names of 32 causes, the known ones and "?". */
#define VIEW_LOST_LEN	160

const char *view_lost_causes(u32 causes, char buf[VIEW_LOST_LEN]);
void view_lost_json(struct json_writer *w, u32 causes);

#endif /* _TCPTRACECTL_VIEW_LOST_H */
