// SPDX-License-Identifier: GPL-2.0
/*
 * A fake /dev/tcptrace for the tests, loaded by LD_PRELOAD. SHIM_OPEN,
 * SHIM_READ, SHIM_NETNS and SHIM_FILTER are the error numbers with which
 * open(), read() and the ioctls ALL_NETNS and FILTER fail. With SHIM_QUIET, a
 * poll() with a timeout returns 0 at once; the clock advances by the sum of
 * these timeouts, in whole seconds. SHIM_BITS has the bits that the fake device
 * rejects in a mask. SHIM_LOG is a file to which each ioctl adds a line.
 * SHIM_LOST is the number of records that INFO reports as lost because of a
 * wrong position. SHIM_FILE is a file of records to read. SHIM_EPOCH is the
 * module's epoch.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/tcptrace.h>

static long skipped;	/* sum of the skipped poll() timeouts, in ms */
static int fake_fd = -1;

static int variable(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 0;
}

int open(const char *path, int flags, ...)
{
	int (*real)(const char *path, int flags, ...) =
		dlsym(RTLD_NEXT, "open");
	int err = variable("SHIM_OPEN");

	if (strcmp(path, TCPTRACE_DEVICE) != 0)
		return real(path, flags, 0600);
	if (err) {
		errno = err;
		return -1;
	}
	fake_fd = real(getenv("SHIM_FILE") ?: "/dev/zero", flags);
	return fake_fd;
}

ssize_t read(int fd, void *buf, size_t size)
{
	ssize_t (*real)(int fd, void *buf, size_t size) =
		dlsym(RTLD_NEXT, "read");
	int err = variable("SHIM_READ");

	if (fd != fake_fd || getenv("SHIM_FILE"))
		return real(fd, buf, size);
	errno = err;
	return err ? -1 : 0;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	int (*real)(struct pollfd *fds, nfds_t n, int timeout) =
		dlsym(RTLD_NEXT, "poll");

	if (timeout <= 0 || !variable("SHIM_QUIET"))
		return real(fds, n, timeout);
	skipped += timeout;
	return 0;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int (*real)(clockid_t clock, struct timespec *t) =
		dlsym(RTLD_NEXT, "clock_gettime");
	int ret = real(clock, t);

	t->tv_sec += skipped / 1000;
	return ret;
}

/* After a close(), another file may get the descriptor of the fake device. */
int close(int fd)
{
	int (*real)(int fd) = dlsym(RTLD_NEXT, "close");

	if (fd == fake_fd)
		fake_fd = -1;
	return real(fd);
}

static int fake_ioctl(unsigned long request, void *arg)
{
	struct tcptrace_info *info = arg;

	switch (request) {
	case TCPTRACE_IOC_INFO:
		memset(info, 0, sizeof(*info));
		info->lost = (__u64)variable("SHIM_LOST");
		info->lost_by[TCPTRACE_LOST_POSITION] = info->lost;
		return 0;
	case TCPTRACE_IOC_ALL_NETNS:
		errno = variable("SHIM_NETNS");
		return errno ? -1 : 0;
	case TCPTRACE_IOC_FILTER:
		errno = variable("SHIM_FILTER");
		return errno ? -1 : 0;
	case TCPTRACE_IOC_MASK:
		errno = EINVAL;
		return *(__u32 *)arg & (__u32)variable("SHIM_BITS") ? -1 : 0;
	case TCPTRACE_IOC_RING:
		return 0;
	case TCPTRACE_IOC_EPOCH:
		errno = ENOTTY;
		*(__u64 *)arg = (__u64)variable("SHIM_EPOCH");
		return *(__u64 *)arg ? 0 : -1;
	default:
		errno = ENOTTY;
		return -1;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int fd, unsigned long request, ...) =
		dlsym(RTLD_NEXT, "ioctl");
	const char *log = getenv("SHIM_LOG");
	va_list args;
	FILE *file;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd != fake_fd)
		return real(fd, request, arg);
	file = log ? fopen(log, "a") : NULL;
	if (file) {
		fprintf(file, "%lx %x\n", request,
			request == TCPTRACE_IOC_FILTER ?
			((struct tcptrace_filter *)arg)->len : *(__u32 *)arg);
		fclose(file);
	}
	return fake_ioctl(request, arg);
}
