// SPDX-License-Identifier: GPL-2.0
#include "sentences.h"

/*
 * Conversions in the sentences: %E the end, %O the other end, %n the count, %v
 * the value, %t the value as a time.
 */
const char *const sentences_findings[TCPTRACE_FINDINGS] = {
	[TCPTRACE_FINDING_OLD_CONNECTION] =
		"the SYN met an old connection: %E answered with an ACK of other numbers",
	[TCPTRACE_FINDING_SYN_REPEATED] =
		"%E repeated its SYN after the SYN,ACK: the answer does not reach it",
	[TCPTRACE_FINDING_SYNACK_REPEATED] =
		"%E repeated its SYN,ACK after the ACK: it does not accept the connection",
	[TCPTRACE_FINDING_SYNACK_UNANSWERED] =
		"%E has sent its SYN,ACK %v times, and no answer was seen",
	[TCPTRACE_FINDING_TWO_SYNACKS] =
		"%E answered one SYN with two SYN,ACKs of different ISNs",
	[TCPTRACE_FINDING_TFO_NOT_TAKEN] =
		"%E did not take the %v bytes of data in the SYN",
	[TCPTRACE_FINDING_OLD_TIMESTAMP] =
		"%E sent a timestamp %v ticks older than its last one: %O must drop the segment",
	[TCPTRACE_FINDING_WSCALE_LOST] =
		"%E scales its window by %v, but the SYNs agreed to no scale: an option was lost on the way",
	[TCPTRACE_FINDING_WINDOW_SHRUNK] =
		"%E took back %v bytes of its window",
	[TCPTRACE_FINDING_WINDOW_OVERRUN] =
		"%E sent %v bytes beyond the window of %O",
	[TCPTRACE_FINDING_ZERO_WINDOW] =
		"the window of %E is 0 for %t",
	[TCPTRACE_FINDING_PROBES_UNANSWERED] =
		"%E has not answered %n window probes within %t",
	[TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED] =
		"%E has not answered %n keep-alives within %t",
	[TCPTRACE_FINDING_DATA_UNANSWERED] =
		"%E is silent: data was sent to it again %n times within %t",
	[TCPTRACE_FINDING_FIN_UNANSWERED] =
		"%E does not acknowledge a FIN that was sent %n times within %t",
	[TCPTRACE_FINDING_PATH_MTU] =
		"segments of %v bytes of %E are never acknowledged, smaller ones are: suspect the path MTU",
	[TCPTRACE_FINDING_SACK_OUTSIDE] =
		"%E sent %n SACK blocks of numbers that nobody sent",
	[TCPTRACE_FINDING_ACK_LOOP] =
		"both ends answer each other's ACKs: %n without anything new",
	[TCPTRACE_FINDING_ONE_WAY] =
		"only segments of %E passed here: %v packets",
	[TCPTRACE_FINDING_SEEN_TWICE] =
		"packets were seen at two places: the copies are left out",
	[TCPTRACE_FINDING_STRAY_RST] =
		"a RST with the numbers of %E came from another address, port %v: a NAT has forgotten the connection",
	[TCPTRACE_FINDING_SYN_TIMESTAMP] =
		"the SYN is unanswered, and %v ticks older than the last connection from its address to this server",
	[TCPTRACE_FINDING_TOO_BIG] =
		"a router says that segments of %E are too big: MTU %v",
	[TCPTRACE_FINDING_ROUTE_MOVED] =
		"the segments of %E pass by another interface than before: index %v",
	[TCPTRACE_FINDING_ASYMMETRIC] =
		"the segments of %E leave by interface %v, those of the other end come in by another one",
	[TCPTRACE_FINDING_LISTENER_FULL] =
		"a queue of the listener is full: %E drops the handshake, and had dropped %v packets before",
};

