#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""run.py [--only TEXT] SHIM LABEL=PROGRAM...

All cases for each build of the client; or those with TEXT in their names.
"""
import argparse
import shutil
import sys

import absent
import agree
import capture
import cases
import cli
import doctor
import expression
import link
import live
import offline
import offline_live
import tables
import text
import tools
import tunnel
import tap
import watch_json

MODULES = (cli, text, watch_json, live, tables, tools, link, tunnel, capture,
           offline, offline_live, cases, agree, expression, doctor, absent)


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
