// SPDX-License-Identifier: GPL-2.0
#include "sentences.h"

/*
 * A sentence for each finding. Conversions: %E is the end to which the finding
 * belongs; %O is the other end; %n is the count; %v is the value; %t is the
 * value as a time.
 */
const char *const sentences_findings[TCPTRACE_FINDINGS] = {
	[TCPTRACE_FINDING_OLD_CONNECTION] =
		"the SYN met an old connection: %E answered with an ACK of other numbers",
	[TCPTRACE_FINDING_SYN_REPEATED] =
		"%E repeated its SYN after the SYN,ACK: the SYN,ACK does not arrive",
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
		"%v-byte segments of %E are never acknowledged, but smaller ones are: suspect the path MTU",
	[TCPTRACE_FINDING_SACK_OUTSIDE] =
		"%E sent %n SACK blocks for data that was never sent",
	[TCPTRACE_FINDING_ACK_LOOP] =
		"both ends answer each other's ACKs: %n ACKs without anything new",
	[TCPTRACE_FINDING_ONE_WAY] =
		"only segments of %E passed here: %v packets",
	[TCPTRACE_FINDING_SEEN_TWICE] =
		"packets were seen at two places: the copies are left out",
	[TCPTRACE_FINDING_STRAY_RST] =
		"a RST with the numbers of %E came from another address, port %v: a NAT has forgotten the connection",
	[TCPTRACE_FINDING_SYN_TIMESTAMP] =
		"the SYN is unanswered, and its timestamp is %v ticks older than that of the last connection from its address to this server",
	[TCPTRACE_FINDING_TOO_BIG] =
		"a router reports that segments of %E are too big: MTU %v",
	[TCPTRACE_FINDING_ROUTE_MOVED] =
		"the segments of %E now pass another interface: index %v",
	[TCPTRACE_FINDING_ASYMMETRIC] =
		"the segments of %E leave by interface %v, but those of the other end arrive by another one",
	[TCPTRACE_FINDING_LISTENER_FULL] =
		"a queue of the listener is full: %E drops the handshake, and had dropped %v packets before",
};

/* The usual cause of each finding, taken from Documentation/findings.rst. */
const char *const sentences_causes[TCPTRACE_FINDINGS] = {
	[TCPTRACE_FINDING_OLD_CONNECTION] =
		"Usual cause: the client has restarted, or a NAT has given its port to another host. If the client repeats its SYN, no action is needed; otherwise look for a firewall that drops the ACK or the RST.",
	[TCPTRACE_FINDING_SYN_REPEATED] =
		"Usual cause: the SYN,ACK is lost between here and the end, or a packet filter there drops it.",
	[TCPTRACE_FINDING_SYNACK_REPEATED] =
		"Usual cause: the accept queue of the server is full (see ss -lt and nstat TcpExtListenOverflows), TCP_DEFER_ACCEPT waits for data, or the ACK is lost.",
	[TCPTRACE_FINDING_SYNACK_UNANSWERED] =
		"Usual cause: asymmetric routing, or answers to a SYN flood with forged addresses.",
	[TCPTRACE_FINDING_TWO_SYNACKS] =
		"Usual cause: two hosts have this address, a load balancer asks two servers, or a middlebox answers before the server.",
	[TCPTRACE_FINDING_TFO_NOT_TAKEN] =
		"Usual cause: the server does not support TCP Fast Open, the cookie has expired, or a middlebox removes the option. The data is sent again.",
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
		"Usual cause: the host is gone, or the path to it is broken.",
	[TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED] =
		"Usual cause: the host is gone, or a NAT has forgotten the connection.",
	[TCPTRACE_FINDING_DATA_UNANSWERED] =
		"Usual cause: the host is gone, or the path to it is broken.",
	[TCPTRACE_FINDING_FIN_UNANSWERED] =
		"Usual cause: the host or a NAT has forgotten the connection and sends no RST.",
	[TCPTRACE_FINDING_PATH_MTU] =
		"Usual cause: a link with a smaller MTU, and a filter that drops ICMP \"too big\". Try ping -M do -s; net.ipv4.tcp_mtu_probing=1 and MSS clamping help.",
	[TCPTRACE_FINDING_SACK_OUTSIDE] =
		"Usual cause: a middlebox changes sequence numbers, but not those in SACK blocks. Recovery from losses is slow.",
	[TCPTRACE_FINDING_ACK_LOOP] =
		"Usual cause: the ends disagree about the sequence numbers, and each answers with an ACK: one of them has an old or broken TCP stack.",
	[TCPTRACE_FINDING_ONE_WAY] =
		"Usual cause: asymmetric routing, or a mirror port of one direction. This is not a failure.",
	[TCPTRACE_FINDING_SEEN_TWICE] =
		"Usual cause: a capture of several interfaces, or of both sides of a router. This is not a failure.",
	[TCPTRACE_FINDING_STRAY_RST] =
		"Usual cause: a NAT has forgotten the connection, and the RST of the host behind it leaves with its own address.",
	[TCPTRACE_FINDING_SYN_TIMESTAMP] =
		"Usual cause: hosts behind a NAT, and a server that compares the timestamps of an address (Linux before 4.12 with tcp_tw_recycle).",
	[TCPTRACE_FINDING_TOO_BIG] =
		"Usual cause: a link with a smaller MTU, which the ICMP error reports to the end. This is a failure only if segments of the same size follow.",
	[TCPTRACE_FINDING_ROUTE_MOVED] =
		"Usual cause: a route has changed, or a link has failed. This is a failure only if a firewall or NAT on the new path does not know the connection.",
	[TCPTRACE_FINDING_ASYMMETRIC] =
		"Usual cause: two uplinks with one default route. Strict rp_filter, firewalls and NAT lose such connections; policy routing by source address avoids this.",
	[TCPTRACE_FINDING_LISTENER_FULL] =
		"Usual cause: a program that accepts too slowly, or a backlog that is too small for a burst. ss -ltn shows queue and limit.",
};

