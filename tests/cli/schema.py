# SPDX-License-Identifier: MIT
"""The part of JSON Schema that docs/schema uses, and stricter: an object of ours
may have no field that its schema does not name."""

import json
import re

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def fault(value, rule, root, where):
    """The first thing that is wrong with a value, or None."""
    if "$ref" in rule:
        return fault(value, root["$defs"][rule["$ref"].rsplit("/", 1)[1]], root, where)
    if "anyOf" in rule:
        faults = [fault(value, one, root, where) for one in rule["anyOf"]]
        return None if None in faults else faults[-1]
    if "const" in rule and value != rule["const"] or "enum" in rule and value not in rule["enum"]:
        return "%s: %r" % (where, value)
    types = rule.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(value, name) for name in types):
        return "%s: %r is none of %s" % (where, value, types)
    if "pattern" in rule and not re.search(rule["pattern"], value):
        return "%s: %r does not match" % (where, value)
    if "minimum" in rule and value < rule["minimum"]:
        return "%s: %r is too small" % (where, value)
    if isinstance(value, list):
        faults = (fault(one, rule["items"], root, "%s[%d]" % (where, i)) for i, one in enumerate(value))
        return next((one for one in faults if one), None)
    if isinstance(value, dict):
        return object_fault(value, rule, root, where)
    return None


def object_fault(value, rule, root, where):
    for key in rule.get("required", []):
        if key not in value:
            return "%s: no %s" % (where, key)
    for key, one in value.items():
        if key not in rule["properties"]:
            return "%s: %s is not in the schema" % (where, key)
        wrong = fault(one, rule["properties"][key], root, where + "." + key)
        if wrong:
            return wrong
    return None


def check(value, path):
    with open(path) as file:
        root = json.load(file)
    wrong = fault(value, root, root, "$")
    assert not wrong, wrong
