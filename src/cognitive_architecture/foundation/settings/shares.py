"""Whose turn it is, and how much one requester may have."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from .kinds import Section


class ShareSettings(Section):
    """How requesters share the nodes, and what a task costs its requester."""

    first_cost_s: Annotated[float, Field(gt=0.0, le=86_400.0)] = 0.1
    """What is reserved for a task whose type nobody has measured yet and that declares nothing,
    in seconds of a slot."""

    token_s: Annotated[float, Field(ge=0.0, le=3600.0)] = 0.0
    """What a token costs that a handler counts, in seconds of a slot; it is charged instead of the
    time. 0 charges the time."""

    prices: Annotated[
        dict[str, Annotated[float, Field(gt=0.0, le=31_536_000.0)]],
        Field(
            examples=[{"summarize": 2.5}],
            json_schema_extra={"allowed": "seconds of a slot by task type, each above 0"},
        ),
    ] = {}
    """Task types that cost the same however long they take, and what, in seconds of a slot."""

    failed_share: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """Which part of its time a failed or cancelled attempt is charged. An attempt whose node was
    lost, or that was handed back, is charged nothing."""

    burst_s: Annotated[float, Field(ge=0.0, le=86_400.0)] = 10.0
    """How far a requester may be ahead of its share, in seconds of a slot, with tasks that
    somebody waits for. Beyond, they wait for its turn like any other."""


class Quota(Section):
    """How much one requester may have; a field left out does not bound it."""

    running_max: Annotated[int | None, Field(ge=1, le=1_000_000, examples=[8])] = None
    """Tasks it may have running at once; further ones wait, and hold up nobody."""

    open_max: Annotated[int | None, Field(ge=1, le=100_000_000, examples=[100_000])] = None
    """Tasks it may have open at once, waiting or running; further ones are refused with a time to
    come back."""

    rate_per_s: Annotated[
        float | None,
        Field(
            gt=0.0,
            le=1_000_000.0,
            examples=[500.0],
            json_schema_extra={"allowed": "tasks in a second, above 0 and up to 1,000,000"},
        ),
    ] = None
    """Tasks it may submit in a second on average; further ones are refused with a time to come
    back."""

    burst_max: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Tasks it may submit at once, whatever its rate."""


class QuotaSettings(Quota):
    """How much each requester may have running, open, and submitted in a time."""

    requesters: Annotated[
        dict[str, Quota],
        Field(
            examples=[{"ann": {"running_max": 4, "rate_per_s": 10.0}}],
            json_schema_extra={
                "allowed": "for each requester a table with running_max, open_max, rate_per_s and "
                "burst_max"
            },
        ),
    ] = {}
    """Other quotas for some, by the name of the requester; what is left out there is as for
    everybody."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_what_is_left_out(cls, given: Any) -> Any:
        """Written out at once: what copies or records settings cannot tell what was left out."""
        if not isinstance(given, dict) or not isinstance(given.get("requesters"), dict):
            return given
        usual = {name: given[name] for name in Quota.model_fields if name in given}
        requesters = {}
        for name, quota in given["requesters"].items():
            own = quota.model_dump(exclude_unset=True) if isinstance(quota, Quota) else quota
            requesters[name] = usual | own if isinstance(own, dict) else own
        return given | {"requesters": requesters}
