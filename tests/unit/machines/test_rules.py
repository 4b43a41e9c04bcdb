import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.rules import (
    DIFFERENT_RULES_MAX,
    RuleBook,
)
from cognitive_architecture.distributed_mesh.policies.attributes import task_attributes
from cognitive_architecture.distributed_mesh.policies.expressions import read_expression
from cognitive_architecture.foundation.errors import ConfigurationError
from tests.support.builders import a_spec
from tests.support.examples import quick

URGENT = read_expression("priority >= 8")
ECHO = read_expression('task_type == "echo"')


def test_without_rules_nothing_is_broken() -> None:
    assert not RuleBook().are_any
    assert RuleBook().broken_by(a_spec("a")) == 0


def test_a_task_breaks_the_rules_that_do_not_hold_for_it() -> None:
    book = RuleBook()
    book.learn([URGENT, ECHO])
    urgent, echo = book.hold([URGENT]), book.hold([ECHO])
    assert book.broken_by(a_spec("a", priority=9)) == 0
    assert book.broken_by(a_spec("a", priority=1)) == urgent
    assert book.broken_by(a_spec("a", "sum", priority=1)) == urgent | echo
    assert book.worded(urgent) == "priority >= 8"


def test_nodes_with_the_same_rule_share_it() -> None:
    book = RuleBook()
    for _ in range(1000):
        assert book.knows([URGENT]) or not book.are_any
        book.learn([URGENT])
        assert book.hold([URGENT]) == 1


def test_there_are_only_so_many_that_differ() -> None:
    book = RuleBook()
    rules = [read_expression(f"priority > {n}") for n in range(DIFFERENT_RULES_MAX + 1)]
    for rule in rules[:-1]:
        book.learn([rule])
        book.hold([rule])
    with pytest.raises(ConfigurationError, match=r"^rules: the nodes of this mesh have 64"):
        book.learn([rules[-1]])
    book.let_go(1)
    book.learn([rules[-1]])
    assert not book.knows([rules[0]])


texts = st.sampled_from([f"priority >= {n}" for n in range(6)] + ['task_type == "echo"'])


@given(st.lists(st.tuples(st.booleans(), st.lists(texts, max_size=3)), max_size=30))
@quick(200)
def test_whoever_comes_and_goes_each_node_serves_whom_its_rules_fit(
    story: list[tuple[bool, list[str]]],
) -> None:
    book = RuleBook()
    nodes: list[tuple[int, list[str]]] = []
    for comes, rules in story:
        if comes:
            known = [read_expression(text) for text in rules]
            if not book.knows(known):
                book.learn(known)
            nodes.append((book.hold(known), rules))
        elif nodes:
            book.let_go(nodes.pop(0)[0])
        for priority in (1, 3, 5):
            for task_type in ("echo", "sum"):
                spec = a_spec("a", task_type, priority=priority)
                broken = book.broken_by(spec)
                for held, texts in nodes:
                    fits = all(
                        read_expression(text).refusal(task_attributes(spec)) is None
                        for text in texts
                    )
                    assert (broken & held == 0) == fits