/* Documentation/findings.rst: the usual cause, and what to do. */
const char *const sentences_causes[TCPTRACE_FINDINGS] = {
	[TCPTRACE_FINDING_OLD_CONNECTION] =
		"Usual cause: the client has restarted, or a NAT has given its port to another host. If the client repeats its SYN, nothing is to be done; else look for a firewall that drops the ACK or the RST.",
	[TCPTRACE_FINDING_SYN_REPEATED] =
		"Usual cause: the SYN,ACK is lost between here and the end, or a packet filter there drops it.",
	[TCPTRACE_FINDING_SYNACK_REPEATED] =
		"Usual cause: the accept queue of the server is full (see ss -lt and nstat TcpExtListenOverflows), TCP_DEFER_ACCEPT waits for data, or the ACK is lost.",
	[TCPTRACE_FINDING_SYNACK_UNANSWERED] =
		"Usual cause: asymmetric routing, or answers to a SYN flood with forged addresses.",
	[TCPTRACE_FINDING_TWO_SYNACKS] =
		"Usual cause: two hosts have this address, a load balancer asks two servers, or a middlebox answers before the server.",
	[TCPTRACE_FINDING_TFO_NOT_TAKEN] =
		"Usual cause: the server does not do TCP Fast Open, the cookie has expired, or a middlebox removes the option. The data is sent again.",
	[TCPTRACE_FINDING_WSCALE_LOST] =
		"Usual cause: a middlebox removes the option from one SYN. The connection is slow; find the middlebox.",
	[TCPTRACE_FINDING_OLD_TIMESTAMP] =
		"Usual cause: a very late duplicate, or a NAT or proxy that mixes two timestamp clocks.",
	[TCPTRACE_FINDING_WINDOW_SHRUNK] =
		"Usual cause: a receiver that is short of memory.",
	[TCPTRACE_FINDING_WINDOW_OVERRUN] =
		"Usual cause: a lost window scale option, or a sender that ignores the window.",
	[TCPTRACE_FINDING_ZERO_WINDOW] =
		"Usual cause: the program does not read. Look at the program, not at the network.",
	[TCPTRACE_FINDING_PROBES_UNANSWERED] =
		"Usual cause: the host is gone, or the path.",
	[TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED] =
		"Usual cause: the host is gone, or a NAT has forgotten the connection.",
	[TCPTRACE_FINDING_DATA_UNANSWERED] =
		"Usual cause: the host is gone, or the path.",
	[TCPTRACE_FINDING_FIN_UNANSWERED] =
		"Usual cause: the host or a NAT has forgotten the connection and sends no RST.",
	[TCPTRACE_FINDING_PATH_MTU] =
		"Usual cause: a link with a smaller MTU, and a filter that drops ICMP \"too big\". Try ping -M do -s; net.ipv4.tcp_mtu_probing=1 and MSS clamping help.",
	[TCPTRACE_FINDING_SACK_OUTSIDE] =
		"Usual cause: a middlebox changes sequence numbers, but not those in SACK blocks. Recovery from losses is slow.",
	[TCPTRACE_FINDING_ACK_LOOP] =
		"Usual cause: the ends disagree about the numbers, and each answers with an ACK; an old or a broken stack.",
	[TCPTRACE_FINDING_ONE_WAY] =
		"Usual cause: asymmetric routing, or a mirror port of one direction. It is not a failure.",
	[TCPTRACE_FINDING_SEEN_TWICE] =
		"Usual cause: a capture of several interfaces, or of both sides of a router. It is not a failure.",
	[TCPTRACE_FINDING_STRAY_RST] =
		"Usual cause: a NAT has forgotten the connection, and the RST of the host behind it leaves with its own address.",
	[TCPTRACE_FINDING_SYN_TIMESTAMP] =
		"Usual cause: hosts behind a NAT, and a server that compares the timestamps of an address (Linux before 4.12 with tcp_tw_recycle).",
	[TCPTRACE_FINDING_TOO_BIG] =
		"Usual cause: a link with a smaller MTU, of which the end now learns. It is a failure only if segments of the same size follow.",
	[TCPTRACE_FINDING_ROUTE_MOVED] =
		"Usual cause: a route has changed, or a link has failed. It is a failure only if a firewall or NAT on the new way does not know the connection.",
	[TCPTRACE_FINDING_ASYMMETRIC] =
		"Usual cause: two uplinks with one default route. Strict rp_filter, firewalls and NAT lose such connections; policy routing by source address cures it.",
	[TCPTRACE_FINDING_LISTENER_FULL] =
		"Usual cause: a program that accepts too slowly, or a backlog that is too small for a burst. ss -ltn shows queue and limit.",
};

const char *const sentences_suspicions[TCPTRACE_SUSPICIONS] = {
	[TCPTRACE_SUSPECT_RST] =
		"a RST that the receiver must not accept, because its number is not the next one (RFC 5961 3).",
	[TCPTRACE_SUSPECT_SYN] =
		"a SYN in the middle of a connection: the receiver answers with an ACK only (RFC 5961 4).",
	[TCPTRACE_SUSPECT_DATA] =
		"it lies outside of the window of the receiver, which must drop it (RFC 9293 3.10.7.4, first).",
	[TCPTRACE_SUSPECT_ACK] =
		"it acknowledges data that was never seen, or that was acknowledged long ago (RFC 5961 5).",
	[TCPTRACE_SUSPECT_SYNACK] =
		"a SYN,ACK that acknowledges no SYN that was seen.",
	[TCPTRACE_SUSPECT_RST_TTL] =
		"a RST with a TTL that its sender never used: somebody else may have sent it.",
	[TCPTRACE_SUSPECT_AFTER_RST] =
		"its sender has sent a RST, and goes on: somebody else may have sent that RST.",
	[TCPTRACE_SUSPECT_ISN_REUSE] =
		"a SYN with the ISN of the connection before: ISNs should be unpredictable (RFC 6528).",
	[TCPTRACE_SUSPECT_CHALLENGED] =
		"a challenge ACK: the receiver did not accept the RST (RFC 5961 3).",
	[TCPTRACE_SUSPECT_DATA_TTL] =
		"data with a TTL that its sender never used, and the sender then sent the same numbers itself.",
};

