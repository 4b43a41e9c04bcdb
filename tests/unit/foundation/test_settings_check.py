from __future__ import annotations

import re

import pytest

from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.settings_check import (
    Given,
    allowed,
    amended_settings,
    checked_settings,
)

PLACE = "key x of cogmesh.toml"


def refused(name: str, value: object) -> str:
    """The sentence with which a value is refused."""
    with pytest.raises(ConfigurationError) as caught:
        checked_settings({name: Given(value, PLACE)})
    return str(caught.value)


def test_given_values_hold_and_all_others_have_their_defaults() -> None:
    settings = checked_settings({"dispatch.ageing_s": Given(60, PLACE)})

    assert settings.dispatch.ageing_s == 60.0
    assert settings.mesh == Settings().mesh


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("dispatch.ageing_s", 0.5, "a number of seconds from 1 to 86,400, not 0.5"),
        ("dispatch.ageing_s", "soon", "a number of seconds from 1 to 86,400, not 'soon'"),
        ("client.answer_timeout_s", 0, "a number of seconds above 0 and up to 31,536,000, not 0"),
        ("dispatch.queue_bytes_max", 3, "a whole number of bytes, at least 1,048,576, not 3"),
        ("dispatch.node_losses_max", 1.5, "a whole number from 1 to 1,000, not 1.5"),
        ("dispatch.node_losses_max", True, "a whole number from 1 to 1,000, not True"),
        ("log.level", "loud", "debug, info, warning or error, not 'loud'"),
        ("log.as_json", "perhaps", "true or false, not 'perhaps'"),
        ("mesh.connect", ["home"], "one or more endpoints, each like tcp/127.0.0.1:7464, not"),
        ("mesh.connect", [], "one or more endpoints"),
        ("mesh.connect", ["tcp/pi"], "one or more endpoints"),
        ("mesh.connect", ["http/pi:80"], "one or more endpoints"),
        ("mesh.name", "my mesh", "the first a letter or digit, not 'my mesh'"),
        ("store.directory", "", "the path of a folder, not ''"),
    ],
)
def test_a_wrong_value_is_refused_by_name_range_value_and_place(
    name: str, value: object, sentence: str
) -> None:
    said = refused(name, value)

    assert said.startswith(f"{name}: ")
    assert sentence in said
    assert said.endswith(f"({PLACE})")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dispatch.agein_s", "did you mean dispatch.ageing_s?"),
        ("dispach.ageing_s", "did you mean dispatch.ageing_s?"),
        ("node.ageing_s", "did you mean dispatch.ageing_s?"),
        ("log.colour", "in log there are level, as_json"),
        (
            "kitchen.sink",
            (
                "the sections are mesh, store, dispatch, recovery, matching, shares, "
                "quotas, node, supervision, client, attention, log, metrics"
            ),
        ),
        ("mesh", "this is a section, not a setting; in it there are name, listen"),
    ],
)
def test_a_name_nobody_knows_is_refused_with_the_nearest_one(name: str, hint: str) -> None:
    assert hint in refused(name, 1)


@pytest.mark.parametrize(
    "endpoint",
    ["tcp/127.0.0.1:7464", "tls/mesh.example:7464", "tcp/[::1]:7464", "unixsock-stream//tmp/s"],
)
def test_endpoints(endpoint: str) -> None:
    settings = checked_settings({"mesh.listen": Given([endpoint], PLACE)})

    assert settings.mesh.listen == [endpoint]


def test_every_problem_gets_a_sentence_of_its_own() -> None:
    with pytest.raises(ConfigurationError) as caught:
        checked_settings(
            {
                "dispatch.ageing_s": Given(0, "here"),
                "dispatch.agein_s": Given(1, "there"),
                "log.as_json": Given(True, "fine"),
                "node.heartbeat_s": Given("x", "everywhere"),
            }
        )

    first, second, third = str(caught.value).splitlines()
    assert re.fullmatch(r"dispatch\.ageing_s: .* \(here\)", first)
    assert re.fullmatch(r"dispatch\.agein_s: .* \(there\)", second)
    assert re.fullmatch(r"node\.heartbeat_s: .* \(everywhere\)", third)


def test_a_long_value_is_cut_in_the_sentence() -> None:
    assert len(refused("log.level", "x" * 5000)) < 200


def test_amending_keeps_everything_else() -> None:
    settings = checked_settings({"dispatch.ageing_s": Given(60, "")})

    amended = amended_settings(settings, {"mesh.name": "attic"})

    assert amended.mesh.name == "attic"
    assert amended.dispatch.ageing_s == 60.0


def test_what_a_quota_leaves_out_is_as_for_everybody_however_often_it_is_amended() -> None:
    ann = {"running_max": 1, "rate_per_s": None}
    settings = checked_settings(
        {
            "quotas.open_max": Given(3, ""),
            "quotas.rate_per_s": Given(5.0, ""),
            "quotas.requesters": Given({"ann": ann}, ""),
        }
    )

    amended = amended_settings(settings, {"mesh.name": "attic"})

    for quotas in (settings.quotas, amended.quotas):
        quota = quotas.requesters["ann"]
        assert (quota.running_max, quota.open_max, quota.rate_per_s) == (1, 3, None)


def test_amending_refuses_like_everybody() -> None:
    with pytest.raises(ConfigurationError, match=r"mesh\.name: "):
        amended_settings(Settings(), {"mesh.name": "no spaces please"})


def test_allowed_says_the_unit() -> None:
    assert allowed("node.heartbeat_s") == "a number of seconds from 0.05 to 60"
    assert allowed("node.lookahead_max") == "a whole number from 0 to 100,000"
