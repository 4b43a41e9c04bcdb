from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.discovery import (
    DiscoveryConfig,
    DiscoveryProtocol,
    MeshDiscoveryService,
    NodeAdvertisement,
)
from cognitive_architecture.distributed_mesh.discovery.directory import Directory
from cognitive_architecture.distributed_mesh.model import MeshNodeType
from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.world import simulated_world


def an_advert(node_id: str = "n1", *capabilities: str, **fields: Any) -> NodeAdvertisement:
    return NodeAdvertisement(node_id, capabilities=frozenset(capabilities or {"echo"}), **fields)


class TestChoosing:
    def choose(
        self, *adverts: NodeAdvertisement, config: DiscoveryConfig | None = None
    ) -> Callable[..., list[str]]:
        service = MeshDiscoveryService(
            config, world=simulated_world(), fabric=LocalFabric(LocalHub())
        )
        service.setup_capability_dependencies({"fine_tuning": {"gpu"}})
        for advert in adverts:
            service._on_advertised(f"discovery/{advert.node_id}~1", advert)
        service.update_node_performance("proven", 1.0)
        return lambda *args, **kwargs: [
            node.node_id for node in service.find_nodes_for_capabilities(*args, **kwargs)
        ]

    def test_only_nodes_that_offer_everything_are_chosen(self) -> None:
        choose = self.choose(an_advert("n1", "echo"), an_advert("n2", "echo", "sum"))
        assert choose({"echo", "sum"}) == ["n2"]
        assert choose({"juggling"}) == []
        assert choose(set()) == ["n1", "n2"]

    def test_proven_and_idle_nodes_come_first(self) -> None:
        choose = self.choose(
            an_advert("busy", current_load=1.0), an_advert("idle"), an_advert("proven")
        )
        assert choose({"echo"}) == ["proven", "idle", "busy"]
        assert choose({"echo"}, max_nodes=1) == ["proven"]

    def test_what_a_capability_needs_counts(self) -> None:
        choose = self.choose(
            an_advert("claims", "fine_tuning"), an_advert("can", "fine_tuning", "gpu")
        )
        assert choose({"fine_tuning"}) == ["can"]

    def test_without_load_balancing_load_does_not_matter(self) -> None:
        config = DiscoveryConfig(enable_load_balancing=False)
        choose = self.choose(an_advert("a", current_load=1.0), an_advert("b"), config=config)
        assert choose({"echo"}) == ["a", "b"]

    def test_without_matching_only_what_is_stated_and_the_load_count(self) -> None:
        config = DiscoveryConfig(enable_capability_matching=False)
        claims = an_advert("claims", "fine_tuning", current_load=0.5)
        choose = self.choose(claims, an_advert("other", "fine_tuning"), config=config)
        assert choose({"fine_tuning"}) == ["other", "claims"]

    def test_a_weight_must_be_above_zero(self) -> None:
        service = MeshDiscoveryService(fabric=LocalFabric(LocalHub()))
        service.setup_capability_weights({"text_processing": 1.0, "reasoning": 1.2})
        with pytest.raises(ConfigurationError, match="weight of 'x': a number above 0"):
            service.setup_capability_weights({"x": 0.0})


class TestDirectory:
    def test_the_last_word_counts(self) -> None:
        directory = Directory()
        assert directory.admit(an_advert("n1", current_load=0.1), "a", 10.0)
        assert not directory.admit(an_advert("n1", current_load=0.2), "b", 10.0)
        assert not directory.admit(an_advert("n1", current_load=0.3), "a", 10.0)
        assert [node.current_load for node in directory.nodes()] == [0.3]

    def test_a_node_is_gone_with_its_last_voucher(self) -> None:
        directory = Directory()
        directory.admit(an_advert("n1"), "a", 10.0)
        directory.admit(an_advert("n1"), "b", 20.0)
        assert directory.expire(10.0) == []
        assert directory.withdraw("a") == []
        assert directory.expire(20.0) == ["n1"]
        assert directory.nodes() == []

    def test_one_of_several_nodes_can_be_withdrawn(self) -> None:
        directory = Directory()
        for node_id in ("n1", "n2", "n3"):
            directory.admit(an_advert(node_id), "a", 10.0)
        assert directory.withdraw("a", "n2") == ["n2"]
        assert directory.withdraw("a", "n2") == []
        assert directory.withdraw("a") == ["n1", "n3"]
        assert directory.vouched_by("a") == frozenset()


