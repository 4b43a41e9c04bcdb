import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.model import MeshNode, NodeAdvertisement
from cognitive_architecture.distributed_mesh.policies.experience import RECORD_OF_A_STRANGER
from cognitive_architecture.distributed_mesh.policies.matching import (
    CapabilityMatcher,
    capacity_of,
    load_factor,
)
from cognitive_architecture.foundation.errors import ConfigurationError
from tests.support.examples import quick

NAMES = [f"c{number}" for number in range(6)]

names = st.sampled_from(NAMES)
some_names = st.frozensets(names)
ties = st.dictionaries(names, some_names, max_size=6)
shares = st.floats(0.0, 1.0)


def a_node(node_id: str, *capabilities: str, load: float = 0.0, max_load: float = 1.0) -> MeshNode:
    return MeshNode(node_id, capabilities=set(capabilities), current_load=load, max_load=max_load)


def matcher_with(
    *,
    needs: dict[str, frozenset[str]] | None = None,
    implies: dict[str, frozenset[str]] | None = None,
    weights: dict[str, float] | None = None,
) -> CapabilityMatcher:
    matcher = CapabilityMatcher()
    for name, others in (needs or {}).items():
        matcher.add_capability_dependency(name, others)
    for name, others in (implies or {}).items():
        matcher.add_capability_implication(name, others)
    for name, weight in (weights or {}).items():
        matcher.add_capability_weight(name, weight)
    return matcher


