"""In which order predicates must be completed so that negation means something.

A rule that asks whether a fact is *not* there can run only when nothing more will derive such
facts. So predicates are put into strata: a predicate's stratum is at least that of all its rules
use, and above that of all they negate. Where a predicate needs its own negation, there is no such
order, and the program has no single meaning (Apt, Blair and Walker, "Towards a Theory of
Declarative Knowledge", 1988).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cognitive_architecture.capabilities.inference.rules import Negation, Rule
from cognitive_architecture.capabilities.inference.terms import Pattern, Signature


class NotStratified(ValueError):
    """A predicate depends on its own negation; the sentence names the rules on the way."""


@dataclass(frozen=True, slots=True)
class _Link:
    """A conclusion of a rule depends on one of its conditions."""

    rule: str
    condition: Signature
    is_negated: bool


def strata(rules: Sequence[Rule]) -> dict[Signature, int]:
    """The stratum, from 0, of every predicate that a rule concludes.

    Raises:
        NotStratified: There is a cycle through a negation.
    """
    links = _links(rules)
    component = _components(links)
    for conclusion, needs in links.items():
        for link in needs:
            if link.is_negated and component.get(link.condition) == component[conclusion]:
                raise NotStratified(_sentence(conclusion, link, links, component))
    # Components come with the ones they depend on first, so one pass settles all.
    level: dict[int, int] = {}
    for conclusion in sorted(links, key=lambda signature: component[signature]):
        here = component[conclusion]
        level[here] = max(
            [level.get(here, 0)]
            + [
                level.get(component[link.condition], 0) + link.is_negated
                for link in links[conclusion]
                if link.condition in component
            ]
        )
    return {conclusion: level[component[conclusion]] for conclusion in links}


def _links(rules: Iterable[Rule]) -> dict[Signature, list[_Link]]:
    links: dict[Signature, list[_Link]] = {}
    for rule in rules:
        needs = [
            _Link(rule.name, _signature(condition), isinstance(condition, Negation))
            for condition in rule.conditions
            if isinstance(condition, Pattern | Negation)
        ]
        for conclusion in rule.conclusions:
            links.setdefault(conclusion.signature, []).extend(needs)
    return links


def _signature(condition: Pattern | Negation) -> Signature:
    return (condition.pattern if isinstance(condition, Negation) else condition).signature


def _components(links: Mapping[Signature, Sequence[_Link]]) -> dict[Signature, int]:
    """Which concluded predicates depend on each other: the same number.

    A number is larger than those of all it depends on. Source: Tarjan, "Depth-First Search and
    Linear Graph Algorithms" (1972). We differ: a stack of iterators takes the place of recursion.
    """
    order: dict[Signature, int] = {}
    low: dict[Signature, int] = {}
    component: dict[Signature, int] = {}
    open_nodes: list[Signature] = []
    count = 0
    for root in links:
        path: list[tuple[Signature, Iterator[Signature]]] = []
        if root not in order:
            path.append((root, _targets(links, root)))
            order[root] = low[root] = len(order)
            open_nodes.append(root)
        while path:
            node, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    _close(node, open_nodes, component, count)
                    count += 1
            elif target not in order:
                order[target] = low[target] = len(order)
                open_nodes.append(target)
                path.append((target, _targets(links, target)))
            elif target not in component:
                low[node] = min(low[node], order[target])
    return component


def _targets(links: Mapping[Signature, Sequence[_Link]], node: Signature) -> Iterator[Signature]:
    return (link.condition for link in links[node] if link.condition in links)


def _close(
    node: Signature, open_nodes: list[Signature], component: dict[Signature, int], number: int
) -> None:
    while True:
        member = open_nodes.pop()
        component[member] = number
        if member == node:
            return


def _sentence(
    conclusion: Signature,
    negated: _Link,
    links: Mapping[Signature, Sequence[_Link]],
    component: Mapping[Signature, int],
) -> str:
    """Name the shortest way from the negated predicate back to the conclusion."""
    way: dict[Signature, list[str]] = {negated.condition: []}
    frontier = [negated.condition]
    while frontier and conclusion not in way:
        reached: list[Signature] = []
        for node in frontier:
            for link in links.get(node, ()):
                if link.condition in way or component.get(link.condition) is None:
                    continue
                way[link.condition] = [*way[node], link.rule]
                reached.append(link.condition)
        frontier = reached
    rules = list(dict.fromkeys([negated.rule, *way.get(conclusion, [])]))
    names = ", ".join(repr(rule) for rule in rules)
    return (
        f"the rules cannot be put into an order: {conclusion.predicate!r} depends on its own "
        f"negation, through 'not {negated.condition.predicate}' in rule {negated.rule!r} "
        f"(rules in the cycle: {names})"
    )
