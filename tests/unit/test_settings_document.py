"""``docs/settings.md`` describes settings that there are; the list itself is made by a command."""

from __future__ import annotations

import re
from pathlib import Path

from cognitive_architecture.foundation.settings_check import known_settings, settings_sections
from cognitive_architecture.foundation.settings_source import user_settings_file

TEXT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
NAMES = {name.partition(".")[2] for name in known_settings()}


def test_every_section_is_told_of_and_no_other() -> None:
    table = TEXT.partition("| section | read by |")[2]

    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(settings_sections())


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"`(\w+\.\w+_\w+)`", TEXT))
    shown = set(re.findall(r"COGMESH_([A-Z]+__[A-Z_]+)=", TEXT))

    assert named == {"dispatch.node_silence_s", "node.heartbeat_s"}
    assert {name.lower().replace("__", ".") for name in shown} == {"mesh.connect"}
    assert named | {"mesh.connect"} <= set(known_settings())
    assert {"payload_bytes_max", "queue_tasks_max"} <= NAMES


def test_the_user_s_file_is_where_the_document_says() -> None:
    assert user_settings_file().name == "cogmesh.toml"
    assert user_settings_file().parent.name == "cogmesh"
