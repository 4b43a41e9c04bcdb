from __future__ import annotations

from hypothesis import given, settings

from cognitive_architecture.capabilities.language.documents import read_document

from .texts import ANY_TEXT


@given(ANY_TEXT)
@settings(deadline=None)
def test_each_token_belongs_to_one_sentence(text: str) -> None:
    document = read_document(text)
    parts = list(document.sentence_tokens())
    assert len(parts) == len(document.sentences)
    assert tuple(token for part in parts for token in part) == document.tokens
    for sentence, part in zip(document.sentences, parts, strict=True):
        assert all(sentence.start <= token.start < sentence.end for token in part)
