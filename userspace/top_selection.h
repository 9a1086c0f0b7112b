/* SPDX-License-Identifier: GPL-2.0 */
/* Choose the rows that top shows, and their order. */
#ifndef _TCPTRACECTL_TOP_SELECTION_H
#define _TCPTRACECTL_TOP_SELECTION_H

#include "socket_filter.h"
#include "top.h"
#include "top_group.h"
#include "top_order.h"

/**
 * struct top_selection - the rows that are shown, and their order
 * @sort: the sort key
 * @inverted: put the smallest key first
 * @group: the property by which connections are grouped
 * @filter: the filter that selects connections
 * @within: kind of the group @key, whose connections are shown; TOP_NO_GROUP:
 *	the connections of all groups are shown
 * @key: key of the group whose connections are shown
 * @order: the rows in order
 * @groups: the groups, if connections are grouped
 */
struct top_selection {
	enum top_sort sort;
	bool inverted;
	enum top_group group;
	struct socket_filter filter;
	enum top_group within;
	struct top_key key;
	struct top_order order;
	struct top_groups groups;
};

int top_select(struct top_selection *selection, const struct top_rows *rows,
	       u64 now);
void top_selection_free(struct top_selection *selection);

#endif /* _TCPTRACECTL_TOP_SELECTION_H */
