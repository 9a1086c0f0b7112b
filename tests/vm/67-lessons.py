#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check each lesson of 'make lab': its output must show and explain the
expected traffic. One lesson is also run in Korean."""
import os
import re
from functools import partial

import module
from case import case, run
from check import equal
from proc import command

GUEST = os.environ["TCPTRACE_SRC"] + "/tests/lab-guest.py"
# patterns that the output of each lesson must contain, in either language
SHOWN = {
    "handshake": [r"#3 .* ACK +SEQ 1 ACK 1 LEN 0", "RFC 9293"],
    "data": [r"LEN 100 NEXT 101", r"ACK 2001"],
    "close": [r"FIN,ACK", r"LAST_ACK -> CLOSED", r"TIME-WAIT .*:80"],
    "refused": [r"RST,ACK +SEQ 0 ACK 1 "],
    "loss": [r"SEQ 1 ACK 1 LEN 100(?s:.*)SEQ 1 ACK 1 LEN 100"],
    "synflood": [r"10\.99\.0\.\d+:4000", r"TCPReqQFullDoCookies +[1-9]",
                 r"handshake|핸드셰이크"],
    "rst": [r"RST,ACK +SEQ 101 "],
    "hijack": [r"RST +SEQ 1101 ", r"LEN 10 NEXT 111(?s:.*)LEN 10 NEXT 111",
               r"TTL"],
}


def check(name, lang):
    out = command(GUEST, env=dict(os.environ, TCPTRACE_LESSON=name,
                                  TCPTRACE_LANG=lang))
    equal([word for word in SHOWN[name] if not re.search(word, out)], [],
          f"missing in\n{out}\n")
    # the introduction must be in the requested language
    equal(bool(re.search("[가-힣]", out.splitlines()[1])), lang == "ko", "Korean")
    equal(module.is_loaded(), False, "the module is left")


for name in SHOWN:
    case(f"make lab LESSON={name}")(partial(check, name, "en"))
case("make lab LESSON=hijack IN=ko")(partial(check, "hijack", "ko"))
run(also=".*Possible SYN flooding")
