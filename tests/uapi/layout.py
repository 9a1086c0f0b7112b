# SPDX-License-Identifier: GPL-2.0
"""The layout of the ABI header: each struct, member, enum constant and macro
on a line of its own, in the order of the header: layout.py HEADER COMPILER
[OPTION...]. Names come from the preprocessed header, values from the compiler;
no program is run, so any word size is possible."""
import os
import re
import struct
import subprocess
import sys
import tempfile

INCLUDE = "#include <linux/tcptrace.h>\n"
ENTRY = re.compile(r"#define (?P<macro>\w+(?:\([^)]*\))?) (?P<text>.*)\n|"
                   r"enum (?P<enum>\w+) \{(?P<constants>[^{}]*)\};|"
                   r"struct (?P<struct>\w+) \{(?P<members>[^{}]*)\};")
CONSTANT = re.compile(r"(\w+)(?: = .*)?")
MEMBER = re.compile(r"([\w ]+ \**)(\w+)((?:\[\w+\])*)")


def run(command, text):
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} fails")
    return done.stdout


def own_text(header, text):
    """The header's part of preprocessed text, without line markers."""
    lines, own = [], False
    for line in text.splitlines(keepends=True):
        if re.match(r'# \d+ "', line):
            own = f'"{header}"' in line
        elif own:
            lines.append(line)
    return "".join(lines)


def entries(text):
    """A line that is not understood is an error."""
    at = 0
    text = text.strip() + "\n"
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        found = ENTRY.match(text, at)
        if not found:
            sys.exit("cannot read: " + text[at:].partition("\n")[0])
        yield found
        at = found.end()


def parts(pattern, text, end):
    """Match the text before each END, joined to one line."""
    for part in text.split(end):
        part = " ".join(part.split())
        found = pattern.fullmatch(part)
        if found:
            yield found.groups()
        elif part:
            sys.exit(f"cannot read: {part}")


def constants(name, text):
    for constant, in parts(CONSTANT, text, ","):
        yield f"enum {name}.{constant} {{}}", [constant]


def members(name, text):
    yield f"struct {name} size {{}}", [f"sizeof(struct {name})"]
    for kind, member, sizes in parts(MEMBER, text, ";"):
        kind = kind.strip() + sizes
        yield (f"struct {name}.{member} offset {{}} size {{}} {kind}",
               [f"__builtin_offsetof(struct {name}, {member})",
                f"sizeof(((struct {name} *)0)->{member})"])


def macro(name, text):
    """Record strings and macros with arguments as text, others as numbers."""
    if text.startswith('"') or "(" in name:
        return f"macro {name} {text}".replace("{", "{{").replace("}", "}}"), []
    return f"macro {name} {{:#x}}", [name]


def lines_of(text):
    """Yields a line with gaps, and the expressions that fill them."""
    for entry in entries(text):
        if entry["enum"]:
            yield from constants(entry["enum"], entry["constants"])
        elif entry["struct"]:
            yield from members(entry["struct"], entry["members"])
        elif entry["text"]:  # the include guard has no value
            yield macro(entry["macro"], entry["text"])


def evaluate(compiler, expressions):
    source = (INCLUDE + '__attribute__((section(".layout")))\n'
              "const long long layout[] = {\n" +
              "".join(f"\t(long long)({e}),\n" for e in expressions) + "};\n")
    with tempfile.TemporaryDirectory() as folder:
        code = os.path.join(folder, "layout.o")
        data = os.path.join(folder, "layout")
        run(compiler + ["-std=gnu11", "-x", "c", "-c", "-o", code, "-"],
            source)
        run(["objcopy", "-O", "binary", "-j", ".layout", code, data], "")
        with open(data, "rb") as file:
            return [value for value, in struct.iter_unpack("=q", file.read())]


def main():
    header, compiler = sys.argv[1], sys.argv[2:]
    text = run(compiler + ["-E", "-dD", "-x", "c", "-"], INCLUDE)
    lines = list(lines_of(own_text(header, text)))
    if not lines:
        sys.exit(f"{header} was not found")
    values = evaluate(compiler, [e for _, need in lines for e in need])
    for line, need in lines:
        print(line.format(*values[:len(need)]))
        del values[:len(need)]


main()
