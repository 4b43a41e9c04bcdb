"""Whom a pronoun in the narration stands for.

The rule: of the characters named or speaking before the pronoun, and not too far above, those fit
whose gender is that of the pronoun or unknown. Somebody the quotation itself addresses does not
fit; neither does the speaker of the paragraph above, if a different one fits who took part within
the last paragraphs, for people take turns. Of those that fit, the nearest to the pronoun counts by
sentences, and of one sentence the first, for that is mostly its subject; but somebody of known
gender goes before somebody of unknown gender who is less than two sentences nearer.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Final

from cognitive_architecture.capabilities.language.cast import Gender, gender_of_noun

_MENTIONS_MAX: Final = 24
_CHARACTERS_MAX: Final = 4000


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody is named or speaks."""

    name: str
    at: int
    """Offset in the text."""
    sentence: int


@dataclass(frozen=True, slots=True)
class Antecedent:
    """Whom a pronoun stands for, how sure that is (0 to 1), and why."""

    name: str
    confidence: float
    rule: str


@dataclass(slots=True)
class Mentions:
    """Who has been named so far; feed it in the order of the text."""

    gender_by_name: Mapping[str, Gender]
    _mentions: list[Mention] = field(default_factory=list)
    _learned: dict[str, Gender] = field(default_factory=dict)

    def add(self, mention: Mention) -> None:
        """Somebody is named, later in the text than all before."""
        self._mentions.append(mention)

    def learn(self, name: str, gender: Gender) -> None:
        """A pronoun was found to stand for somebody whose gender was unknown."""
        if self.gender(name) is None:
            self._learned[name] = gender

    def gender(self, name: str) -> Gender | None:
        """What is known of a character."""
        noun = name.rpartition(" ")[2]  # of somebody called by a noun: "the old man"
        return self.gender_by_name.get(name) or self._learned.get(name) or gender_of_noun(noun)

    def antecedent(
        self,
        gender: Gender,
        *,
        at: int,
        addressed: Container[str] = (),
        last_speaker: str | None = None,
    ) -> Antecedent | None:
        """Whom a pronoun stands for, by the rule above.

        Args:
            gender: The pronoun's.
            at: Where it stands.
            addressed: Whom the quotation addresses.
            last_speaker: Who spoke in the paragraph above, if the pronoun begins a new turn.
        """
        near = self._near(gender, at, addressed)
        others = [mention for mention in near if mention.name != last_speaker]
        takes_turns = bool(others) and len(others) < len(near)
        fitting = others or near
        if not fitting:
            return None
        last = max(mention.sentence for mention in fitting)
        known = [
            mention
            for mention in fitting
            if self.gender(mention.name) is gender and mention.sentence >= last - 1
        ]
        best = _nearest(known or fitting)
        names = {mention.name for mention in fitting}
        if self.gender(best.name) is None:
            confidence, why = 0.55, "nearest name, of unknown gender"
        elif len(names) == 1:
            confidence, why = 0.85, "only fitting name"
        else:
            confidence, why = 0.75, "nearest fitting name"
        if takes_turns:
            why += ", not the one who just spoke"
        self.learn(best.name, gender)
        return Antecedent(best.name, confidence, why)

    def _near(self, gender: Gender, at: int, addressed: Container[str]) -> list[Mention]:
        """The mentions not too far above that fit."""
        return [
            mention
            for mention in self._mentions[-_MENTIONS_MAX:]
            if at - _CHARACTERS_MAX <= mention.at < at
            and mention.name not in addressed
            and self.gender(mention.name) in (None, gender)
        ]


def _nearest(mentions: list[Mention]) -> Mention:
    """The first of the last sentence."""
    last = max(mention.sentence for mention in mentions)
    return next(mention for mention in mentions if mention.sentence == last)
