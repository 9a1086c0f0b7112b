/* SPDX-License-Identifier: GPL-2.0 */
/* Events as JSON objects. The names are promised in tcptracectl(8). */
#ifndef _TCPTRACECTL_JSON_H
#define _TCPTRACECTL_JSON_H

#include "addr.h"
#include "record.h"

#include <json-c/json.h>

struct json_object *json_event(const union record *rec, u64 offset);
void json_add_endpoint(struct json_object *to, unsigned int end,
		       const struct addr *addr, u16 port);
int json_line(struct json_object *object);

#endif /* _TCPTRACECTL_JSON_H */