const char *const sentences_suspicions[TCPTRACE_SUSPICIONS] = {
	[TCPTRACE_SUSPECT_RST] =
		"a RST that the receiver must not accept, because its number is not the next one (RFC 5961 3).",
	[TCPTRACE_SUSPECT_SYN] =
		"a SYN in the middle of a connection: the receiver answers with an ACK only (RFC 5961 4).",
	[TCPTRACE_SUSPECT_DATA] =
		"data outside the window of the receiver, which must drop it (RFC 9293 3.10.7.4, first).",
	[TCPTRACE_SUSPECT_ACK] =
		"an ACK of data that was never seen, or that was acknowledged long ago (RFC 5961 5).",
	[TCPTRACE_SUSPECT_SYNACK] =
		"a SYN,ACK that acknowledges no SYN that was seen.",
	[TCPTRACE_SUSPECT_RST_TTL] =
		"a RST with a TTL that its sender never used: somebody else may have sent it.",
	[TCPTRACE_SUSPECT_AFTER_RST] =
		"a segment from an end that has sent a RST: somebody else may have sent that RST.",
	[TCPTRACE_SUSPECT_ISN_REUSE] =
		"a SYN with the ISN of the previous connection: ISNs should be unpredictable (RFC 6528).",
	[TCPTRACE_SUSPECT_CHALLENGED] =
		"a challenge ACK: the receiver did not accept the RST (RFC 5961 3).",
	[TCPTRACE_SUSPECT_DATA_TTL] =
		"data with a TTL that its sender never used; later the sender sent the same numbers itself.",
};

/* A sentence for each of Wireshark's classes, without numbers of a segment. */
const char *const sentences_classes[SENTENCES_CLASSES] = {
	"the segment begins before the next number of its sender.",
	"the segment begins after the next number of its sender: an earlier segment was not captured.",
	"the segment acknowledges more than was captured.",
	"0 or 1 byte at the number before the next one: the sender only asks whether the other end is there.",
	"no data, and the same ACK and window as in the last segment of its sender.",
	"window 0: the other end must wait.",
	"1 byte of new data, though the window of the other end is 0: the sender asks for a new window.",
	"the segment answers a window probe: the window is still 0.",
	"the segment answers a keep-alive.",
	"the segment begins before the next number, but that number was reached so recently that the network may have reordered the segments.",
	"data is sent again after two or more duplicate ACKs, without a timeout.",
	"no data, the same ACK, another window.",
	"the data ends at the edge of the window of the other end.",
	"the ports are used again, with another ISN.",
	"the other end has acknowledged this data already.",
};

/*
 * How the connection ended. %1$s is the end that closed, reset or refused the
 * connection.
 */
const char *const sentences_endings[TCPTRACE_CLOSE_REASONS] = {
	[TCPTRACE_CLOSE_FIN] =
		"The %1$s closed first, by FIN; both FINs are acknowledged.",
	[TCPTRACE_CLOSE_RESET] = "A RST of the %1$s ended the connection.",
	[TCPTRACE_CLOSE_REFUSED] = "The %1$s refused the connection by RST.",
	[TCPTRACE_CLOSE_UNANSWERED] = "The SYN was not answered.",
	[TCPTRACE_CLOSE_TIMEOUT] =
		"The connection did not end: no segment was seen within the timeout of its state.",
	[TCPTRACE_CLOSE_EVICTED] =
		"The connection was removed from the table to make room.",
	[TCPTRACE_CLOSE_REUSED] =
		"A new connection of the same ports has replaced it.",
	[TCPTRACE_CLOSE_SHUTDOWN] =
		"The connection was open when the observation ended.",
	[TCPTRACE_CLOSE_CAPTURE] = "The connection was open when the capture ended.",
	[TCPTRACE_CLOSE_ONE_WAY] =
		"The end of the connection was not seen: only segments of one end passed here.",
	[TCPTRACE_CLOSE_UNREACHABLE] =
		"The SYN was not answered, and an ICMP error reports it.",
};

