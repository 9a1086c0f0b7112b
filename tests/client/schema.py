# SPDX-License-Identifier: GPL-2.0
"""Check that every line of JSON matches the JSON Schema, and that the schema
names every member of the line."""
import json
import pathlib
import re

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

PATH = pathlib.Path(__file__).resolve().parents[2] / \
    "userspace" / "tcptracectl.schema.json"
SEEN = set()
# members whose text the schema does not restrict
ANYTHING = ("text", "advice", "history", "community_id")


def parts(schema):
    """Yield a schema and each schema that it contains."""
    if isinstance(schema, dict):
        yield schema
        schema = schema.values()
    if not isinstance(schema, str):
        for part in schema if hasattr(schema, "__iter__") else ():
            yield from parts(part)


def closed(schema):
    """Change the schema to forbid members that it does not name; the shipped
    schema permits them, because later versions may add members."""
    shared = {part["$ref"].rpartition("/")[2] for whole in parts(schema)
              for part in whole.get("allOf", ())
              if isinstance(whole.get("allOf"), list)}
    open_ones = [schema["$defs"][name] for name in shared]
    for part in parts(schema["$defs"]):
        if part.get("type") == "object" and "propertyNames" not in part and \
                not any(part is other for other in open_ones):
            part["unevaluatedProperties"] = False
    return schema


def load():
    with open(PATH, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    return closed(schema)


SCHEMA = load()
WHOLE = Draft202012Validator(SCHEMA)
# one schema for each kind of line: the whole schema is slower, and its error
# messages are less specific
ALONE = {name: Draft202012Validator({"$ref": one["$ref"],
                                     "$defs": SCHEMA["$defs"]})
         for one in SCHEMA["oneOf"] for name in [one["$ref"].split("/")[-1]]}


def kind(value):
    """Return: a key. The schema treats values with equal keys alike."""
    if isinstance(value, str):
        if re.fullmatch("[^:./=]{0,24}", value):
            return value
        return re.sub("[A-Za-z]", "a", re.sub("[0-9]", "0", value))
    if isinstance(value, int) and not isinstance(value, bool):
        return value < 0, sum(value.bit_length() > n for n in (8, 16, 32, 64))
    return type(value), value if isinstance(value, bool) else 0


def leaves(value, path):
    """Yield the properties that a schema can express: names of members, lengths
    of arrays, kinds of values."""
    if isinstance(value, dict):
        yield path, tuple(value)
        for name, part in value.items():
            if name not in ANYTHING or not isinstance(part, str):
                yield from leaves(part, path + (name,))
    elif isinstance(value, list):
        yield path, len(value)
        for part in value:
            yield from leaves(part, path + ("*",))
    else:
        yield path, kind(value)


def name_of(value):
    """Return the kind of a line."""
    if "event" in value:
        return value["event"]
    return "list" if "id" in value else "show" if "found" in value else \
        "doctor" if "verdict" in value else "stats"


def check(line):
    """Check a printed line of JSON against the schema, unless earlier lines had
    all properties of the line."""
    value = json.loads(line)
    name = name_of(value)
    new = set(leaves(value, (name,))) - SEEN
    if not new:
        return
    error = best_match(ALONE[name].iter_errors(value))
    if not error and name not in SEEN:
        error = best_match(WHOLE.iter_errors(value))
    if error:
        where = "/".join(map(str, error.absolute_path))
        raise AssertionError(f"schema: /{where}: {error.message[:300]}\n"
                             f"{line[:1000]}")
    SEEN.update(new, [name])
