#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""run.py SHIM LABEL=PROGRAM...: all cases for each build of the client."""
import shutil
import sys

import absent
import capture
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
import tap
import watch_json

MODULES = (cli, text, watch_json, live, tables, tools, link, capture, offline,
           offline_live, expression, doctor, absent)


def main():
    shim = sys.argv[1]
    clients = [tap.Client(*arg.split("=", 1), shim) for arg in sys.argv[2:]]
    failed = tap.run_all(clients)
    for client in clients:
        shutil.rmtree(client.dir)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
