// SPDX-License-Identifier: GPL-2.0
#include "line.h"

#include "net.h"
#include "tracker.h"

#include "core/timeout.h"
#include "core/name.h"

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/seq_file_net.h>
#include <linux/uidgid.h>

/* Much cheaper than a format; a line has twenty numbers. */
static void show_number(struct seq_file *s, u64 number)
{
	seq_put_decimal_ull(s, " ", number);
}

static void show_word(struct seq_file *s, const char *word)
{
	seq_putc(s, ' ');
	seq_puts(s, word);
}

static void show_address(struct seq_file *s, const struct tcpt_flow *flow,
			 unsigned int end)
{
	const u8 *addr = flow->addr[end];
	unsigned int i;

	if (flow->family == 4)
		for (i = 0; i < 4; i++)
			seq_put_decimal_ull(s, i ? "." : " ", addr[i]);
	else if (tcpt_flow_link_local(addr))
		seq_printf(s, " [%pI6c%%%u]", addr, flow->zone);
	else
		seq_printf(s, " [%pI6c]", addr);
	seq_put_decimal_ull(s, ":", flow->port[end]);
}

static void show_marks(struct seq_file *s, unsigned int marks)
{
	static const struct {
		u8 mark;
		char letter;
	} letters[] = {
		{ TCPT_MARK_MIDSTREAM, 'M' }, { TCPT_MARK_GUESSED, 'G' },
		{ TCPT_MARK_SELF, 'S' }, { TCPT_MARK_CLOSED, 'C' },
	};
	bool none = true;
	unsigned int i;

	seq_putc(s, ' ');
	for (i = 0; i < ARRAY_SIZE(letters); i++) {
		if (!(marks & letters[i].mark))
			continue;
		seq_putc(s, letters[i].letter);
		none = false;
	}
	if (!(marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED))) {
		seq_putc(s, 'H');
		none = false;
	}
	if (none)
		seq_putc(s, '-');
}

static void show_numbers(struct seq_file *s, const struct tcpt_endpoint *e)
{
	show_number(s, e->iss);
	show_number(s, e->nxt);
	show_number(s, e->ack);
}

static void show_counters(struct seq_file *s, const struct tcpt_endpoint *e)
{
	char flags[TCPT_FLAGS_LEN];

	show_number(s, e->packets);
	show_number(s, e->segments);
	show_number(s, e->bytes);
	show_number(s, e->rexmit_bytes);
	show_word(s, tcpt_flags_name(e->flags, flags));
}

static void show_seconds(struct seq_file *s, u64 ns)
{
	u64 ms = div_u64(ns, NSEC_PER_MSEC);
	u32 rest;

	ms = div_u64_rem(ms, MSEC_PER_SEC, &rest);
	seq_printf(s, " %llu.%03u", ms, rest);
}

static void show_owner(struct seq_file *s, const struct tcpt_owner *owner)
{
	struct user_namespace *user_ns = seq_user_ns(s);

	if (!owner->known) {
		seq_puts(s, " - -");
		return;
	}
	show_number(s, from_kuid_munged(user_ns, make_kuid(&init_user_ns,
							   owner->uid)));
	if (owner->inode)
		show_number(s, owner->inode);
	else
		seq_puts(s, " -");
}

/**
 * tcpt_line_conn - a connection as a line
 * @s: the file, one of a network namespace
 * @conn: the connection; what is constant of it is read
 * @t: a copy of its state
 * @owner: a copy of its owners
 *
 * Context: process.
 */
void tcpt_line_conn(struct seq_file *s, const struct tcpt_conn *conn,
		    const struct tcpt_track *t,
		    const struct tcpt_owner owner[2])
{
	struct tcpt_net *tn = tcpt_net_get(seq_file_net(s));
	const struct tcpt_endpoint *orig = &t->end[0];
	const struct tcpt_endpoint *resp =
		&t->end[!(t->marks & TCPT_MARK_SELF)];
	const unsigned int *timeouts = tn->tracker->config->timeouts;
	u64 now = ktime_get_ns();

	seq_put_decimal_ull(s, "", conn->id);
	show_address(s, &conn->flow, conn->orig);
	show_address(s, &conn->flow, !conn->orig);
	show_word(s, tcpt_state_name(orig->state));
	show_word(s, tcpt_state_name(resp->state));
	show_marks(s, t->marks);
	show_numbers(s, orig);
	show_numbers(s, resp);
	show_counters(s, &t->end[0]);
	show_counters(s, &t->end[1]);
	show_seconds(s, now > t->first ? now - t->first : 0);
	show_seconds(s, tcpt_timeout_left(t, timeouts, now));
	show_owner(s, &owner[0]);
	show_owner(s, &owner[1]);
	seq_putc(s, '\n');
}

static const char *const table_names[] = {
	"id", "orig", "resp", "orig_state", "resp_state", "marks",
	"orig_iss", "orig_nxt", "orig_ack", "resp_iss", "resp_nxt", "resp_ack",
	"orig_packets", "orig_segments", "orig_bytes", "orig_rexmit",
	"orig_flags", "resp_packets", "resp_segments", "resp_bytes",
	"resp_rexmit", "resp_flags", "age", "left",
	"orig_uid", "orig_inode", "resp_uid", "resp_inode",
};

/**
 * tcpt_line_names - the names of the columns
 * @s: the file
 *
 * Context: process.
 */
void tcpt_line_names(struct seq_file *s)
{
	unsigned int i;

	seq_puts(s, table_names[0]);
	for (i = 1; i < ARRAY_SIZE(table_names); i++)
		show_word(s, table_names[i]);
	seq_putc(s, '\n');
}
