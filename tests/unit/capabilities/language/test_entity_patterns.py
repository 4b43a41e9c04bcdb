from __future__ import annotations

import pytest

from cognitive_architecture.capabilities.language.entity_patterns import pattern_matches


def first(text: str) -> tuple[str, str] | None:
    """The kind and the text of the first that is found."""
    match = next(pattern_matches(text), None)
    return (match.kind, text[match.start : match.end]) if match else None


@pytest.mark.parametrize(
    "date",
    [
        "Tuesday, 8 November 1938",
        "the 5th of March",
        "March 5, 2021",
        "Jan. 14",
        "2024-02-29",
        "05/03/2021",
        "June 1974",
        "the 1990s",
        "Tuesday",
        "last Friday night",
        "Christmas Eve",
        "October",
    ],
)
def test_dates(date: str) -> None:
    assert first(f"It was {date}, they say.") == ("date", date)


def test_a_year_and_a_doubtful_month_need_a_cue() -> None:
    assert first("It began in 1911.") == ("date", "1911")
    assert first("It was in May.") == ("date", "May")
    assert first("There were 1911 boats.") is None
    assert first("May I march?") is None


@pytest.mark.parametrize(
    "time",
    ["10:30", "7:30 a.m.", "5 pm", "half past six", "ten past four", "a quarter to ten", "noon"],
)
def test_times(time: str) -> None:
    assert first(f"They left at {time} and slept.") == ("time", time)


def test_oclock() -> None:
    assert first("At six o\u2019clock they left.") == ("time", "six o\u2019clock")


@pytest.mark.parametrize(
    "money",
    [
        "$5",
        "US$1.5 million",
        "\u00a31,150",
        "\u20ac20",
        "EUR 100",
        "5 dollars",
        "thirty-two shillings",
    ],
)
def test_money(money: str) -> None:
    assert first(f"They paid {money} for it.") == ("money", money)


@pytest.mark.parametrize("share", ["5%", "-12.5 %", "five per cent", "2.5 percent"])
def test_percentages(share: str) -> None:
    assert first(f"It fell {share} today.") == ("percentage", share)


@pytest.mark.parametrize(
    "amount",
    [
        "5 km",
        "12.5 kg",
        "-8 \u00b0C",
        "three miles",
        "a hundred and thirty feet",
        "two-hour",
        "45 hectares",
    ],
)
def test_quantities(amount: str) -> None:
    assert first(f"It has {amount} of it.") == ("quantity", amount)


@pytest.mark.parametrize(
    "text", ["3.14.15", "section 25:61", "the 12 boats", "5 kmh", "v1.2.3", "one lamp", "3/4/5/6"]
)
def test_these_are_nothing(text: str) -> None:
    assert first(text) is None
