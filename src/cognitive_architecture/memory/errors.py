"""What memory raises on purpose, beside the errors of the AtomSpace.

MeshError
└── MemoryFault
    ├── NestedTooDeep   the links of an atom nest deeper than the mesh keeps
    ├── BadBundle       what came is no bundle of records
    ├── StampAhead      retryable: a write is dated in the future; the clocks disagree
    └── NotOpen         retryable: the memory is not open yet, or no longer
"""

from __future__ import annotations

from cognitive_architecture.foundation.errors import MeshError


class MemoryFault(MeshError):
    """Catch it to catch everything that memory raises on purpose."""

    code = "memory_fault"


class NestedTooDeep(MemoryFault):
    """The links of an atom nest deeper than the mesh keeps."""

    code = "nested_too_deep"


class BadBundle(MemoryFault):
    """What came is no bundle of records; the sentence says where it is wrong."""

    code = "bad_bundle"


class StampAhead(MemoryFault):
    """A write is dated in the future: it would win against every honest write until then."""

    code = "stamp_ahead"
    retryable = True


class NotOpen(MemoryFault):
    """The memory is not open yet, or no longer."""

    code = "memory_not_open"
    retryable = True
