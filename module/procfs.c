// SPDX-License-Identifier: GPL-2.0
#include "procfs.h"

#include "delay.h"
#include "net.h"
#include "row.h"
#include "stats.h"
#include "tracker.h"
#include "walk.h"

#include "core/columns.h"
#include "core/name.h"
#include "core/timeout.h"

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/tcptrace.h>
#include <linux/uidgid.h>

#include <net/net_namespace.h>

/**
 * struct table_iter - an open file of /proc/net/tcptrace
 * @tn: the namespace
 * @walk: the walk over the connections, kept between calls of read()
 * @pos: seq_file position of the connection that @walk returns next
 * @admin: the file's opener has CAP_NET_ADMIN over the namespace
 * @flow: key of the connection that is shown
 * @orig: which end of @flow is the originator
 * @full: a copy of the state of that connection
 * @row: the line of that connection
 */
struct table_iter {
	struct tcpt_net *tn;
	struct tcpt_walk walk;
	loff_t pos;
	bool admin;
	u8 orig;
	struct tcpt_flow flow;
	struct tcpt_full full;
	struct tcpt_row row;
};

/* Go to a file position by walking over all connections before @pos. */
static void go_to(struct table_iter *iter, loff_t pos)
	__must_hold(RCU)
{
	struct tcpt_conn *conn;

	tcpt_walk_rewind(&iter->walk);
	for (iter->pos = 1; iter->pos < pos; iter->pos++) {
		conn = tcpt_walk_conn(&iter->walk);
		if (!conn)
			return;
		tcpt_walk_pass(&iter->walk, conn);
	}
}

static void *table_start(struct seq_file *s, loff_t *pos)
	__acquires(RCU)
{
	struct table_iter *iter = s->private;

	rcu_read_lock();
	if (*pos == 0)
		return SEQ_START_TOKEN;
	if (*pos != iter->pos)
		go_to(iter, *pos);
	return tcpt_walk_conn(&iter->walk);
}

static void *table_next(struct seq_file *s, void *v, loff_t *pos)
	__must_hold(RCU)
{
	struct table_iter *iter = s->private;

	if (v == SEQ_START_TOKEN)
		tcpt_walk_rewind(&iter->walk);
	else
		tcpt_walk_pass(&iter->walk, v);
	iter->pos = ++*pos;
	return tcpt_walk_conn(&iter->walk);
}