class TestImplications:
    def test_who_offers_one_offers_what_it_implies(self) -> None:
        matcher = matcher_with(implies={"llm": frozenset({"text", "chat"})})
        assert matcher.offered({"llm"}) == {"llm", "text", "chat"}

    def test_they_chain(self) -> None:
        matcher = matcher_with(implies={"a": frozenset({"b"}), "b": frozenset({"c"})})
        assert matcher.offered({"a"}) == {"a", "b", "c"}

    def test_they_may_go_in_circles(self) -> None:
        matcher = matcher_with(
            implies={"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"a"})}
        )
        assert matcher.offered({"b"}) == {"a", "b", "c"}

    def test_one_may_imply_itself(self) -> None:
        assert matcher_with(implies={"a": frozenset({"a"})}).offered({"a"}) == {"a"}

    def test_declared_twice_they_add_up(self) -> None:
        matcher = matcher_with(implies={"a": frozenset({"b"})})
        matcher.add_capability_implication("a", ["c"])
        assert matcher.offered({"a"}) == {"a", "b", "c"}

    def test_one_string_is_not_taken_apart(self) -> None:
        matcher = CapabilityMatcher()
        with pytest.raises(ConfigurationError, match=r"^implied by 'a': a set of names, not 'gpu'"):
            matcher.add_capability_implication("a", "gpu")
        with pytest.raises(ConfigurationError, match=r"^needs of 'a': a set of names, not 'gpu'"):
            matcher.add_capability_dependency("a", "gpu")

    def test_they_do_not_work_backwards(self) -> None:
        assert matcher_with(implies={"a": frozenset({"b"})}).offered({"b"}) == {"b"}


class TestNeeds:
    def test_without_what_it_needs_a_capability_is_not_offered(self) -> None:
        matcher = matcher_with(needs={"llm": frozenset({"gpu"})})
        assert matcher.offered({"llm", "echo"}) == {"echo"}
        assert matcher.offered({"llm", "gpu"}) == {"llm", "gpu"}

    def test_taking_one_away_may_take_away_what_needs_it(self) -> None:
        matcher = matcher_with(needs={"chat": frozenset({"llm"}), "llm": frozenset({"gpu"})})
        assert matcher.offered({"chat", "llm"}) == frozenset()
        assert matcher.offered({"chat", "llm", "gpu"}) == {"chat", "llm", "gpu"}

    def test_two_that_need_each_other_are_offered_together(self) -> None:
        matcher = matcher_with(needs={"a": frozenset({"b"}), "b": frozenset({"a"})})
        assert matcher.offered({"a", "b"}) == {"a", "b"}
        assert matcher.offered({"a"}) == frozenset()

    def test_what_is_implied_meets_a_need(self) -> None:
        matcher = matcher_with(
            needs={"llm": frozenset({"gpu"})}, implies={"rtx": frozenset({"gpu"})}
        )
        assert matcher.offered({"llm", "rtx"}) == {"llm", "rtx", "gpu"}

    def test_what_is_implied_has_needs_of_its_own(self) -> None:
        matcher = matcher_with(
            needs={"chat": frozenset({"memory"})}, implies={"llm": frozenset({"chat"})}
        )
        assert matcher.offered({"llm"}) == {"llm"}


class TestRefusal:
    def test_there_is_none_for_a_node_that_offers_all(self) -> None:
        assert CapabilityMatcher().refusal({"echo", "sum"}, {"echo"}) is None

    def test_nothing_required_is_refused_by_nobody(self) -> None:
        assert CapabilityMatcher().refusal(set(), set()) is None

    def test_names_everything_that_is_missing_in_order(self) -> None:
        assert (
            CapabilityMatcher().refusal({"echo"}, {"sum", "gpu", "echo"})
            == "does not offer gpu and does not offer sum"
        )

    def test_says_what_an_offered_capability_lacks(self) -> None:
        matcher = matcher_with(needs={"llm": frozenset({"gpu", "disk"})})
        assert matcher.refusal({"llm"}, {"llm"}) == "offers llm without disk, gpu it needs"

    def test_says_nothing_of_needs_that_are_met(self) -> None:
        matcher = matcher_with(needs={"llm": frozenset({"gpu", "disk"})})
        assert matcher.refusal({"llm", "disk"}, {"llm"}) == "offers llm without gpu it needs"

    def test_says_what_is_lacking_at_the_end_of_a_chain(self) -> None:
        matcher = matcher_with(needs={"chat": frozenset({"llm"}), "llm": frozenset({"gpu"})})
        said = matcher.refusal({"chat", "llm"}, {"chat"})
        assert said == "offers chat without llm it needs"

    @given(some_names, some_names, ties, ties)
    @quick(300)
    def test_is_said_exactly_when_something_is_not_offered(
        self,
        stated: frozenset[str],
        required: frozenset[str],
        needs: dict[str, frozenset[str]],
        implies: dict[str, frozenset[str]],
    ) -> None:
        matcher = matcher_with(needs=needs, implies=implies)
        said = matcher.refusal(stated, required)
        assert (said is None) == (required <= matcher.offered(stated))
        for name in required - matcher.offered(stated):
            assert said is not None
            assert name in said


class TestScore:
    def test_is_the_share_of_what_is_required(self) -> None:
        matcher = CapabilityMatcher()
        assert matcher.calculate_capability_score({"a"}, ["a", "b", "c", "d"]) == 0.25
        assert matcher.calculate_capability_score({"a", "b"}, ["a", "b"]) == 1.0
        assert matcher.calculate_capability_score({"x"}, ["a"]) == 0.0

    def test_is_1_where_nothing_is_required(self) -> None:
        assert CapabilityMatcher().calculate_capability_score(set(), []) == 1.0

    def test_weighs_capabilities(self) -> None:
        matcher = matcher_with(weights={"gpu": 3.0})
        assert matcher.calculate_capability_score({"gpu"}, ["gpu", "echo"]) == 0.75
        assert matcher.calculate_capability_score({"echo"}, ["gpu", "echo"]) == 0.25

    @pytest.mark.parametrize("weight", [0, -1, float("nan"), True, "2", None])
    def test_refuses_a_weight_that_is_not_above_0(self, weight: float) -> None:
        with pytest.raises(ConfigurationError) as refused:
            CapabilityMatcher().add_capability_weight("gpu", weight)
        assert str(refused.value) == (
            f"weight of 'gpu': a number above 0 to 1000000, not {weight!r}"
        )

    @pytest.mark.parametrize("weight", [math.inf, 1e308, 10**400])
    def test_refuses_a_weight_that_leaves_no_share_to_others(self, weight: float) -> None:
        with pytest.raises(ConfigurationError):
            CapabilityMatcher().add_capability_weight("gpu", weight)

    @given(some_names, some_names, ties, ties, st.dictionaries(names, st.floats(0.001, 1000.0)))
    @quick(300)
    def test_lies_between_0_and_1_and_is_1_only_for_all(
        self,
        stated: frozenset[str],
        required: frozenset[str],
        needs: dict[str, frozenset[str]],
        implies: dict[str, frozenset[str]],
        weights: dict[str, float],
    ) -> None:
        matcher = matcher_with(needs=needs, implies=implies, weights=weights)
        score = matcher.calculate_capability_score(stated, required)
        assert 0.0 <= score <= 1.0
        if matcher.refusal(stated, required) is None:
            assert score == pytest.approx(1.0)
        else:
            assert score < 1.0

    @given(
        some_names, some_names, some_names, ties, st.dictionaries(names, st.floats(0.001, 1000.0))
    )
    @quick(300)
    def test_never_falls_when_a_node_offers_more_and_nothing_has_needs(
        self,
        stated: frozenset[str],
        more: frozenset[str],
        required: frozenset[str],
        implies: dict[str, frozenset[str]],
        weights: dict[str, float],
    ) -> None:
        matcher = matcher_with(implies=implies, weights=weights)
        less = matcher.calculate_capability_score(stated, required)
        assert matcher.calculate_capability_score(stated | more, required) >= less - 1e-12


class TestRecord:
    def test_a_stranger_counts_as_three_quarters(self) -> None:
        assert CapabilityMatcher().performance("n1") == RECORD_OF_A_STRANGER == 0.75
        assert CapabilityMatcher().performance("n1", "echo") == 0.75

    def test_each_outcome_moves_it_by_a_tenth_of_the_way(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("n1", 1.0)
        assert matcher.performance("n1") == pytest.approx(0.775)
        matcher.record_performance("n1", 0.0)
        assert matcher.performance("n1") == pytest.approx(0.6975)

    def test_after_seven_outcomes_half_of_the_old_record_is_gone(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("n1", 0.0, times=7)
        assert matcher.performance("n1") / RECORD_OF_A_STRANGER == pytest.approx(0.478, abs=0.001)

    @given(shares, st.integers(1, 50))
    @quick(100)
    def test_many_at_once_are_as_many_one_by_one(self, performance: float, times: int) -> None:
        at_once, one_by_one = CapabilityMatcher(), CapabilityMatcher()
        at_once.record_performance("n1", performance, "echo", times=times)
        for _ in range(times):
            one_by_one.record_performance("n1", performance, "echo")
        assert at_once.performance("n1", "echo") == pytest.approx(
            one_by_one.performance("n1", "echo")
        )

    @pytest.mark.parametrize(("said", "counts_as"), [(-5.0, 0.675), (7.0, 0.775)])
    def test_what_is_outside_is_clipped(self, said: float, counts_as: float) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("n1", said)
        assert matcher.performance("n1") == pytest.approx(counts_as)

    def test_a_capability_has_a_record_of_its_own(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("n1", 0.0, "sum", times=50)
        assert matcher.performance("n1", "sum") < 0.01
        assert matcher.performance("n1", "echo") == 0.75

    def test_the_general_record_stands_in_for_one_that_is_missing(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("n1", 1.0, times=50)
        assert matcher.performance("n1", "echo") == matcher.performance("n1") > 0.99

    def test_a_node_that_is_forgotten_is_a_stranger_again(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("n1", 0.0)
        matcher.record_performance("n1", 0.0, "echo")
        matcher.record_performance("n2", 0.0, "echo")
        matcher.forget_node("n1")
        assert matcher.performance("n1", "echo") == 0.75
        assert matcher.performance("n2", "echo") == pytest.approx(0.675)


class TestRanking:
    def test_every_node_is_listed_with_its_factors(self) -> None:
        nodes = [a_node("n1", "echo"), a_node("n2", "sum"), a_node("n3", "echo", load=1.0)]
        ranked = CapabilityMatcher().rank_nodes(nodes, ["echo"], 5)
        assert [(node.node_id, round(score, 4), factors) for node, score, factors in ranked] == [
            (
                "n1",
                0.825,
                {"capability_score": 1.0, "load_factor": 1.0, "performance_score": 0.75},
            ),
            (
                "n3",
                0.525,
                {"capability_score": 1.0, "load_factor": 0.0, "performance_score": 0.75},
            ),
            (
                "n2",
                0.0,
                {"capability_score": 0.0, "load_factor": 1.0, "performance_score": 0.75},
            ),
        ]

    def test_equal_scores_are_ordered_by_id_however_they_come(self) -> None:
        nodes = [a_node(node_id, "echo") for node_id in ("n2", "n10", "n1")]
        for order in (nodes, nodes[::-1]):
            ranked = CapabilityMatcher().rank_nodes(order, ["echo"])
            assert [node.node_id for node, _, _ in ranked] == ["n1", "n10", "n2"]

    def test_one_that_lacks_something_loses_to_one_that_lacks_nothing(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("proven", 1.0, times=100)
        nodes = [a_node("proven", "echo"), a_node("busy", "echo", "sum", load=0.9)]
        ranked = matcher.rank_nodes(nodes, ["echo", "sum"], 10)
        assert [node.node_id for node, _, _ in ranked] == ["busy", "proven"]

    def test_urgent_work_prefers_the_proven_and_patient_work_the_idle(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("proven", 1.0, times=100)
        matcher.record_performance("idle", 0.4, times=100)
        nodes = [a_node("proven", "echo", load=0.7), a_node("idle", "echo")]
        urgent = matcher.rank_nodes(nodes, ["echo"], 10)
        patient = matcher.rank_nodes(nodes, ["echo"], 0)
        assert [node.node_id for node, _, _ in urgent] == ["proven", "idle"]
        assert [node.node_id for node, _, _ in patient] == ["idle", "proven"]

    def test_the_worst_record_among_the_required_counts(self) -> None:
        matcher = CapabilityMatcher()
        matcher.record_performance("n1", 1.0, "echo", times=100)
        matcher.record_performance("n1", 0.0, "sum", times=100)
        ((_, _, factors),) = matcher.rank_nodes([a_node("n1", "echo", "sum")], ["echo", "sum"])
        assert factors["performance_score"] < 0.001

    def test_nobody_is_ranked_as_nobody(self) -> None:
        assert CapabilityMatcher().rank_nodes([], ["echo"]) == []

    def test_advertisements_are_ranked_as_nodes_are(self) -> None:
        adverts = [
            NodeAdvertisement(
                "n1", capabilities=frozenset({"echo"}), load_capacity=4.0, current_load=1.0
            ),
            NodeAdvertisement(
                "n2", capabilities=frozenset({"echo"}), load_capacity=4.0, current_load=3.0
            ),
        ]
        ranked = CapabilityMatcher().rank_nodes(adverts, ["echo"])
        assert [(node.node_id, factors["load_factor"]) for node, _, factors in ranked] == [
            ("n1", 0.75),
            ("n2", 0.25),
        ]

    @given(
        st.lists(
            st.tuples(some_names, st.floats(0.0, 20.0), st.floats(0.0, 10.0), shares), max_size=6
        ),
        some_names,
        st.floats(-5.0, 50.0),
        ties,
        ties,
    )
    @quick(200)
    def test_scores_lie_between_0_and_1_best_first_and_nobody_is_left_out(
        self,
        described: list[tuple[frozenset[str], float, float, float]],
        required: frozenset[str],
        priority: float,
        needs: dict[str, frozenset[str]],
        implies: dict[str, frozenset[str]],
    ) -> None:
        matcher = matcher_with(needs=needs, implies=implies)
        nodes = []
        for number, (offers, load, max_load, record) in enumerate(described):
            nodes.append(a_node(f"n{number}", *offers, load=load, max_load=max_load))
            matcher.record_performance(f"n{number}", record, times=20)
        ranked = matcher.rank_nodes(nodes, required, priority)
        assert sorted(node.node_id for node, _, _ in ranked) == [node.node_id for node in nodes]
        assert [(-score, node.node_id) for node, score, _ in ranked] == sorted(
            (-score, node.node_id) for node, score, _ in ranked
        )
        for node, score, factors in ranked:
            assert 0.0 <= score <= 1.0
            assert all(0.0 <= factor <= 1.0 for factor in factors.values())
            assert factors["capability_score"] == matcher.calculate_capability_score(
                node.capabilities, required
            )


class TestExplanation:
    def test_of_a_node_that_can(self) -> None:
        matcher, node = CapabilityMatcher(), a_node("n1", "echo", load=0.25)
        ((_, _, factors),) = matcher.rank_nodes([node], ["echo"])
        assert matcher.explain(node, ["echo"], factors) == "n1 can: record 0.75, 75% of it is free"

    def test_of_a_node_that_cannot(self) -> None:
        matcher, node = CapabilityMatcher(), a_node("n1", "echo")
        ((_, _, factors),) = matcher.rank_nodes([node], ["gpu"])
        assert matcher.explain(node, ["gpu"], factors) == "n1 cannot: it does not offer gpu"


class TestLoad:
    @pytest.mark.parametrize(
        ("load", "capacity", "free"),
        [
            (0, 1, 1.0),
            (1, 1, 0.0),
            (1, 4, 0.75),
            (9, 4, 0.0),
            (-1, 4, 1.0),
            (0, 0, 0.0),
            (1, -1, 0.0),
        ],
    )
    def test_the_free_share_of_a_node(self, load: float, capacity: float, free: float) -> None:
        assert load_factor(load, capacity) == free

    def test_capacity_by_whichever_name(self) -> None:
        @dataclass
        class Bare:
            node_id: str = "n1"
            capabilities: frozenset[str] = frozenset()
            current_load: float = 0.0

        @dataclass
        class WithCapacity(Bare):
            max_load: float = 7.0

        assert capacity_of(a_node("n1", max_load=3.0)) == 3.0
        assert capacity_of(NodeAdvertisement("n1", load_capacity=5.0)) == 5.0
        assert capacity_of(WithCapacity()) == 7.0
        assert capacity_of(Bare()) == 1.0
