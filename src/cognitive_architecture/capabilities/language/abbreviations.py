"""Abbreviations that end in a full stop, by what may follow them.

All are lower-case and without their last dot. Words that are also ordinary ones (``sat``, ``mar``,
``gen``) are in the lists of those that count only with a capital letter.
"""

from __future__ import annotations

from typing import Final

from cognitive_architecture.capabilities.language.word_lists import words_of

TITLES: Final = words_of(
    "mr mrs ms mx dr prof st rev hon fr sr br gen col maj capt cpt cdr cmdr lt sgt cpl pvt adm "
    "sen rep gov pres supt insp det messrs mme mlle mgr mt ft"
)
"""With a capital letter: a name follows, so the sentence goes on."""

INSIDE: Final = words_of(
    "e.g i.e eg ie vs cf viz al ca approx c esp incl resp dept est ext assoc univ transl trans ed "
    "eds"
)
"""In small letters: something always follows, so the sentence goes on."""

BEFORE_NUMBERS: Final = words_of(
    "no nos nr p pp vol vols fig figs ch chap sec sect art eq op v vv ver para pt jan feb mar apr "
    "jun jul aug sep sept oct nov dec"
)
"""The sentence goes on if a number follows, and otherwise the dot is like any other."""

CAPITALISED_ANYWHERE: Final = words_of(
    "inc ltd co corp bros plc jr sr esq ave rd blvd sq hwy jan feb mar apr jun jul aug sep sept "
    "oct nov dec mon tue tues wed thu thur thurs fri sat sun"
)
"""With a capital letter: the sentence may go on or end, and the next word decides."""

ANYWHERE: Final = words_of(
    "etc inc ltd corp plc jr sr esq ibid ft lb lbs oz hr hrs mins secs yr yrs yd yds km kg cm mm "
    "ml mph"
)
"""In any letters: the sentence may go on or end, and the next word decides."""
