// SPDX-License-Identifier: GPL-2.0
#include "param.h"

#include "ring.h"
#include "table.h"

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

enum {
	CONNECTIONS_MIN	= 16,
	CONNECTIONS_MAX	= 1 << 24,
	READERS_MAX	= 1024,
	TIMEOUT_MAX	= 365 * 86400,	/* seconds */
};

/* tcpt_param_choose() replaces each parameter that is 0. */
struct tcpt_config tcpt_param = {
	.max_readers	= 16,
	.ring_kib	= 1024,
	.timeouts	= TCPT_TIMEOUT_DEFAULTS,
};

static int set_hashsize(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, TCPT_TABLE_BUCKETS_MIN,
				     TCPT_TABLE_BUCKETS_MAX);
}

static int set_connections(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, CONNECTIONS_MIN,
				     CONNECTIONS_MAX);
}

static int set_readers(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, READERS_MAX);
}

static int set_ring_kib(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, TCPTRACE_RING_MIN / 1024,
				     TCPTRACE_RING_MAX / 1024);
}

static int set_timeout(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, TIMEOUT_MAX);
}

static const struct kernel_param_ops hashsize_ops = {
	.set = set_hashsize,
	.get = param_get_uint,
};

static const struct kernel_param_ops connections_ops = {
	.set = set_connections,
	.get = param_get_uint,
};

static const struct kernel_param_ops readers_ops = {
	.set = set_readers,
	.get = param_get_uint,
};

static const struct kernel_param_ops ring_kib_ops = {
	.set = set_ring_kib,
	.get = param_get_uint,
};

static const struct kernel_param_ops timeout_ops = {
	.set = set_timeout,
	.get = param_get_uint,
};

module_param_cb(hashsize, &hashsize_ops, &tcpt_param.hashsize, 0444);
MODULE_PARM_DESC(hashsize, "buckets of the table (default: by memory)");

module_param_cb(max_connections, &connections_ops,
		&tcpt_param.max_connections, 0644);
MODULE_PARM_DESC(max_connections, "cap on connections (default: hashsize)");

module_param_cb(max_half_open, &connections_ops, &tcpt_param.max_half_open,
		0644);
MODULE_PARM_DESC(max_half_open,
		 "cap on half-open connections (default: max_connections / 4)");

module_param_cb(max_readers, &readers_ops, &tcpt_param.max_readers, 0644);
MODULE_PARM_DESC(max_readers, "cap on open files of /dev/tcptrace");

module_param_cb(ring_kib, &ring_kib_ops, &tcpt_param.ring_kib, 0644);
MODULE_PARM_DESC(ring_kib, "KiB of events kept for a new reader");

module_param_cb(timeout_syn_sent, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_SYN_SENT], 0644);
MODULE_PARM_DESC(timeout_syn_sent, "s from the first SYN, not answered");

module_param_cb(timeout_syn_received, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_SYN_RECEIVED], 0644);
MODULE_PARM_DESC(timeout_syn_received, "s from the first SYN, answered");

module_param_cb(timeout_unreachable, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_UNREACHABLE], 0644);
MODULE_PARM_DESC(timeout_unreachable, "s idle, an ICMP error quotes the SYN");

module_param_cb(timeout_unreplied, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_UNREPLIED], 0644);
MODULE_PARM_DESC(timeout_unreplied, "s idle, only one end seen");

module_param_cb(timeout_established, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_ESTABLISHED], 0644);
MODULE_PARM_DESC(timeout_established, "s idle, ESTABLISHED");

module_param_cb(timeout_half_closed, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_HALF_CLOSED], 0644);
MODULE_PARM_DESC(timeout_half_closed, "s idle, FIN_WAIT_2 and CLOSE_WAIT");

module_param_cb(timeout_closing, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_CLOSING], 0644);
MODULE_PARM_DESC(timeout_closing, "s idle, a FIN waits for its ACK");

module_param_cb(timeout_time_wait, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_TIME_WAIT], 0644);
MODULE_PARM_DESC(timeout_time_wait, "s of TIME_WAIT, 2 MSL");

module_param_cb(timeout_closed, &timeout_ops,
		&tcpt_param.timeouts[TCPT_TIMEOUT_CLOSED], 0644);
MODULE_PARM_DESC(timeout_closed, "s to remember a closed connection");

/**
 * tcpt_param_choose - choose values for the parameters that were not given
 *
 * By default, the table has one bucket for each 128 KiB of memory, but at least
 * 1024 and at most 262144 buckets (for 32 GiB). The number of buckets is
 * rounded up to a power of two, even if it was given. By default, the table
 * allows as many connections as it has buckets, and a quarter of them, but at
 * least CONNECTIONS_MIN, may be half-open.
 *
 * Context: module init.
 */
void tcpt_param_choose(void)
{
	struct tcpt_config *p = &tcpt_param;
	unsigned long buckets = totalram_pages() >> (17 - PAGE_SHIFT);

	if (!p->hashsize)
		p->hashsize = clamp_t(unsigned long, buckets, 1024, 262144);
	p->hashsize = roundup_pow_of_two(p->hashsize);
	if (!p->max_connections)
		p->max_connections = p->hashsize;
	if (!p->max_half_open)
		p->max_half_open = max(p->max_connections / 4,
				       (unsigned int)CONNECTIONS_MIN);
}
