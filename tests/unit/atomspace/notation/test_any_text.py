"""Whatever a text is, it is read or has a mistake, and both are the same line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import NotationError
from cognitive_architecture.atomspace.notation import Dialect, Expression, read, write
from tests.support.examples import quick

_SIGNS = ["(", ")", '"', "\\", ";", "#|", "|#", "cat", "$x", "1", "0.5", "!", '"b"']
_ATOMS = ['(Concept"a")', '(Predicate"k")', "(List", "(Set", "(Concept", "(Oops", "(cog-set-value!"]
_VALUES = ["(alist", "(cons", "(FloatValue", "(StringValue", "(LinkValue", "(Provenance"]
_TRUTHS = ["(stv", "(av", "(TruthValue", "(AttentionValue"]
_words = st.sampled_from([*_SIGNS, *_ATOMS, *_VALUES, *_TRUTHS])
_texts = st.lists(_words | st.sampled_from(["\n", " "]) | st.text(max_size=2), max_size=20).map(
    "".join
)


def _outcome(text: str | list[str], dialect: Dialect) -> tuple[list[Expression], str]:
    found = []
    try:
        for expression in read(text, dialect=dialect):
            found.append(expression)  # noqa: PERF402 - what came before a mistake counts
    except NotationError as mistake:
        return found, str(mistake)
    return found, ""


@pytest.mark.parametrize("dialect", Dialect)
@given(text=_texts)
@quick(150)
def test_any_text_is_read_or_refused_alike_in_one_piece_and_in_many(
    dialect: Dialect, text: str
) -> None:
    found, mistake = _outcome(text, dialect)
    assert _outcome(list(text), dialect) == (found, mistake)
    if not mistake.startswith("line "):
        again = "\n".join(write(one.atom, one.values, dialect=dialect) for one in found)
        assert _outcome(again, dialect) == (found, "")