/* What limited a connection for the largest part of its time. */
const char *const sentences_limits[TCPTRACE_LIMITED] = {
	[TCPTRACE_LIMITED_APP] =
		"For the largest part of the time, the client had nothing to send, and waited for no answer.",
	[TCPTRACE_LIMITED_PEER] =
		"For the largest part of the time, the client waited for an answer from the server.",
	[TCPTRACE_LIMITED_WINDOW] =
		"For the largest part of the time, the window of a receiver limited the connection.",
	[TCPTRACE_LIMITED_LOSS] =
		"The largest part of the time went into recovery from losses.",
	[TCPTRACE_LIMITED_PATH] =
		"For the largest part of the time, data was in flight: the path or the sender limited the connection.",
	[TCPTRACE_LIMITED_HANDSHAKE] =
		"The largest part of the time went into the handshake.",
};

static const struct rule rules[] = {
	{ TCPTRACE_REASON_ACTIVE_OPEN, TCPTRACE_STATES,
	  "an end that opens a connection sends a SYN and waits for the answer.",
	  "RFC 9293 3.10.1" },
	{ TCPTRACE_REASON_PASSIVE_OPEN, TCPTRACE_STATES,
	  "this end was in LISTEN, which no segment shows: an end in LISTEN answers a SYN with SYN,ACK.",
	  "RFC 9293 3.10.7.2, third" },
	{ TCPTRACE_REASON_SIMULTANEOUS_OPEN, TCPTRACE_STATES,
	  "the SYNs have crossed: an end in SYN_SENT that receives a SYN without an ACK answers with SYN,ACK.",
	  "RFC 9293 3.10.7.3, fourth" },
	{ TCPTRACE_REASON_SYNACK_RECEIVED, TCPTRACE_STATES,
	  "a SYN,ACK that acknowledges its SYN opens the connection for this end.",
	  "RFC 9293 3.10.7.3, fourth" },
	{ TCPTRACE_REASON_SYN_ACKED, TCPTRACE_STATES,
	  "an ACK of its SYN opens the connection for this end.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_SYNACK_IMPLIED, TCPTRACE_STATES,
	  "this end acknowledges the SYN of the other end, so it has received a SYN,ACK that was not seen here.",
	  "RFC 9293 3.10.7.3, fourth" },
	{ TCPTRACE_REASON_SYN_IMPLIED, TCPTRACE_STATES,
	  "a SYN,ACK answers a SYN, so this end has sent a SYN that was not seen here.",
	  "RFC 9293 3.10.7.2, third" },
	{ TCPTRACE_REASON_FIN_SENT, TCPTRACE_FIN_WAIT_1,
	  "its program closed first: the FIN waits for its acknowledgment.",
	  "RFC 9293 3.10.4" },
	{ TCPTRACE_REASON_FIN_SENT, TCPTRACE_LAST_ACK,
	  "its program closes as well, after the FIN of the other end: only the ACK of this FIN is missing.",
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
	  "both FINs are received. This end closed first, so it waits 2 MSL for late segments.",
	  "RFC 9293 3.10.7.4, eighth" },
	{ TCPTRACE_REASON_FIN_ACKED, TCPTRACE_FIN_WAIT_2,
	  "its FIN is acknowledged; this end waits for the FIN of the other end.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_FIN_ACKED, TCPTRACE_TIME_WAIT,
	  "its FIN is acknowledged, and it has the FIN of the other end: this end waits 2 MSL for late segments.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_FIN_ACKED, TCPTRACE_CLOSED,
	  "its FIN, the last segment that counts, is acknowledged.",
	  "RFC 9293 3.10.7.4, fifth" },
	{ TCPTRACE_REASON_RST_SENT, TCPTRACE_STATES,
	  "this end has sent a RST that the other end must accept, and forgets the connection.",
	  "RFC 9293 3.10.5" },
	{ TCPTRACE_REASON_RST_RECEIVED, TCPTRACE_STATES,
	  "a RST exactly at the next number ends the connection at once.",
	  "RFC 9293 3.10.7.4, second" },
	{ TCPTRACE_REASON_REFUSED, TCPTRACE_STATES,
	  "a RST that acknowledges its SYN: the connection is refused.",
	  "RFC 9293 3.10.7.3, second" },
	{ TCPTRACE_REASON_MIDSTREAM, TCPTRACE_STATES,
	  "the handshake was not seen; an end that sends data or ACKs has completed the handshake.",
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
	  "a received FIN is acknowledged: this one has not arrived.",
	  "RFC 9293 3.10.7.4, eighth" },
};

/**
 * sentences_rule - find the rule by which an end changes its state
 * @reason: enum tcptrace_reason
 * @to: enum tcptrace_state after the change
 *
 * Return: the rule; NULL if no rule is known.
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
