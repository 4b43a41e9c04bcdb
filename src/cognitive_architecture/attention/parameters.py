"""The numbers of the economy, and which reading of it holds.

Defaults are those of opencog/attention (commit 9610765): ``AttentionBank.cc`` and
``default-param-values.scm``. Where the two contradict each other, the bank is followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cognitive_architecture.foundation.errors import ConfigurationError, require_number
from cognitive_architecture.foundation.sentences import shown


class Profile(StrEnum):
    """Which reading of a law holds where the published text and the program differ."""

    DOCUMENTED = "documented"
    """What the texts say, made exact: no clock, no dependence on order, no leak."""

    UPSTREAM = "upstream"
    """What opencog/attention (for spreading tokens: singnet/das) computes, its defects too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All amounts are in STI or LTI, all shares from 0 to 1.

    Raises:
        ConfigurationError: A number is out of range; the sentence names it.
    """

    profile: Profile = Profile.DOCUMENTED

    starting_funds_sti: float = 100_000
    starting_funds_lti: float = 100_000

    target_sti: float = 10_000
    """Funds that the bank wants to have left. Below it wages fall and rents rise."""
    target_lti: float = 10_000

    buffer_sti: float = 10_000
    """How far from the target the funds are when wages and rents reach their ends. Smaller: the
    economy reacts harder."""
    buffer_lti: float = 10_000

    wage_sti: float = 10
    """STI for one unit of stimulus when the funds are at their target; from 0 to twice as much."""
    wage_lti: float = 10

    overdraft: float = 0
    """How far below zero the bank's funds may fall. Upstream knows no bound."""

    rent_sti: float = 1
    """STI for one turn in the focus when the funds are a hair below their target."""
    rent_lti: float = 1

    rent_cover: float = 1.0
    """Share of the missing funds that one turn of rent should bring back."""

    rent_share_max: float = 0.5
    """Largest share of what the focus holds above its floor that one turn of rent may take. The
    note on AFRent2 gives no number; this one is ours."""

    focus_size: int = 100
    """Most atoms in the attentional focus."""

    spread_max: float = 0.4
    """Largest share of its STI that an atom passes on in one turn."""

    hebbian_share_max: float = 0.05
    """Largest part of that which travels along Hebbian links."""

    hebbian_decay: float = 0.1
    """Weight of the newest conjunction in a Hebbian link's strength."""

    hebbian_strength: float = 0.5
    """Of a new Hebbian link."""
    hebbian_confidence: float = 0.1
    """Of a new Hebbian link, and of one observation when it is revised."""

    links_max: int = 300
    """Most Hebbian links from one atom."""

    local_far_ratio: float = 10
    """Links within the focus for each link to somewhere else."""

    forget_size: int = 10_000
    """Atoms that the memory should hold."""

    forget_spread: int = 100
    """How far above and below: forgetting starts at size + spread and ends at size - spread."""

    forget_threshold_lti: float = 32_767
    """Atoms with more LTI are kept. Upstream's agent sets its largest short integer here, which
    means: forget whoever is last."""

    urgency_gain: float = 1.0
    """A stimulus of urgency 1 counts (1 + gain) times. Ours; ECAN has no urgency."""

    novelty_gain: float = 0.0
    """The first stimulus of an atom counts (1 + gain) times, the next (1 + gain/2) ... Ours."""

    def __post_init__(self) -> None:
        if not isinstance(self.profile, Profile):
            raise ConfigurationError(
                f"profile: {' or '.join(Profile)} is needed, not {shown(self.profile)}"
            )
        for name in ("buffer_sti", "buffer_lti", "local_far_ratio"):
            require_number(name, getattr(self, name), low=0, above_low=True, high=1e9)
        for name in _AMOUNTS:
            require_number(name, getattr(self, name), low=0, high=1e9)
        for name in _SHARES:
            require_number(name, getattr(self, name), low=0, high=1)
        for name in ("focus_size", "links_max", "forget_size"):
            require_number(name, getattr(self, name), low=1, high=2**31, whole=True)
        require_number(
            "forget_spread", self.forget_spread, low=0, high=self.forget_size, whole=True
        )


_AMOUNTS = (
    "starting_funds_sti", "starting_funds_lti", "target_sti", "target_lti", "wage_sti", "wage_lti",
    "overdraft", "rent_sti", "rent_lti", "forget_threshold_lti", "urgency_gain", "novelty_gain",
)  # fmt: skip

_SHARES = (
    "rent_cover", "rent_share_max", "spread_max", "hebbian_share_max", "hebbian_decay",
    "hebbian_strength", "hebbian_confidence",
)  # fmt: skip
