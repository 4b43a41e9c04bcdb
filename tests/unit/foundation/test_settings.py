from __future__ import annotations

import pytest
from pydantic import ValidationError

from cognitive_architecture.foundation.settings import DispatchSettings, LogSettings, Settings
from cognitive_architecture.foundation.settings_check import known_settings, plain_words


def test_settings_can_be_made_without_saying_anything() -> None:
    assert Settings().mesh.name == "home"


def test_settings_cannot_be_changed_after_they_are_made() -> None:
    with pytest.raises(ValidationError):
        Settings().dispatch.ageing_s = 3.0


def test_what_no_section_asks_for_is_refused() -> None:
    with pytest.raises(ValidationError):
        DispatchSettings.model_validate({"agein_s": 3.0})


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_log_levels(level: str) -> None:
    assert LogSettings.model_validate({"level": level}).level == level


@pytest.mark.parametrize("name", known_settings())
def test_every_setting_says_what_it_is_for(name: str) -> None:
    assert plain_words(known_settings()[name].description or ""), f"{name} has no docstring"


@pytest.mark.parametrize("name", known_settings())
def test_every_number_has_a_unit_in_its_name_or_counts_something(name: str) -> None:
    kind = known_settings()[name].annotation
    if kind is float:
        units = (
            "_s",
            "_sti",
            "_share_max",
            "_rate",
            "_weight",
            "_usage_max",
            "_levels",
            "_share",
            "_factor",
        )
        assert name.endswith(units)
    if kind is int:
        assert name.endswith(("_max", "_min"))