/* A sentence for each class, without the numbers that were compared. */
const char *const sentences_classes[SENTENCES_CLASSES] = {
	"it begins before the next number of its sender.",
	"it begins after the next number of its sender: something before it was not captured.",
	"it acknowledges more than was captured.",
	"0 or 1 byte, one number before the next one: it only asks whether the other end is there.",
	"no data, and ACK and window as in the last segment of its sender.",
	"window 0: the other end must wait.",
	"1 byte of new data, though the window of the other end is 0: it asks for a new window.",
	"it answers a window probe: the window is still 0.",
	"it answers a keep-alive.",
	"it begins before the next number, but so soon after it that the network may have changed the order.",
	"data is sent again after two or more duplicate ACKs, without a timeout.",
	"no data, the same ACK, another window.",
	"its data ends at the edge of the window of the other end.",
	"the ports are used again, with another ISN.",
	"the other end has acknowledged this data already.",
};

/* Each sentence names one end, or none. */
const char *const sentences_endings[TCPTRACE_CLOSE_REASONS] = {
	[TCPTRACE_CLOSE_FIN] =
		"The %1$s closed first, by FIN; both FINs are acknowledged.",
	[TCPTRACE_CLOSE_RESET] = "A RST of the %1$s ended it.",
	[TCPTRACE_CLOSE_REFUSED] = "The %1$s refused it by RST.",
	[TCPTRACE_CLOSE_UNANSWERED] = "The SYN was not answered.",
	[TCPTRACE_CLOSE_TIMEOUT] =
		"It did not end: nothing more was seen for the timeout of its state.",
	[TCPTRACE_CLOSE_EVICTED] =
		"It was removed from the table to make room.",
	[TCPTRACE_CLOSE_REUSED] =
		"A new connection of the same ports has replaced it.",
	[TCPTRACE_CLOSE_SHUTDOWN] =
		"It was open when the observation ended.",
	[TCPTRACE_CLOSE_CAPTURE] = "It was open when the capture ended.",
	[TCPTRACE_CLOSE_ONE_WAY] =
		"Its end was not seen: only segments of one end passed here.",
	[TCPTRACE_CLOSE_UNREACHABLE] =
		"The SYN was not answered, and an ICMP error reports it.",
};

/* What took most of the time. */
const char *const sentences_limits[TCPTRACE_LIMITED] = {
	[TCPTRACE_LIMITED_APP] =
		"Most of the time the client had nothing to send, and waited for no answer.",
	[TCPTRACE_LIMITED_PEER] =
		"Most of the time the client waited for an answer of the server.",
	[TCPTRACE_LIMITED_WINDOW] =
		"Most of the time the window of a receiver limited it.",
	[TCPTRACE_LIMITED_LOSS] =
		"Most of the time went into recovery from losses.",
	[TCPTRACE_LIMITED_PATH] =
		"Most of the time data was under way: the path or the sender limited it.",
	[TCPTRACE_LIMITED_HANDSHAKE] =
		"Most of the time went into the handshake.",
};

