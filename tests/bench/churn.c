// SPDX-License-Identifier: GPL-2.0
/* B13: open and close connections on several CPUs at once. */
#include "bench.h"
#include "load.h"

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>

enum {
	FLOWS_LOG2	= 13,	/* connections of each CPU */
	CPUS_MAX	= 4,
};

/**
 * struct worker - a thread that opens and closes its own connections
 * @load: its packets
 * @path: the observer
 * @go: when to begin
 * @done: completed at the end
 * @task: the thread
 */
struct worker {
	struct bench_load load;
	const struct bench_path *path;
	struct completion *go;
	struct completion done;
	struct task_struct *task;
};

static int work(void *data)
{
	struct worker *w = data;

	wait_for_completion(w->go);
	bench_load_run(&w->load, w->path, bench_load_life, 0, 1 << FLOWS_LOG2,
		       NULL);
	complete(&w->done);
	return 0;
}

/* @block: which flows the thread uses */
static int prepare(struct worker *w, unsigned int cpu, u32 block,
		   const struct bench_path *path, struct completion *go)
{
	int ret = bench_load_open(&w->load, 4, FLOWS_LOG2);

	if (ret)
		return ret;
	w->load.base = block << FLOWS_LOG2;
	w->path = path;
	w->go = go;
	init_completion(&w->done);
	w->task = kthread_create(work, w, "churn/%u", cpu);
	if (IS_ERR(w->task)) {
		ret = PTR_ERR(w->task);
		w->task = NULL;
		return ret;
	}
	kthread_bind(w->task, cpu);
	wake_up_process(w->task);
	return 0;
}

/* Return: ns until the last of the threads has ended. */
static u64 run(struct worker *workers, unsigned int n, struct completion *go)
{
	u64 begin = ktime_get_ns();
	unsigned int i;

	complete_all(go);
	for (i = 0; i < n; i++)
		if (workers[i].task)
			wait_for_completion(&workers[i].done);
	return ktime_get_ns() - begin;
}

static int measure(const struct bench_path *path, unsigned int cpus)
{
	static struct worker workers[CPUS_MAX];
	DECLARE_COMPLETION_ONSTACK(go);
	u64 ns, dropped = 0;
	char name[64];
	unsigned int i;
	int ret = 0;

	memset(workers, 0, sizeof(workers));
	for (i = 0; i < cpus && !ret; i++)
		ret = prepare(&workers[i], i, cpus - 1 + i, path, &go);
	ns = run(workers, cpus, &go);
	for (i = 0; i < cpus; i++) {
		dropped += workers[i].load.dropped;
		bench_load_close(&workers[i].load);
	}
	if (ret)
		return ret;
	snprintf(name, sizeof(name), "churn.%s.%u", path->name, cpus);
	bench_count(name, div64_u64((u64)cpus * NSEC_PER_SEC << FLOWS_LOG2,
				    ns));
	snprintf(name, sizeof(name), "churn.%s.%u.dropped", path->name, cpus);
	bench_count(name, dropped);
	return 0;
}

/**
 * bench_churn - B13: connections opened and closed per second, on up to 4 CPUs
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_churn(void)
{
	const struct bench_path *path[] = { &bench_tcptrace, &bench_conntrack };
	unsigned int i, cpus;
	int ret = 0;

	for (cpus = 1; cpus <= min_t(unsigned int, num_online_cpus(), CPUS_MAX);
	     cpus *= 2)
		for (i = 0; i < ARRAY_SIZE(path) && !ret; i++)
			if (!*bench_options.path ||
			    !strcmp(bench_options.path, path[i]->name))
				ret = measure(path[i], cpus);
	bench_forget_conntrack();
	return ret;
}
