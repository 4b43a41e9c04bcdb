from __future__ import annotations

from hypothesis import given, settings

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.prose import Prose, read_prose
from cognitive_architecture.capabilities.language.tags import TagKind

from .texts import ANY_TEXT


def read(text: str, *characters: str) -> Prose:
    return read_prose(read_document(text), characters)


def spoken(text: str) -> list[str]:
    return [
        text[passage.quotation.start : passage.quotation.end] for passage in read(text).passages
    ]


def test_what_nobody_says_is_no_speech() -> None:
    assert spoken('The so-called "expert" left. He put "closed" on the door.') == []


def test_speech_begins_a_paragraph_or_follows_a_mark_or_has_a_tag() -> None:
    assert spoken('"Go."') == ["Go."]
    assert spoken('Mara turned. "Go."') == ["Go."]
    assert spoken('She said "Hello?" twice.') == ["Hello?"]


def test_a_mention_between_two_speeches_is_narration() -> None:
    assert spoken('"Go," said Mara, and put "closed" on it. "Now."') == ["Go,", "Now."]


def test_a_passage_knows_its_tag_its_beat_and_the_paragraph_above() -> None:
    prose = read('Tom came in.\n\nMara shrugged. "No."\n\n"Why?" asked Tom.')
    first, second = prose.passages
    assert first.tag is None
    assert first.beat is not None
    assert (first.beat.kind, first.beat.subject.words) == (TagKind.BEAT_BEFORE, ("mara",))
    assert first.above is not None
    assert first.above.subject.words == ("tom",)
    assert second.tag is not None
    assert (second.tag.kind, second.above) == (TagKind.AFTER, None)


def test_a_passage_knows_whom_it_calls_and_whom_it_names() -> None:
    prose = read('"Mara, tell Tom to wait, Abel. Ann, go," said Dorcas. Tom left. Ann, Abel left.')
    (passage,) = prose.passages
    assert passage.addressed == ("Mara", "Abel", "Ann")
    assert passage.named == {"Mara", "Tom", "Abel", "Ann"}


def test_mentions_are_persons_in_the_narration_in_order() -> None:
    prose = read('Tom saw the inspector in London. "Where is Ann?" said Mara.')
    assert [mention.name for mention in prose.mentions] == ["Tom", "the inspector", "Mara"]


def test_a_noun_beside_a_name_is_the_same_person() -> None:
    prose = read('Hesper, the old ferryman, leaned out. "Who?" Hesper said. The ferryman left.')
    assert prose.cast.name_by_title["ferryman"] == "Hesper"
    assert prose.mentions[-1].name == "Hesper"


@given(ANY_TEXT)
@settings(deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    prose = read(text, "Mara Voss")
    places = [mention.at for mention in prose.mentions]
    assert places == sorted(places)
    starts = [passage.quotation.start for passage in prose.passages]
    assert starts == sorted(set(starts))
