from __future__ import annotations

import pytest

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.names import name_spans
from cognitive_architecture.capabilities.language.tags import Narration, Subject, TagKind

KNOWN = frozenset({"mara", "tom", "voss", "helena", "strand"})


def narration(text: str) -> Narration:
    document = read_document(text)
    names = {span.first_token: span for span in name_spans(document, KNOWN)}
    return Narration(document.tokens, names, frozenset(names))


def words(subject: Subject | None) -> str | None:
    return " ".join(subject.words) if subject else None


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("said Mara.", "mara"),
        (", said Mara Voss quietly.", "mara voss"),
        ("Mara said.", "mara"),
        ("Mara had quietly asked.", "mara"),
        ("Mara, without looking up, said so.", "mara"),
        ("she was saying", "she"),
        ("he would say", "he"),
        ("I said.", "i"),
        ("the old man whispered.", "the old man"),
        ("said the tall young captain, turning.", "the tall young captain"),
        ("a voice called.", "the voice"),
        ("said his sister.", "his sister"),
        ("cried out Tom.", "tom"),
        ("said chief executive Helena Strand, who left.", "helena strand"),
        ("her voice whispered.", "she"),
        ("Mara's brother said.", "mara's brother"),
        ("they both shouted.", "they"),
        ("Mara shrugged.", None),
        ("with cries of joy.", None),
        ("There was a click.", None),
        ("", None),
    ],
)
def test_tags_after_a_quotation(text: str, subject: str | None) -> None:
    found = narration(text)
    assert words(found.tag_after(0, len(found.tokens), across_comma=False)) == subject


def test_verbs_of_manner_attribute_only_across_a_comma() -> None:
    found = narration("Mara smiled.")
    assert words(found.tag_after(0, 3, across_comma=True)) == "mara"
    assert found.tag_after(0, 3, across_comma=False) is None


@pytest.mark.parametrize(
    ("text", "kind", "subject"),
    [
        ("Mara said,", TagKind.BEFORE, "mara"),
        ("Mara said", TagKind.BEFORE, "mara"),
        ("Said Mara:", TagKind.BEFORE, "mara"),
        ("Mara turned to Tom and asked,", TagKind.BEFORE, "mara"),
        ("When Mara came in, Tom said:", TagKind.BEFORE, "tom"),
        ("At the door he whispered,", TagKind.BEFORE, "he"),
        ("A spokesman for the Strand said:", TagKind.BEFORE, "the spokesman"),
        ("Mara stood up, saying,", TagKind.BEFORE, "mara"),
        ("Mara turned to the window:", TagKind.LEAD_IN, "mara"),
    ],
)
def test_tags_before_a_quotation(text: str, kind: TagKind, subject: str) -> None:
    found = narration(text)
    tag = found.tag_before(0, len(found.tokens))
    assert tag is not None
    assert (tag.kind, words(tag.subject)) == (kind, subject)


@pytest.mark.parametrize(
    "text",
    [
        "Mara said no.",  # the sentence is over
        "The first word that Mara said to Tom in years was",
        "Tom called the plan",
        "a so-called",
        "",
    ],
)
def test_what_leads_into_no_speech(text: str) -> None:
    found = narration(text)
    assert found.tag_before(0, len(found.tokens)) is None


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Mara shrugged.", "mara"),
        ("Then, slowly, Mara shrugged.", "mara"),
        ("Mara's eyes narrowed.", "mara"),
        ("Her eyes narrowed.", "she"),
        ("His sister nodded.", "his sister"),
        ("The old man nodded.", "the old man"),
        ("The kettle ticked.", None),
        ("It rained.", None),
        ("Nobody moved.", None),
        ("", None),
    ],
)
def test_whom_a_sentence_beside_a_quotation_is_about(text: str, subject: str | None) -> None:
    found = narration(text)
    assert words(found.beat(0, len(found.tokens))) == subject
