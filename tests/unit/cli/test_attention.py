"""``cogmesh attention``: what it asks, what it shows, and where pictures go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cognitive_architecture.attention import AccountKind, AttentionBank
from cognitive_architecture.attention_store import Keepsakes, Kept
from cognitive_architecture.attention_store.beliefs import packed
from cognitive_architecture.attention_store.sql import SqlAttentionStore
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.economy.books import KINDS, parameters_of
from cognitive_architecture.foundation.errors import MeshError, MeshUnreachable
from cognitive_architecture.foundation.settings import AttentionSettings
from cognitive_architecture.foundation.world import RealClock

from .conftest import FakeClient, Run

SHOWN: dict[str, Any] = {
    "turn_s": 0.25,
    "entries": 97,
    "funds": {"sti": 28500.4, "lti": 100.0, "target_sti": 30000.0, "issued_sti": 100000.0},
    "focus": {
        "size": 2,
        "boundary_sti": 12.0,
        "members": [{"kind": "node", "name": "n1"}, {"kind": "capability", "name": "echo"}],
    },
    "accounts": {
        "requesters": {
            "count": 2,
            "richest": [
                {"name": "ann", "sti": 200.0, "lti": 0.0, "share": 0.667},
                {"name": "", "sti": 100.0, "lti": 0.0, "share": 0.333},
            ],
        },
        "capabilities": {"count": 0, "richest": []},
        "nodes": {"count": 9, "richest": [{"name": "n1", "sti": 1234.5, "lti": 2.0}]},
        "concepts": {"count": 0, "richest": []},
    },
    "pairs": {
        "count": 1,
        "strongest": [
            {"capability": "echo", "node": "n1", "strength": 0.987, "confidence": 0.5},
        ],
    },
}


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


class Economy:
    """A bank with some past, and what a store would keep of it."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        settings = AttentionSettings()
        self.bank = AttentionBank(parameters_of(settings), journal=self.records.append, kinds=KINDS)
        ledger = self.bank.ledger
        nodes = ledger.open("nodes", AccountKind.NODE, ["n1", "n2"])
        capabilities = ledger.open("capabilities", AccountKind.CAPABILITY, ["echo"])
        ledger.open("requesters", AccountKind.REQUESTER, ["ann", ""])
        self.bank.open_atoms("atoms", ["storm"])
        self.bank.stimulate("wages", [*nodes.tolist(), *capabilities.tolist()], [1, 2, 3])
        rng = np.random.default_rng(0)
        self.bank.links.add(capabilities, nodes[:1], 0.5, 0.5, rng)
        self.bank.links.add(nodes[:1], capabilities, 0.5, 0.5, rng)
        self.bank.spread("spread")

    @property
    def kept(self) -> Kept:
        beliefs = packed(self.bank.links, np.unique(self.bank.links.all().sources))
        instants = tuple(float(number) for number in range(len(self.records)))
        return Kept(None, tuple(self.records), instants, beliefs)

    @property
    def past(self) -> dict[str, Any]:
        """As an orchestrator tells it."""
        kept = self.kept
        return {
            "checkpoint": None,
            "records": list(kept.records),
            "instants": list(kept.instants),
            "beliefs": [[source, piece] for source, piece in kept.beliefs.items()],
        }

    def keep_in(self, folder: Path) -> None:
        store = SqlAttentionStore(folder, RealClock())
        store.open()
        store.commit_now(Keepsakes(1.0, self.kept.records, self.kept.beliefs))
        store.close()


