// SPDX-License-Identifier: GPL-2.0
#include "view_context.h"

#include "addr.h"
#include "cgroup.h"
#include "container.h"
#include "core/name.h"
#include "names.h"
#include "netns.h"
#include "process.h"
#include "user.h"

#include <net/if.h>
#include <stdio.h>

/**
 * struct who - the data about an owner that this host can look up
 * @pid: the process that sent a segment, or a process that has the socket open;
 *	0: unknown
 * @comm: printable name of the process
 * @user: name or number of the user
 * @cgroup: path of the cgroup, or NULL
 * @container: name of the container, or empty
 */
struct who {
	u32 pid;
	char comm[TCPTRACE_COMM_MAX];
	const char *user;
	const char *cgroup;
	char container[CONTAINER_LEN];
};

static bool is_local(const struct tcptrace_owner *owner)
{
	return owner->known >= TCPTRACE_KNOWN_SOCKET &&
	       owner->known < TCPTRACE_KNOWNS;
}

/*
 * Find the process, the user, the cgroup and the container of an owner. A
 * process in the record has certainly sent a segment. If the record has none,
 * find a process that has the socket open now; another process may have sent
 * the segments.
 */
static void find_who(const struct tcptrace_owner *owner, struct who *who)
{
	struct process process = { .pid = owner->pid };

	memset(who, 0, sizeof(*who));
	if (owner->pid != 0)
		memcpy(process.comm, owner->comm, sizeof(process.comm));
	else if (owner->inode != 0)
		process_of_inode(owner->inode, &process);
	who->pid = process.pid;
	event_printable(process.comm, sizeof(who->comm) - 1, who->comm);
	who->user = user_name(owner->uid);
	who->cgroup = cgroup_path(owner->cgroup);
	container_find(who->cgroup, &process, who->container);
}

/*
 * Write for example "resp nginx[812] user www-data, docker 0123456789ab". Most
 * ends are remote, so only a verbose line shows "remote".
 */
static void add_owner(struct line *line, size_t gap, const char *end,
		      const struct tcptrace_owner *owner, bool verbose)
{
	struct who who;

	if (verbose && owner->known == TCPTRACE_KNOWN_REMOTE)
		line_item(line, TERM_CYAN, gap, "%s remote", end);
	if (!is_local(owner))
		return;
	find_who(owner, &who);
	line_item(line, TERM_CYAN, gap, "%s ", end);
	if (who.pid != 0)
		line_add(line, "%s[%u] ", who.comm, who.pid);
	line_add(line, "user %s", who.user);
	if (who.container[0] != '\0')
		line_add(line, ", %s", who.container);
}

/**
 * view_context_netns - write the name of a network namespace
 * @netns: inode number of the namespace
 * @buf: buffer for the name, or for the number if the namespace has no name
 */
void view_context_netns(u32 netns, char buf[VIEW_CONTEXT_NETNS_LEN])
{
	const char *name = netns_name(netns);

	if (name)
		event_printable(name, VIEW_CONTEXT_NETNS_LEN - 1, buf);
	else
		snprintf(buf, VIEW_CONTEXT_NETNS_LEN, "%u", netns);
}

void view_context_netns_json(struct json_writer *w, u32 netns)
{
	const char *name = netns_name(netns);

	json_writer_u64(w, "netns", netns);
	if (name)
		json_writer_text(w, "netns_name", name);
}

/**
 * view_context_interface - write the name of an interface
 * @ifindex: index of the interface
 * @buf: buffer for the name, or for the index if the interface has no name here
 * @size: size of @buf; IF_NAMESIZE is enough
 *
 * The index is looked up in this namespace: for an interface of a different
 * namespace or host, the name can be wrong.
 */
void view_context_interface(u32 ifindex, char *buf, size_t size)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(ifindex, name))
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%u", ifindex);
}

static void add_path(struct line *line, const struct tcptrace_path *path)
{
	char in[IF_NAMESIZE] = "", out[IF_NAMESIZE] = "", vrf[IF_NAMESIZE];

	if (path->in == 0 && path->out == 0)
		return;
	if (path->in != 0)
		view_context_interface(path->in, in, sizeof(in));
	if (path->out != 0)
		view_context_interface(path->out, out, sizeof(out));
	line_item(line, TERM_PLAIN, 2, "%s%s%s", in,
		  path->in != 0 && path->out != 0 ? " to " :
		  path->in != 0 ? " in" : "out ", out);
	if (path->vrf != 0) {
		view_context_interface(path->vrf, vrf, sizeof(vrf));
		line_add(line, " vrf %s", vrf);
	}
	if (path->mark != 0)
		line_add(line, " mark %#x", path->mark);
}

static void format_end(const struct tcptrace_flow *flow, unsigned int end,
		       const struct tcptrace_nat *nat, char buf[ADDR_LEN])
{
	bool other = nat && nat->translated[end];
	struct addr addr;

	addr_init(&addr, flow->family, flow->zone,
		  other ? nat->addr[end] :
		  end ? flow->resp_addr : flow->orig_addr);
	addr_endpoint(&addr, other ? nat->port[end] :
		      end ? flow->resp_port : flow->orig_port, buf, ADDR_LEN);
}

