# SPDX-License-Identifier: GPL-2.0
"""Test the events that watch prints as text: compare them with expected lines,
and check alignment, color, times and names."""
import re
import subprocess

import captures
from cases import FOLDER as CASES
from tap import case, cases, contains, equal, one_line
import pseudo_terminal

GOLDEN = {
    "session": """\
    1000.000000    1 OPEN     10.0.0.2:40000 -> 10.0.0.1:80  out     [S] seq 0 len 0
    1000.000001    1 STATE 1  10.0.0.2:40000 -> 10.0.0.1:80  orig CLOSED -> SYN_SENT          [S] seq 0 len 0         sent SYN
    1000.000002    1 STATE 2  10.0.0.2:40000 <- 10.0.0.1:80  resp CLOSED -> SYN_RECEIVED      [SA] seq 0 ack 1 len 0  answered SYN with SYN,ACK
    1000.000003    1 STATE 3  10.0.0.2:40000 <- 10.0.0.1:80  orig SYN_SENT -> ESTABLISHED     [SA] seq 0 ack 1 len 0  received SYN,ACK
    1000.000004    1 STATE 4  10.0.0.2:40000 -> 10.0.0.1:80  resp SYN_RECEIVED -> ESTABLISHED [A] seq 1 ack 1 len 0   its SYN was acknowledged
    1000.000005    1 ESTAB    10.0.0.2:40000 -> 10.0.0.1:80  SYN->SYN/ACK 12.3 ms  SYN/ACK->ACK 40.0 us  mss 1460/1400 wscale 7/8 sack_perm timestamp
    1000.000006    1 SEGMENT  10.0.0.2:40000 -> 10.0.0.1:80  out     [PA] seq 1 ack 1 len 100 next 101 win 64240 ts 5/6
    1000.000007    1 SEGMENT  10.0.0.2:40000 <- 10.0.0.1:80  in      [A] seq 1 ack 101 len 2800 next 2801 win 64240 (2 segments) ts 7/5 sack 201:296 301:401
    1000.000008    1 STATE 5  10.0.0.2:40000 -> 10.0.0.1:80  orig ESTABLISHED -> FIN_WAIT_1   [FA] seq 101 ack 2801 len 0  sent FIN
    1000.000009    1 STATE 6  10.0.0.2:40000 -> 10.0.0.1:80  resp ESTABLISHED -> CLOSE_WAIT   [FA] seq 101 ack 2801 len 0  received FIN
    1000.000010    1 STATE 7  10.0.0.2:40000 <- 10.0.0.1:80  resp CLOSE_WAIT -> LAST_ACK      [FA] seq 2801 ack 102 len 0  sent FIN
    1000.000011    1 STATE 8  10.0.0.2:40000 <- 10.0.0.1:80  orig FIN_WAIT_1 -> TIME_WAIT     [FA] seq 2801 ack 102 len 0  received FIN
    1000.000012    1 STATE 9  10.0.0.2:40000 -> 10.0.0.1:80  resp LAST_ACK -> CLOSED          [A] seq 102 ack 2802 len 0   its FIN was acknowledged
    1000.000013    1 STATE 10 10.0.0.2:40000 -- 10.0.0.1:80  orig TIME_WAIT -> CLOSED         no segment                   2 MSL are over
    1000.000014    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 2.31 s (2.30 s established)  -> 100 B in 5 pkt  <- 2800 B in 4 pkt (1400 B in 1 pkt again)  SF ShADadFf [SFPA] [SFA]
""",
    "lost": """\
    1000.000000    1 OPEN     10.0.0.2:40000 -> 10.0.0.1:80  out     [S] seq 0 len 0
    1000.000001 *** LOST 41 records, 1000.000000 to 1000.000003: full ***
    1000.000002    2 OPEN     10.0.0.2:40000 -> 10.0.0.1:80  out     [S] seq 0 len 0
    1000.000003 *** LOST 1 record, 1000.000003 to 1000.000003: full, position, ? ***
""",
    "marks": """\
    1000.000000    2 OPEN     [fe80::1%3]:50000 <- [fe80::2%3]:22  in      [PA] seq 1 ack 1 len 36  midstream  originator guessed
    1000.000001    2 STATE 1  [fe80::1%3]:50000 <- [fe80::2%3]:22  orig CLOSED -> ESTABLISHED       [PA] seq 1 ack 1 len 36  picked up midstream
    1000.000002    3 OPEN     127.0.0.1:5555 -> 127.0.0.1:5555     out     [S] seq 0 len 0  self-connect
    1000.000003    4 OPEN     [2001:db8::1]:50001 -> [2001:db8:1:2:3:4:5:6]:443  forward [NCES] seq 0 len 0
    1000.000004    4 STATE 2  [2001:db8::1]:50001 <- [2001:db8:1:2:3:4:5:6]:443  orig SYN_SENT -> CLOSED          [RA] seq 0 ack 1 len 0   its SYN was refused by RST
    1000.000005    4 CLOSE    [2001:db8::1]:50001 <- [2001:db8:1:2:3:4:5:6]:443  refused by responder in CLOSED/CLOSED after 350 ns  -> 0 B in 1 pkt  <- 0 B in 1 pkt  OTH [NCES] [RA]
    1000.000006    5 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80                      timed out in ESTABLISHED/ESTABLISHED after 2m05s (1h01m02s established)  -> 18446744073709551615 B in 1 pkt (7 B in 2 pkt again)  <- 0 B in 0 pkt  OTH [A] [-]  midstream
""",
    "handshake_rexmit": """\
    1000.000000    1 ESTAB    10.0.0.2:40000 -> 10.0.0.1:80  SYN->SYN/ACK not seen  SYN/ACK->ACK 999 ns  in all 3.00 s  rexmit SYN 2 SYN/ACK 255  mss 1460/0 wscale 0/0 tfo ecn
""",
    "options": """\
    1000.000000    1 SEGMENT  10.0.0.2:40000 -> 10.0.0.1:80  out     [S] seq 0 len 0 next 1 win 64240 mss 1460 wscale 7 ts 4294967295/0 tfo 8 mptcp 1 sack_perm md5 ao unknown malformed
    1000.000001    1 SEGMENT  10.0.0.2:40000 -> 10.0.0.1:80  out     [UA] seq 1 ack 1 len 1 next 2 win 64240 urg 1 sack 4294960296:4294960296 4294960296:4294960296 4294960296:4294960296 4294960296:4294960296
""",
    "newer": """\
    1000.000001    1 OPEN     10.0.0.2:40000 -> 10.0.0.1:80  out     [S] seq 0 len 0
    1000.000003    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1 ns (1 ns established)  -> 0 B in 1 pkt  <- 0 B in 1 pkt  OTH [S] [A]
    1000.000004    2 OPEN     10.0.0.2:40000 -> 10.0.0.1:80  out     [S] seq 0 len 0
""",
    "analysis": """\
    1000.000000    1 SEGMENT  10.0.0.2:40000 <- 10.0.0.1:80  out     [A] seq 1 ack 101 len 0 win 64240 [duplicate_ack #3]
    1000.000001    1 SEGMENT  10.0.0.2:40000 -> 10.0.0.1:80  out     [A] seq 1 ack 1 len 9 next 10 win 64240 rtt 2562047h47m16s rexmit 9 B [retransmission] [fast_retransmission]
    1000.000002    1 SEGMENT  10.0.0.2:40000 -> 10.0.0.1:80  out     [S] seq 0 len 0 next 1 win 64240 [retransmission] [lost_segment] [ack_lost_segment] [keep_alive] [zero_window] [zero_window_probe] [zero_window_probe_ack] [keep_alive_ack] [out_of_order] [fast_retransmission] [window_update] [window_full] [reused_ports] [spurious_retransmission] [duplicate_ack #7]
""",
    "counters": """\
    1000.000000    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  open at the end of the capture in ESTABLISHED/CLOSED after 1.50 s (5 ns established)  -> 40000 B in 50 pkt (6 B in 7 pkt again)  <- 0 B in 0 pkt  RSTO ^AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA [A] [-]
    1000.000001    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  reset by responder in CLOSED/CLOSED after 0 ns  -> 0 B in 3 pkt  <- 18446744073709551615 B in 1 pkt  ? ?[31mA?ZZZZZZZZZZZZZZZZZZZZZZZZZ [R] [R]
""",
    "suspected": """\
    1000.000000    1 SUSPECT  10.0.0.2:40000 <- 10.0.0.1:80  [R] seq 500 len 0  a RST that the receiver must not accept, because its number is not the next one (RFC 5961 3)  rst  out_of_window by +400 B
    1000.000001    1 SUSPECT  10.0.0.2:40000 -> 10.0.0.1:80  [A] seq 1 ack 9 len 0  an ACK of data that was never seen, or that was acknowledged long ago (RFC 5961 5)  ack  old by -70000 B
    1000.000002    1 SUSPECT  10.0.0.2:40000 <- 10.0.0.1:80  [R] seq 1 len 0  a RST with a TTL that its sender never used: somebody else may have sent it  rst_ttl  exact  ttl 255, its end's 60 to 61
    1000.000003    1 SUSPECT  10.0.0.2:40000 <- 10.0.0.1:80  [A] seq 1 ack 1 len 0  a challenge ACK: the receiver did not accept the RST (RFC 5961 3)  challenged  after 1.50 ms
    1000.000004    1 SUSPECT  10.0.0.2:40000 <- 10.0.0.1:80  [A] seq 1 ack 1 len 0  ?  ? by +0 B
""",
    "fate": """\
    1000.000000    1 ICMP     10.0.0.2:40000 -> 10.0.0.1:80  host unreachable from 10.0.0.254
    1000.000001    1 ICMP     10.0.0.2:40000 -> 10.0.0.1:80  fragmentation needed from 10.0.0.254, MTU 1280
    1000.000002    1 ICMP     [fd00::2]:40000 <- [fd00::1]:80  hop limit exceeded from fd00::ffff  suspected: it quotes a number that is not in flight (old)
    1000.000003    - ICMP     10.0.0.2:40000 -> 10.0.0.1:80    parameter from 10.0.0.254  of no known connection
    1000.000004    1 DROP     10.0.0.2:40000 -> 10.0.0.1:80    forward [S] seq 0 len 0  NETFILTER_DROP in nft_do_chain [nf_tables], lo
    1000.000005    - DROP     10.0.0.2:40000 -> 10.0.0.1:80    ingress [A] seq 1 ack 1 len 9  ???????????????????????????????? in ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff, an unknown interface
    1000.000006    1 DROP     10.0.0.2:40000 -> 10.0.0.1:80    in      [S] seq 0 len 0  TCP_LISTEN_OVERFLOW in tcp_conn_request, lo  listener: 129 queued, limit 128, 1 packet dropped before
    1000.000007    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    not answered in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  SYN unanswered for 7.00 us  OTH [S] [-]
    1000.000008    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    closed after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  2 packets dropped here  OTH [S] [-]
    1000.000009    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    refused in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  OTH [S] [-]
    1000.000010    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    refused in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  refused by this host: no socket listens  OTH [S] [-]
    1000.000011    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    refused in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  rejected by a rule of this host  OTH [S] [-]
    1000.000012    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    unreachable in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  host unreachable from 10.0.0.254  OTH [S] [-]
    1000.000013    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    unreachable in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  rejected by a rule of this host  OTH [S] [-]
    1000.000014    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    not answered in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  SYN unanswered for 14.0 us  SYN dropped here on its way out: QDISC_DROP, lo  OTH [S] [-]
    1000.000015    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    not answered in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  SYN unanswered for 15.0 us  SYN dropped here before it was routed: XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX, interface 4294967295  65535 packets dropped here  OTH [S] [-]
    1000.000016    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    not answered in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  SYN unanswered for 16.0 us  SYN left by lo, no answer came  OTH [S] [-]
    1000.000017    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    not answered in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  SYN unanswered for 17.0 us  SYN delivered to this host, which did not answer  OTH [S] [-]
    1000.000018    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    not answered in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  SYN unanswered for 18.0 us  SYN not seen leaving, nor being dropped  OTH [S] [-]
    1000.000019    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80    not answered in SYN_SENT/CLOSED after 0 ns  -> 0 B in 1 pkt  <- 0 B in 0 pkt  SYN unanswered for 19.0 us  OTH [S] [-]
""",
    "time": """\
    1000.000000    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  limited by app, response 8 ns mean (3), busy 40.0 ms: window 10.0 ms, loss 9.00 ms  OTH [A] [A]
    1000.000001    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  limited by peer, busy 40.0 ms: window 10.0 ms, loss 9.00 ms  OTH [A] [A]
    1000.000002    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  limited by window, response 8 ns mean (3), busy 80.0 ms: window 20.0 ms, loss 18.0 ms  OTH [A] [A]
    1000.000003    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  limited by loss, busy 5124095h34m33s  OTH [A] [A]
    1000.000004    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  limited by path, response 4.29 s mean (4294967295), busy 5124095h34m33s  OTH [A] [A]
    1000.000005    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  limited by handshake  OTH [A] [A]
    1000.000006    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  OTH [A] [A]
    1000.000007    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 s (1.00 s established)  -> 2000 B in 1 pkt  <- 0 B in 1 pkt  OTH [A] [A]
""",
    "owner": """\
    1000.000000    1 OPEN     10.0.0.2:40000 -> 10.2.0.2:8080  out     [S] seq 0 len 0  out lo vrf 4000000003 mark 0x1f  orig curl[4000000001] user 4000000  NAT 10.0.0.2:40000 -> 10.1.0.1:80 (to 10.2.0.2:8080)
    1000.000001    1 ESTAB    10.0.0.2:40000 -> 10.2.0.2:8080  SYN->SYN/ACK 12.3 ms  SYN/ACK->ACK 40.0 us  mss 1460/1400 wscale 7/8 sack_perm timestamp  NAT 10.0.0.2:40000 -> 10.1.0.1:80 (to 10.2.0.2:8080, from 10.2.0.1:50000)
    1000.000002    1 OWNER    10.0.0.2:40000 <- 10.2.0.2:8080  resp a?[31mxxxxxxxxx[4000000002] user 4000000  inode 78
    1000.000003    1 CLOSE    10.0.0.2:40000 -- 10.2.0.2:8080  closed, first by originator after 1 ns (1 ns established)  -> 0 B in 1 pkt  <- 0 B in 1 pkt  OTH [S] [A]  orig curl[4000000001] user 4000000  resp a?[31mxxxxxxxxx[4000000002] user 4000000  NAT 10.0.0.2:40000 -> 10.1.0.1:80 (to 10.2.0.2:8080, from 10.2.0.1:50000)
    1000.000004    1 OPEN     [fd00::2]:40000 -> [fd00::1]:80  forward [S] seq 0 len 0  lo to 4000000003  NAT [fd00::2]:40000 -> [fd00::1]:80 (from [fd00::99]:1)
    1000.000005    1 OPEN     [fd00::2]:40000 <- [fd00::1]:80  in      [S] seq 0 len 0  lo in  resp user 4000000
    1000.000006    1 OWNER    [fd00::2]:40000 <- [fd00::1]:80  ? user 4000000  inode 0
""",
    "finding": """\
    1000.000000    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the SYN met an old connection: the responder answered with an ACK of other numbers
    1000.000001    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the originator repeated its SYN after the SYN,ACK: the SYN,ACK does not arrive
    1000.000002    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the responder repeated its SYN,ACK after the ACK: it does not accept the connection
    1000.000003    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the originator has sent its SYN,ACK 4000 times, and no answer was seen
    1000.000004    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the responder answered one SYN with two SYN,ACKs of different ISNs
    1000.000005    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the originator did not take the 6000 bytes of data in the SYN
    1000.000006    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the responder sent a timestamp 7000 ticks older than its last one: the originator must drop the segment
    1000.000007    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the originator scales its window by 8000, but the SYNs agreed to no scale: an option was lost on the way
    1000.000008    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the responder took back 9000 bytes of its window
    1000.000009    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the originator sent 10000 bytes beyond the window of the responder
    1000.000010    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the window of the responder is 0 for 11.0 s
    1000.000011    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the originator has not answered 112 window probes within 12.0 s
    1000.000012    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the responder has not answered 113 keep-alives within 13.0 s
    1000.000013    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the originator is silent: data was sent to it again 114 times within 14.0 s
    1000.000014    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the responder does not acknowledge a FIN that was sent 115 times within 15.0 s
    1000.000015    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  16000-byte segments of the originator are never acknowledged, but smaller ones are: suspect the path MTU
    1000.000016    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the responder sent 117 SACK blocks for data that was never sent
    1000.000017    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  both ends answer each other's ACKs: 118 ACKs without anything new
    1000.000018    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  only segments of the responder passed here: 19000 packets
    1000.000019    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  packets were seen at two places: the copies are left out
    1000.000020    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  a RST with the numbers of the responder came from another address, port 21000: a NAT has forgotten the connection
    1000.000021    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the SYN is unanswered, and its timestamp is 22000 ticks older than that of the last connection from its address to this server
    1000.000022    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  a router reports that segments of the responder are too big: MTU 23000
    1000.000023    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  the segments of the originator now pass another interface: index 24000
    1000.000024    1 FINDING  10.0.0.2:40000 <- 10.0.0.1:80  the segments of the responder leave by interface 25000, but those of the other end arrive by another one
    1000.000025    1 FINDING  10.0.0.2:40000 -> 10.0.0.1:80  a queue of the listener is full: the originator drops the handshake, and had dropped 26000 packets before
    1000.000026    1 FINDING  10.0.0.2:40000 -- 10.0.0.1:80  finding 99
    1000.000027    1 CLOSE    10.0.0.2:40000 -- 10.0.0.1:80  closed, first by originator after 1.00 us  -> 0 B in 1 pkt  <- 0 B in 1 pkt  window_overrun of responder  zero_window of originator x65535 for 1193h02m47s  sack_outside  ack_loop  OTH [A] [A]
""",
    "limit": """\
    1000.000000 *** LIMIT in netns 4026531840: 900 evicted, max_half_open; 100 evicted, max_connections; 99 % of them unanswered; 1024 opened in 1.004 s; mostly to 192.0.2.1 port 443 ***
    1000.000001 *** LIMIT in netns 4026531840: 1 not tracked, max_connections; 2 not tracked, a bucket is full; 3 not tracked, no memory; 4294967295 readers refused, max_readers; 0 opened in 1.004 s; mostly to 2001:db8::1 ***
    1000.000002 *** LIMIT in netns 4026531840: 4294967295 evicted, max_half_open; 4294967295 evicted, max_connections; 50 % of them unanswered; 4294967295 opened in 1.004 s; mostly to port 80 ***
    1000.000003 *** LIMIT in netns 4026531840: 4 readers refused, max_readers; 7 opened in 1.004 s ***
""",
    "stray": """\
    1000.000000    - SEGMENT  10.0.0.2:40000 -> 10.0.0.1:80  in      [R] seq 77 len 0 win 0
""",
    "empty": "",
}
FIRST = GOLDEN["newer"].splitlines()[0].replace(".000001", ".000000") + "\n"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

