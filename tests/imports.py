#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""imports.py FILE...: find imported names that do not exist. Print each name
that a file imports from another of the files, or uses as module.name, although
the other file does not define the name. pyflakes does not find such names. No
output means success."""
import ast
import os
import sys


def parse(path):
    with open(path, encoding="utf-8") as file:
        return list(ast.walk(ast.parse(file.read(), path)))


def defined(nodes):
    """Yield the names that a file defines at any level."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]


def variables(nodes):
    """Return the names of all variables and arguments."""
    return {node.id for node in nodes if isinstance(node, ast.Name) and
            isinstance(node.ctx, ast.Store)} | {
                node.arg for node in nodes if isinstance(node, ast.arg)}


def used(nodes):
    """Yield (line, module, name) for each import or use of a module's name."""
    modules = {alias.name for node in nodes if isinstance(node, ast.Import)
               for alias in node.names} - variables(nodes)
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, node.module, alias.name
        elif isinstance(node, ast.Attribute) and \
                isinstance(node.value, ast.Name) and node.value.id in modules:
            yield node.lineno, node.value.id, node.attr


def main(paths):
    parsed = {path: parse(path) for path in paths}
    names = {}	# by module; files of the same name share an entry
    for path, nodes in parsed.items():
        module = os.path.splitext(os.path.basename(path))[0]
        names.setdefault(module, set()).update(defined(nodes))
    wrong = [f"{path}:{line}: {module} has no {name}"
             for path, nodes in parsed.items()
             for line, module, name in used(nodes)
             if name not in names.get(module, {name})]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