class TestConfig:
    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"protocol": "multicast"}, "protocol: a DiscoveryProtocol (multicast, broadcast"),
            ({"multicast_group": "10.0.0.1"}, "multicast_group: a multicast address"),
            ({"multicast_group": "nowhere"}, "multicast_group: a multicast address"),
            ({"multicast_port": 0}, "multicast_port: an integer from 1 to 65535, not 0"),
            (
                {"discovery_interval": 0.0},
                "discovery_interval: a number above 0 to 3600, not 0.0",
            ),
            (
                {"advertisement_ttl": 9.0},
                "advertisement_ttl must allow two intervals: 9 < 2 * 5",
            ),
            ({"gossip_fanout": 0}, "gossip_fanout: an integer from 1 to 1000, not 0"),
            (
                {"max_discovery_retries": -1},
                "max_discovery_retries: an integer from 0 to 1000, not -1",
            ),
        ],
    )
    def test_is_checked(self, fields: dict[str, Any], sentence: str) -> None:
        with pytest.raises(ConfigurationError) as refused:
            DiscoveryConfig(**fields)
        assert str(refused.value).startswith(sentence)

    def test_the_protocol_is_kept_and_shown(self) -> None:
        config = replace(DiscoveryConfig(), protocol=DiscoveryProtocol.GOSSIP)
        service = MeshDiscoveryService(config, fabric=LocalFabric(LocalHub()))
        said = json.loads(json.dumps(service.get_discovery_statistics()))
        assert said["protocol"] == said["config"]["protocol"] == "gossip"

    def test_the_values_of_the_enum_are_its_names_in_lower_case(self) -> None:
        assert [str(member) for member in DiscoveryProtocol] == [
            member.name.lower() for member in DiscoveryProtocol
        ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"load_capacity": -1.0}, "load_capacity and current_load: numbers from 0"),
        ({"current_load": 10**400}, "load_capacity and current_load: numbers from 0"),
        ({"current_load": "much"}, "load_capacity and current_load: numbers from 0"),
        ({"ttl": 0}, "ttl: seconds above 0 and up to 86,400, not 0"),
        ({"ttl": "5"}, "ttl: seconds above 0 and up to 86,400, not '5'"),
        ({"node_id": ""}, "node_id: 1 to 200 characters, not ''"),
        ({"node_id": "\ud800"}, "node_id: 1 to 200 characters, not "),
        ({"node_id": 5}, "node_id: 1 to 200 characters, not 5"),
        ({"capabilities": "gpu"}, "capabilities: a set of names, not 'gpu'"),
        ({"capabilities": {"gpu", 5}}, "capabilities: a set of names, not "),
        ({"metadata": {"key": 10**400}}, "metadata: what JSON can say, but"),
        ({"metadata": {"key": object()}}, "metadata: what JSON can say, but"),
    ],
)
def test_a_node_that_others_would_not_believe_is_refused(
    fields: dict[str, Any], sentence: str
) -> None:
    service = MeshDiscoveryService(fabric=LocalFabric(LocalHub()))
    with pytest.raises(ConfigurationError, match=sentence):
        service.set_local_node(replace(an_advert("n1"), **fields))


def test_an_advertisement_and_its_dictionary_are_inverses() -> None:
    advert = an_advert("n1", "b", "a", node_type=MeshNodeType.GATEWAY, metadata={"x": [1]})
    said = json.loads(json.dumps(advert.to_dict()))
    assert NodeAdvertisement.from_dict(said) == advert
