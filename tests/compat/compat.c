// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit program that makes one call on /dev/tcptrace for each request: see
 * tests/vm/lib/compat.py. The program uses no C library, because no 32-bit C
 * library is installed.
 */
#include <linux/filter.h>
#include <linux/poll.h>
#include <linux/tcptrace.h>

#include <asm/fcntl.h>
#include <asm/unistd_32.h>

/* Each request and each answer is followed by @len bytes. */
struct request {
	char op;
	char pad[3];
	__u32 first;
	__u32 second;
	__u32 len;
};

struct answer {
	__s32 ret;
	__u32 len;
};

static __u64 buffer[8192];
static char *const data = (char *)buffer;

static int call(int nr, unsigned long a, unsigned long b, unsigned long c)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory");
	return ret;
}

static int io(int fd, unsigned long request, const void *arg)
{
	return call(__NR_ioctl, fd, request, (unsigned long)arg);
}

static void all(int nr, int fd, void *buf, unsigned int len)
{
	unsigned int done = 0;
	int n;

	while (done < len) {
		n = call(nr, fd, (unsigned long)buf + done, len - done);
		if (n <= 0)
			call(__NR_exit, n ? 1 : 0, 0, 0);
		done += n;
	}
}

static int set_filter(int fd, const struct request *r)
{
	struct tcptrace_filter filter;

	filter.insns = (unsigned long)data;
	filter.len = r->len / sizeof(struct sock_filter);
	filter.pad = r->first;
	return io(fd, TCPTRACE_IOC_FILTER, &filter);
}

static int set_wake(int fd, const struct request *r)
{
	struct tcptrace_wake wake;

	wake.bytes = r->first;
	wake.delay_ms = r->second;
	return io(fd, TCPTRACE_IOC_WAKE, &wake);
}

/* The answer has the ring's size, which the ioctl may have rounded up. */
static int set_ring(int fd, const struct request *r, __u32 *len)
{
	__u32 *size = (__u32 *)data;

	*size = r->first;
	*len = sizeof(*size);
	return io(fd, TCPTRACE_IOC_RING, size);
}

static int wait_for(int fd, const struct request *r, __u32 *len)
{
	struct pollfd *p = (struct pollfd *)data;

	p->fd = fd;
	p->events = POLLIN;
	p->revents = 0;
	*len = sizeof(*p);
	return call(__NR_poll, (unsigned long)p, 1, r->first);
}

static int do_read(int fd, const struct request *r, __u32 *len)
{
	unsigned int size = r->first < sizeof(buffer) ? r->first : sizeof(buffer);
	int ret = call(__NR_read, fd, (unsigned long)data, size);

	*len = ret > 0 ? ret : 0;
	return ret;
}

static int serve(int fd, const struct request *r, __u32 *len)
{
	switch (r->op) {
	case 'i':
		*len = sizeof(struct tcptrace_info);
		return io(fd, TCPTRACE_IOC_INFO, data);
	case 'm':
		return io(fd, TCPTRACE_IOC_MASK, &r->first);
	case 'n':
		return io(fd, TCPTRACE_IOC_ALL_NETNS, &r->first);
	case 'f':
		return set_filter(fd, r);
	case 'c':
		return io(fd, TCPTRACE_IOC_CLOCK, &r->first);
	case 's':
		return set_ring(fd, r, len);
	case 'w':
		return set_wake(fd, r);
	case 'x':
		return io(fd, r->first, (const void *)r->second);
	case 'p':
		return wait_for(fd, r, len);
	case 'r':
		return do_read(fd, r, len);
	case 'l':
		return sizeof(long);
	default:
		return -1;
	}
}

void _start(void);

void _start(void)
{
	static const char path[] = TCPTRACE_DEVICE;
	struct request request;
	struct answer answer;
	int fd = call(__NR_open, (unsigned long)path, O_NONBLOCK, 0);

	answer.ret = fd;
	answer.len = 0;
	all(__NR_write, 1, &answer, sizeof(answer));
	for (;;) {
		all(__NR_read, 0, &request, sizeof(request));
		if (request.len > sizeof(buffer))
			call(__NR_exit, 2, 0, 0);
		all(__NR_read, 0, data, request.len);
		answer.len = 0;
		answer.ret = serve(fd, &request, &answer.len);
		all(__NR_write, 1, &answer, sizeof(answer));
		all(__NR_write, 1, data, answer.len);
	}
}