static void table_stop(struct seq_file *s, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

static void show_number(struct tcpt_row *row, u64 number)
{
	tcpt_row_number(row, ' ', number);
}

static void show_address(struct tcpt_row *row, const struct tcpt_flow *flow,
			 unsigned int end)
{
	const u8 *addr = flow->addr[end];
	unsigned int i;

	if (flow->family == 4)
		for (i = 0; i < 4; i++)
			tcpt_row_number(row, i ? '.' : ' ', addr[i]);
	else if (tcpt_flow_link_local(addr))
		tcpt_row_printf(row, " [%pI6c%%%u]", addr, flow->zone);
	else
		tcpt_row_printf(row, " [%pI6c]", addr);
	tcpt_row_number(row, ':', flow->port[end]);
}

static void show_marks(struct tcpt_row *row, unsigned int marks)
{
	char letters[TCPT_MARKS_LEN];

	tcpt_row_word(row, tcpt_marks_name(marks, letters));
}

static void show_numbers(struct tcpt_row *row, const struct tcpt_endpoint *e)
{
	show_number(row, e->iss);
	show_number(row, e->nxt);
	show_number(row, e->ack);
}

static void show_counters(struct tcpt_row *row, const struct tcpt_endpoint *e)
{
	char flags[TCPT_FLAGS_LEN];

	show_number(row, e->packets);
	show_number(row, e->segments);
	show_number(row, e->bytes);
	show_number(row, e->rexmit_bytes);
	tcpt_row_word(row, tcpt_flags_name(e->flags, flags));
}

static void show_seconds(struct tcpt_row *row, u64 ns)
{
	u64 ms = div_u64(ns, NSEC_PER_MSEC);
	u32 rest;

	ms = div_u64_rem(ms, MSEC_PER_SEC, &rest);
	show_number(row, ms);
	tcpt_row_number(row, '.', rest / 100);
	tcpt_row_two(row, '0' + rest / 10 % 10, '0' + rest % 10);
}

static void show_unknown(struct tcpt_row *row)
{
	tcpt_row_two(row, ' ', '-');
}

/* Show a number, or '-' if the number is 0, which means unknown. */
static void show_known(struct tcpt_row *row, u64 number)
{
	if (number)
		show_number(row, number);
	else
		show_unknown(row);
}

static void show_owner(struct tcpt_row *row, struct user_namespace *user_ns,
		       const struct tcptrace_owner *owner)
{
	if (owner->known < TCPTRACE_KNOWN_SOCKET) {
		tcpt_row_word(row, "- -");
		return;
	}
	show_number(row, from_kuid_munged(user_ns, make_kuid(&init_user_ns,
							     owner->uid)));
	show_known(row, owner->inode);
}

/* A process name may contain any bytes; the table shows it as one word. */
static void show_comm(struct tcpt_row *row, const char *comm)
{
	if (*comm == '\0')
		show_unknown(row);
	else
		tcpt_row_escape(row, comm, strnlen(comm, TCPTRACE_COMM_MAX));
}

/* Show columns that only the network namespace's administrator may see. */
static void show_process(struct tcpt_row *row, bool admin,
			 const struct tcptrace_owner *owner)
{
	if (!admin) {
		tcpt_row_word(row, "- - - -");
		return;
	}
	show_known(row, owner->pid);
	show_comm(row, owner->comm);
	show_known(row, owner->cgroup);
	show_known(row, owner->cookie);
}

static void show_path(struct tcpt_row *row, const struct tcptrace_path *path)
{
	show_known(row, path->in);
	show_known(row, path->out);
	show_known(row, path->vrf);
	show_number(row, path->mark);
}

static void show_nat(struct tcpt_row *row, const struct tcpt_flow *flow,
		     const struct tcptrace_nat *nat, unsigned int end)
{
	if (!nat->translated[end])
		show_unknown(row);
	else if (flow->family == 4)
		tcpt_row_printf(row, " %pI4:%u", nat->addr[end],
				nat->port[end]);
	else
		tcpt_row_printf(row, " [%pI6c]:%u", nat->addr[end],
				nat->port[end]);
}

static void show_context(struct tcpt_row *row, bool admin,
			 const struct tcpt_flow *flow,
			 const struct tcptrace_context *context)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		show_process(row, admin, &context->owner[i]);
	for (i = 0; i < 2; i++)
		show_path(row, &context->path[i]);
	for (i = 0; i < 2; i++)
		show_nat(row, flow, &context->nat, i);
}

static void show_times(struct tcpt_row *row, const struct tcpt_track *t)
{
	u64 value[TCPT_COLUMNS_TIMES_NUM];
	unsigned int i;

	tcpt_columns_times(t, value);
	for (i = 0; i < ARRAY_SIZE(value); i++) {
		if (value[i] == TCPT_COLUMN_UNKNOWN)
			show_unknown(row);
		else
			show_number(row, value[i]);
	}
}

static void show_histogram(struct tcpt_row *row, const struct tcpt_response *r)
{
	unsigned int i;

	if (!r->count) {
		show_unknown(row);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(r->hist); i++)
		tcpt_row_number(row, i ? ',' : ' ', r->hist[i]);
}

static void show_end(struct tcpt_row *row, const struct tcpt_track *t,
		     unsigned int end)
{
	u64 value[TCPT_COLUMNS_END_NUM];
	unsigned int i;

	tcpt_columns_end(t, end, value);
	for (i = 0; i < ARRAY_SIZE(value); i++)
		show_number(row, value[i]);
	show_histogram(row, &t->response[end]);
}

/* Show the connection that was copied. */
static void show_conn(struct seq_file *s)
{
	struct table_iter *iter = s->private;
	const struct tcptrace_context *context = &iter->full.context;
	const struct tcpt_track *t = &iter->full.track;
	const struct tcpt_endpoint *orig = &t->end[0];
	const struct tcpt_endpoint *resp =
		&t->end[!(t->marks & TCPT_MARK_SELF)];
	const unsigned int *timeouts = iter->tn->tracker->config->timeouts;
	struct tcpt_row *row = &iter->row;
	u64 now = ktime_get_ns();
	unsigned int i;

	row->len = 0;
	show_number(row, iter->walk.id);
	show_address(row, &iter->flow, iter->orig);
	show_address(row, &iter->flow, !iter->orig);
	tcpt_row_word(row, tcpt_state_name(orig->state));
	tcpt_row_word(row, tcpt_state_name(resp->state));
	show_marks(row, t->marks);
	show_numbers(row, orig);
	show_numbers(row, resp);
	show_counters(row, &t->end[0]);
	show_counters(row, &t->end[1]);
	show_seconds(row, now > t->first ? now - t->first : 0);
	show_seconds(row, tcpt_timeout_left(t, timeouts, now));
	for (i = 0; i < 2; i++)
		show_owner(row, seq_user_ns(s), &context->owner[i]);
	show_number(row, t->findings.raised);
	show_context(row, iter->admin, &iter->flow, context);
	show_times(row, t);
	for (i = 0; i < 2; i++)
		show_end(row, t, i);
	tcpt_row_char(row, '\n');
	/* skip the blank before the first column */
	seq_write(s, row->text + 1, row->len - 1);
}

