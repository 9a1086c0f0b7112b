/* SPDX-License-Identifier: GPL-2.0 */
/* Events as JSON objects. The names are promised in tcptracectl(8). */
#ifndef _TCPTRACECTL_VIEW_JSON_H
#define _TCPTRACECTL_VIEW_JSON_H

#include "json_writer.h"
#include "record.h"

void view_json(struct json_writer *w, const union record *rec, u64 offset,
	       u64 frame);

#endif /* _TCPTRACECTL_VIEW_JSON_H */
