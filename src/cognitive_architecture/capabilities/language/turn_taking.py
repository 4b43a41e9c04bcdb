"""Who speaks where nothing beside the quotation tells: people take turns.

In a run of paragraphs that all have speech

* whom the turn above calls by name (the last, of several) answers;
* the speaker before the last one speaks again (``A B ?`` gives ``A``), forwards and backwards.

In a scene, where single paragraphs of narration may lie between those with speech, if only two
speak nearby, what is beside the one's turn is the other's.

Nobody speaks a turn that names him, nor two turns in a row: where a guess would make it so, the
speaker stays unknown. Each step away from what is told lowers the confidence, and so does a third
speaker nearby.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

_ALTERNATION_MAX: Final = 0.8
_ANSWER_MAX: Final = 0.6
_OTHER_MAX: Final = 0.7
_STEP: Final = 0.9
_NEARBY: Final = 3
_THIRD_PERSON: Final = 0.75


@dataclass(frozen=True, slots=True)
class Attribution:
    """A speaker, and why."""

    speaker: str | None
    rule: str
    confidence: float
    resolved_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing at all is told, so that a guess is welcome."""
        return self == UNKNOWN


UNKNOWN: Final = Attribution(None, "nothing tells", 0.0)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The speech of one paragraph."""

    paragraph: int
    attributions: tuple[Attribution, ...]
    """One for each quotation; with one known, all are."""
    called: str | None
    """Whom it calls by name; the last, if it calls several."""
    named: frozenset[str]
    """Whom it names in any way."""
    goes_on: bool
    """Whether it continues the speech of the paragraph above."""

    @property
    def is_open(self) -> bool:
        """Whether a guess at its speaker is welcome."""
        return not self.goes_on and all(found.is_open for found in self.attributions)

    @property
    def speaker(self) -> str | None:
        """Who speaks last in the paragraph."""
        return self.attributions[-1].speaker

    @property
    def confidence(self) -> float:
        """How sure that is."""
        return self.attributions[-1].confidence

    def spoken_by(self, attribution: Attribution) -> Exchange:
        """The same with one speaker for all its quotations."""
        return replace(self, attributions=(attribution,) * len(self.attributions))


def next_turn(earlier: Sequence[Exchange], exchange: Exchange) -> Exchange:
    """Guess the speaker of an unknown exchange from the ones before it in its run."""
    if not exchange.is_open or not earlier:
        return exchange
    turns = _turns_back(earlier, exchange.paragraph)
    guess = _answer(turns, exchange) or _alternation(turns, exchange)
    return exchange.spoken_by(guess) if guess else exchange


def with_turns_taken(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Guess the speakers still unknown from what comes after them, and take back what clashes."""
    found: list[Exchange] = []
    for run in _runs(exchanges, apart_max=1):
        turns = _without_clashes(run)
        for at in range(len(turns) - 1, -1, -1):
            if turns[at].is_open:
                guess = _alternation(_distinct(turns[at + 1 : at + 5]), turns[at])
                turns[at] = turns[at].spoken_by(guess) if guess else turns[at]
        found += turns
    return tuple(turn for scene in _runs(found, apart_max=2) for turn in _filled(scene))


def _filled(scene: Sequence[Exchange]) -> list[Exchange]:
    """Give what is open to the one of two speakers nearby who is not speaking beside it."""
    turns = list(scene)
    for at, turn in enumerate(turns):
        nearby = turns[max(0, at - _NEARBY) : at + _NEARBY + 1]
        speakers = {near.speaker for near in nearby if near.speaker is not None}
        if turn.is_open and len(speakers) == 2:
            guess = _the_other(turn, turns[max(0, at - 1) : at + 2], speakers)
            turns[at] = turn.spoken_by(guess) if guess else turn
    return _gone_on(turns)


