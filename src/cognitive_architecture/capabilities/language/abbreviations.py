"""Abbreviations that end in a full stop, by what may follow them.

All are lower-case and without their last dot. Words that are also ordinary ones (``sat``, ``mar``,
``gen``) are in the lists of those that count only with a capital letter.
"""

from __future__ import annotations

from typing import Final

TITLES: Final = frozenset(
    "mr mrs ms mx dr prof st rev hon fr sr br gen col maj capt cpt cdr cmdr lt sgt cpl pvt adm "
    "sen rep gov pres supt insp det messrs mme mlle mgr mt ft".split()
)
"""With a capital letter: a name follows, so the sentence goes on."""

INSIDE: Final = frozenset(
    "e.g i.e eg ie vs cf viz al ca approx c esp incl resp dept est ext assoc univ transl trans ed "
    "eds".split()
)
"""In small letters: something always follows, so the sentence goes on."""

BEFORE_NUMBERS: Final = frozenset(
    "no nos nr p pp vol vols fig figs ch chap sec sect art eq op v vv ver para pt jan feb mar apr "
    "jun jul aug sep sept oct nov dec".split()
)
"""The sentence goes on if a number follows, and otherwise the dot is like any other."""

CAPITALISED_ANYWHERE: Final = frozenset(
    "inc ltd co corp bros plc jr sr esq ave rd blvd sq hwy jan feb mar apr jun jul aug sep sept oct "
    "nov dec mon tue tues wed thu thur thurs fri sat sun".split()
)
"""With a capital letter: the sentence may go on or end, and the next word decides."""

ANYWHERE: Final = frozenset(
    "etc inc ltd corp plc jr sr esq ibid ft lb lbs oz hr hrs mins secs yr yrs yd yds km kg cm mm ml "
    "mph".split()
)
"""In any letters: the sentence may go on or end, and the next word decides."""
