"""What a task asks of a node, and a node of a task, in one line.

    memory_bytes >= 8 * GiB && "llama-3-8b" in models
    has(labels.zone) && labels.zone == "cellar"

The notation is a part of CEL, the Common Expression Language: what is written here, another
implementation of CEL reads the same way. There are no loops and no calls of anybody's code, so an
expression ends, and its cost is bounded by its length.

    lexing ──▶ reading ──▶ meaning        text, tree, what it says of some attributes
"""

from cognitive_architecture.distributed_mesh.policies.expressions.meaning import (
    Attributes,
    Expression,
    Value,
    read_expression,
)
from cognitive_architecture.distributed_mesh.policies.expressions.mistakes import Misread

__all__ = ["Attributes", "Expression", "Misread", "Value", "read_expression"]
