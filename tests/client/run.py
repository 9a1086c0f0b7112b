#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""run.py [--only TEXT] SHIM LABEL=PROGRAM...

Run all cases on each build of the client. With --only, run only the cases with
TEXT in their names.
"""
import argparse
import shutil
import sys

import absent
import agree
import capture
import cases
import cli
import comments
import doctor
import explain
import export
import export_ipfix
import expression
import extcap
import icmp
import installed
import interface
import korean
import ladder
import link
import live
import netns
import offline
import offline_live
import owners
import questions
import report
import show
import tables
import text
import timing
import tools
import top
import top_screen
import tunnel
import tap
import versions
import watch_json

MODULES = (cli, text, watch_json, live, tables, tools, link, tunnel, capture,
           netns, offline, offline_live, owners, questions, interface,
           comments, show, cases, agree, expression, icmp, extcap, doctor,
           export, export_ipfix, installed, absent, versions, timing, explain,
           ladder, report, korean, top, top_screen)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("shim")
    parser.add_argument("program", nargs="+")
    args = parser.parse_args()
    clients = [tap.Client(*arg.split("=", 1), args.shim)
               for arg in args.program]
    failed = tap.run_all(clients, args.only)
    for client in clients:
        shutil.rmtree(client.dir)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
