"""Dates, times, money, percentages and quantities, found by pattern.

Every pattern begins at a place where nothing like it has begun before, and repeats a bounded
number of times, so a text is read in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

_MONTH_SURE: Final = (
    "January|February|April|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
_MONTH: Final = rf"(?:{_MONTH_SURE}|March|May|Mar\.)"
_DAY: Final = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_YEAR: Final = r"(?:1\d{3}|20\d{2})(?!\d)"
_HOLIDAY: Final = (
    r"Christmas(?:\s(?:Eve|Day))?|Easter(?:\s(?:Sunday|Monday))?|Halloween|Thanksgiving"
    r"|New\sYear['\u2019]s\s(?:Eve|Day)"
)
_GAP: Final = r"\s{1,3}"
_SMALL: Final = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_NUMBER_WORD: Final = rf"(?:{_SMALL}|hundred|thousand|million|billion|dozen)"
_WORDS: Final = (
    rf"(?:an?{_GAP}(?=hundred|thousand|million|billion|dozen))?"
    rf"{_NUMBER_WORD}(?:[\s-]{{1,3}}(?:and{_GAP})?{_NUMBER_WORD}){{0,7}}(?!\w)"
)
_DIGITS: Final = (
    r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:\.\d{1,9})?(?!\d|[.,]\d)"
    rf"(?:{_GAP}(?:hundred|thousand|million|billion|trillion|dozen)(?!\w))?"
)
_FREE_DIGITS: Final = rf"(?<![\w.,]){_DIGITS}"
_SIGN: Final = r"(?:(?<!\S)[-\u2212])?"
_NUMBER: Final = rf"(?:{_FREE_DIGITS}|\b{_WORDS})"
_HOUR: Final = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_CURRENCY_WORD: Final = (
    rf"(?:(?:US|Canadian|Australian){_GAP})?"
    "(?:dollars?|euros?|pounds?|cents?|pence|pennies|shillings?|francs?|yen|yuan|rupees?|roubles?|"
    "rubles?|pesos?|crowns?|guineas?|USD|EUR|GBP|JPY|CHF|CAD|AUD)"
)
_UNIT_WORD: Final = (
    "kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|miles?|yards?|feet|"
    "foot|inch(?:es)?|fathoms?|leagues?|acres?|hectares?|kilograms?|kilos?|grams?|tons?|tonnes?|"
    "ounces?|stones?|lit(?:re|er)s?|gallons?|pints?|barrels?|bushels?|seconds?|minutes?|hours?|"
    "days?|weeks?|fortnights?|months?|years?|decades?|century|centuries|degrees?|knots?|volts?|"
    "amps?|amperes?|watts?|kilowatts?|megawatts?|joules?|calories|hertz|bytes?|bits?|kilobytes?|"
    "megabytes?|gigabytes?|terabytes?|light-years?"
)
_UNIT_SIGN: Final = (
    "km/h|m/s|mph|kWh|km|cm|mm|kg|mg|lbs?|oz|ft|yd|mi|ml|kW|MW|GW|kHz|MHz|GHz|Hz|kB|KB|MB|GB|TB|ms|"
    "\u00b0C|\u00b0F|\u00b0|\u00b5m|nm|m\u00b2|km\u00b2|m\u00b3|[mglhVWL]"
)


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """What a pattern found, and its name."""

    kind: str
    rule: str
    start: int
    end: int


def pattern_matches(text: str) -> Iterator[PatternMatch]:
    """All that the patterns find; where two overlap, the earlier in this order is the better."""
    for kind, rule, pattern in _patterns():
        for match in pattern.finditer(text):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            yield PatternMatch(kind, rule, start, end)


_Row = tuple[str, str, str]


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    rows = (*_full_dates(), *_times(), *_amounts(), *_loose_dates())
    return tuple((kind, rule, re.compile(pattern)) for kind, rule, pattern in rows)


def _full_dates() -> tuple[_Row, ...]:
    day = rf"(?:{_DAY},?{_GAP})?"
    year = rf"(?:,?{_GAP}{_YEAR})?"
    ordinal = r"\d{1,2}(?:st|nd|rd|th)?"
    month_number, day_number = "(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
    day_first = rf"{day_number}([/.]){month_number}\1"
    month_first = rf"{month_number}/{day_number}/"
    return (
        (
            "date",
            "day and month",
            rf"\b{day}(?:the{_GAP})?{ordinal}{_GAP}(?:of{_GAP})?{_MONTH}{year}(?!\w)",
        ),
        ("date", "month and day", rf"\b{day}{_MONTH}{_GAP}{ordinal}(?!\w|[.,:]\d){year}"),
        ("date", "year-month-day", rf"(?<![\w-])\d{{4}}-{month_number}-{day_number}(?![\w-])"),
        (
            "date",
            "numbers with slashes or dots",
            rf"(?<![\w/.])(?:{day_first}|{month_first})(?:\d{{4}}|\d{{2}})(?![\w/])",
        ),
        ("date", "month and year", rf"\b{_MONTH},?{_GAP}{_YEAR}"),
        ("date", "decade", r"(?<!\w)(?:the\s)?(?:1\d|20)\d0['\u2019]?s\b"),
    )


def _times() -> tuple[_Row, ...]:
    half_of_day = r"(?:[ap]\.m\.|[ap]m\b|[AP]M\b)"
    minutes = "five|ten|twenty|twenty-five|quarter|a quarter|half"
    return (
        (
            "time",
            "clock",
            rf"(?<![\w:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])(?:\s?{half_of_day})?",
        ),
        ("time", "hour and half of day", rf"(?<![\w:.])(?:1[0-2]|[1-9])\s?{half_of_day}"),
        (
            "time",
            "hour in words",
            rf"(?i:\b(?:{minutes}){_GAP}(?:minutes{_GAP})?(?:past|to){_GAP}{_HOUR}(?![\w-]))",
        ),
        ("time", "o'clock", rf"(?i:\b(?:{_HOUR}|1?\d){_GAP}o['\u2019]clock\b)"),
        ("time", "part of the day", r"\b(?:noon|midnight|midday)\b"),
    )


def _amounts() -> tuple[_Row, ...]:
    sign = r"(?<!\w)(?:US|A|C|NZ|HK)?[$\u00a3\u20ac\u00a5\u20b9\u20bd\u20a9]"
    percent = rf"(?:\s?%|{_GAP}per\s?cent(?!\w)|{_GAP}percent(?:age{_GAP}points?)?(?!\w))"
    return (
        ("money", "currency sign", rf"{sign}\s?{_DIGITS}(?:\s?(?:[mb]n|[mbk])\b)?"),
        ("money", "currency code", rf"\b(?:USD|EUR|GBP|JPY|CHF|CAD|AUD)\s?{_DIGITS}"),
        ("money", "currency word", rf"(?i:{_NUMBER}{_GAP}{_CURRENCY_WORD})(?!\w)"),
        ("percentage", "percent", rf"{_SIGN}(?i:{_NUMBER}{percent})"),
        ("quantity", "number and unit", rf"(?i:{_NUMBER}(?:\s{{1,3}}|-)(?:{_UNIT_WORD})(?!\w))"),
        ("quantity", "number and unit sign", rf"{_SIGN}{_FREE_DIGITS}\s?(?:{_UNIT_SIGN})(?![\w/])"),
    )


def _loose_dates() -> tuple[_Row, ...]:
    """What is a date only where no amount claims it."""
    cue = "in|since|until|till|by|during|before|after|from|of|around|circa"
    month_cue = "in|since|until|till|last|next|this|early|late|mid|every|by|during|of"
    part = "morning|afternoon|evening|night"
    return (
        ("date", "year after a cue", rf"\b(?i:{cue}){_GAP}(?P<it>{_YEAR})(?!\w|[.,]\d|-\d)"),
        (
            "date",
            "holiday",
            rf"\b(?:{_HOLIDAY})\b",
        ),
        (
            "date",
            "day of the week",
            rf"\b(?:(?i:last|next|this|every){_GAP})?{_DAY}(?:{_GAP}(?:{part}))?\b",
        ),
        ("date", "month", rf"\b(?:{_MONTH_SURE})(?!\w)"),
        ("date", "month after a cue", rf"\b(?i:{month_cue}){_GAP}(?P<it>March|May)\b"),
    )
