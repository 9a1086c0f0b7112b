// SPDX-License-Identifier: GPL-2.0
/*
 * lines FILE: read a file to its end, 64 KiB at a time.
 * The program prints the number of lines and of reads, the ticks of all reads,
 * and the ticks of the longest read.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/types.h>

enum { ROOM = 65536 };

static char room[ROOM];

static __u64 ticks(void)
{
	__u32 lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a" (lo), "=d" (hi) : : "memory");
	return lo | (__u64)hi << 32;
}

int main(int argc, char **argv)
{
	__u64 lines = 0, sum = 0, longest = 0, reads = 0, begin, t;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	ssize_t len;

	if (fd < 0) {
		fprintf(stderr, "usage: lines FILE\n");
		return 2;
	}
	for (;;) {
		begin = ticks();
		len = read(fd, room, sizeof(room));
		t = ticks() - begin;
		if (len <= 0)
			break;
		for (ssize_t i = 0; i < len; i++)
			lines += room[i] == '\n';
		sum += t;
		longest = t > longest ? t : longest;
		reads++;
	}
	printf("lines %llu\nreads %llu\nticks %llu\nlongest %llu\n",
	       (unsigned long long)lines, (unsigned long long)reads,
	       (unsigned long long)sum, (unsigned long long)longest);
	return len < 0;
}
