// SPDX-License-Identifier: GPL-2.0
#include "addr.h"

#include "number.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void addr_init(struct addr *addr, u16 family, u32 zone, const u8 bytes[16])
{
	addr->family = family;
	addr->zone = zone;
	memcpy(addr->bytes, bytes, sizeof(addr->bytes));
}

static bool addr_has_zone(const struct addr *addr)
{
	return addr->family == AF_INET6 && addr->zone != 0 &&
	       addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

/* Do not use inet_ntop(): it takes longer than all other work for an event. */
static void format_ip4(const u8 bytes[4], char *buf)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			*buf++ = '.';
		buf = number_put(buf, bytes[i]);
	}
	*buf = '\0';
}

/* Write a numeric address as text; ADDR_LEN bytes are enough for it. */
void addr_format(const struct addr *addr, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	if (addr->family == AF_INET && size >= INET_ADDRSTRLEN)
		format_ip4(addr->bytes, buf);
	else if (addr->family != AF_INET6 ||
		 !inet_ntop(AF_INET6, addr->bytes, text, sizeof(text)))
		snprintf(buf, size, "?");
	else if (addr_has_zone(addr))
		snprintf(buf, size, "%s%%%u", text, addr->zone);
	else
		snprintf(buf, size, "%s", text);
}

/* Write a numeric address and port as text; ADDR_LEN bytes are enough. */
void addr_endpoint(const struct addr *addr, u16 port, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN + 16];

	addr_format(addr, text, sizeof(text));
	snprintf(buf, size, addr->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 text, port);
}

static socklen_t addr_to_sockaddr(const struct addr *addr, u16 port,
				  struct sockaddr_storage *to)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
	struct sockaddr_in *four = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = addr->family;
	if (addr->family == AF_INET) {
		four->sin_port = htons(port);
		memcpy(&four->sin_addr, addr->bytes, sizeof(four->sin_addr));
		return sizeof(*four);
	}
	six->sin6_port = htons(port);
	six->sin6_scope_id = addr_has_zone(addr) ? addr->zone : 0;
	memcpy(&six->sin6_addr, addr->bytes, sizeof(six->sin6_addr));
	return sizeof(*six);
}

/**
 * addr_resolve - write an address and a port, with their names if known
 * @addr: the address
 * @port: the port
 * @buf: where the text goes
 * @size: size of @buf; ADDR_LEN is enough
 *
 * The function may block until a name server answers.
 */
void addr_resolve(const struct addr *addr, u16 port, char *buf, size_t size)
{
	char host[256], service[32];
	struct sockaddr_storage to;
	socklen_t len;
	char *p;

	if (addr->family != AF_INET && addr->family != AF_INET6) {
		addr_endpoint(addr, port, buf, size);
		return;
	}
	len = addr_to_sockaddr(addr, port, &to);
	if (getnameinfo((struct sockaddr *)&to, len, host, sizeof(host),
			service, sizeof(service), 0) != 0) {
		addr_endpoint(addr, port, buf, size);
		return;
	}
	/* A name server's answer may contain any bytes. */
	for (p = host; *p != '\0'; p++)
		if (!isgraph((unsigned char)*p))
			*p = '?';
	snprintf(buf, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
		 service);
}

/* Parse a numeric address with an optional %zone. Return: 0 or -EINVAL. */
int addr_parse(const char *text, struct addr *addr)
{
	size_t len = strcspn(text, "%");
	char digits[INET6_ADDRSTRLEN];
	u64 zone = 0;

	memset(addr, 0, sizeof(*addr));
	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (text[len] != '\0' &&
	    number_parse(text + len + 1, 10, UINT32_MAX, &zone) != 0)
		return -EINVAL;
	addr->zone = (u32)zone;
	addr->family = strchr(digits, ':') ? AF_INET6 : AF_INET;
	if (addr->family == AF_INET && text[len] != '\0')
		return -EINVAL;
	return inet_pton(addr->family, digits, addr->bytes) == 1 ? 0 : -EINVAL;
}

/* Parse an address, the first @len bytes of @text. Return: 0 or -EINVAL. */
static int parse_host(const char *text, size_t len, struct addr *addr)
{
	char host[64];

	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	return addr_parse(host, addr);
}

/* Parse "1.2.3.4:80" or "[fe80::1%3]:80". Return: 0 or -EINVAL. */
int addr_parse_endpoint(const char *text, struct addr *addr, u16 *port)
{
	const char *colon = strrchr(text, ':');
	bool six = *text == '[';
	size_t len;
	u64 n;

	if (!colon || number_parse(colon + 1, 10, UINT16_MAX, &n) != 0)
		return -EINVAL;
	len = (size_t)(colon - text);
	if (six && (len < 2 || text[len - 1] != ']'))
		return -EINVAL;
	if (six) {
		text++;
		len -= 2;
	}
	*port = (u16)n;
	if (parse_host(text, len, addr) != 0)
		return -EINVAL;
	return six == (addr->family == AF_INET6) ? 0 : -EINVAL;
}

/**
 * addr_parse_prefix - parse "10.0.0.1" or "10.0.0.0/8"
 * @text: an address with an optional prefix length
 * @addr: where the address goes
 * @bits: set to the prefix length: 32 or 128 if @text has none
 *
 * Return: 0 or -EINVAL.
 */
int addr_parse_prefix(const char *text, struct addr *addr, unsigned int *bits)
{
	size_t len = strcspn(text, "/");
	u64 n;

	if (parse_host(text, len, addr) != 0)
		return -EINVAL;
	n = addr->family == AF_INET ? 32 : 128;
	if (text[len] != '\0' && number_parse(text + len + 1, 10, n, &n) != 0)
		return -EINVAL;
	*bits = (unsigned int)n;
	return 0;
}

/**
 * addr_in_prefix - check whether an address is in a network
 * @addr: the address
 * @prefix: the network; if it has a zone, @addr must have the same zone
 * @bits: length of the prefix
 *
 * Return: true if the address is in the network.
 */
bool addr_in_prefix(const struct addr *addr, const struct addr *prefix,
		    unsigned int bits)
{
	unsigned int whole = bits / 8;
	u8 rest = (u8)(0xff00 >> bits % 8);

	if (addr->family != prefix->family)
		return false;
	if (prefix->zone != 0 && prefix->zone != addr->zone)
		return false;
	if (memcmp(addr->bytes, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((addr->bytes[whole] ^ prefix->bytes[whole]) & rest) == 0;
}