/* "NAT 10.1.0.2:4805 -> 10.1.0.1:80 (to 10.2.0.2:8080, from 10.2.0.1:4805)" */
void view_context_nat_text(struct line *line, const struct tcptrace_flow *flow,
			   const struct tcptrace_nat *nat)
{
	char orig[ADDR_LEN], resp[ADDR_LEN], to[ADDR_LEN], from[ADDR_LEN];

	if (!nat->translated[0] && !nat->translated[1])
		return;
	format_end(flow, 0, NULL, orig);
	format_end(flow, 1, nat, resp);
	format_end(flow, 1, NULL, to);
	format_end(flow, 0, nat, from);
	line_item(line, TERM_PLAIN, 2, "NAT %s -> %s (", orig, resp);
	if (nat->translated[1])
		line_add(line, "to %s", to);
	if (nat->translated[0])
		line_add(line, "%sfrom %s", nat->translated[1] ? ", " : "",
			 from);
	line_add(line, ")");
}

/* Write the sender's interfaces and owner, and the translated addresses. */
void view_context_open_text(struct line *line, const struct tcptrace_open *rec,
			    bool verbose)
{
	unsigned int from = rec->seg.from != 0;

	add_path(line, &rec->context.path[from]);
	add_owner(line, 2, event_end_name(from), &rec->context.owner[from],
		  verbose);
	view_context_nat_text(line, &rec->flow, &rec->context.nat);
}

void view_context_owners_text(struct line *line,
			      const struct tcptrace_context *context,
			      bool verbose)
{
	const struct tcptrace_owner *owner = context->owner;
	unsigned int end;

	if (verbose && owner[0].known == TCPTRACE_KNOWN_REMOTE &&
	    owner[1].known == TCPTRACE_KNOWN_REMOTE) {
		line_item(line, TERM_CYAN, 2, "forwarded");
		return;
	}
	for (end = 0; end < 2; end++)
		add_owner(line, 2, event_end_name(end), &owner[end], verbose);
}

void view_context_owner_text(struct line *line,
			     const struct tcptrace_owner_record *rec)
{
	const char *path = cgroup_path(rec->owner.cgroup);

	add_owner(line, 1, event_end_name(rec->seg.from) ?: "?", &rec->owner,
		  true);
	line_item(line, TERM_PLAIN, 2, "inode %u", rec->owner.inode);
	if (path)
		line_item(line, TERM_PLAIN, 2, "cgroup %s", path);
}

static void write_owner(struct json_writer *w, const char *name,
			const struct tcptrace_owner *owner)
{
	struct who who;

	if (owner->known == TCPTRACE_KNOWN_NOTHING)
		return;
	json_writer_open(w, name, '{');
	json_writer_text(w, "known", tcpt_known_name(owner->known));
	if (is_local(owner)) {
		find_who(owner, &who);
		json_writer_u64(w, "uid", owner->uid);
		json_writer_text(w, "user", who.user);
		json_writer_u64(w, "inode", owner->inode);
		json_writer_u64(w, "cookie", owner->cookie);
		json_writer_u64(w, "cgroup", owner->cgroup);
		if (who.cgroup)
			json_writer_text(w, "cgroup_path", who.cgroup);
		if (who.container[0] != '\0')
			json_writer_text(w, "container", who.container);
		if (who.pid != 0) {
			json_writer_u64(w, "pid", who.pid);
			json_writer_text(w, "comm", who.comm);
		}
	}
	json_writer_close(w, '}');
}

static void write_interface(struct json_writer *w, const char *name,
			    const char *index_name, u32 ifindex)
{
	char text[IF_NAMESIZE];

	if (ifindex == 0)
		return;
	json_writer_u64(w, index_name, ifindex);
	if (if_indextoname(ifindex, text))
		json_writer_text(w, name, text);
}

static void write_path(struct json_writer *w, const char *name,
		       const struct tcptrace_path *path)
{
	if (path->in == 0 && path->out == 0)
		return;
	json_writer_open(w, name, '{');
	write_interface(w, "in", "in_ifindex", path->in);
	write_interface(w, "out", "out_ifindex", path->out);
	write_interface(w, "vrf", "vrf_ifindex", path->vrf);
	if (path->mark != 0)
		json_writer_u64(w, "mark", path->mark);
	json_writer_close(w, '}');
}

static void write_nat(struct json_writer *w, const struct tcptrace_flow *flow,
		      const struct tcptrace_nat *nat)
{
	static const char *const names[2][2] = {
		{ "orig", "orig_port" }, { "resp", "resp_port" },
	};
	struct addr addr;
	unsigned int end;

	if (!nat->translated[0] && !nat->translated[1])
		return;
	json_writer_open(w, "nat", '{');
	for (end = 0; end < 2; end++) {
		if (!nat->translated[end])
			continue;
		addr_init(&addr, flow->family, flow->zone, nat->addr[end]);
		json_writer_endpoint(w, names[end][0], names[end][1], &addr,
				     nat->port[end]);
	}
	json_writer_close(w, '}');
}

void view_context_json(struct json_writer *w, const struct tcptrace_flow *flow,
		       const struct tcptrace_context *context)
{
	write_owner(w, "orig_owner", &context->owner[0]);
	write_owner(w, "resp_owner", &context->owner[1]);
	write_path(w, "orig_path", &context->path[0]);
	write_path(w, "resp_path", &context->path[1]);
	write_nat(w, flow, &context->nat);
}

void view_context_owner_json(struct json_writer *w,
			     const struct tcptrace_owner_record *rec)
{
	json_writer_end(w, "end", rec->seg.from);
	write_owner(w, "owner", &rec->owner);
}
