"""Writes ``docs/protocol.md`` from the docstrings of ``messages.py`` and ``model.py``.

``python docs/make_protocol.py`` writes it, ``--check`` exits 1 if it is out of date.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from pathlib import Path
from types import ModuleType

from cognitive_architecture.distributed_mesh import messages, model
from cognitive_architecture.distributed_mesh.orchestrator import inquiries

TARGET = Path(__file__).with_name("protocol.md")

INTRODUCTION = f"""# The protocol

*Made by `python docs/make_protocol.py` from `distributed_mesh/messages.py` and
`distributed_mesh/model.py`; a test keeps it true.*

Processes of one mesh talk over a fabric that carries **frames** between **addresses**. A frame is
the msgpack array

    [version, sender, [message, message, …]]

with `version` = {messages.PROTOCOL_VERSION} and `sender` the address of whoever sent it. A message
is an array too: its name, then its fields in the order below. Fields are only ever added at the
end, with a default. A frame of another version is refused with `unsupported`, which names both
versions; bytes that are no frame are counted, logged once, and ignored.

Ages and durations travel, clock readings do not, except those kept for people to read (`…_at`,
seconds since the epoch).

## Keys on the network

With `{{mesh}}` the name of the mesh, `{{kind}}` one of `orchestrator`, `node`, `client`,
`discovery`, and `{{name}}` its name; a node's and a client's name ends in `~` and its incarnation,
so that two processes with one id are told apart:

| key | what |
|---|---|
| `cogmesh/{{mesh}}/alive/{{kind}}/{{name}}/{{ping}}` | liveliness token: its owner is there, and \
pings under this name (`-`: it does not) |
| `cogmesh/{{mesh}}/inbox/{{kind}}/{{name}}` | frames for its owner; reliable, blocking, in order |

What means something in a key (`/ * $ @ ? #`) is percent-encoded in a name; `~` is not.

A node and a client watch `alive/orchestrator/*/*` and speak first; an orchestrator answers on the
inbox of whoever spoke, and watches `alive/node/*/*` and `alive/client/*/*` to notice who is gone.

## Pings

Beside the links, whoever connects sends a datagram to the address and port of its endpoint, over
UDP, each `mesh.ping_s`, and whoever listens there answers it. Numbers are in network order:

| datagram | bytes |
|---|---|
| ping | `cm`, version (1), kind (1: a ping), name of who pings (8), number (4), milliseconds \
since it heard an answer (4; all ones: never), signature (8) |
| answer | `cm`, version (1), kind (2: an answer), name of who pinged (8), name of who answers \
(8), number of the ping (4), milliseconds between pings that it wants (4), signature (8) |

The version is 1. `{{ping}}` in the key of a token is the name (8 bytes) and the secret (16 bytes)
of its owner, in hexadecimal digits; it is told over links only. The signature is BLAKE2b of all
before it, of eight bytes, keyed with the secret of who pings, for both kinds. A ping of somebody
who has no token, with a wrong signature, or with a number that is not higher than the last, is not
answered. When contact is lost: [failures](failures.md).
"""

GROUPS = {
    "-- a requester to the orchestrator": "A requester to the orchestrator",
    "-- the orchestrator to a requester": "The orchestrator to a requester",
    "-- a node to the orchestrator": "A node to the orchestrator",
    "-- the orchestrator to a node": "The orchestrator to a node",
    "-- discovery": "Between discovery services",
    "-- anybody": "Anybody to anybody",
}


def overview() -> list[str]:
    """Every message, by who says it to whom."""
    tags: list[str] = []
    lines = []
    for line in described(messages):
        if line.startswith("\n## "):
            tags = []
            lines.append((line.removeprefix("\n## ").strip(), tags))
        elif line.startswith("\n### `"):
            tags.append(line.removeprefix("\n### ").strip())
    rows = [f"| {title} | {', '.join(said)} |" for title, said in lines]
    return ["\n## Overview\n", "| | messages |", "|---|---|", *rows]


def subjects() -> list[str]:
    """What can be asked, as ``Inquiries.answer`` distinguishes it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inquiries.Inquiries.answer)))
    found = [
        str(case.pattern.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Match)
        for case in node.cases
        if isinstance(case.pattern, ast.MatchValue) and isinstance(case.pattern.value, ast.Constant)
    ]
    return [f"\nSubjects of `ask`: {', '.join(f'`{subject}`' for subject in found)}.\n"]


def described(module: ModuleType, names: list[str] | None = None) -> list[str]:
    """Markdown of the classes of a module, in its order, under its group headings."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    out: list[str] = []
    last_line = 0
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        if names is not None and node.name not in names:
            continue
        for line in lines[last_line : node.lineno]:
            for mark, title in GROUPS.items():
                if mark in line:
                    out.append(f"\n## {title}\n")
        last_line = node.lineno
        out += _described_class(node)
    return out


def _described_class(node: ast.ClassDef) -> list[str]:
    tag = next((_text(k.value) for k in node.keywords if k.arg == "tag"), None)
    title = f"`{tag}`" if tag else f"{node.name} (a value inside messages)"
    out = [f"\n### {title}\n", ast.get_docstring(node) or "", ""]
    rows = []
    for index, field in enumerate(node.body):
        if isinstance(field, ast.AnnAssign):
            name, kind = _text(field.target), _text(field.annotation)
        elif isinstance(field, ast.Assign):
            name, kind = _text(field.targets[0]), "constant"
        else:
            continue
        default = f" = `{_default(field.value)}`" if field.value is not None else ""
        following = node.body[index + 1] if index + 1 < len(node.body) else None
        remark = ""
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            remark = " ".join(str(following.value.value).split()).replace("``", "`")
        rows.append(f"| `{name}` | `{kind}`{default} | {remark} |")
    if rows:
        out += ["| field | type | |", "|---|---|---|", *rows]
    return out


def _default(node: ast.expr) -> str:
    match ast.unparse(node):
        case "''":
            return '""'
        case "field(default_factory=dict)":
            return "{}"
        case _:
            return _text(node)


def _text(node: ast.AST) -> str:
    return ast.unparse(node).strip("'").replace("|", "\\|")


def text() -> str:
    """The whole document."""
    values = [
        "TaskSpec", "TaskOptions", "Wishes", "TaskStatus", "Ending", "TaskEvent", "TaskEventKind",
        "Attempt", "Change", "NodeAdvertisement",
    ]  # fmt: skip
    body = [
        INTRODUCTION,
        *overview(),
        *subjects(),
        "\n## In several messages\n",
        *described(messages),
        "\n## Values of the model that travel\n",
        *described(model, values),
    ]
    return "\n".join(body).rstrip() + "\n"


def main() -> int:
    """Write or check."""
    if "--check" not in sys.argv:
        TARGET.write_text(text(), encoding="utf-8")
        return 0
    return 0 if TARGET.read_text(encoding="utf-8") == text() else 1


if __name__ == "__main__":
    sys.exit(main())
