"""Texts for property tests: anything at all, and what looks like prose but is broken."""

from __future__ import annotations

from hypothesis import strategies as st

_FRAGMENTS = (
    *("Mara", "said", "she", "the old man", "Mr.", "Dr", "U.S.", "e.g.", "J.", "I", "in", "Tom's"),
    *("London", "of", "&", "Co.", "5", "3.14", "1,000", "10:30", "%", "km", "$", "May", "1999"),
    *(
        ".",
        "!",
        "?",
        "...",
        "\u2026",
        ",",
        ";",
        ":",
        "-",
        "--",
        "\u2014",
        "(",
        ")",
        "[1]",
        "*",
        "_",
    ),
    *('"', "'", "\u201c", "\u201d", "\u2018", "\u2019", "\u00ab", "\u00bb"),
    *(" ", "  ", "\n", "\n\n", "\r\n", "\t", "\u2029", "\u00a0", "\u200b", "\x00"),
    *("cafe\u0301", "\u0915\u094d\u0937", "\u4eca\u65e5", "\u3002", "\U0001f469\u200d\U0001f467"),
    *("a@b.org", "http://x.org/", "www.", "@", "don't", "well-known", "\u0130", "\u00df", "\ud7ff"),
)

BROKEN_PROSE = st.lists(st.sampled_from(_FRAGMENTS), max_size=60).map("".join)
SPACED_PROSE = st.lists(st.sampled_from(_FRAGMENTS), max_size=60).map(" ".join)
ANY_TEXT = st.one_of(st.text(max_size=80), BROKEN_PROSE, SPACED_PROSE)
