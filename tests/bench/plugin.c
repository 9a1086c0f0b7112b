// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU. The plugin counts instructions, loads, stores, locked
 * operations and cache lines (64 bytes) between two marks, and prints the
 * minimum and the mean of each figure. The plugin also prints how often each
 * instruction was executed.
 *
 * A mark is a NOP of 7 bytes: 0f 1f 80 ID 01 c7 7a at the beginning, and
 * 0f 1f 80 00 02 c7 7a at the end; see footprint.c. The plugin's output:
 *	mark ID FIGURE MIN MEAN
 *	at ID ADDRESS EXECUTIONS
 */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { MARKS = 16, LINES = 8192, SITES = 1 << 20, MEM_RW = 3 };

enum figure { INSNS, LOADS, STORES, LOCKED, ALL_LINES, WRITTEN, FIGURES };

static const char *const names[FIGURES] = {
	"insns", "loads", "stores", "locked", "lines", "written",
};

struct sums {
	__u64 n, min[FIGURES], sum[FIGURES];
};

struct lines {
	unsigned int n;
	__u64 at[LINES];
};

/* An instruction of the kernel; @executed: how often, between which marks. */
struct site {
	__u64 addr;
	bool locked;
	__u32 executed[MARKS];
};

static struct sums sums[MARKS];
static struct lines all, written;
static struct site sites[SITES];
static __u64 now[FIGURES];
static int active = -1;
static unsigned int active_cpu;

static void touch(struct lines *lines, __u64 addr)
{
	__u64 line = addr >> 6 | 1ULL << 63;
	unsigned int i = (line * 0x9e3779b97f4a7c15ULL) >> 51;

	while (lines->at[i] && lines->at[i] != line)
		i = (i + 1) % LINES;
	if (lines->at[i] || lines->n == LINES / 2)
		return;
	lines->at[i] = line;
	lines->n++;
}

static void begin(unsigned int cpu, void *data)
{
	active = (int)(size_t)data;
	active_cpu = cpu;
	memset(now, 0, sizeof(now));
	memset(&all, 0, sizeof(all));
	memset(&written, 0, sizeof(written));
}

static void end(unsigned int cpu, void *data)
{
	struct sums *s;

	(void)data;
	if (active < 0 || cpu != active_cpu)
		return;
	s = &sums[active];
	now[ALL_LINES] = all.n;
	now[WRITTEN] = written.n;
	for (int i = 0; i < FIGURES; i++) {
		if (!s->n || now[i] < s->min[i])
			s->min[i] = now[i];
		s->sum[i] += now[i];
	}
	s->n++;
	active = -1;
}

static void executed(unsigned int cpu, void *data)
{
	struct site *site = data;

	if (active < 0 || cpu != active_cpu)
		return;
	now[INSNS]++;
	now[LOCKED] += site->locked;
	site->executed[active]++;
}

static void accessed(unsigned int cpu, mem_info info, __u64 addr, void *data)
{
	(void)data;
	if (active < 0 || cpu != active_cpu)
		return;
	touch(&all, addr);
	if (qemu_plugin_mem_is_store(info)) {
		now[STORES]++;
		touch(&written, addr);
	} else {
		now[LOADS]++;
	}
}

static struct site *site_of(__u64 addr)
{
	unsigned int i = (addr * 0x9e3779b97f4a7c15ULL) >> 44;

	for (unsigned int tries = 0; tries < SITES; tries++) {
		if (!sites[i].addr)
			sites[i].addr = addr;
		if (sites[i].addr == addr)
			return &sites[i];
		i = (i + 1) % SITES;
	}
	abort();	/* SITES is too small */
}

/* Is there a LOCK prefix, perhaps after other prefixes, or XCHG with memory? */
static bool is_locked(const __u8 *insn, size_t size)
{
	size_t i = 0;

	while (i + 2 < size && (insn[i] == 0x66 || insn[i] == 0x3e ||
				insn[i] == 0x2e || insn[i] == 0x65))
		i++;
	if (insn[i] == 0xf0)
		return true;
	if (i + 2 < size && (insn[i] & 0xf0) == 0x40)
		i++;
	return i + 1 < size && (insn[i] == 0x86 || insn[i] == 0x87) &&
	       insn[i + 1] >> 6 != 3;
}

static bool is_mark(const __u8 *insn, size_t size)
{
	static const __u8 nop[] = { 0x0f, 0x1f, 0x80 };

	return size == 7 && !memcmp(insn, nop, sizeof(nop)) &&
	       insn[3] < MARKS && insn[5] == 0xc7 && insn[6] == 0x7a;
}

static void translate_insn(struct qemu_plugin_insn *insn)
{
	const __u8 *bytes = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn);
	struct site *site;

	if (is_mark(bytes, size)) {
		insn_fn fn = bytes[4] == 1 ? begin : end;

		qemu_plugin_register_vcpu_insn_exec_cb(insn, fn, 0,
						       (void *)(size_t)bytes[3]);
		return;
	}
	/* code in user space never runs between marks */
	if (!(qemu_plugin_insn_vaddr(insn) >> 63))
		return;
	site = site_of(qemu_plugin_insn_vaddr(insn));
	site->locked = is_locked(bytes, size);
	qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0, site);
	qemu_plugin_register_vcpu_mem_cb(insn, accessed, 0, MEM_RW, NULL);
}

static void translate(plugin_id id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		translate_insn(qemu_plugin_tb_get_insn(tb, i));
}

static void report(plugin_id id, void *data)
{
	char line[128];

	(void)id;
	(void)data;
	for (int mark = 0; mark < MARKS; mark++) {
		for (int i = 0; i < FIGURES && sums[mark].n; i++) {
			snprintf(line, sizeof(line), "mark %d %s %llu %.2f\n",
				 mark, names[i],
				 (unsigned long long)sums[mark].min[i],
				 (double)sums[mark].sum[i] / sums[mark].n);
			qemu_plugin_outs(line);
		}
	}
	for (int i = 0; i < SITES; i++) {
		for (int mark = 0; mark < MARKS; mark++) {
			if (!sites[i].executed[mark])
				continue;
			snprintf(line, sizeof(line), "at %d %llx %u\n", mark,
				 (unsigned long long)sites[i].addr,
				 sites[i].executed[mark]);
			qemu_plugin_outs(line);
		}
	}
}

__attribute__((visibility("default")))
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	(void)argc;
	(void)argv;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, report, NULL);
	return 0;
}
