// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the client's reader of pcapng files, and compare it with libpcap.
 * libpcap may stop earlier in a file. Until it stops, both must read the same
 * packets.
 */
#include "fuzz.h"

#include "link.h"
#include "pcapng.h"

#include <pcap/pcap.h>

#define NS_PER_SEC	1000000000ULL

enum {
	/* libpcap's 64-bit arithmetic overflows with a larger shift */
	SHIFT_MAX	= 34,
};

/* Open the file with libpcap. Return: NULL if libpcap rejects the file. */
static pcap_t *open_theirs(const u8 *data, size_t len)
{
	const unsigned int nano = PCAP_TSTAMP_PRECISION_NANO;
	FILE *file = fmemopen((void *)data, len, "r");
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;

	must(file);
	pcap = pcap_fopen_offline_with_tstamp_precision(file, nano, why);
	if (!pcap)
		fclose(file);
	return pcap;
}

static bool is_exact(const struct pcapng *ng)
{
	size_t i;

	for (i = 0; i < ng->n; i++)
		if (ng->interfaces[i].units == 0 &&
		    ng->interfaces[i].shift > SHIFT_MAX)
			return false;
	return true;
}

/* Compare the next packets. Return: false if libpcap cannot read a packet. */
static bool compare(pcap_t *theirs, const struct pcapng *ng,
		    const struct pcapng_packet *packet)
{
	struct pcap_pkthdr *h;
	const u_char *p;
	u64 time;

	if (pcap_next_ex(theirs, &h, &p) != 1)
		return false;
	time = (u64)h->ts.tv_sec * NS_PER_SEC + (u64)h->ts.tv_usec;
	must(h->caplen == packet->len && h->len == packet->wire_len);
	must(memcmp(p, packet->p, h->caplen) == 0);
	must(time == packet->time || !is_exact(ng));
	must(pcap_datalink(theirs) == packet->link ||
	     !link_is_known(packet->link));
	return true;
}

/* Return: how the file ended. */
static int read_all(struct pcapng *ng, size_t len, pcap_t **theirs)
{
	struct pcapng_packet packet;
	u64 bytes = 0;
	int ret;

	while ((ret = pcapng_read(ng, &packet)) > 0) {
		must(ng->n > 0 && ng->n <= PCAPNG_INTERFACES_MAX);
		if (ret == PCAPNG_INTERFACE)
			continue;
		must(packet.p >= ng->block && packet.p + packet.len <=
		     ng->block + ng->block_room);
		bytes += packet.len;
		must(bytes <= len);
		if (*theirs && !compare(*theirs, ng, &packet)) {
			pcap_close(*theirs);
			*theirs = NULL;
		}
	}
	return ret;
}

/**
 * fuzz_one - one run
 * @data: a file
 * @len: its length
 *
 * Return: 0.
 */
int fuzz_one(const u8 *data, size_t len)
{
	struct pcap_pkthdr *h;
	struct pcapng ng;
	const u_char *p;
	pcap_t *theirs;
	FILE *file;
	int ret;

	if (len == 0 || data[0] != PCAPNG_FIRST_BYTE)
		return 0;
	file = fmemopen((void *)data, len, "r");
	must(file);
	theirs = open_theirs(data, len);
	ret = pcapng_open(&ng, file);
	if (ret == 0)
		ret = read_all(&ng, len, &theirs);
	must(ret == PCAPNG_EOF || (ng.why[0] && !strchr(ng.why, '\n')));
	if (theirs) {
		/*
		 * libpcap ignores one error: different lengths of a section
		 * header
		 */
		must(ret < 0 || pcap_next_ex(theirs, &h, &p) != 1);
		pcap_close(theirs);
	}
	pcapng_free(&ng);
	fclose(file);
	return 0;
}