@case("text: remote and forwarded, only with -v")
def remote(client):
    def ends(*args):
        out, _ = client.watch("remote", *args)
        return [re.findall("  (?:(?:orig|resp) .*|forwarded.*)", line)
                for line in out.splitlines()]
    equal(ends("-v"), [["  orig remote"], ["  forwarded"],
                       ["  resp remote"],
                       ["  orig user 4000000  resp remote"], ["  orig remote"]])
    equal(ends(), [[], [], [], ["  orig user 4000000"], []])


@cases("text", [(name, name) for name in GOLDEN])
def golden(client, name):
    out, err = client.watch(name, "--events", "all", "--time", "mono")
    equal(out, GOLDEN[name])
    if name == "lost":
        equal(err, "tcptracectl: 41 records lost: full\n"
                   "tcptracectl: 1 record lost: full, position, ?\n")
    else:
        equal(err, "")

@case("text: --raw")
def raw(client):
    out, _ = client.watch("session", "--raw", "--time=mono", "-e", "all")
    lines = out.splitlines()
    contains(lines[2], "[SA] seq 7000 ack 4294967001 len 0")
    contains(lines[6], "seq 4294967001 ack 7001 len 100 next 4294967101")
    contains(lines[7], "sack 4294967201:0 5:105")
    contains(lines[13], "no segment")