static const struct rule rules[] = {
	{ TCPTRACE_REASON_ACTIVE_OPEN, TCPTRACE_STATES,
	  "an end that opens a connection sends a SYN and waits for the answer.",
	  "RFC 9293 3.10.1" },
	{ TCPTRACE_REASON_PASSIVE_OPEN, TCPTRACE_STATES,
	  "it was in LISTEN, which no segment shows: a SYN there is answered by SYN,ACK.",
	  "RFC 9293 3.10.7.2, third" },
	{ TCPTRACE_REASON_SIMULTANEOUS_OPEN, TCPTRACE_STATES,
	  "the SYNs have crossed: a SYN in SYN_SENT that does not acknowledge ours is answered by SYN,ACK.",
	  "RFC 9293 3.10.7.3, fourth" },
	{ TCPTRACE_REASON_SYNACK_RECEIVED, TCPTRACE_STATES,
	  "a SYN,ACK that acknowledges its SYN opens the connection for it.",
	  "RFC 9293 3.10.7.3, fourth" },
	{ TCPTRACE_REASON_SYN_ACKED, TCPTRACE_STATES,
	  "an ACK of its SYN opens the connection for it.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_SYNACK_IMPLIED, TCPTRACE_STATES,
	  "it acknowledges the SYN of the other end, so it has received a SYN,ACK that was not seen here.",
	  "RFC 9293 3.10.7.3, fourth" },
	{ TCPTRACE_REASON_SYN_IMPLIED, TCPTRACE_STATES,
	  "a SYN,ACK answers a SYN, so it has sent one that was not seen here.",
	  "RFC 9293 3.10.7.2, third" },
	{ TCPTRACE_REASON_FIN_SENT, TCPTRACE_FIN_WAIT_1,
	  "its program closed first: the FIN waits for its acknowledgment.",
	  "RFC 9293 3.10.4" },
	{ TCPTRACE_REASON_FIN_SENT, TCPTRACE_LAST_ACK,
	  "its program closes, too, after the FIN of the other end: only the ACK of this FIN is still to come.",
	  "RFC 9293 3.10.4" },
	{ TCPTRACE_REASON_FIN_SENT, TCPTRACE_CLOSING,
	  "both ends close at once: the FINs have crossed.",
	  "RFC 9293 3.6, figure 13" },
	{ TCPTRACE_REASON_FIN_RECEIVED, TCPTRACE_CLOSE_WAIT,
	  "the other end has no more to send; this one may still send.",
	  "RFC 9293 3.10.7.4, eighth" },
	{ TCPTRACE_REASON_FIN_RECEIVED, TCPTRACE_CLOSING,
	  "the FIN of the other end comes before the ACK of its own FIN: both close at once.",
	  "RFC 9293 3.10.7.4, eighth" },
	{ TCPTRACE_REASON_FIN_RECEIVED, TCPTRACE_TIME_WAIT,
	  "both FINs are received. It closed first, so it waits 2 MSL for late segments.",
	  "RFC 9293 3.10.7.4, eighth" },
	{ TCPTRACE_REASON_FIN_ACKED, TCPTRACE_FIN_WAIT_2,
	  "its FIN is acknowledged; it waits for the FIN of the other end.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_FIN_ACKED, TCPTRACE_TIME_WAIT,
	  "its FIN is acknowledged, and it has the FIN of the other end: it waits 2 MSL for late segments.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_FIN_ACKED, TCPTRACE_CLOSED,
	  "its FIN, the last segment that counts, is acknowledged.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_RST_SENT, TCPTRACE_STATES,
	  "it has sent a RST that the other end must accept, and forgets the connection.",
	  "RFC 9293 3.10.5" },
	{ TCPTRACE_REASON_RST_RECEIVED, TCPTRACE_STATES,
	  "a RST exactly at the next number ends the connection at once.",
	  "RFC 9293 3.10.7.4, second" },
	{ TCPTRACE_REASON_REFUSED, TCPTRACE_STATES,
	  "a RST that acknowledges its SYN: the connection is refused.",
	  "RFC 9293 3.10.7.3, second" },
	{ TCPTRACE_REASON_MIDSTREAM, TCPTRACE_STATES,
	  "the handshake was not seen; an end that sends data or ACKs has passed it.",
	  NULL },
	{ TCPTRACE_REASON_2MSL, TCPTRACE_STATES,
	  "2 MSL are over: no segment of the connection can come any more.",
	  "RFC 9293 3.10.8" },
	{ TCPTRACE_REASON_SYN_REPEATED, TCPTRACE_STATES,
	  "only SYN_SENT sends a SYN: the SYN,ACK has not arrived.",
	  "RFC 9293 3.5" },
	{ TCPTRACE_REASON_SYNACK_REPEATED, TCPTRACE_STATES,
	  "only SYN_RECEIVED sends a SYN,ACK: the ACK has not arrived, or was not accepted.",
	  "RFC 9293 3.5" },
	{ TCPTRACE_REASON_FIN_NOT_RECEIVED, TCPTRACE_STATES,
	  "a FIN that is received is acknowledged: this one has not arrived.",
	  "RFC 9293 3.10.7.4, eighth" },
};

/**
 * sentences_rule - why an end changes its state
 * @reason: enum tcptrace_reason
 * @to: enum tcptrace_state after it
 *
 * Return: the rule, NULL if none is known.
 */
const struct rule *sentences_rule(unsigned int reason, unsigned int to)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].reason == reason &&
		    (rules[i].to == TCPTRACE_STATES || rules[i].to == to))
			return &rules[i];
	return NULL;
}
