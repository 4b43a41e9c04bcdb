"""The programs of ``docs/attention.md`` run, one after the other."""

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[3] / "docs" / "attention.md").read_text("utf-8")


def test_they_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for program in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(program, names)  # noqa: S102 - it is our own document
    assert "['lamp', 'keeper', 'storm']" in capsys.readouterr().out
    assert len(list(tmp_path.glob("*.svg"))) == 4
