// SPDX-License-Identifier: GPL-2.0
#include "chardev.h"

#include "fate.h"
#include "limit.h"
#include "net.h"
#include "param.h"
#include "reader.h"
#include "ring_mmap.h"
#include "stats.h"

#include <linux/bottom_half.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/tcptrace.h>
#include <linux/uaccess.h>

#include <net/net_namespace.h>

/* Registration time of the device; constant while the device exists. */
static u64 epoch;

static void note_too_many(struct tcpt_ns *ns)
{
	struct tcpt_hit hit = {
		.kind = TCPTRACE_LIMIT_READERS,
		.now = ktime_get_ns(),
	};

	tcpt_stat_inc(ns->stats, TCPT_STAT_READERS_FULL);
	local_bh_disable();
	tcpt_limit_hit(ns->limits, &hit);
	local_bh_enable();
}

/*
 * Sequence numbers are secrets: a process that knows them can inject segments.
 */
static int device_open(struct inode *inode, struct file *file)
{
	struct net *net = current->nsproxy->net_ns;
	struct tcpt_ns *ns = &tcpt_net_get(net)->ns;
	struct tcpt_reader *reader;
	int ret;

	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	reader = tcpt_reader_new(ns, READ_ONCE(tcpt_param.ring_kib) * 1024);
	if (IS_ERR(reader))
		return PTR_ERR(reader);
	ret = tcpt_reader_add(reader, READ_ONCE(tcpt_param.max_readers));
	if (ret) {
		tcpt_reader_free(reader);
		note_too_many(ns);
		return ret;
	}
	file->private_data = reader;
	return stream_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct tcpt_reader *reader = file->private_data;

	tcpt_reader_del(reader);
	if (reader->follows)
		tcpt_fate_put();
	tcpt_reader_free(reader);
	return 0;
}

/*
 * Copy whole records until no record is left, or the next record does not fit.
 * Return: number of bytes copied, 0 if there is no record, or -errno if no
 * record could be copied.
 */
static ssize_t copy_records(struct tcpt_ring *ring, char __user *buf,
			    size_t count)
{
	struct tcpt_run run;
	size_t done = 0;
	ssize_t n;

	while ((n = tcpt_ring_peek(ring, count - done, &run)) > 0) {
		if (copy_to_user(buf + done, run.bytes, run.len)) {
			n = -EFAULT;
			break;
		}
		tcpt_ring_consume(ring, &run);
		done += run.len;
		if (done == count)
			break;
	}
	return done ?: n;
}

static bool is_ready(struct tcpt_reader *reader)
{
	return tcpt_reader_readable(reader) || READ_ONCE(reader->gone) ||
	       tcpt_ring_is_mapped(&reader->ring);
}

/*
 * Return: see copy_records(); -EBUSY if the ring is mapped; -ERESTARTSYS after
 * a signal.
 */
static ssize_t take_records(struct tcpt_reader *reader, char __user *buf,
			    size_t count)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&reader->read_lock))
		return -ERESTARTSYS;
	ret = tcpt_ring_claim(&reader->ring);
	if (ret)
		goto out;
	ret = copy_records(&reader->ring, buf, count);
	tcpt_ring_release(&reader->ring);
	tcpt_reader_taken(reader);
out:
	mutex_unlock(&reader->read_lock);
	return ret;
}

static ssize_t device_read(struct file *file, char __user *buf, size_t count,
			   loff_t *pos)
{
	struct tcpt_reader *reader = file->private_data;
	ssize_t ret;
	bool gone;

	if (!count)
		return 0;
	for (;;) {
		if (!(file->f_flags & O_NONBLOCK) &&
		    wait_event_interruptible(reader->wait, is_ready(reader)))
			return -ERESTARTSYS;
		/* pairs with tcpt_reader_hangup(): records come before ->gone */
		gone = smp_load_acquire(&reader->gone);
		ret = take_records(reader, buf, count);
		if (ret)
			return ret;
		if (gone)
			return -ENODEV;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
	}
}

