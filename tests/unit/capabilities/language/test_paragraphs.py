from __future__ import annotations

import itertools

from hypothesis import given, settings

from cognitive_architecture.capabilities.language.paragraphs import paragraphs

from .texts import ANY_TEXT


def pieces(text: str) -> list[str]:
    return [text[block.start : block.end] for block in paragraphs(text)]


@given(ANY_TEXT)
@settings(deadline=None)
def test_paragraphs_hold_all_that_is_not_white_space_in_order(text: str) -> None:
    blocks = paragraphs(text)
    assert "".join("".join(pieces(text)).split()) == "".join(text.split())
    assert all(block.start < block.end for block in blocks)
    assert all(one.end <= other.start for one, other in itertools.pairwise(blocks))
    assert all(piece == piece.strip() for piece in pieces(text))


def test_blank_lines_separate_paragraphs_and_wrapped_lines_do_not() -> None:
    assert pieces("The lamp\nwas lit.\n \t\nThe boats\ncame home.") == [
        "The lamp\nwas lit.",
        "The boats\ncame home.",
    ]


def test_windows_and_unicode_line_ends_are_line_ends() -> None:
    assert pieces("One.\r\n\r\nTwo.\u2029Three.\fFour.") == ["One.", "Two.", "Three.", "Four."]


def test_lines_that_end_like_sentences_are_paragraphs() -> None:
    assert pieces('"Who?" said Tom.\n"Me," said Mara.\n"Oh."') == [
        '"Who?" said Tom.',
        '"Me," said Mara.',
        '"Oh."',
    ]


def test_no_text_has_no_paragraphs() -> None:
    assert pieces("") == []
    assert pieces(" \n\n ") == []
