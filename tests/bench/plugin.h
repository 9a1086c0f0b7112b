/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of version 1 of QEMU's plugin interface that plugin.c uses. Debian
 * has no header for this interface.
 */
#ifndef _BENCH_PLUGIN_H
#define _BENCH_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

typedef __u64 plugin_id;
typedef __u32 mem_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*tb_fn)(plugin_id id, struct qemu_plugin_tb *tb);
typedef void (*insn_fn)(unsigned int cpu, void *data);
typedef void (*mem_fn)(unsigned int cpu, mem_info info, __u64 addr,
		       void *data);
typedef void (*exit_fn)(plugin_id id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, tb_fn fn);
void qemu_plugin_register_atexit_cb(plugin_id id, exit_fn fn, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
__u64 qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    insn_fn fn, int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_fn fn,
				      int flags, int rw, void *data);
bool qemu_plugin_mem_is_store(mem_info info);
void qemu_plugin_outs(const char *string);
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

#endif /* _BENCH_PLUGIN_H */
