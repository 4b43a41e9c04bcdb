"""Uncertain reasoning over atoms, for ``reasoning``: query and infer (PLN), with derivations.

    payload  {"atoms": TEXT (none),              premises, with their truth values
              "hypergraph": bool (false),        those of the mesh too
              "query": TEXT (none),              asked of premises and conclusions
              "infer": bool (true), "rules": some of deduction, induction, abduction, inversion,
                       "similarity of", "inheritance of", revision (deduction and revision),
              "term_truth": [strength, confidence] (none), for terms that have none
              "dialect": 2026 or classic (2026), "keep": bool (false),
              "limits": {"depth_max": 5, "conclusions_max": 1,000, "steps_max": 1,000,000}}
    result   {"premises": links with a truth value,
              "conclusions": [{"atom": TEXT, "truth": [strength, confidence],
                               "derivation": [{"step", "atom", "truth", "rule" or null,
                                               "premises": [steps]}]}],
              "refused": rules that could not be applied, "refusals": [why] (the first 20),
              "stopped": the limit that ended it, or null,
              "answers": [TEXT], "coverage": {…} where the hypergraph was asked, "kept": how many}

Conclusions are kept under ``inferred``, so the next inference does not take them for evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from cognitive_architecture.atomspace import (
    Atom,
    AtomSpace,
    AtomSpaceError,
    Link,
    Node,
    TruthValue,
)
from cognitive_architecture.atomspace.inference import (
    INFERRED,
    TRUTH,
    Inference,
    Limits,
    Rule,
    Statement,
    derivation,
    infer,
    keep,
)
from cognitive_architecture.atomspace.notation import load, write
from cognitive_architecture.atomspace.patterns import ask, read_query, terms_of
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    choice_field,
    choices_field,
    flag_field,
    integer_field,
    shown,
    text_field,
)
from cognitive_architecture.distributed_mesh.handlers import MeshAccess, RunningTask
from cognitive_architecture.foundation.errors import InvalidPayload, PermanentFailure
from cognitive_architecture.hypergraph import Coverage, Hypergraph, NoMemoryNode
from cognitive_architecture.memory.errors import NestedTooDeep
from cognitive_architecture.memory.writing import read_all

FIELDS: Final = (
    "atoms", "hypergraph", "query", "infer", "rules", "term_truth", "dialect", "keep", "limits",
)  # fmt: skip
_LINKS: Final = ("Inheritance", "Implication", "Similarity", "Equivalence")
_USUAL_RULES: Final = frozenset({Rule.DEDUCTION, Rule.REVISION})
_ANSWERS_MAX: Final = 10_000
_REFUSALS_MAX: Final = 20


def reason_over_atoms(payload: Mapping[str, Any], task: RunningTask) -> dict[str, Any]:
    """Query atoms and conclude from them; see the module.

    Raises:
        InvalidPayload: The payload is not as described.
        PermanentFailure: The hypergraph is asked for, and no node of the mesh keeps atoms.
        MeshError: The mesh did not answer.
    """
    question = _question(payload)
    space = AtomSpace()
    try:
        load(space, question.atoms, dialect=question.dialect)
    except AtomSpaceError as error:
        raise InvalidPayload(f"payload.atoms: {error}") from error
    coverage = None
    if question.asks_mesh:
        task.progress(0.1, "gathering what the mesh knows")
        coverage = task.mesh.wait(_gather(space, question, task.mesh, task.priority))
    if task.is_cancelled:
        return {}
    task.progress(0.5, f"{len(space):,} atoms; concluding")
    try:
        found = _conclude(space, question)
        result = _result(space, question, found)
    except AtomSpaceError as error:
        raise InvalidPayload(f"payload: {error}") from error
    if coverage is not None:
        result["coverage"] = coverage.as_json()
    if question.is_kept:
        task.progress(0.9, f"keeping {len(found.conclusions):,} conclusions")
        task.mesh.wait(_keep(found, task.mesh, task.priority))
        result["kept"] = len(found.conclusions)
    return result


@dataclass(frozen=True, slots=True)
class _Question:
    atoms: str
    asks_mesh: bool
    query: Atom | None
    infers: bool
    rules: frozenset[Rule]
    term_truth: TruthValue | None
    dialect: str
    is_kept: bool
    limits: Limits


def _question(payload: Mapping[str, Any]) -> _Question:
    check_names(payload, FIELDS)
    dialect = choice_field(payload, "dialect", ("2026", "classic"), default="2026")
    rules = choices_field(payload, "rules", [rule.value for rule in Rule])
    return _Question(
        atoms=text_field(payload, "atoms") if "atoms" in payload else "",
        asks_mesh=flag_field(payload, "hypergraph"),
        query=_query(payload, dialect),
        infers=flag_field(payload, "infer") if "infer" in payload else True,
        rules=frozenset(map(Rule, rules)) if "rules" in payload else _USUAL_RULES,
        term_truth=_term_truth(payload.get("term_truth")),
        dialect=dialect,
        is_kept=flag_field(payload, "keep"),
        limits=_limits(payload.get("limits", {})),
    )


def _query(payload: Mapping[str, Any], dialect: str) -> Atom | None:
    if payload.get("query") is None:
        return None
    text = text_field(payload, "query")
    try:
        written = read_all(text, dialect)
        if len(written) != 1:
            raise InvalidPayload(f"payload.query: one expression, not {len(written)}")
        read_query(written[0].atom, AtomSpace().types)
    except AtomSpaceError as error:
        raise InvalidPayload(f"payload.query: {error}") from error
    return written[0].atom


def _term_truth(asked: object) -> TruthValue | None:
    if asked is None:
        return None
    match asked:
        case [int() | float() as strength, int() | float() as confidence]:
            try:
                return TruthValue(strength, confidence)
            except AtomSpaceError as error:
                raise InvalidPayload(f"payload.term_truth: {error}") from error
        case _:
            raise InvalidPayload(
                f"payload.term_truth: [strength, confidence] is required, not {shown(asked)}"
            )


def _limits(asked: object) -> Limits:
    where = "payload.limits"
    if not isinstance(asked, Mapping):
        raise InvalidPayload(f"{where}: an object is required, not {shown(asked)}")
    check_names(asked, ("depth_max", "conclusions_max", "steps_max"), where)

    def limit(name: str, default: int, high: int) -> int:
        return integer_field(asked, name, default=default, low=1, high=high, where=where)

    return Limits(
        depth_max=limit("depth_max", 5, 100),
        conclusions_max=limit("conclusions_max", 1_000, 100_000),
        steps_max=limit("steps_max", 1_000_000, 100_000_000),
    )


async def _gather(
    space: AtomSpace, question: _Question, mesh: MeshAccess, priority: int
) -> Coverage:
    """Add to a space what the mesh knows that the question is about."""
    graph = Hypergraph(mesh, priority=priority)
    a, b = Node("Variable", "$a"), Node("Variable", "$b")
    terms = [] if question.query is None else terms_of(question.query)
    if question.infers:
        for name in _LINKS:
            terms += terms_of(Link("Meet", (Link("Present", (Link(name, (a, b)),)),)))
    try:
        found = await graph.gather(terms)
        links = [record.atom for record in found.records if isinstance(record.atom, Link)]
        ends = {end: None for link in links for end in link.out}
        known = await graph.values(ends)
    except NoMemoryNode as error:
        raise PermanentFailure(str(error)) from error
    for record in found.records:
        if record.atom is not None:
            _put(space, record.atom, record.kept_values)
    for atom, values in known.values.items():
        _put(space, atom, values)
    return found.coverage


def _put(space: AtomSpace, atom: Atom, values: Mapping[str, Any]) -> None:
    """Add an atom; what the payload says of it counts more than what the mesh does."""
    own = space.add(atom)
    for key, value in values.items():
        if space.value(own, key) is None:
            space.set_value(own, key, value)


def _conclude(space: AtomSpace, question: _Question) -> Inference:
    if not question.infers:
        return Inference((), (), 0, None)
    found = infer(
        space, rules=question.rules, limits=question.limits, term_truth=question.term_truth
    )
    keep(space, found.conclusions)
    return found


def _result(space: AtomSpace, question: _Question, found: Inference) -> dict[str, Any]:
    dialect = question.dialect
    answers: Iterable[Atom] = ()
    if question.query is not None:
        answers = islice(ask(space, question.query), _ANSWERS_MAX)
    premises = sum(
        space.value(link, TRUTH) is not None for name in _LINKS for link in space.atoms(name)
    )
    return {
        "premises": premises,
        "conclusions": [_conclusion(statement, dialect) for statement in found.conclusions],
        "refused": found.refused,
        "refusals": [refusal.sentence for refusal in found.refusals[:_REFUSALS_MAX]],
        "stopped": found.stopped,
        "answers": [write(answer, dialect=dialect) for answer in answers],
    }


def _conclusion(statement: Statement, dialect: str) -> dict[str, Any]:
    return {
        "atom": write(statement.link, dialect=dialect),
        "truth": _pair(statement.truth),
        "derivation": [
            {
                "step": step.number,
                "atom": write(step.link, dialect=dialect),
                "truth": _pair(step.truth),
                "rule": None if step.rule is None else step.rule.value,
                "premises": list(step.premises),
            }
            for step in derivation(statement)
        ],
    }


def _pair(truth: TruthValue) -> list[float]:
    return [truth.strength, truth.confidence]


async def _keep(found: Inference, mesh: MeshAccess, priority: int) -> None:
    graph = Hypergraph(mesh, priority=priority)
    try:
        await graph.add({one.link: {INFERRED: one.truth} for one in found.conclusions})
    except (NoMemoryNode, NestedTooDeep) as error:
        raise PermanentFailure(str(error)) from error
