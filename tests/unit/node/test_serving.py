from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.messages import Assignment, Vitals
from cognitive_architecture.distributed_mesh.node.serving import ServiceTerms
from cognitive_architecture.distributed_mesh.policies.expressions import read_expression
from tests.support.asynchronous import async_test
from tests.support.builders import a_spec

from .bench import a_node

TASK = Assignment(7, 1, a_spec("a", priority=3))


def test_without_terms_everything_comes_in() -> None:
    assert ServiceTerms((), memory_usage_max=1.0).refusal(TASK, Vitals(memory_usage=1.0)) is None


def test_a_task_that_breaks_a_rule_does_not_come_in_whoever_sent_it() -> None:
    terms = ServiceTerms([read_expression("priority >= 8")], memory_usage_max=1.0)
    said = terms.refusal(TASK, Vitals())
    assert said == "its rule priority >= 8 is not met: priority is 3"
    assert terms.refusal(Assignment(8, 1, a_spec("b", priority=9)), Vitals()) is None


def test_nothing_comes_in_while_memory_is_short() -> None:
    terms = ServiceTerms((), memory_usage_max=0.9)
    assert terms.refusal(TASK, Vitals(memory_usage=0.95)) == "95% of its memory is in use"
    assert terms.refusal(TASK, Vitals(memory_usage=0.9)) is None


@async_test
async def test_what_the_node_refuses_goes_back_at_once_and_the_rest_is_done() -> None:
    async def work(_payload: object, _task: object) -> str:
        return "done"

    async with a_node(work=work) as stand:
        stand.node._assignments._terms = ServiceTerms(
            [read_expression("priority >= 5")], memory_usage_max=1.0
        )
        (low,) = stand.orchestrator.assign("work", priority=1)
        (high,) = stand.orchestrator.assign("work", priority=9)
        await stand.advance(1.0)
        (back,) = stand.orchestrator.heard(m.HandBack)
        assert (back.leases, back.refused) == ([low], True)
        assert back.reason == "its rule priority >= 5 is not met: priority is 1"
        assert stand.orchestrator.results == {high: "done"}
        assert back.granted >= 2  # the refused one takes up no room
