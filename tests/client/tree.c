// SPDX-License-Identifier: GPL-2.0
/*
 * A simulated machine for the tests, loaded by LD_PRELOAD: files below /proc,
 * /sys, /lib/modules and modprobe.d are read from the folder TREE. A sleep
 * takes no time; after it, files in TREE/later hide those in TREE. uname()
 * returns the release in TREE/proc/sys/kernel/osrelease. The answer to a
 * netlink request is in the file TREE/netlink/BUS-TYPE; if the file is missing,
 * the answer is empty.
 * If the folder TREE/netlink is missing, the protocol netlink is unsupported.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Find the real function of this name in libc. */
#define REAL(name)	((__typeof__(name) *)dlsym(RTLD_NEXT, #name))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static bool slept;
static int netlink_fd = -1, netlink_bus, netlink_type;

static bool is_ours(const char *path)
{
	static const char *const ours[] = {
		"/proc/", "/sys/", "/lib/modules", "/etc/modprobe.d",
		"/run/modprobe.d", "/usr/local/lib/modprobe.d",
		"/usr/lib/modprobe.d", "/lib/modprobe.d",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ours); i++)
		if (strncmp(path, ours[i], strlen(ours[i])) == 0)
			return true;
	return false;
}

static const char *in_tree(const char *path, char buf[PATH_MAX])
{
	const char *tree = getenv("TREE");
	struct stat st;

	snprintf(buf, PATH_MAX, "%s/later%s", tree, path);
	if (!slept || REAL(lstat)(buf, &st) != 0)
		snprintf(buf, PATH_MAX, "%s%s", tree, path);
	return buf;
}

static const char *redirect(const char *path, char buf[PATH_MAX])
{
	return is_ours(path) ? in_tree(path, buf) : path;
}

int open(const char *path, int flags, ...)
{
	char buf[PATH_MAX];

	return REAL(open)(redirect(path, buf), flags, 0600);
}

/* On the simulated machine, fopen() of a mode 0 file fails, even for root. */
FILE *fopen(const char *path, const char *mode)
{
	char buf[PATH_MAX];
	struct stat st;

	path = redirect(path, buf);
	if (REAL(lstat)(path, &st) == 0 && !(st.st_mode & 07777)) {
		errno = EACCES;
		return NULL;
	}
	return REAL(fopen)(path, mode);
}

/* Debian 13's libkmod calls these functions, which are aliases on 64 bits. */
int open64(const char *path, int flags, ...)
{
	return open(path, flags);
}

FILE *fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

DIR *opendir(const char *path)
{
	char buf[PATH_MAX];

	return REAL(opendir)(redirect(path, buf));
}

int access(const char *path, int mode)
{
	char buf[PATH_MAX];

	return REAL(access)(redirect(path, buf), mode);
}

int stat(const char *restrict path, struct stat *restrict st)
{
	char buf[PATH_MAX];

	return REAL(stat)(redirect(path, buf), st);
}

int stat64(const char *restrict path, struct stat64 *restrict st)
{
	char buf[PATH_MAX];

	return REAL(stat64)(redirect(path, buf), st);
}

ssize_t readlink(const char *restrict path, char *restrict to, size_t size)
{
	char buf[PATH_MAX];

	return REAL(readlink)(redirect(path, buf), to, size);
}

int uname(struct utsname *host)
{
	char buf[PATH_MAX];
	FILE *file = REAL(fopen)(in_tree("/proc/sys/kernel/osrelease", buf),
				 "r");

	memset(host, 0, sizeof(*host));
	if (file) {
		if (fgets(host->release, sizeof(host->release), file))
			host->release[strcspn(host->release, "\n")] = '\0';
		fclose(file);
	}
	return 0;
}

int nanosleep(const struct timespec *want, struct timespec *left)
{
	(void)want;
	(void)left;
	slept = true;
	return 0;
}

int socket(int domain, int type, int protocol)
{
	char buf[PATH_MAX];

	if (domain != AF_NETLINK)
		return REAL(socket)(domain, type, protocol);
	netlink_bus = protocol;
	netlink_fd = REAL(open)(in_tree("/netlink", buf), O_RDONLY);
	if (netlink_fd < 0)
		errno = EPROTONOSUPPORT;
	return netlink_fd;
}

int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return fd == netlink_fd ? 0 : REAL(bind)(fd, addr, len);
}

int getsockname(int fd, struct sockaddr *restrict addr,
		socklen_t *restrict len)
{
	if (fd != netlink_fd)
		return REAL(getsockname)(fd, addr, len);
	memset(addr, 0, *len);
	addr->sa_family = AF_NETLINK;
	return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return fd == netlink_fd ? 0 :
	       REAL(setsockopt)(fd, level, name, value, len);
}

ssize_t sendto(int fd, const void *data, size_t size, int flags,
	       const struct sockaddr *to, socklen_t len)
{
	if (fd != netlink_fd)
		return REAL(sendto)(fd, data, size, flags, to, len);
	netlink_type = ((const struct nlmsghdr *)data)->nlmsg_type;
	return (ssize_t)size;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct nlmsghdr done = {
		.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = NLMSG_DONE,
	};
	char name[64], buf[PATH_MAX];
	ssize_t n;
	int file;

	if (fd != netlink_fd)
		return REAL(recvmsg)(fd, msg, flags);
	snprintf(name, sizeof(name), "/netlink/%d-%d", netlink_bus,
		 netlink_type);
	file = REAL(open)(in_tree(name, buf), O_RDONLY);
	if (file < 0) {
		memcpy(msg->msg_iov->iov_base, &done, sizeof(done));
		return sizeof(done);
	}
	n = read(file, msg->msg_iov->iov_base, msg->msg_iov->iov_len);
	close(file);
	return n;
}
