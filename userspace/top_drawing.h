/* SPDX-License-Identifier: GPL-2.0 */
/* Draw the screen of top. */
#ifndef _TCPTRACECTL_TOP_DRAWING_H
#define _TCPTRACECTL_TOP_DRAWING_H

#include "top_model.h"

enum {
	TOP_FILTER	= 256,
};

/**
 * enum top_mode - what the keys control
 * @TOP_MODE_ROWS:	the rows
 * @TOP_MODE_FILTER:	the text of a filter
 * @TOP_MODE_SORT:	a menu of sort keys
 * @TOP_MODE_GROUP:	a menu of grouping keys
 */
enum top_mode {
	TOP_MODE_ROWS,
	TOP_MODE_FILTER,
	TOP_MODE_SORT,
	TOP_MODE_GROUP,
};

/**
 * struct top_drawing - the parts of the screen besides the rows
 * @mode: what the keys control
 * @filter: the filter in use
 * @input: the filter that the user is typing
 * @message: an error in @input or another message; may be empty
 * @choice: the chosen line of the menu
 * @table: format of the rows
 */
struct top_drawing {
	enum top_mode mode;
	char filter[TOP_FILTER];
	char input[TOP_FILTER];
	char message[TOP_FILTER];
	unsigned int choice;
	struct top_table table;
};

size_t top_drawing_height(const struct top_model *m);
int top_draw(struct top_drawing *d, struct top_model *m);

#endif /* _TCPTRACECTL_TOP_DRAWING_H */