class TestShow:
    def test_for_people(self, run: Run, client: FakeClient) -> None:
        client.answers["attention"] = SHOWN
        assert lines(run("attention", "show", "-n", "3").stdout) == [
            "funds 28,500 of 100,000 STI · target 30,000",
            "focus 2 members · from 12 STI · n1, echo",
            "books 97 entries · a turn each 0.25 s while something happens",
            "requesters STI share",
            "ann 200.0 66.7%",
            "(nobody) 100.0 33.3%",
            "nodes STI LTI",
            "n1 1,234.5 2.0",
            "8 more",
            "goes well with node strength confidence",
            "echo n1 0.99 0.50",
        ]
        assert client.asked == [("attention", 3)]

    def test_for_programs(self, run: Run, client: FakeClient) -> None:
        client.answers["attention"] = SHOWN
        assert json.loads(run("attention", "show", "--json").stdout) == SHOWN

    def test_fits_into_eighty_columns(
        self, run: Run, client: FakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        client.answers["attention"] = SHOWN
        assert max(map(len, run("attention", "show").stdout.splitlines())) <= 80

    def test_where_attention_is_off_the_reason_is_said(self, run: Run, client: FakeClient) -> None:
        client.answers["attention"] = MeshError("attention is switched off in this mesh")
        result = run("attention", "show")
        assert result.exit_code == ExitCode.REFUSED
        assert "switched off" in result.stderr


class TestStimulate:
    def test_a_requester(self, run: Run, client: FakeClient) -> None:
        said = {"kind": "requester", "name": "ann", "sti": 200.0, "share": 0.5}
        client.answers["stimulate"] = said
        result = run("attention", "stimulate", "requester", "ann", "--by", "100")
        assert lines(result.stdout) == ["requester ann · 200.0 STI · 50.0% of the shares"]
        assert client.asked == [("stimulate", ("requester", "ann", 100.0))]

    def test_a_concept(self, run: Run, client: FakeClient) -> None:
        client.answers["stimulate"] = {
            "kind": "concept",
            "name": "storm",
            "sti": 5.0,
            "raised": {"lamp": -0.25, "storm": -1.5},
        }
        result = run("attention", "stimulate", "concept", "storm", "--by", "-150")
        assert lines(result.stdout) == [
            "concept storm · 5.0 STI",
            "tasks of storm lowered by 1.50 levels",
            "tasks of lamp lowered by 0.25 levels",
        ]

    @pytest.mark.parametrize(
        "words", [["planet", "x", "--by", "1"], ["node", "x"], ["node", "x", "--by", "much"]]
    )
    def test_wrong_words(self, run: Run, words: list[str]) -> None:
        assert run("attention", "stimulate", *words).exit_code == ExitCode.WRONG_USAGE


class TestPlot:
    def test_four_pictures_of_the_running_mesh(
        self, run: Run, client: FakeClient, tmp_path: Path
    ) -> None:
        client.answers["attention_past"] = Economy().past
        result = run("attention", "plot", "--out", str(tmp_path / "new"), "--json")
        files = [Path(name) for name in json.loads(result.stdout)]
        assert [file.name for file in files] == [
            f"attention-{what}.png" for what in ("sti", "focus", "funds", "graph")
        ]
        assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)

    def test_one_picture_of_a_data_folder(self, run: Run, tmp_path: Path) -> None:
        Economy().keep_in(tmp_path)
        file = tmp_path / "graph.svg"
        words = ("--what", "graph", "--out", str(file), "--data", str(tmp_path))
        assert run("attention", "plot", *words).stdout == f"{file}\n"
        assert "<svg" in file.read_text("utf-8")

    def test_without_a_mesh_the_folder_here_is_read(self, run: Run, client: FakeClient) -> None:
        client.answers["open"] = MeshUnreachable("nobody answers")
        assert run("attention", "plot").exit_code == ExitCode.UNREACHABLE
        Economy().keep_in(Path(".cogmesh"))
        result = run("attention", "plot", "-w", "funds")
        assert result.exit_code == ExitCode.OK
        assert "no mesh is running; reading .cogmesh" in result.stderr
        assert Path("attention-funds.png").exists()

    def test_of_a_journal_that_a_library_wrote(self, run: Run, tmp_path: Path) -> None:
        written = bytearray()
        bank = AttentionBank(journal=written.extend)
        bank.stimulate("s", bank.open_atoms("open", ["lamp", "rope"]), [1, 2])
        (tmp_path / "journal").write_bytes(written)
        words = ("--journal", str(tmp_path / "journal"), "-w", "sti", "-o", "sti.svg")
        assert run("attention", "plot", *words).exit_code == ExitCode.OK
        assert "<svg" in Path("sti.svg").read_text("utf-8")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["--data", "x", "--journal", "y"], "one of them"),
            (["--out", "picture.png"], "is one file, and there are 4 pictures"),
            (["-w", "sti", "--out", "picture.jpg"], "ends in .png or .svg"),
            (["--journal", "no-such-file"], "cannot be read"),
        ],
    )
    def test_words_that_make_no_sense(
        self, run: Run, client: FakeClient, words: list[str], sentence: str
    ) -> None:
        client.answers["attention_past"] = Economy().past
        result = run("attention", "plot", *words)
        assert result.exit_code == ExitCode.WRONG_USAGE
        assert sentence in result.stderr

    def test_nothing_to_draw_yet_is_said(self, run: Run, tmp_path: Path) -> None:
        store = SqlAttentionStore(tmp_path, RealClock())
        store.open()
        store.close()
        result = run("attention", "plot", "--data", str(tmp_path))
        assert "nothing to draw yet" in result.stderr


def test_without_a_command_it_says_what_there_is(run: Run) -> None:
    for words in (["attention", "--help"], ["attention", "-h"]):
        assert all(f" {command} " in run(*words).stdout for command in ("show", "plot"))
    assert run("attention").exit_code == ExitCode.WRONG_USAGE
