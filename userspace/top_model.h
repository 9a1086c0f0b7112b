/* SPDX-License-Identifier: GPL-2.0 */
/* The model of the screen of top: the rows of an interval, and the cursor. */
#ifndef _TCPTRACECTL_TOP_MODEL_H
#define _TCPTRACECTL_TOP_MODEL_H

#include "top_feed.h"
#include "top_page.h"

/**
 * struct top_model - the state of the screen
 * @options: the options of top
 * @selection: the rows that are shown, and their order
 * @feed: the source of the readings
 * @is_file: the source is a capture file, which is shown interval by interval
 * @now: the latest reading, unless @is_file
 * @before: the reading before @now
 * @has_before: @before is valid
 * @rows: the connections of the interval @moment, if @is_file
 * @sums: numbers of open, opened and refused connections
 * @wall: time of @now, or start of the interval @moment, ns since 1970
 * @length: length of the interval, ns
 * @moment: number of the interval that is shown, if @is_file
 * @moments: number of intervals that were read so far
 * @first: start of the first interval, ns since 1970
 * @last: start of the last interval that was read, ns since 1970
 * @wanted: show the interval of @options->at as soon as it has been read
 * @paused: new readings are not shown
 * @playing: @moment advances by itself
 * @cursor: index of the chosen row
 * @follow: the cursor stays on row @id
 * @id: number of the row that is followed
 * @top: index of the first visible row
 * @has_ended: nothing more will be read
 * @why: why reading ended, or an error; may be empty
 * @has_lost: @lost is known
 * @lost: packets that were lost or not tracked
 */
struct top_model {
	struct top_options *options;
	struct top_selection *selection;
	struct top_feed feed;
	bool is_file;
	struct top_reading now;
	struct top_reading before;
	bool has_before;
	struct top_rows rows;
	struct top_sums sums;
	u64 wall;
	u64 length;
	u32 moment;
	u32 moments;
	u64 first;
	u64 last;
	bool wanted;
	bool paused;
	bool playing;
	size_t cursor;
	bool follow;
	u64 id;
	size_t top;
	bool has_ended;
	char why[512];
	bool has_lost;
	u64 lost;
};

int top_model_start(struct top_model *m, struct top_options *options);
int top_model_update(struct top_model *m);
int top_model_select(struct top_model *m);
int top_model_seek(struct top_model *m, u32 moment);
void top_model_show(struct top_model *m, size_t height);
void top_model_move(struct top_model *m, size_t to);
void top_model_page(struct top_model *m, bool down, size_t height);
const struct top_row *top_model_row(struct top_model *m);
void top_model_enter(struct top_model *m, const struct top_row *row);
void top_model_end(struct top_model *m);

#endif /* _TCPTRACECTL_TOP_MODEL_H */
