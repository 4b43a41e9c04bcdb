"""Uncertain inference over the links of a space: what follows, how sure that is, and why.

    formulas ──▶ rules ──▶ forward ──▶ derivations
    truth values  one rule  all that    the steps behind
    in and out    each      follows     a conclusion

    >>> from cognitive_architecture.atomspace import AtomSpace, TruthValue
    >>> space = AtomSpace()
    >>> cat, mammal, animal = (space.node("Concept", name) for name in ("cat", "mammal", "animal"))
    >>> for term, share in ((cat, 0.1), (mammal, 0.3), (animal, 0.5)):
    ...     space.set_value(term, TRUTH, TruthValue(share, 0.9))
    >>> space.set_value(space.link("Inheritance", cat, mammal), TRUTH, TruthValue(1.0, 0.9))
    >>> space.set_value(space.link("Inheritance", mammal, animal), TRUTH, TruthValue(1.0, 0.9))
    >>> found = infer(space, rules={Rule.DEDUCTION})
    >>> found.conclusions[0].truth
    TruthValue(strength=1.0, confidence=0.81)

The rules are those of Probabilistic Logic Networks (Goertzel, Iklé, Goertzel and Heljakka,
"Probabilistic Logic Networks", Springer 2008), over simple truth values.
"""

from cognitive_architecture.atomspace.inference.derivations import Step, derivation
from cognitive_architecture.atomspace.inference.errors import InconsistentTruth
from cognitive_architecture.atomspace.inference.formulas import (
    abduction,
    count_of,
    deduction,
    induction,
    inheritance_of,
    inversion,
    require_consistent,
    revision,
    similarity_of,
)
from cognitive_architecture.atomspace.inference.forward import (
    INFERRED,
    Inference,
    Limits,
    Refusal,
    infer,
    keep,
)
from cognitive_architecture.atomspace.inference.rules import Rule, Statement
from cognitive_architecture.atomspace.notation.dialects import TRUTH

__all__ = [
    "INFERRED",
    "TRUTH",
    "InconsistentTruth",
    "Inference",
    "Limits",
    "Refusal",
    "Rule",
    "Statement",
    "Step",
    "abduction",
    "count_of",
    "deduction",
    "derivation",
    "induction",
    "infer",
    "inheritance_of",
    "inversion",
    "keep",
    "require_consistent",
    "revision",
    "similarity_of",
]