@case("text: numbers without a name")
def strange(client):
    out, err = client.watch("strange_values", "-v", "--time=mono")
    equal(err, "")
    lines = out.splitlines()
    equal(len(lines), 4)
    contains(lines[0], "?:40000", "[-]", "midstream", "self-connect")
    contains(lines[1], "? ? -> ?")
    contains(lines[2], "? in ?/?", "[NCEUSFRPA]", "18446744073709551615 pkt")

@case("text: every line of 10000, in order")
def many(client):
    out, _ = client.watch("many")
    equal([int(line.split()[1]) for line in out.splitlines()],
          list(range(1, 10001)))

@cases("time", [
    ("real is the default", [], r"\d\d:\d\d:\d\d\.\d{6}"),
    ("real", ["--time=real"], r"\d\d:\d\d:\d\d\.\d{6}"),
    ("mono", ["--time", "mono"], r"1000\.000001"),
    ("delta", ["--time=delta"], r"\+0\.000001"),
    ("relative", ["--time=relative"], r"\+0\.000001"),
    ("iso", ["--time=iso"],
     r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d"),
    ("utc", ["--time=utc"], r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"),
])
def times(client, args, pattern):
    out, _ = client.watch("session", "-v", *args)
    for line in out.splitlines()[1:2]:
        if not re.fullmatch(pattern, line.split()[0]):
            raise AssertionError(line)

@case("time: spans, three digits")
def spans(client):
    out, _ = client.watch("spans", "-e", "established")
    got = [re.search(r"ACK (\S+ ?[mun]?s?)  SYN/ACK->ACK (.*?)  ", line)
           for line in out.splitlines()]
    equal([match.groups() for match in got],
          [("9.50 ms", "99.9 us"), ("10.0 ms", "100 us"), ("1 ns", "1000 us"),
           ("1.00 s", "60.0 s"), ("1m00s", "59m59s")])

@case("time: delta may be negative; the next number after a FIN")
def back(client):
    out, _ = client.watch("spans", "-eall", "--time=delta")
    last = out.splitlines()[-1]
    equal(last.split()[0], "-1.500000")
    contains(last, "seq 1 ack 1 len 10 next 12 win")

@case("time: real is in the time zone of the user")
def zone(client):
    hours = []
    for tz in ("UTC0", "XXX-5"):
        out, _ = client.watch("session", "-n1", env=client.env(TZ=tz))
        hours.append(int(out.split(":")[0]))
    if (hours[1] - hours[0]) % 24 not in (4, 5, 6):
        raise AssertionError(hours)

@cases("broken input: the records before it are shown, one line, exit 1", [
    ("length 0", "len_0", 0), ("length 7", "len_7", 7),
    ("length 16", "len_16", 16), ("length 284", "len_odd", 284),
    ("length 2^32-8", "len_huge", 2**32 - 8),
    ("length 65544", "len_64k", 65544),
    ("a CLOSE of 280", "short_known", 280)])
def broken(client, name, length):
    out, err = client.watch(name, "--time=mono", code=1)
    equal(out, FIRST)
    one_line(err)
    contains(err, client.path(name), f"no record at byte 280: length {length}")

@cases("cut input: one line, exit 1", [("record", "cut", 14, "byte 2168"),
                                       ("header", "cut_header", 1, "byte 280")])
def cut(client, name, lines, where):
    out, err = client.watch(name, "-e", "all", code=1)
    equal(out.count("\n"), lines)
    one_line(err)
    contains(err, "cut off", where)

@cases("-n", [("1", "1", 1), ("3", "3", 3), ("more", "99", 13)])
def count(client, number, lines):
    out, err = client.watch("session", "-v", "-n", number)
    equal(out.count("\n"), lines)
    equal(err, "")

@case("three lines for a healthy connection")
def healthy(client):
    out, _ = client.watch("session")
    equal([line.split()[2] for line in out.splitlines()],
          ["OPEN", "ESTAB", "CLOSE"])

@case("one line for suspicions of a kind, and their number at the end")
def suspected(client):
    talk = captures.Talk()
    path = client.path("capture", captures.pcap(
        talk.handshake() + [talk(1, captures.RST, 5000)] * 7))
    for args, lines in ([], 1), (["-v"], 7), (["-e", "suspected"], 7):
        out, _ = client.run("watch", "-r", path, *args)
        equal(out.count("SUSPECT"), lines)
        equal(out.count("rst x7"), lines == 1)

@case("-n: LOST does not count")
def count_lost(client):
    out, _ = client.watch("lost", "-n2", "--time=mono")
    equal(out, "".join(GOLDEN["lost"].splitlines(True)[:3]))

@cases("--events", [
    ("open", "open", ["OPEN"]),
    ("established,close", "established,close", ["ESTAB", "CLOSE"]),
    ("segment", "segment", ["SEGMENT"] * 2),
    ("state", "state", ["STATE"] * 10),
    ("LOST comes with any event", "close", ["***", "***"], "lost"),
])
def events(client, names, want, name="session"):
    out, _ = client.watch(name, "--events", names)
    equal([line.split()[1 if name == "lost" else 2]
           for line in out.splitlines()], want)

@case("--resolve: names; --numeric undoes it")
def resolve(client):
    out, _ = client.watch("marks", "--resolve", "-e", "open")
    if not re.search(r"localhost\S*:5555 -> localhost", out):
        raise AssertionError(out)
    out, _ = client.watch("marks", "--resolve", "--numeric", "-e", "open")
    contains(out, "127.0.0.1:5555 -> 127.0.0.1")
    out, _ = client.watch("strange_values", "--resolve")
    contains(out, "?:40000")

def watch_terminal(client, *args, columns=0, **env):
    """Run watch with stdout on a pseudo terminal and stderr on a pipe."""
    main, other = pseudo_terminal.opened(columns)
    process = client.start("watch", *args, stdout=other, env=client.env(**env))
    out = pseudo_terminal.finish(main, other)
    _, err = process.communicate(timeout=20)
    equal(process.returncode, 0, "exit")
    return out.replace("\r\n", "\n"), err.decode()


def on_terminal(client, *args, name="lost", columns=0, **env):
    """Run watch on a pseudo terminal, with a file of records."""
    return watch_terminal(client, "--time=mono", "--device",
                          client.records(name), *args, columns=columns, **env)


@cases("color", [
    ("on a terminal", [], {}, True),
    ("NO_COLOR", [], {"NO_COLOR": "1"}, False),
    ("empty NO_COLOR", [], {"NO_COLOR": ""}, True),
    ("dumb terminal", [], {"TERM": "dumb"}, False),
    ("never", ["--color=never"], {}, False),
    ("auto with NO_COLOR", ["--color=auto"], {"NO_COLOR": "1"}, False),
    ("always beats NO_COLOR", ["--color=always"], {"NO_COLOR": "1"}, True),
])
def color(client, args, env, want):
    out, _ = on_terminal(client, *args, **env)
    equal("\x1b" in out, want, "colour")
    equal(ESCAPE.sub("", out), GOLDEN["lost"], "text without colour")


@case("color: none in a pipe, unless --color or --color=always forces it")
def color_pipe(client):
    for args in ([], ["--color=auto"], ["--color=never"]):
        out, _ = client.watch("session", *args)
        equal("\x1b" in out, False)
    for args in (["--color"], ["--color=always"]):
        out, _ = client.watch("session", "-eall", "--time=mono", *args)
        equal("\x1b" in out, True)
        equal(ESCAPE.sub("", out), GOLDEN["session"])


@case("--all-netns: each line of a connection names its namespace")
def all_netns(client):
    out, _ = client.watch("session", "-eall", "--time=mono", "--all-netns")
    equal([line.split()[1] for line in out.splitlines()],
          ["4026531840"] * GOLDEN["session"].count("\n"))


def too_wide(text, columns):
    """Return the lines that are wider than the terminal, except lines that are
    a single word without indentation."""
    return [line for line in text.splitlines()
            if len(line) > columns and
            (" " in line.strip() or len(line.strip()) != len(line))]


@case("a terminal: -r ends with a summary, a pipe has none")
def summary(client):
    one, two = captures.Talk(), captures.Talk(port=7)
    path = client.path("capture", captures.pcap(
        one.handshake() + one.close() + [two(0, captures.SYN)] * 2))
    out, err = watch_terminal(client, "-r", path)
    equal(out.count("\n"), 5)
    equal(err, "tcptracectl: 5 events, 8 packets, 0 lost, 2 connections, "
               "1 of them closed\n")
    equal(client.run("watch", "-r", path)[1], "")


@cases("a terminal: pieces stay together, words stay the same", [
    (f"{name}, {columns} columns", name, columns)
    for name in GOLDEN for columns in (0, 40, 60, 80, 100, 120)])
def narrow(client, name, columns):
    out, _ = on_terminal(client, "-eall", name=name, columns=columns)
    plain = ESCAPE.sub("", out)
    equal(plain.split(), GOLDEN[name].split(), "words")
    if not columns:
        equal(plain, GOLDEN[name])
        return
    equal(too_wide(plain, columns), [], "lines that are too long")
    equal([line for line in plain.splitlines() if line != line.rstrip()], [],
          "blanks at the end")
    if name == "session":
        # continuation lines begin below the label, or to the right of the ends
        indent = 23 if columns < 92 else 61
        equal({len(line) - len(line.lstrip()) for line in plain.splitlines()
               if columns >= 60 and line[:16].isspace()},
              {indent} if columns >= 60 else set(), "indentations")


@cases("a terminal: pieces of 60 columns and less are not cut", [
    (piece, name, piece) for name, piece in (
        ("session", "orig SYN_SENT -> ESTABLISHED"),
        ("session", "[SA] seq 0 ack 1 len 0"),
        ("session", "SYN/ACK->ACK 40.0 us"),
        ("time", "window 20.0 ms"), ("time", "busy 80.0 ms"))])
def whole(client, name, piece):
    for columns in (60, 80, 100, 120):
        out, _ = on_terminal(client, "-eall", name=name, columns=columns)
        equal(ESCAPE.sub("", out).count(piece), GOLDEN[name].count(piece),
              columns)


@cases("a terminal: no capture has a line that is too long", [
    ("all events", (60, 80, 100, 120), "-eall"), ("default", (60, 100)),
    ("--one-line", (60, 100), "--one-line")])
def narrow_captures(client, widths, *args):
    for path in sorted(CASES.glob("*.pcap*")):
        unfolded, _ = client.run("watch", "-r", path, *args)
        for columns in widths:
            out, _ = watch_terminal(client, "-r", path, *args, columns=columns)
            plain = ESCAPE.sub("", out)
            equal(plain.split(), unfolded.split(), path.name)
            equal(too_wide(plain, columns), [], path.name)


@case("LOST on a terminal: in the stream, not on stderr")
def lost_terminal(client):
    out, err = on_terminal(client)
    contains(out, "LOST 41 records", "\x1b[1;37;41m")
    equal(err, "")


@case("stdout and stderr are separate")
def apart(client):
    with open(client.path("both"), "w", encoding="ascii") as file:
        done = subprocess.run([client.program, "watch", "--device",
                               client.records("lost")], stdout=file,
                              stderr=subprocess.PIPE, check=True,
                              env=client.env())
    with open(client.path("both"), encoding="ascii") as file:
        equal(len(file.readlines()), 4)
    equal(done.stderr.count(b"\n"), 2)