static __poll_t device_poll(struct file *file, poll_table *wait)
{
	struct tcpt_reader *reader = file->private_data;
	__poll_t events = 0;
	bool gone;

	poll_wait(file, &reader->wait, wait);
	/* pairs with tcpt_reader_hangup(): records come before ->gone */
	gone = smp_load_acquire(&reader->gone);
	/*
	 * If the ring is mapped, move its tail to the position that the program
	 * has stored. The tail must move before tcpt_reader_readable() looks
	 * for a record.
	 */
	tcpt_reader_settle(reader);
	/*
	 * pairs with tcpt_ring_commit(): either the producer sees our tail, or
	 * we see its record
	 */
	smp_mb();
	if (tcpt_reader_readable(reader))
		events |= EPOLLIN | EPOLLRDNORM;
	if (gone)
		events |= EPOLLHUP | EPOLLERR;
	return events;
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct tcpt_reader *reader = file->private_data;
	int ret = tcpt_ring_mmap(&reader->ring, vma);

	/* wake a sleeping read(), which must fail with -EBUSY */
	if (!ret)
		wake_up_interruptible(&reader->wait);
	return ret;
}

static long get_info(struct tcpt_reader *reader, void __user *arg)
{
	struct tcpt_ring *ring = &reader->ring;
	struct tcptrace_info info;

	static_assert(sizeof(info.lost_by) == sizeof(ring->lost_by));

	tcpt_reader_settle(reader);
	memset(&info, 0, sizeof(info));
	info.mask = READ_ONCE(reader->mask);
	info.all_netns = READ_ONCE(reader->all);
	info.netns = reader->netns;
	info.clock = READ_ONCE(reader->clock);
	spin_lock_bh(&ring->lock);
	info.ring_size = ring->size;
	info.ring_high = ring->high;
	info.produced = ring->seq;
	info.lost = tcpt_ring_lost(ring);
	memcpy(info.lost_by, ring->lost_by, sizeof(info.lost_by));
	/* producers take this lock, so delivered cannot exceed produced */
	info.delivered = READ_ONCE(ring->delivered);
	spin_unlock_bh(&ring->lock);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

/*
 * Set a new event mask. If the new mask requires that packets are followed,
 * following starts before the mask is set. If not, following stops after the
 * mask is set.
 */
static int change_mask(struct tcpt_reader *reader, u32 mask)
{
	bool follows = mask & TCPT_READER_FOLLOWS;
	int ret;

	if (follows && !reader->follows) {
		ret = tcpt_fate_get();
		if (ret)
			return ret;
	}
	tcpt_reader_set_mask(reader, mask);
	if (!follows && reader->follows)
		tcpt_fate_put();
	reader->follows = follows;
	return 0;
}

static long set_mask(struct tcpt_reader *reader, u32 mask)
{
	long ret;

	if (mask & ~(TCPTRACE_MASK_ALL | TCPTRACE_MASK_FAILURES |
		     TCPTRACE_MASK_FATE))
		return -EINVAL;
	mutex_lock(&reader->mask_lock);
	ret = change_mask(reader, mask);
	mutex_unlock(&reader->mask_lock);
	return ret;
}

static long set_all_netns(struct tcpt_reader *reader, u32 all)
{
	if (all > 1)
		return -EINVAL;
	if (all && (reader->netns != init_net.ns.inum ||
		    !ns_capable(init_net.user_ns, CAP_NET_ADMIN)))
		return -EPERM;
	WRITE_ONCE(reader->all, all);
	return 0;
}

static long set_filter(struct tcpt_reader *reader, const void __user *arg)
{
	struct tcptrace_filter filter;
	struct sock_fprog program;

	if (copy_from_user(&filter, arg, sizeof(filter)))
		return -EFAULT;
	if (filter.pad || filter.len > BPF_MAXINSNS)
		return -EINVAL;
	program.len = filter.len;
	program.filter = u64_to_user_ptr(filter.insns);
	return tcpt_reader_set_filter(reader, &program);
}

static long set_clock(struct tcpt_reader *reader, u32 clock)
{
	if (clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME &&
	    clock != CLOCK_REALTIME)
		return -EINVAL;
	WRITE_ONCE(reader->clock, clock);
	return 0;
}

static long set_wake(struct tcpt_reader *reader, const void __user *arg)
{
	struct tcptrace_wake wake;

	if (copy_from_user(&wake, arg, sizeof(wake)))
		return -EFAULT;
	if (wake.delay_ms > TCPTRACE_DELAY_MAX ||
	    (wake.delay_ms && !wake.bytes))
		return -EINVAL;
	tcpt_reader_set_wake(reader, wake.bytes, wake.delay_ms);
	return 0;
}

static long set_ring(struct tcpt_reader *reader, u32 __user *arg)
{
	long ret;
	u32 size;

	if (get_user(size, arg))
		return -EFAULT;
	if (size < TCPTRACE_RING_MIN || size > TCPTRACE_RING_MAX)
		return -EINVAL;
	if (mutex_lock_interruptible(&reader->read_lock))
		return -ERESTARTSYS;
	ret = tcpt_ring_claim(&reader->ring);
	if (ret)
		goto out;
	/*
	 * Wait until no producer is between tcpt_ring_reserve() and
	 * tcpt_ring_commit(). The wait is short, but with PREEMPT_RT the
	 * producer may need this CPU, so sleep.
	 */
	while ((ret = tcpt_ring_resize(&reader->ring, size)) == -EAGAIN &&
	       !signal_pending(current))
		schedule_timeout_interruptible(1);
	size = reader->ring.size;
	tcpt_ring_release(&reader->ring);
out:
	mutex_unlock(&reader->read_lock);
	if (ret == -EAGAIN)
		return -ERESTARTSYS;
	return ret ?: put_user(size, arg);
}

static long device_ioctl(struct file *file, unsigned int cmd,
			 unsigned long arg)
{
	struct tcpt_reader *reader = file->private_data;
	void __user *ptr = (void __user *)arg;
	u32 value;

	switch (cmd) {
	case TCPTRACE_IOC_INFO:
		return get_info(reader, ptr);
	case TCPTRACE_IOC_MASK:
		return get_user(value, (u32 __user *)ptr) ?:
		       set_mask(reader, value);
	case TCPTRACE_IOC_ALL_NETNS:
		return get_user(value, (u32 __user *)ptr) ?:
		       set_all_netns(reader, value);
	case TCPTRACE_IOC_FILTER:
		return set_filter(reader, ptr);
	case TCPTRACE_IOC_CLOCK:
		return get_user(value, (u32 __user *)ptr) ?:
		       set_clock(reader, value);
	case TCPTRACE_IOC_RING:
		return set_ring(reader, ptr);
	case TCPTRACE_IOC_WAKE:
		return set_wake(reader, ptr);
	case TCPTRACE_IOC_EPOCH:
		return put_user(epoch, (u64 __user *)ptr);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations device_fops = {
	.owner		= THIS_MODULE,
	.open		= device_open,
	.release	= device_release,
	.read		= device_read,
	.poll		= device_poll,
	.mmap		= device_mmap,
	.unlocked_ioctl	= device_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "tcptrace",
	.fops	= &device_fops,
	.mode	= 0600,
};

/**
 * tcpt_chardev_register - create /dev/tcptrace
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int tcpt_chardev_register(void)
{
	epoch = ktime_get_real_ns();
	return misc_register(&device);
}

/**
 * tcpt_chardev_unregister - remove /dev/tcptrace, which must not be open
 *
 * Context: process; may sleep.
 */
void tcpt_chardev_unregister(void)
{
	misc_deregister(&device);
}