def _turns_back(earlier: Sequence[Exchange], paragraph: int) -> list[Exchange]:
    """The last turns of the run that reaches to a paragraph, the nearest first."""
    near: list[Exchange] = []
    for exchange in reversed(earlier[-8:]):
        if paragraph - exchange.paragraph > 1:
            break
        near.append(exchange)
        paragraph = exchange.paragraph
    return _distinct(near)


def _distinct(turns: Sequence[Exchange]) -> list[Exchange]:
    """Without the paragraphs that only continue a speech."""
    return [turn for turn in turns if not turn.goes_on]


def _alternation(turns: Sequence[Exchange], exchange: Exchange) -> Attribution | None:
    """``A B ?`` gives ``A``; ``turns`` begins with the nearest neighbour."""
    if len(turns) < 2:
        return None
    nearest, second = turns[:2]
    if nearest.speaker is None or second.speaker in (None, nearest.speaker):
        return None
    if second.speaker in exchange.named:
        return None
    confidence = min(nearest.confidence, second.confidence, _ALTERNATION_MAX) * _STEP
    if any(turn.speaker not in (None, nearest.speaker, second.speaker) for turn in turns[2:4]):
        confidence *= _THIRD_PERSON
    return Attribution(second.speaker, "turns alternate", confidence)


def _answer(turns: Sequence[Exchange], exchange: Exchange) -> Attribution | None:
    called = turns[0].called if turns else None
    if called is None or called == turns[0].speaker or called in exchange.named:
        return None
    return Attribution(called, "was called by name in the turn above", _ANSWER_MAX * _STEP)


def _runs(exchanges: Sequence[Exchange], *, apart_max: int) -> list[list[Exchange]]:
    """Cut where more than ``apart_max - 1`` paragraphs of narration lie between two exchanges."""
    runs: list[list[Exchange]] = []
    for exchange in exchanges:
        if runs and exchange.paragraph - runs[-1][-1].paragraph <= apart_max:
            runs[-1].append(exchange)
        else:
            runs.append([exchange])
    return runs


def _without_clashes(run: Sequence[Exchange]) -> list[Exchange]:
    """Take back guesses that would let somebody speak twice in a row."""
    guesses = ("turns alternate", "was called by name in the turn above")
    turns = list(run)
    for at in range(len(turns) - 1):
        here, following = turns[at], turns[at + 1]
        is_guess = here.attributions[-1].rule in guesses
        if is_guess and here.speaker == following.speaker and not following.goes_on:
            turns[at] = here.spoken_by(UNKNOWN)
    return turns


def _the_other(
    turn: Exchange, neighbours: Sequence[Exchange], speakers: set[str]
) -> Attribution | None:
    """Of two speakers, the one who neither is named in the turn nor speaks right beside it."""
    beside = [
        near
        for near in neighbours
        if near.speaker is not None and abs(near.paragraph - turn.paragraph) == 1
    ]
    left = speakers - turn.named - {near.speaker for near in beside}
    if len(left) != 1 or not (beside or turn.named & speakers):
        return None
    sure = min([near.confidence for near in beside], default=_OTHER_MAX)
    rule = "the other of the two who speak here"
    return Attribution(left.pop(), rule, min(sure, _OTHER_MAX) * _STEP)


def _gone_on(turns: Sequence[Exchange]) -> list[Exchange]:
    """Give the paragraphs that continue a speech to its speaker."""
    found: list[Exchange] = []
    for turn in turns:
        if turn.goes_on and turn.attributions[0].is_open and found and found[-1].speaker:
            turn = turn.spoken_by(continued(found[-1].attributions[-1]))  # noqa: PLW2901
        found.append(turn)
    return found


def continued(attribution: Attribution) -> Attribution:
    """The same speaker, in the next paragraph of a speech."""
    if attribution.speaker is None:
        return UNKNOWN
    return replace(
        attribution,
        rule="continues the paragraph above",
        confidence=attribution.confidence * 0.95,
    )
