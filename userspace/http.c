// SPDX-License-Identifier: GPL-2.0
#include "http.h"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS	= 16,
	TIMEOUT_S	= 10,
};

/**
 * struct http - a server
 * @daemon: libmicrohttpd's handle
 * @page: called by a server thread to get the text of the page
 * @data: passed to @page
 */
struct http {
	struct MHD_Daemon *daemon;
	int (*page)(void *data, char **text, size_t *len);
	void *data;
};

static enum MHD_Result reply(struct MHD_Connection *connection,
			     unsigned int status, struct MHD_Response *response)
{
	enum MHD_Result ret;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"text/plain; version=0.0.4; charset=utf-8");
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result reply_words(struct MHD_Connection *connection,
				   unsigned int status, const char *words)
{
	return reply(connection, status,
		     MHD_create_response_from_buffer(strlen(words),
						     (void *)(uintptr_t)words,
						     MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result reply_page(struct http *http,
				  struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	size_t len;
	char *text;

	if (http->page(http->data, &text, &len) != 0)
		return reply_words(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
				   "out of memory\n");
	response = MHD_create_response_from_buffer(len, text,
						   MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	return reply(connection, MHD_HTTP_OK, response);
}

/*
 * Answer a request. For a request with a body, libmicrohttpd calls this
 * function several times.
 */
static enum MHD_Result handle(void *data, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_len, void **context)
{
	(void)version;
	(void)upload;
	(void)context;
	if (*upload_len) {
		*upload_len = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return reply_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				   "only GET\n");
	if (strcmp(url, "/") == 0)
		return reply_words(connection, MHD_HTTP_OK,
				   "tcptracectl: see /metrics\n");
	if (strcmp(url, "/metrics") != 0)
		return reply_words(connection, MHD_HTTP_NOT_FOUND,
				   "not found: see /metrics\n");
	return reply_page(data, connection);
}

/* Parse ADDRESS:PORT or [ADDRESS]:PORT (IPv6). Return: 0 or -EINVAL. */
static int parse_address(const char *text, struct sockaddr_storage *address)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	const char *colon = strrchr(text, ':');
	struct addrinfo *found;
	char host[64];
	size_t len;

	if (!colon || colon == text || !colon[1])
		return -EINVAL;
	len = (size_t)(colon - text);
	if (*text == '[' && colon[-1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return -EINVAL;
	memcpy(address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static socklen_t length_of(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						sizeof(struct sockaddr_in);
}

/* Return: a listening socket, or a negative error number. */
static int listen_at(const struct sockaddr_storage *address)
{
	int fd, on = 1, err;

	fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)address,
		 length_of(address)) == 0 &&
	    listen(fd, CONNECTIONS) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void say_where(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[64], port[8];
	bool v6;

	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
	    getnameinfo((const struct sockaddr *)&address, len, host,
			sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	v6 = address.ss_family == AF_INET6;
	warnx("http://%s%s%s:%s/metrics", v6 ? "[" : "", host, v6 ? "]" : "",
	      port);
}

/**
 * http_start - serve a page
 * @http: set to the server
 * @address: ADDRESS:PORT; port 0: any free port
 * @page: called by a server thread for /metrics; sets @text to memory from
 *	malloc() and @len to its length; returns 0 or a negative error number
 * @data: passed to @page
 * @why: set to a one-line reason for a failure
 * @size: size of @why
 *
 * Return: 0 or a negative error number.
 */
int http_start(struct http **http, const char *address,
	       int (*page)(void *data, char **text, size_t *len), void *data,
	       char *why, size_t size)
{
	struct sockaddr_storage where = { 0 };
	struct http *new;
	int fd;

	if (parse_address(address, &where) != 0) {
		snprintf(why, size, "invalid address: '%s': use ADDRESS:PORT",
			 address);
		return -EINVAL;
	}
	fd = listen_at(&where);
	if (fd < 0) {
		snprintf(why, size, "cannot listen on %s: %s", address,
			 strerror(-fd));
		return fd;
	}
	new = calloc(1, sizeof(*new));
	if (!new)
		goto err_close;
	new->page = page;
	new->data = data;
	new->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
				       NULL, handle, new,
				       MHD_OPTION_LISTEN_SOCKET, fd,
				       MHD_OPTION_CONNECTION_LIMIT,
				       (unsigned int)CONNECTIONS,
				       MHD_OPTION_CONNECTION_TIMEOUT,
				       (unsigned int)TIMEOUT_S,
				       MHD_OPTION_END);
	if (!new->daemon)
		goto err_free;
	say_where(fd);
	*http = new;
	return 0;

err_free:
	free(new);
err_close:
	close(fd);
	snprintf(why, size, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
