"""Who says what in a prose text.

Each quotation is given to a speaker by the first of these rules that applies. Each has a
confidence, and every guess on the way lowers it:

1. a tag after or before it: ``said Mara``, ``Mara asked``, ``she said``, ``the old man cried``;
2. it goes on from the paragraph above, which left its quotation open;
3. another quotation in its own paragraph has a speaker;
4. the sentence before it in its paragraph, or after it, tells what somebody does;
5. the paragraph above is narration, and ends in a sentence about somebody;
6. somebody was called by name, turns alternate, or only two speak: see :mod:`.turn_taking`.

Otherwise the speaker is unknown. Pronouns are resolved by :mod:`.pronouns`, names are joined into
persons by :mod:`.cast`, and what counts as speech is told in :mod:`.prose`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from cognitive_architecture.capabilities.language.cast import PRONOUN_GENDERS, full_title
from cognitive_architecture.capabilities.language.documents import Document
from cognitive_architecture.capabilities.language.pronouns import Antecedent, Mention, Mentions
from cognitive_architecture.capabilities.language.prose import Passage, Prose, read_prose
from cognitive_architecture.capabilities.language.tags import SubjectKind, Tag, TagKind
from cognitive_architecture.capabilities.language.turn_taking import (
    UNKNOWN,
    Attribution,
    Exchange,
    continued,
    next_turn,
    with_turns_taken,
)

NARRATOR: Final = "the narrator"
"""Who says what ``I said`` follows."""

_CONFIDENCE: Final = {
    TagKind.AFTER: 0.98,
    TagKind.BEFORE: 0.95,
    TagKind.LEAD_IN: 0.8,
    TagKind.BEAT_BEFORE: 0.75,
    TagKind.BEAT_AFTER: 0.6,
    TagKind.BEAT_ABOVE: 0.5,
}
_BEATS: Final = frozenset({TagKind.BEAT_BEFORE, TagKind.BEAT_AFTER, TagKind.BEAT_ABOVE})
_SAME_PARAGRAPH: Final = 0.92


@dataclass(frozen=True, slots=True)
class Turn:
    """A quotation and who says it."""

    speaker: str | None
    text: str
    start: int
    end: int
    rule: str
    """What told the speaker, or ``"nothing tells"``."""
    resolved_by: str | None
    """How a pronoun or a description was given a name, if it was."""
    confidence: float
    """0 to 1; 0 for an unknown speaker."""
    continues: bool
    """Whether it belongs to the turn of the quotation before it."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The speech of a text."""

    turns: tuple[Turn, ...]
    narration_ratio: float
    """The share of words outside the quotations, 0 to 1; 0 for a text without words."""

    @property
    def turns_by_speaker(self) -> dict[str, int]:
        """How many turns each speaker has, the most first; what continues a turn is none."""
        counts = Counter(turn.speaker for turn in self.turns if turn.speaker and not turn.continues)
        return dict(counts.most_common())


def read_dialogue(document: Document, characters: Iterable[str] = ()) -> Dialogue:
    """Find who says what in a text.

    Args:
        document: A text.
        characters: Names known beforehand. They are believed wherever they stand, and what they
            name is called as they spell it; others are found all the same.
    """
    prose = read_prose(document, characters)
    turns = tuple(_Speakers(prose, document.text).turns())
    return Dialogue(turns, _narration_ratio(document, turns))


def _narration_ratio(document: Document, turns: tuple[Turn, ...]) -> float:
    words = quoted = number = 0
    for token in document.tokens:
        if not token.counts_as_word:
            continue
        words += 1
        while number < len(turns) and turns[number].end <= token.start:
            number += 1
        quoted += number < len(turns) and turns[number].start <= token.start
    return (words - quoted) / words if words else 0.0


