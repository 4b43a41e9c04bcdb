from __future__ import annotations

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.speakers import (
    NARRATOR,
    Dialogue,
    Turn,
    read_dialogue,
)

from .texts import ANY_TEXT


def read(text: str, *characters: str) -> Dialogue:
    return read_dialogue(read_document(text), characters)


def speakers(text: str, *characters: str) -> list[str | None]:
    return [turn.speaker for turn in read(text, *characters).turns]


FERRY = """\
Mara Voss stood at the rail and watched the lights slide away. Beside her, Tomas Reed was \
counting coins.

\u201cHow much?\u201d she asked.

\u201cEleven crowns and a button.\u201d He held up the button. \u201cThe button\u2019s brass.\u201d

\u201cThen we\u2019re rich.\u201d

\u201cWe\u2019re nothing of the kind, Mara.\u201d

A gull landed between them. Old Hesper, the ferryman, leaned out of the wheelhouse.

\u201cIf you\u2019re paying in buttons,\u201d he called, \u201cyou can swim!\u201d

Mara laughed. \u201cPut it away, Tomas. Hesper takes silver or nothing.\u201d

But the girl at the stern, who had not spoken, stood up. \u201cYes?\u201d she said to the fog.

\u201cSit down!\u201d Hesper roared. \u201cSit down, you little fool!\u201d

Nobody moved. \u201cIt knows my name,\u201d said the girl.

\u201cBe quiet,\u201d Mara said. \u201cHesper, turn us round.\u201d

\u201cI can\u2019t turn in this.\u201d

\u201cThen stop.\u201d

\u201cI can\u2019t stop either,\u201d the ferryman muttered.

\u201cIn the old days,\u201d the girl said, \u201cthey paid the bell with bread.

\u201cThen the bread ran out.\u201d

The so-called \u201cbrass\u201d button rolled off the rail and was gone.
"""


def test_a_page_of_prose() -> None:
    found = read(FERRY)
    assert [(turn.speaker, turn.continues) for turn in found.turns] == [
        ("Mara Voss", False),
        ("Tomas Reed", False),
        ("Tomas Reed", True),
        ("Mara Voss", False),
        ("Tomas Reed", False),
        ("Hesper", False),
        ("Hesper", True),
        ("Mara Voss", False),
        ("the girl", False),
        ("Hesper", False),
        ("Hesper", True),
        ("the girl", False),
        ("Mara Voss", False),
        ("Mara Voss", True),
        ("Hesper", False),
        ("Mara Voss", False),
        ("Hesper", False),
        ("the girl", False),
        ("the girl", True),
        ("the girl", True),
    ]
    assert found.turns_by_speaker == {
        "Mara Voss": 5,
        "Hesper": 4,
        "the girl": 3,
        "Tomas Reed": 2,
    }


# From the first chapter of "Pride and Prejudice" (1813).
BENNETS = """\
"Do not you want to know who has taken it?" cried his wife, impatiently.

"You want to tell me, and I have no objection to hearing it."

This was invitation enough.

"Why, my dear, you must know that Netherfield is taken by a young man of large fortune."

"What is his name?"

"Bingley."

"Is he married or single?"

"Oh, single, my dear, to be sure! What a fine thing for our girls!"

"How so? how can it affect them?"

"My dear Mr. Bennet," replied his wife, "how can you be so tiresome?"

"Is that his design in settling here?"
"""


def test_a_long_exchange_between_two_is_filled_from_one_name() -> None:
    wife, husband = "his wife", "Mr. Bennet"
    assert speakers(BENNETS)[3:] == [
        husband, wife, husband, wife, husband, wife, wife, husband
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "speaker", "rule"),
    [
        ('"Go," said Mara.', "Mara", "tag after the quotation"),
        ('"Where?" Mara asked.', "Mara", "tag after the quotation"),
        ('Mara said, "Go."', "Mara", "tag before the quotation"),
        ('"Go," said the old man.', "the old man", "tag after the quotation"),
        ('"Go," I said.', NARRATOR, "tag after the quotation"),
        ('Mara looked up. "Go."', "Mara", "sentence before the quotation"),
        ('"Go." Mara looked up.', "Mara", "sentence after the quotation"),
        ('Mara looked up.\n\n"Go."', "Mara", "last sentence of the paragraph above"),
        ('Mara turned to the window: "Go."', "Mara", "sentence that leads into the quotation"),
        ('"Go," they shouted.', None, "tag after the quotation"),
        ('"Go."', None, "nothing tells"),
    ],
)
def test_the_rule_that_told_is_named(text: str, speaker: str | None, rule: str) -> None:
    (turn,) = read(text).turns
    assert (turn.speaker, turn.rule) == (speaker, rule)


