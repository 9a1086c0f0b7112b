# SPDX-License-Identifier: GPL-2.0
"""Print the table of all metrics, or put the table into a document.

report.py JSON [KEY=VALUE...] FIGURES...   print the table, and write JSON
report.py --fill RST JSON                  put the table into RST
The script fails if a count that must be exact is wrong. A missed target is not
a failure.
"""
import json
import sys

from targets import EXACT, ROWS

BEGIN, END = ".. begin of the table", ".. end of the table"
HEAD = "metric", "peer", "target", "result", ""
CONSERVED = "conserve."


def read(paths):
    figures = {}
    for path in paths:
        with open(path, encoding="ascii") as file:
            for line in file:
                _, name, value = line.split()
                figures[name] = float(value)
    return figures


def shown(value, row):
    if value is None:
        return "-"
    if row.unit == "%":
        return f"{value:+.1f} %"
    return f"{value:,.{row.digits}f}"


def verdict(value, row):
    if value is None:
        return "not run"
    if row.target is None:
        return ""
    if value <= row.target:
        return "pass"
    over = (value / row.target - 1) * 100 if row.target else 0
    return f"miss by {over:.0f} %" if over else "miss"


def table(figures):
    """Return: the rows of the table, as tuples of strings."""
    lines = []
    for row in ROWS:
        value, peer = row.value(figures), row.peer_value(figures)
        target = "" if row.target is None else "<= " + shown(row.target, row)
        lines.append((row.name, shown(peer, row) if row.peer else "", target,
                      shown(value, row), verdict(value, row)))
    return lines


def conserved(figures):
    exact = [value for name, value in figures.items()
             if name.startswith(CONSERVED) and name.endswith(".exact")]
    return len(exact), sum(value == 1 for value in exact)


def wrong(figures):
    """Return: the counts that must be exact, but are not."""
    found = [f"{name} is {figures.get(name, 'missing')}, must be {value}"
             for name, value in EXACT.items() if figures.get(name) != value]
    total, good = conserved(figures)
    if not total or good != total:
        found.append(f"{good} of {total} readers' counts are exact")
    return found


def in_columns(lines):
    widths = [max(map(len, column)) for column in zip(HEAD, *lines)]
    rule = "  ".join("=" * max(width, 2) for width in widths)

    def aligned(line):
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in
                  zip(line[1:4], widths[1:4])]
        return "  ".join(cells + [line[4]]).rstrip()

    return [rule, aligned(HEAD), rule, *map(aligned, lines), rule]


def as_json(meta, figures):
    rows = [{"metric": row.name, "peer": row.peer_value(figures),
             "target": row.target, "result": row.value(figures),
             "verdict": verdict(row.value(figures), row)} for row in ROWS]
    return {**meta, "table": rows, "figures": figures}


def fill(rst, path):
    """Replace the text between the two comments of the document."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    with open(rst, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(BEGIN + "\n", 1)
    after = rest.split(END + "\n", 1)[1]
    body = [f"Built from {data['built_from']}, {data['compiler']}, kernel "
            f"{data['kernel']}.", "", *in_columns(table(data["figures"]))]
    with open(rst, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + "\n\n" + "\n".join(body) + "\n\n" + END +
                   "\n" + after)


def main():
    if sys.argv[1] == "--fill":
        fill(*sys.argv[2:])
        return 0
    out, *rest = sys.argv[1:]
    meta = dict(word.split("=", 1) for word in rest if "=" in word)
    figures = read(word for word in rest if "=" not in word)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(as_json(meta, figures), file, indent=1)
        file.write("\n")
    print("\n".join(in_columns(table(figures))))
    total, good = conserved(figures)
    print(f"produced = delivered + lost + waiting: {good} of {total} readers")
    problems = wrong(figures)
    for problem in problems:
        print("report.py:", problem, file=sys.stderr)
    return 1 if problems else 0


sys.exit(main())