static const char *const table_names[] = {
	TCPT_COLUMNS_STATE, "left",
	"orig_uid", "orig_inode", "resp_uid", "resp_inode", "findings",
	"orig_pid", "orig_comm", "orig_cgroup", "orig_cookie",
	"resp_pid", "resp_comm", "resp_cgroup", "resp_cookie",
	"orig_in", "orig_out", "orig_vrf", "orig_mark",
	"resp_in", "resp_out", "resp_vrf", "resp_mark",
	"orig_nat", "resp_nat",
	TCPT_COLUMNS_TIMES, TCPT_COLUMNS_ENDS,
};

static void show_names(struct seq_file *s)
{
	unsigned int i;

	seq_puts(s, table_names[0]);
	for (i = 1; i < ARRAY_SIZE(table_names); i++)
		seq_printf(s, " %s", table_names[i]);
	seq_putc(s, '\n');
}

static int table_show(struct seq_file *s, void *v)
{
	struct table_iter *iter = s->private;
	struct tcpt_conn *conn = v;
	bool alive;

	if (v == SEQ_START_TOKEN) {
		show_names(s);
		return 0;
	}
	tcpt_delay(TCPT_DELAY_SHOW);
	spin_lock_bh(&conn->lock);
	alive = tcpt_walk_is_at(&iter->walk, conn);
	if (alive) {
		iter->flow = conn->flow;
		iter->orig = conn->orig;
		tcpt_conn_copy(&iter->full, conn);
	}
	spin_unlock_bh(&conn->lock);
	/* CLOSE was emitted: do not show the connection any more */
	if (!alive)
		return SEQ_SKIP;
	show_conn(s);
	return 0;
}

static const struct seq_operations table_ops = {
	.start	= table_start,
	.next	= table_next,
	.stop	= table_stop,
	.show	= table_show,
};

static int table_open(struct inode *inode, struct file *file)
{
	struct tcpt_net *tn = pde_data(inode);
	struct table_iter *iter;

	iter = __seq_open_private(file, &table_ops, sizeof(*iter));
	if (!iter)
		return -ENOMEM;
	iter->tn = tn;
	iter->admin = file_ns_capable(file, tn->net->user_ns,
				      CAP_NET_ADMIN);
	tcpt_walk_begin(&iter->walk, &tn->tracker->table, &tn->ns);
	return 0;
}

static int table_release(struct inode *inode, struct file *file)
{
	struct seq_file *s = file->private_data;
	struct table_iter *iter = s->private;

	tcpt_walk_end(&iter->walk);
	return seq_release_private(inode, file);
}

/*
 * An open file does not pin the namespace: when the namespace ends, procfs
 * releases the file, like every open file of a removed entry.
 */
static const struct proc_ops table_proc_ops = {
	.proc_open	= table_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= table_release,
};

/* lnstat reads at most 32 columns of a file. */
struct stat_file {
	const char *name;
	umode_t mode;
	unsigned int first;
	unsigned int end;
	bool entries;
};

static const struct stat_file stat_files[] = {
	/* counters of packets for which no connection is looked up */
	{ "tcptrace", 0444, 0, TCPT_STAT_TRACKED, false },
	/*
	 * From the counters below, a blind sender could learn whether a
	 * connection exists, and whether a sequence number was in the window.
	 */
	{ "tcptrace_odd", 0440, TCPT_STAT_TRACKED, TCPT_STAT_ICMP_ERROR, true },
	{ "tcptrace_fate", 0440, TCPT_STAT_ICMP_ERROR, TCPT_STAT_FINDINGS, false },
	{ "tcptrace_finding", 0440, TCPT_STAT_FINDINGS, TCPT_STATS, false },
};