def test_a_pronoun_says_how_it_was_resolved() -> None:
    (turn,) = read('Mara came in with Tom. "Cold," she said.').turns
    assert (turn.speaker, turn.resolved_by) == ("Mara", "she: only fitting name")
    assert 0.0 < turn.confidence < 0.98


def test_a_title_or_a_noun_can_mean_a_named_character() -> None:
    text = 'Captain Truscott rose. "Order!" cried the captain.'
    (turn,) = read(text).turns
    assert (turn.speaker, turn.resolved_by) == (
        "Captain Truscott",
        "the captain: the only one so called",
    )


def test_a_noun_before_a_name_means_it_too() -> None:
    assert speakers('The chairman, Mr. Aldous, coughed. "And?"') == ["Mr. Aldous"]
    assert speakers('Lena Marsh, the lawyer, rose. "No," the lawyer said.') == ["Lena Marsh"]


def test_a_voice_speaks_for_itself_unless_it_is_somebodys() -> None:
    assert speakers('A third voice came out of the dark. "Hello."') == ["the third voice"]
    assert speakers('Mara looked up. Her voice shook. "Hello."') == ["Mara"]


def test_gender_is_learned_from_the_text() -> None:
    text = (
        "Then Zorrin lifted her lamp. Zorrin trimmed her wick. Then Quell drank his tea. "
        'Quell stirred his tea. "Cold," she said.'
    )
    assert speakers(text) == ["Zorrin"]


def test_two_women_take_turns() -> None:
    text = '"Cold," said Ann.\n\nBeth shivered.\n\n"Very cold," said Beth.\n\n"Go in," she said.'
    assert speakers(text)[-1] == "Ann"


def test_interrupted_speech_is_one_turn() -> None:
    found = read('"Well," said Mara, "I never. Did you?"')
    assert [turn.continues for turn in found.turns] == [False, True]
    assert found.turns_by_speaker == {"Mara": 1}


def test_all_told_before_the_tag_in_a_paragraph_is_by_the_same_speaker() -> None:
    text = '"No." It rained. "Not now," said Mara.'
    assert speakers(text) == ["Mara", "Mara"]


def test_the_british_style() -> None:
    text = "'Isn't it late, Mrs. Hall?' said Tom.\n\n'The dogs' dinner is late,' she replied."
    assert speakers(text) == ["Tom", "Mrs. Hall"]


def test_listed_characters_are_believed_and_called_as_listed() -> None:
    text = '"Cold," said Hope. Hope left.\n\n"Very," said Hope V\u00e9.'
    assert set(speakers(text, "Hope V\u00e9")) == {"Hope V\u00e9"}


def test_the_narration_ratio_counts_words() -> None:
    assert read('"Go now," said Mara.').narration_ratio == 2 / 4
    assert read("Nobody spoke.").narration_ratio == 1.0
    assert read('"Go."').narration_ratio == 0.0
    assert read("").narration_ratio == 0.0


@given(ANY_TEXT)
@settings(deadline=None)
def test_turns_slice_back_in_order(text: str) -> None:
    found = read(text, "Mara")
    last_end = 0
    for turn in found.turns:
        assert isinstance(turn, Turn)
        assert text[turn.start : turn.end] == turn.text != ""
        assert turn.start >= last_end
        assert 0.0 <= turn.confidence <= 1.0
        assert (turn.speaker is None) == (turn.confidence == 0.0)
        last_end = turn.end
    assert 0.0 <= found.narration_ratio <= 1.0
    assert sum(found.turns_by_speaker.values()) <= len(found.turns)
