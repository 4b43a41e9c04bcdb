"""Load tests: real tasks through a real mesh, measured; and faults on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .chaos import ChaosMonkey
    from .config import PREDEFINED_CONFIGS, LoadTestConfig, LoadTestType, ResilienceTestType
    from .framework import LoadTestingFramework
    from .watch import LoadTestProgress

    load_testing_framework: LoadTestingFramework

__all__ = [
    "PREDEFINED_CONFIGS",
    "ChaosMonkey",
    "LoadTestConfig",
    "LoadTestProgress",
    "LoadTestType",
    "LoadTestingFramework",
    "ResilienceTestType",
    "load_testing_framework",
]

_HOMES: Final = {
    "ChaosMonkey": "chaos",
    "LoadTestConfig": "config",
    "LoadTestType": "config",
    "LoadTestingFramework": "framework",
    "LoadTestProgress": "watch",
    "PREDEFINED_CONFIGS": "config",
    "ResilienceTestType": "config",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load what is asked for, and nothing else."""
        from importlib import import_module

        if name == "load_testing_framework":
            return import_module("..shared", __name__).load_testing_framework
        if name in _HOMES:
            return getattr(import_module(f".{_HOMES[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
