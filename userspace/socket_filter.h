/* SPDX-License-Identifier: GPL-2.0 */
/* Select connections by expressions in the syntax of ss(8). */
#ifndef _TCPTRACECTL_SOCKET_FILTER_H
#define _TCPTRACECTL_SOCKET_FILTER_H

#include "addr.h"
#include "core/env.h"
#include "proc_conn.h"

#include <stddef.h>

enum {
	SOCKET_FILTER_NODES	= 64,
	SOCKET_CGROUP_LEN	= 256,
};

/**
 * enum socket_test - what a part of an expression tests
 * @SOCKET_AND:		both parts below it are true
 * @SOCKET_OR: at least one of the parts below it is true
 * @SOCKET_NOT: the part below it is false
 * @SOCKET_STATE:	an end is in one of the states
 * @SOCKET_PORT: the port of @end is less than, equal to or greater than @port,
 *	depending on @signs
 * @SOCKET_ADDR: the address of @end is in the network @addr
 * @SOCKET_AGE: the time since the first segment is less than, equal to or
 *	greater than @age, depending on @signs
 * @SOCKET_CGROUP: if @signs is 2 (equal), the socket of an end is in @cgroup or
 *	in a cgroup below it; otherwise, neither socket is
 */
enum socket_test {
	SOCKET_AND,
	SOCKET_OR,
	SOCKET_NOT,
	SOCKET_STATE,
	SOCKET_PORT,
	SOCKET_ADDR,
	SOCKET_AGE,
	SOCKET_CGROUP,
};

/**
 * struct socket_node - a part of an expression
 * @test: what the part tests
 * @below: indexes of the parts below this part
 * @end: 0: src, the originator; 1: dst, the responder
 * @signs: bit mask of the comparison results that match: 1 less, 2 equal, 4
 *	greater
 * @port: a port
 * @age: a time span, ms
 * @cgroup: path of a cgroup
 * @states: bit mask (1 << enum tcptrace_state)
 * @addr: a network address
 * @bits: prefix length of @addr
 */
struct socket_node {
	enum socket_test test;
	u8 below[2];
	u8 end;
	u8 signs;
	u16 port;
	u64 age;
	char cgroup[SOCKET_CGROUP_LEN];
	u32 states;
	struct addr addr;
	unsigned int bits;
};

/**
 * struct socket_filter - an expression
 * @n: number of parts; an expression with 0 parts matches every connection
 * @root: index of the part that contains all other parts
 * @node: the parts
 */
struct socket_filter {
	unsigned int n;
	unsigned int root;
	struct socket_node node[SOCKET_FILTER_NODES];
};

unsigned int socket_state(const char *word, size_t len);
int socket_age(const char *word, u64 *ms);
u64 socket_age_of(const struct proc_conn *row);
bool socket_in_cgroup(const struct proc_conn *row, const char *path);
bool socket_filter_is_meant(char *const words[]);
int socket_filter_parse(struct socket_filter *filter, char *const words[],
			char *why, size_t size);
bool socket_filter_takes(const struct socket_filter *filter,
			 const struct proc_conn *row);

#endif /* _TCPTRACECTL_SOCKET_FILTER_H */