class _Speakers:
    """Reads the passages in order and remembers who was named."""

    def __init__(self, prose: Prose, text: str) -> None:
        self._prose = prose
        self._text = text
        self._mentions = Mentions(prose.cast.gender_by_name)
        self._unread = deque(prose.mentions)

    def turns(self) -> Iterator[Turn]:
        """All turns in order."""
        exchanges: list[Exchange] = []
        by_paragraph = groupby(self._prose.passages, lambda passage: passage.quotation.paragraph)
        for paragraph, group in by_paragraph:
            passages = list(group)
            above = exchanges[-1] if exchanges else None
            told = self._told(passages, above)
            exchange = Exchange(
                paragraph,
                attributions=tuple(told),
                called=_last_called(passages),
                named=frozenset().union(*(passage.named for passage in passages)),
                goes_on=passages[0].quotation.continues,
            )
            exchange = next_turn(exchanges, exchange)
            exchanges.append(exchange)
            self._remember(exchange, passages[-1])
        attributions = (
            attribution
            for exchange in with_turns_taken(exchanges)
            for attribution in exchange.attributions
        )
        return self._rendered(list(attributions))

    def _told(self, passages: list[Passage], above: Exchange | None) -> list[Attribution]:
        """Who speaks in a paragraph by what it tells itself, or by a speech it continues."""
        paragraph = passages[0].quotation.paragraph
        is_next = above is not None and above.paragraph == paragraph - 1
        last_speaker = above.speaker if above is not None and is_next else None
        found = [self._by(passage.tag, passage, last_speaker) for passage in passages]
        if passages[0].quotation.continues and above is not None and not found[0].speaker:
            found[0] = continued(above.attributions[-1])
        if all(attribution.is_open for attribution in found):
            found = [self._by(passage.beat, passage, last_speaker) for passage in passages]
        if all(attribution.is_open for attribution in found):
            found[0] = self._by(passages[0].above, passages[0], last_speaker)
        return _spread(found)

    def _by(self, tag: Tag | None, passage: Passage, last_speaker: str | None) -> Attribution:
        """The speaker a tag or a beat tells."""
        if tag is None:
            return UNKNOWN
        speaker = self._speaker(tag, passage, last_speaker)
        if speaker is None and tag.subject.kind is SubjectKind.PRONOUN and tag.kind not in _BEATS:
            (pronoun,) = tag.subject.words
            return Attribution(None, tag.kind.value, 0.0, f"{pronoun}: nobody in particular")
        if speaker is None or (speaker.name in passage.named and tag.kind in _BEATS):
            return UNKNOWN
        return Attribution(
            speaker.name,
            tag.kind.value,
            _CONFIDENCE[tag.kind] * speaker.confidence,
            resolved_by=speaker.rule or None,
        )

    def _speaker(self, tag: Tag, passage: Passage, last_speaker: str | None) -> Antecedent | None:
        subject = tag.subject
        at = self._prose.narration.tokens[subject.at].start
        match subject.kind:
            case SubjectKind.NAME:
                name = self._prose.cast.name_by_key.get(subject.words)
                return Antecedent(name, 1.0, "") if name else None
            case SubjectKind.DESCRIPTION:
                return self._described(tag)
            case SubjectKind.PRONOUN:
                (pronoun,) = subject.words
                if pronoun == "i":
                    return Antecedent(NARRATOR, 1.0, "I: the narrator")
                if (gender := PRONOUN_GENDERS.get(pronoun)) is None:
                    return None
                self._read_up_to(at)
                found = self._mentions.antecedent(
                    gender, at=at, addressed=passage.addressed, last_speaker=last_speaker
                )
                return replace(found, rule=f"{pronoun}: {found.rule}") if found else None

    def _described(self, tag: Tag) -> Antecedent:
        """``the captain``: the one captain of the text, or somebody called just so."""
        subject = tag.subject
        noun = subject.words[-1]
        titled = self._prose.cast.name_by_title.get(full_title(noun))
        if titled is not None and subject.words == ("the", noun):
            return Antecedent(titled, 0.9, f"the {noun}: the only one so called")
        first = self._prose.narration.tokens[subject.at].text
        is_name = subject.at in self._prose.narration.names
        name = " ".join((first if is_name else subject.words[0], *subject.words[1:]))
        return Antecedent(name, 0.92, "")

    def _read_up_to(self, offset: int) -> None:
        while self._unread and self._unread[0].at < offset:
            self._mentions.add(self._unread.popleft())

    def _remember(self, exchange: Exchange, passage: Passage) -> None:
        """Who has spoken, or was called, can be meant by a later pronoun as if named there."""
        self._read_up_to(passage.quotation.outer_end)
        for name in (exchange.called, exchange.speaker):
            if name not in (None, NARRATOR):
                self._mentions.add(Mention(name, passage.quotation.start, passage.sentence))

    def _rendered(self, attributions: list[Attribution]) -> Iterator[Turn]:
        before: Passage | None = None
        for number, (passage, attribution) in enumerate(
            zip(self._prose.passages, attributions, strict=True)
        ):
            quotation = passage.quotation
            same_paragraph = before is not None and (
                before.quotation.paragraph == quotation.paragraph
            )
            same_speaker = number > 0 and attributions[number - 1].speaker == attribution.speaker
            yield Turn(
                speaker=attribution.speaker,
                text=self._text[quotation.start : quotation.end],
                start=quotation.start,
                end=quotation.end,
                rule=attribution.rule,
                resolved_by=attribution.resolved_by,
                confidence=round(attribution.confidence, 2),
                continues=same_speaker and (same_paragraph or quotation.continues),
            )
            before = passage


def _last_called(passages: list[Passage]) -> str | None:
    called = [name for passage in passages for name in passage.addressed]
    return called[-1] if called else None


def _spread(found: list[Attribution]) -> list[Attribution]:
    """Give the quotations of a paragraph that nothing tells of to the speaker nearest before them.

    Those before the first that is told go to its speaker.
    """
    first = next((attribution for attribution in found if attribution.speaker), None)
    if first is None:
        return found
    last = _in_same_paragraph(first)
    spread: list[Attribution] = []
    for attribution in found:
        spread.append(last if attribution.is_open else attribution)
        last = _in_same_paragraph(attribution) if attribution.speaker else last
    return spread


def _in_same_paragraph(attribution: Attribution) -> Attribution:
    return replace(
        attribution,
        rule="same paragraph",
        confidence=attribution.confidence * _SAME_PARAGRAPH,
    )
