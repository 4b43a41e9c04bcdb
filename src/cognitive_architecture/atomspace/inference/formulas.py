"""Truth values in, a truth value out: the formulas of Probabilistic Logic Networks.

Source: Goertzel, Iklé, Goertzel and Heljakka, "Probabilistic Logic Networks", Springer 2008. Here
``ab`` is the truth value of A → B, its strength the probability P(B|A), and ``a`` that of the term
A, its strength P(A). All strengths and confidences are without unit, from 0 to 1.

Strengths follow from elementary probability and one assumption, that A and C are independent given
B, and given not-B. The book gets confidences out of indefinite probabilities, which are not built
here. Ours is a rule of thumb: the product of the links' confidences, and no more than that of the
least sure term. A chain therefore loses confidence with each link.
"""

from __future__ import annotations

import math
from typing import Final

from cognitive_architecture.atomspace.errors import InvalidValue
from cognitive_architecture.atomspace.inference.errors import InconsistentTruth
from cognitive_architecture.atomspace.values import TruthValue
from cognitive_architecture.foundation.sentences import shown

COUNT_AT_HALF: Final = 800.0
"""``K``: how many observations make a confidence of one half."""
OVERLAP: Final = 0.2
"""The share of the smaller body of evidence that revision takes to be in the larger one too."""
_TOLERANCE: Final = 1e-9
"""How far rounding may carry consistent strengths over an edge, as a probability."""


def require_consistent(ab: TruthValue, a: TruthValue, b: TruthValue) -> None:
    """Refuse an A → B that the strengths of its terms do not allow.

    A and B overlap by at least max(0, P(A) + P(B) - 1), the smallest intersection probability, and
    by at most min(P(A), P(B)), the largest.

    Raises:
        InconsistentTruth: The sentence gives the strengths that are allowed.
    """
    if a.strength == 0.0:
        raise InconsistentTruth(
            "a term of strength 0 never holds, so nothing can be said of when it does: "
            "give it a strength above 0"
        )
    smallest = max(0.0, a.strength + b.strength - 1.0)
    largest = min(a.strength, b.strength)
    if not smallest - _TOLERANCE <= ab.strength * a.strength <= largest + _TOLERANCE:
        raise InconsistentTruth(
            f"between terms of strength {a.strength:.6g} and {b.strength:.6g} a link has a "
            f"strength from {smallest / a.strength:.6g} to "
            f"{min(1.0, largest / a.strength):.6g}, not {ab.strength:.6g}: "
            "correct the terms or the link"
        )


def deduction(
    ab: TruthValue, bc: TruthValue, a: TruthValue, b: TruthValue, c: TruthValue
) -> TruthValue:
    """A → B and B → C give A → C.

    P(C|A) = P(B|A) P(C|B) + (1 - P(B|A)) (P(C) - P(B) P(C|B)) / (1 - P(B)). Of consistent premises
    the conclusion is consistent too.

    Raises:
        InconsistentTruth: The premises cannot all be true.
    """
    require_consistent(ab, a, b)
    require_consistent(bc, b, c)
    outside = 1.0 - b.strength
    # Where B holds always, nothing is outside it, and C holds as often within as at all.
    elsewhere = _bounded((c.strength - b.strength * bc.strength) / outside) if outside else 0.0
    strength = ab.strength * bc.strength + (1.0 - ab.strength) * elsewhere
    return TruthValue(_bounded(strength), _confidence((ab, bc), (a, b, c)))


def inversion(ab: TruthValue, a: TruthValue, b: TruthValue) -> TruthValue:
    """A → B gives B → A, by Bayes' rule: P(A|B) = P(B|A) P(A) / P(B).

    Raises:
        InconsistentTruth: The premises cannot all be true, or B never holds.
    """
    require_consistent(ab, a, b)
    if b.strength == 0.0:
        raise InconsistentTruth(
            "what follows from a term of strength 0 cannot be said: give it a strength above 0"
        )
    strength = _bounded(ab.strength * a.strength / b.strength)
    return TruthValue(strength, _confidence((ab,), (a, b)))


