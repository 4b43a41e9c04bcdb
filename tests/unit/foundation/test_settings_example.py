from __future__ import annotations

import re
import tomllib

import pytest

from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.settings_check import (
    Given,
    allowed,
    checked_settings,
    known_settings,
    settings_sections,
)
from cognitive_architecture.foundation.settings_example import example_toml

_SETTING = re.compile(r"^# (?=[a-z_]+ = )", re.MULTILINE)


def test_the_example_as_it_is_changes_nothing() -> None:
    assert all(values == {} for values in tomllib.loads(example_toml()).values())


_WITHOUT_DEFAULT = {
    "store.directory": ".cogmesh",
    "quotas.running_max": 8,
    "quotas.open_max": 100_000,
    "quotas.rate_per_s": 500.0,
    "metrics.listen": "127.0.0.1:9464",
}


def test_the_example_without_its_comment_marks_is_the_defaults() -> None:
    tables = tomllib.loads(_SETTING.sub("", example_toml()))
    given = {
        f"{section}.{name}": Given(value, "")
        for section, values in tables.items()
        for name, value in values.items()
    }

    without_default = {name: given.pop(name) for name in _WITHOUT_DEFAULT}

    assert checked_settings(given) == Settings()
    assert {name: example.value for name, example in without_default.items()} == _WITHOUT_DEFAULT


@pytest.mark.parametrize("name", known_settings())
def test_every_setting_is_in_the_example_with_its_limits(name: str) -> None:
    text = example_toml()
    section, _, field = name.partition(".")
    part = text[text.index(f"[{section}]") :]

    assert f"# {field} = " in part
    assert allowed(name).split(",")[0] in " ".join(part.replace("# ", "").split())


def test_sections_stand_in_the_order_of_their_declaration() -> None:
    headings = re.findall(r"^\[(\w+)\]$", example_toml(), re.MULTILINE)

    assert headings == list(settings_sections())


def test_no_line_is_too_long_for_an_editor() -> None:
    assert max(len(line) for line in example_toml().splitlines()) <= 100


def test_large_numbers_are_said_again_in_words() -> None:
    text = example_toml()

    assert "ended_kept_s = 604800.0  # 7 days" in text
    assert "payload_bytes_max = 16777216  # 16 MiB" in text
    assert "queue_tasks_max = 1000000  # 1,000,000" in text
