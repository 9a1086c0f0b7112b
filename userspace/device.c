// SPDX-License-Identifier: GPL-2.0
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/**
 * device_open - open the device, a FIFO or a file of records
 * @path: path of the device or file
 *
 * Return: a nonblocking file descriptor, or a negative error number.
 */
int device_open(const char *path)
{
	int fd, flags, err;

	/*
	 * Set O_NONBLOCK only after open(): a blocking open() of a FIFO waits
	 * for a writer. Without a writer, read() would report the end of the
	 * file.
	 */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Ignore ENOTTY: a file of records has no ioctls and needs none. */
static int device_ioctl(int fd, unsigned long request, void *arg)
{
	if (ioctl(fd, request, arg) == 0 || errno == ENOTTY)
		return 0;
	return -errno;
}

/**
 * device_set_mask - choose the events to report
 * @fd: the device
 * @mask: bit mask (1 << type)
 *
 * The default mask applies to records that were made before this call.
 *
 * Return: 0 or a negative error number.
 */
int device_set_mask(int fd, u32 mask)
{
	return device_ioctl(fd, TCPTRACE_IOC_MASK, &mask);
}

/* Return: 0 or a negative error number. */
int device_set_all_netns(int fd)
{
	u32 on = 1;

	return device_ioctl(fd, TCPTRACE_IOC_ALL_NETNS, &on);
}

/**
 * device_set_filter - report only packets that match a filter
 * @fd: the device
 * @program: classic BPF program for packets that start at the IP header
 *
 * Return: 0 or a negative error number: -EINVAL if the kernel refuses the
 * filter, -ENOTTY for a file of records.
 */
int device_set_filter(int fd, const struct bpf_program *program)
{
	struct tcptrace_filter filter = {
		.insns = (uintptr_t)program->bf_insns,
		.len = program->bf_len,
	};

	return ioctl(fd, TCPTRACE_IOC_FILTER, &filter) == 0 ? 0 : -errno;
}

/* Set the size of the ring, in bytes. Return: 0 or a negative error number. */
int device_set_ring(int fd, u32 size)
{
	return device_ioctl(fd, TCPTRACE_IOC_RING, &size);
}

/* Read the state of the reader; for a file of records, all fields are zero. */
int device_info(int fd, struct tcptrace_info *info)
{
	memset(info, 0, sizeof(*info));
	return device_ioctl(fd, TCPTRACE_IOC_INFO, info);
}

/*
 * @epoch: set to the time when the module was loaded, ns since 1970; 0 for a
 * file of records or an old module.
 */
int device_epoch(int fd, u64 *epoch)
{
	*epoch = 0;
	return device_ioctl(fd, TCPTRACE_IOC_EPOCH, epoch);
}

/*
 * Write one line that says why device_open() failed and, for common errors,
 * what to do about it.
 */
void device_explain(const char *path, int err, char *buf, size_t size)
{
	const char *advice, *also = "";

	switch (err) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		advice = "load the module with 'modprobe tcptrace' or, in its source, 'make load'";
		also = ", or capture without it: 'tcptracectl watch -i any'";
		break;
	case -EACCES:
		advice = "root, or the group tcptrace and CAP_NET_ADMIN, is needed: try sudo";
		break;
	case -EPERM:
		advice = "CAP_NET_ADMIN over the network namespace is missing, try sudo";
		break;
	case -EBUSY:
		advice = "too many readers: the module parameter max_readers is the limit";
		break;
	default:
		snprintf(buf, size, "%s: %s", path, strerror(-err));
		return;
	}
	snprintf(buf, size, "%s: %s: %s%s", path, strerror(-err), advice,
		 also);
}