def induction(
    ab: TruthValue, ac: TruthValue, a: TruthValue, b: TruthValue, c: TruthValue
) -> TruthValue:
    """A → B and A → C give B → C: the first inverted, then deduction over A.

    Raises:
        InconsistentTruth: The premises cannot all be true, or B never holds.
    """
    return deduction(inversion(ab, a, b), ac, b, a, c)


def abduction(
    ab: TruthValue, cb: TruthValue, a: TruthValue, b: TruthValue, c: TruthValue
) -> TruthValue:
    """A → B and C → B give A → C: the second inverted, then deduction over B.

    Raises:
        InconsistentTruth: The premises cannot all be true, or B never holds.
    """
    return deduction(ab, inversion(cb, c, b), a, b, c)


def similarity_of(ab: TruthValue, ba: TruthValue) -> TruthValue:
    """A → B and B → A give A ~ B: P(A and B) / P(A or B) = 1 / (1/P(B|A) + 1/P(A|B) - 1)."""
    strength = 0.0
    if ab.strength and ba.strength:
        # Written without 1/s, which overflows for strengths near 0.
        low, high = sorted((ab.strength, ba.strength))
        strength = low / (1.0 + low / high - low)
    return TruthValue(_bounded(strength), _confidence((ab, ba), ()))


def inheritance_of(similar: TruthValue, a: TruthValue, b: TruthValue) -> TruthValue:
    """A ~ B gives A → B: P(B|A) = (1 + P(B)/P(A)) s / (1 + s), where s is how similar they are.

    Raises:
        InconsistentTruth: Terms of these strengths cannot be so similar.
    """
    share = similar.strength / (1.0 + similar.strength)
    together = share * (a.strength + b.strength)
    largest = min(a.strength, b.strength)
    smallest = max(0.0, a.strength + b.strength - 1.0)
    if a.strength == 0.0 or not smallest - _TOLERANCE <= together <= largest + _TOLERANCE:
        raise InconsistentTruth(
            f"terms of strength {a.strength:.6g} and {b.strength:.6g} cannot have a similarity of "
            f"{similar.strength:.6g}: correct the terms or the link"
        )
    return TruthValue(_bounded(together / a.strength), _confidence((similar,), (a, b)))


def count_of(confidence: float) -> float:
    """How many observations a confidence stands for: K c / (1 - c); infinite for 1.

    Raises:
        InvalidValue: It is not from 0 to 1.
    """
    if not 0.0 <= confidence <= 1.0:
        raise InvalidValue(f"a confidence: a number from 0 to 1, not {shown(confidence)}")
    return math.inf if confidence == 1.0 else COUNT_AT_HALF * confidence / (1.0 - confidence)


def revision(one: TruthValue, other: TruthValue) -> TruthValue:
    """Two opinions on the same link, from different evidence, as one.

    With counts N = K c / (1 - c) the strength is the mean weighted by the counts, and the new count
    N1 + N2 - 0.2 min(N1, N2): a fifth of the smaller body of evidence is taken to be in the larger
    one. What is certain (confidence 1) is not changed by what is not.

    Raises:
        InconsistentTruth: Both are certain, and they differ.
    """
    if one.confidence == 1.0 or other.confidence == 1.0:
        return _certain(one, other)
    first, second = count_of(one.confidence), count_of(other.confidence)
    total = first + second
    if total == 0.0:
        return TruthValue((one.strength + other.strength) / 2.0, 0.0)
    share = first / total
    count = total - OVERLAP * min(first, second)
    strength = one.strength * share + other.strength * (1.0 - share)
    return TruthValue(_bounded(strength), _bounded(count / (count + COUNT_AT_HALF)))


def _certain(one: TruthValue, other: TruthValue) -> TruthValue:
    if one.confidence == other.confidence and one.strength != other.strength:
        raise InconsistentTruth(
            f"two certain opinions differ, {one.strength:.6g} and {other.strength:.6g}: "
            "one of them needs a confidence below 1"
        )
    return one if one.confidence == 1.0 else other


def _confidence(links: tuple[TruthValue, ...], terms: tuple[TruthValue, ...]) -> float:
    product = math.prod(link.confidence for link in links)
    return min([product, *(term.confidence for term in terms)])


def _bounded(strength: float) -> float:
    """Back between 0 and 1, which rounding may have left."""
    return min(1.0, max(0.0, strength))
