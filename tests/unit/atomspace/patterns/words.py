"""Short words for writing patterns in tests."""

from __future__ import annotations

from cognitive_architecture.atomspace import Atom, Link, Node

X, Y, Z = (Node("Variable", name) for name in ("$x", "$y", "$z"))
G, H = Node("Glob", "$g"), Node("Glob", "$h")


def concept(name: str) -> Node:
    return Node("Concept", name)


def link(type_name: str, *out: Atom | str) -> Link:
    return Link(type_name, tuple(concept(one) if isinstance(one, str) else one for one in out))


def typed(variable: Node, *names: str, by: str = "Type") -> Link:
    types = [Node(by, name) for name in names]
    return link(
        "TypedVariable", variable, types[0] if len(types) == 1 else link("TypeChoice", *types)
    )


def interval(least: object, most: object) -> Link:
    return link("Interval", Node("Number", str(least)), Node("Number", str(most)))