/* Position 0 is the line of names; position n is the line of CPU n - 1. */
static void *stat_at(loff_t *pos)
{
	if (*pos == 0)
		return SEQ_START_TOKEN;
	for (; *pos <= nr_cpu_ids; ++*pos)
		if (cpu_possible(*pos - 1))
			return pos;
	return NULL;
}

static void *stat_start(struct seq_file *s, loff_t *pos)
{
	return stat_at(pos);
}

static void *stat_next(struct seq_file *s, void *v, loff_t *pos)
{
	++*pos;
	return stat_at(pos);
}

static void stat_stop(struct seq_file *s, void *v)
{
}

/*
 * Only root in the initial namespace may learn how busy other namespaces are.
 */
static unsigned int entries_of(const struct net *net)
{
	const struct tcpt_net *tn = tcpt_net_get(net);

	return net_eq(net, &init_net) ?
	       tcpt_table_count(&tn->tracker->table) : READ_ONCE(tn->ns.count);
}

static int stat_show(struct seq_file *s, void *v)
{
	const struct stat_file *file = pde_data(file_inode(s->file));
	const struct net *net = seq_file_net(s);
	const struct tcpt_net *tn = tcpt_net_get(net);
	const struct tcpt_stats *stats;
	unsigned int i;

	if (v == SEQ_START_TOKEN) {
		if (file->entries)
			seq_puts(s, "entries ");
		for (i = file->first; i < file->end; i++)
			seq_printf(s, "%s%c", tcpt_stat_names[i],
				   i + 1 < file->end ? ' ' : '\n');
		return 0;
	}
	stats = per_cpu_ptr(tn->ns.stats, *(loff_t *)v - 1);
	if (file->entries)
		seq_printf(s, "%08x ", entries_of(net));
	for (i = file->first; i < file->end; i++)
		seq_printf(s, "%08lx%c", READ_ONCE(stats->count[i]),
			   i + 1 < file->end ? ' ' : '\n');
	return 0;
}

static const struct seq_operations stat_ops = {
	.start	= stat_start,
	.next	= stat_next,
	.stop	= stat_stop,
	.show	= stat_show,
};

/* Give the file to root of the user namespace that owns @net. */
static void set_owner(struct proc_dir_entry *entry, struct net *net)
{
	kuid_t uid = make_kuid(net->user_ns, 0);
	kgid_t gid = make_kgid(net->user_ns, 0);

	if (uid_valid(uid) && gid_valid(gid))
		proc_set_user(entry, uid, gid);
}

static int create_stat(struct net *net, const struct stat_file *file)
{
	struct proc_dir_entry *entry;

	static_assert(1 + TCPT_STAT_ICMP_ERROR - TCPT_STAT_TRACKED <= 32,
		      "lnstat reads no more");
	static_assert(TCPT_STATS - TCPT_STAT_FINDINGS <= 32, "as above");

	entry = proc_create_net_data(file->name, file->mode,
				     net->proc_net_stat, &stat_ops,
				     sizeof(struct seq_net_private),
				     (void *)file);
	if (!entry)
		return -ENOMEM;
	set_owner(entry, net);
	return 0;
}

static void remove_stats(struct net *net, unsigned int n)
{
	while (n--)
		remove_proc_entry(stat_files[n].name, net->proc_net_stat);
}

/**
 * tcpt_procfs_create - create the files of a network namespace
 * @net: the namespace
 *
 * Only root may read the table, because it shows sequence numbers.
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int tcpt_procfs_create(struct net *net)
{
	struct proc_dir_entry *table;
	unsigned int i;

	table = proc_create_data("tcptrace", 0440, net->proc_net,
				 &table_proc_ops, tcpt_net_get(net));
	if (!table)
		return -ENOMEM;
	set_owner(table, net);
	for (i = 0; i < ARRAY_SIZE(stat_files); i++)
		if (create_stat(net, &stat_files[i]))
			goto err_remove;
	return 0;

err_remove:
	remove_stats(net, i);
	remove_proc_entry("tcptrace", net->proc_net);
	return -ENOMEM;
}

/**
 * tcpt_procfs_remove - remove the files and wait for their readers
 * @net: the namespace
 *
 * Context: process; may sleep.
 */
void tcpt_procfs_remove(struct net *net)
{
	remove_stats(net, ARRAY_SIZE(stat_files));
	remove_proc_entry("tcptrace", net->proc_net);
}
