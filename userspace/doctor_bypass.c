// SPDX-License-Identifier: GPL-2.0
#include "doctor_bypass.h"

#include "netlink.h"
#include "proc.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <unistd.h>

/* A list of the names found; names that do not fit are left out. */
struct names {
	size_t len;
	char text[256];
};

static void add_name(struct names *names, const char *name, const char *more)
{
	size_t left = sizeof(names->text) - names->len;
	int n;

	n = snprintf(names->text + names->len, left, "%s%s%s",
		     names->len ? ", " : "", name, more);
	if (n > 0 && (size_t)n < left)
		names->len += (size_t)n;
	else
		names->text[names->len] = '\0';
}

/**
 * struct flowtable - an nftables flowtable
 * @table: table of the flowtable
 * @name: name of the flowtable
 */
struct flowtable {
	const char *table;
	const char *name;
};

static int read_attr(const struct nlattr *attr, void *data)
{
	struct flowtable *found = data;

	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
		return MNL_CB_OK;
	if (mnl_attr_get_type(attr) == NFTA_FLOWTABLE_TABLE)
		found->table = mnl_attr_get_str(attr);
	else if (mnl_attr_get_type(attr) == NFTA_FLOWTABLE_NAME)
		found->name = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static int read_flowtable(const struct nlmsghdr *h, void *data)
{
	struct flowtable found = { "", "" };
	char name[128];

	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWFLOWTABLE))
		return MNL_CB_OK;
	mnl_attr_parse(h, sizeof(struct nfgenmsg), read_attr, &found);
	snprintf(name, sizeof(name), "%s %s", found.table, found.name);
	add_name(data, name, "");
	return MNL_CB_OK;
}

static void check_flowtables(struct report *r, const struct module_files *files)
{
	const struct netlink_dump flowtables = {
		.bus = NETLINK_NETFILTER,
		.type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETFLOWTABLE,
		.header_len = sizeof(struct nfgenmsg),
	};
	struct names names = { 0 };
	int err = 0;

	/* if nf_tables is not loaded, do not ask: the kernel would load it */
	if (module_files_has(files, "nf_tables"))
		err = netlink_dump(&flowtables, read_flowtable, &names);
	if (err == -EPERM || err == -EACCES) {
		doctor_say(r, VERDICT_UNKNOWN, "flowtable",
			   "only root can list flowtables");
		doctor_advise(r, "run it as root");
	} else if (err) {
		doctor_say(r, VERDICT_UNKNOWN, "flowtable", "netlink: %s",
			   strerror(-err));
		doctor_advise(r, "see 'nft list flowtables'");
	} else if (names.len) {
		doctor_say(r, VERDICT_WARNING, "flowtable",
			   "%s: only the first packets of an offloaded flow are seen",
			   names.text);
		doctor_advise(r, "to see all packets, remove the rules with 'flow add'");
	} else {
		doctor_say(r, VERDICT_OK, "flowtable", "none");
	}
}

static unsigned int count_ports(const struct ifaces *ifaces, u32 index)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < ifaces->n; i++)
		n += ifaces->iface[i].master == index;
	return n;
}

/*
 * Check whether both settings are on: if so, br_netfilter passes bridged
 * packets to the hooks.
 */
static bool bridges_are_seen(void)
{
	u64 ip4 = 0, ip6 = 0;

	proc_read_number("/proc/sys/net/bridge/bridge-nf-call-iptables", &ip4);
	proc_read_number("/proc/sys/net/bridge/bridge-nf-call-ip6tables", &ip6);
	return ip4 && ip6;
}

static void check_bridges(struct report *r, const struct ifaces *ifaces)
{
	struct names names = { 0 };
	const struct iface *iface;
	unsigned int ports;
	char more[32];
	size_t i;

	for (i = 0; i < ifaces->n; i++) {
		iface = &ifaces->iface[i];
		ports = iface->bridge ? count_ports(ifaces, iface->index) : 0;
		if (ports < 2)
			continue;
		snprintf(more, sizeof(more), " (%u ports)", ports);
		add_name(&names, iface->name, more);
	}
	if (names.len == 0) {
		doctor_say(r, VERDICT_OK, "bridge",
			   "none with more than one port");
	} else if (bridges_are_seen()) {
		doctor_say(r, VERDICT_OK, "bridge",
			   "%s, and br_netfilter is on", names.text);
	} else {
		doctor_say(r, VERDICT_WARNING, "bridge",
			   "%s: packets between bridge ports are not seen",
			   names.text);
		doctor_advise(r,
			      "load br_netfilter and set net.bridge.bridge-nf-call-ip{,6}tables=1");
	}
}

static void check_xdp(struct report *r, const struct ifaces *ifaces)
{
	struct names names = { 0 };
	char more[32];
	size_t i;

	for (i = 0; i < ifaces->n; i++) {
		if (!ifaces->iface[i].xdp)
			continue;
		snprintf(more, sizeof(more), " (program %u)",
			 ifaces->iface[i].xdp);
		add_name(&names, ifaces->iface[i].name, more);
	}
	if (names.len == 0) {
		doctor_say(r, VERDICT_OK, "xdp", "none");
		return;
	}
	doctor_say(r, VERDICT_WARNING, "xdp",
		   "on %s: packets that it redirects, drops or answers are not seen",
		   names.text);
	doctor_advise(r, "see 'bpftool prog show id ID'");
}

static void check_tc(struct report *r, const struct ifaces *ifaces)
{
	struct names names = { 0 };
	size_t i;

	for (i = 0; i < ifaces->n; i++)
		if (ifaces->iface[i].tc)
			add_name(&names, ifaces->iface[i].name, "");
	if (names.len == 0) {
		doctor_say(r, VERDICT_OK, "tc", "no clsact or ingress qdisc");
		return;
	}
	doctor_say(r, VERDICT_WARNING, "tc",
		   "filters may be on %s: packets that they redirect are not seen",
		   names.text);
	doctor_advise(r, "see 'tc filter show dev NAME ingress'");
}

/*
 * Report the network namespace and, if known, whether process 1 is in it. In a
 * container, process 1 is usually a process of the container.
 */
static void check_namespace(struct report *r)
{
	char own[64] = "", first[64] = "";
	ssize_t len, first_len;

	len = readlink("/proc/self/ns/net", own, sizeof(own) - 1);
	first_len = readlink("/proc/1/ns/net", first, sizeof(first) - 1);
	if (len < 0) {
		doctor_say(r, VERDICT_UNKNOWN, "namespace",
			   "cannot read /proc/self/ns/net");
		doctor_advise(r, "run it outside of the container");
		return;
	}
	doctor_say(r, VERDICT_OK, "namespace",
		   "%s%s; see others from inside, or with 'watch --all-netns'",
		   own, first_len < 0 ? "" : strcmp(own, first) == 0 ?
		   ", that of process 1" : ", not that of process 1");
}

/* Report the network namespace, and what may hide traffic from the module. */
void doctor_bypass_check(struct report *report,
			 const struct module_files *files)
{
	struct ifaces ifaces;
	int err;

	check_flowtables(report, files);
	err = ifaces_read(&ifaces);
	if (err) {
		doctor_say(report, VERDICT_UNKNOWN, "bridge",
			   "cannot read the interfaces: %s", strerror(-err));
		doctor_advise(report, "see 'ip -d link' for bridges and XDP");
	} else {
		check_bridges(report, &ifaces);
		check_xdp(report, &ifaces);
		check_tc(report, &ifaces);
	}
	ifaces_free(&ifaces);
	check_namespace(report);
}
