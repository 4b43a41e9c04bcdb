"""Sheets to draw on: how every picture looks, and how it becomes a file."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.sentences import shown

COLOURS: Final = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31",
)  # fmt: skip
"""Told apart by colour-blind eyes too (Okabe and Ito)."""
GREY: Final = "#888888"
SUFFIXES: Final = (".png", ".svg")
_SIZE_IN: Final = (9.0, 4.8)


def sheet(
    title: str, x_label: str, y_label: str, *, size_in: tuple[float, float] = _SIZE_IN
) -> tuple[Any, Any]:
    """An empty figure and its axes.

    Raises:
        ConfigurationError: matplotlib is missing.
    """
    figure = installed("matplotlib.figure").Figure(figsize=size_in, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.ticklabel_format(style="plain")
    return figure, axes


def short(name: str) -> str:
    """Names may hold anything; a picture has room for little, and ``$`` would begin a formula."""
    cut = name if len(name) <= 24 else f"{name[:23]}…"
    return "".join(letter if letter.isprintable() else "·" for letter in cut).replace("$", r"\$")


def save(figure: Any, path: Path) -> None:
    """Write the picture.

    Raises:
        ConfigurationError: The path is no picture, or cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigurationError(
            f"path: a picture ends in {' or '.join(SUFFIXES)}, and {shown(str(path))} does not"
        )
    # The same picture is to be the same file, whenever it is drawn.
    undated = {"Date": None} if path.suffix.lower() == ".svg" else {}
    try:
        figure.savefig(path, dpi=150, metadata=undated)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error


def installed(module: str) -> Any:
    """An optional module.

    Raises:
        ConfigurationError: It is not installed; the sentence says how to.
    """
    # Late, because pictures are an extra: everything else works without.
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"{module.partition('.')[0]} is needed for pictures: pip install 'cogmesh[plots]'"
        ) from error
