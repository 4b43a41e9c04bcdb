"""The economy of attention."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .kinds import MIB, Seconds, Section


class AttentionSettings(Section):
    """How an economy of attention steers the mesh. Amounts are STI, of which none is ever made."""

    is_on: bool = True
    """Whether accepted results earn wages, requesters have endowments, and what goes well together
    is learnt. Off: all requesters have equal shares, and nodes are chosen without affinity."""

    turn_s: Annotated[float, Field(ge=0.05, le=3600.0)] = 1.0
    """Time between two turns of the laws. A mesh in which nothing happened takes none. Lower steers
    sooner and writes more: a turn takes 1 to 2 ms, and tasks that come just then wait for it."""

    funds_sti: Annotated[float, Field(ge=1000.0, le=1e8)] = 100_000.0
    """What the bank is founded with; afterwards nothing is ever made or lost. A bank that exists
    keeps what it has."""

    target_sti: Annotated[float, Field(ge=0.0, le=1e8)] = 30_000.0
    """Funds that the bank wants to have left: below it rent is due and wages fall. What it holds is
    there for the endowments of new requesters."""

    buffer_sti: Annotated[float, Field(gt=0.0, le=1e8)] = 10_000.0
    """How far below its target the bank stops paying wages. Smaller reacts harder."""

    wage_sti: Annotated[float, Field(ge=0.0, le=1e6)] = 10.0
    """What one accepted result earns its node, and its capability, when the funds are at their
    target; up to twice as much when there is plenty."""

    rent_share_max: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """Largest share of what the focus holds above its poorest member that a turn's rent takes."""

    spread_share_max: Annotated[float, Field(ge=0.0, le=1.0)] = 0.2
    """Largest share of its STI that an account passes on along its links in one turn. More lets
    attention follow learnt pairs faster, and forget sooner who earned it."""

    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    """How much one attempt moves the strength of the link between a capability and a node: after
    7 attempts half of the old belief is gone."""

    focus_max: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Most members of the focus. Those outside pay no rent."""

    requester_sti: Annotated[float, Field(ge=0.0, le=1e6)] = 100.0
    """Endowment of a new requester. Shares are in proportion to endowments, but nobody gets less
    than a third of an equal share."""

    requesters_max: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    """Requesters that have an account. A further one takes the place of whoever was not seen for
    longest and was never raised or lowered; its endowment goes back to the bank."""

    node_kept_s: Seconds = 3600.0
    """A node that has been away for so long is forgotten: its STI goes back to the bank, its links
    are removed."""

    level_sti: Annotated[float, Field(gt=0.0, le=1e6)] = 100.0
    """What an order to stimulate a concept must move to raise waiting tasks that declare it by one
    level of priority."""

    journal_bytes_max: Annotated[int, Field(ge=64 * 1024, le=1024 * MIB)] = 16 * MIB
    """Bytes of journal that are kept, for pictures of the past; half of it at least is there."""
