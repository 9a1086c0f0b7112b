/* SPDX-License-Identifier: GPL-2.0 */
/* Serve one page over HTTP with libmicrohttpd. */
#ifndef _TCPTRACECTL_HTTP_H
#define _TCPTRACECTL_HTTP_H

#include "core/env.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

struct http;

#ifdef HAVE_MICROHTTPD
int http_start(struct http **http, const char *address,
	       int (*page)(void *data, char **text, size_t *len), void *data,
	       char *why, size_t size);
void http_stop(struct http *http);
#else
static inline int http_start(struct http **http, const char *address,
			     int (*page)(void *data, char **text, size_t *len),
			     void *data, char *why, size_t size)
{
	(void)http;
	(void)address;
	(void)page;
	(void)data;
	snprintf(why, size, "this tcptracectl was built without libmicrohttpd");
	return -EOPNOTSUPP;
}

static inline void http_stop(struct http *http)
{
	(void)http;
}
#endif

#endif /* _TCPTRACECTL_HTTP_H */
