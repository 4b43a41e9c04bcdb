from __future__ import annotations

from cognitive_architecture.capabilities.inference.proofs import proofs
from cognitive_architecture.capabilities.inference.terms import Fact

from .programs import close


def test_a_proof_holds_only_what_its_root_rests_on() -> None:
    found = close(
        ["(a 1)", "(a 2)", "(unused)"],
        ["if (a ?x) then (b ?x)", "if (b ?x) then (c ?x)"],
    )
    numbers = [number for number, _ in enumerate(found.derivations)]
    root = next(number for number in numbers if found.base.fact(number) == Fact("c", (2,)))
    explained = proofs(found, [root])
    assert [step.fact for step in explained.steps] == [
        Fact("a", (2,)),
        Fact("b", (2,)),
        Fact("c", (2,)),
    ]
    assert [step.premises for step in explained.steps] == [(), (0,), (1,)]
    assert [step.number for step in explained.steps] == [0, 1, 2]
    assert explained.step_by_fact[root] == 2


def test_a_shared_proof_is_written_once() -> None:
    # Each fact rests twice on the one before it: as a tree, the last has 2 ** 40 leaves.
    rules = [f"if (p{at} ?x) and (p{at} ?y) then (p{at + 1} ?x)" for at in range(40)]
    found = close(["(p0 1)"], rules)
    explained = proofs(found, [len(found.base) - 1])
    assert len(explained.steps) == 41
    assert explained.steps[-1].premises == (39, 39)


def test_no_roots_need_no_steps() -> None:
    assert proofs(close(["(a 1)"], []), []).steps == ()
