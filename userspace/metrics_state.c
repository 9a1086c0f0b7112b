// SPDX-License-Identifier: GPL-2.0
#include "metrics_state.h"

#include "replace_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	MAGIC	= 0x74637473,
	LAYOUT	= 1,	/* increase it if struct metrics_netns changes */
};

/**
 * struct header - the beginning of the file
 * @magic: MAGIC
 * @layout: LAYOUT
 * @netns_size: size of struct metrics_netns
 * @n_netns: number of struct metrics_netns after the header
 * @n_ports: number of struct port after the last struct metrics_netns
 * @reserved: 0
 * @epoch: TCPTRACE_IOC_EPOCH of the module that made the records
 * @records: metrics.records
 * @lost: metrics.lost
 */
struct header {
	u32 magic;
	u32 layout;
	u32 netns_size;
	u32 n_netns;
	u32 n_ports;
	u32 reserved;
	u64 epoch;
	u64 records;
	u64 lost;
};

struct port {
	u64 number;
	struct metrics_port counts;
};

static u32 count_ports(const struct metrics *m)
{
	unsigned int i;
	u32 n = 0;

	for (i = 0; i < METRICS_PORTS; i++)
		n += m->ports[i].closed != 0;
	return n;
}

static void put(FILE *file, const struct metrics *m, u64 epoch)
{
	const struct header h = {
		.magic = MAGIC,
		.layout = LAYOUT,
		.netns_size = sizeof(m->netns[0]),
		.n_netns = m->n_netns,
		.n_ports = count_ports(m),
		.epoch = epoch,
		.records = m->records,
		.lost = m->lost,
	};
	struct port port;
	unsigned int i;

	fwrite(&h, sizeof(h), 1, file);
	fwrite(m->netns, sizeof(m->netns[0]), m->n_netns, file);
	for (i = 0; i < METRICS_PORTS; i++) {
		if (m->ports[i].closed == 0)
			continue;
		port = (struct port){ .number = i, .counts = m->ports[i] };
		fwrite(&port, sizeof(port), 1, file);
	}
}

/**
 * metrics_state_write - write the sums to a file for the next run
 * @m: the sums
 * @epoch: TCPTRACE_IOC_EPOCH of the module; 0: not known
 * @path: the file
 *
 * Return: 0 or a negative error number.
 */
int metrics_state_write(const struct metrics *m, u64 epoch, const char *path)
{
	char *text;
	size_t len;
	FILE *file;
	int err;

	file = open_memstream(&text, &len);
	if (!file)
		return -errno;
	put(file, m, epoch);
	if (fclose(file) != 0)
		return -errno;
	err = replace_file(path, text, len, 0600);
	free(text);
	return err;
}

static bool is_valid(const struct metrics_netns *ns)
{
	unsigned int i;

	if (ns->n_drops > METRICS_DROP_REASONS)
		return false;
	for (i = 0; i < ns->n_drops; i++)
		if (!memchr(ns->drops[i].reason, 0, sizeof(ns->drops[i].reason)))
			return false;
	return true;
}

static int get_ports(struct metrics *m, u32 n, FILE *file)
{
	struct port port;
	u32 i;

	for (i = 0; i < n; i++) {
		if (fread(&port, sizeof(port), 1, file) != 1 ||
		    port.number >= METRICS_PORTS)
			return -EINVAL;
		m->ports[port.number] = port.counts;
	}
	return fgetc(file) == EOF ? 0 : -EINVAL;
}

static int get(struct metrics *m, u64 epoch, FILE *file)
{
	u32 netns = m->netns[0].netns;
	struct header h;
	u32 i;

	if (fread(&h, sizeof(h), 1, file) != 1 || h.magic != MAGIC ||
	    h.layout != LAYOUT || h.netns_size != sizeof(m->netns[0]) ||
	    h.n_netns == 0 || h.n_netns > METRICS_NETNS)
		return -EINVAL;
	if (h.epoch != epoch)
		return -ESTALE;
	if (fread(m->netns, sizeof(m->netns[0]), h.n_netns, file) != h.n_netns)
		return -EINVAL;
	for (i = 0; i < h.n_netns; i++)
		if (!is_valid(&m->netns[i]))
			return -EINVAL;
	/*
	 * the program that wrote the file was in a different network namespace
	 */
	if (m->netns[0].netns != netns)
		return -ESTALE;
	m->n_netns = h.n_netns;
	m->records = h.records;
	m->lost = h.lost;
	return get_ports(m, h.n_ports, file);
}

/**
 * metrics_state_read - read the sums that an earlier run wrote to a file
 * @m: sums after metrics_init(); set to the sums in the file, or unchanged
 *	after an error
 * @epoch: TCPTRACE_IOC_EPOCH of the module; 0: not known
 * @path: the file
 *
 * Return: 0; -ESTALE if the file is from a different load of the module or a
 * different network namespace; -EINVAL if it is not a valid file of sums; or a
 * different negative error number.
 */
int metrics_state_read(struct metrics *m, u64 epoch, const char *path)
{
	u32 netns = m->netns[0].netns;
	FILE *file = fopen(path, "re");
	int err;

	if (!file)
		return -errno;
	err = get(m, epoch, file);
	if (err)
		metrics_init(m, netns);
	fclose(file);
	return err;
}
