"""The first thing to run: a small mesh on this machine reads a short story.

    python examples/first_run.py            stays up afterwards, for you to play with
    python examples/first_run.py --once     ends when the story is read

It starts ``cogmesh up --nodes 3``, waits until the nodes have joined, and gives the mesh every
paragraph of ``the_lamp_at_harrow_point.txt`` as tasks of several kinds and priorities. Then it
lets the mesh reason about what it has read. Tasks are kept in ``.cogmesh``; the second start finds
them again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import Process
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from cognitive_architecture.cli.endpoints import from_this_machine
from cognitive_architecture.composition import connect
from cognitive_architecture.distributed_mesh.client import MeshClient, result_of
from cognitive_architecture.distributed_mesh.model import DistributedTask, Ending, TaskStatus
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.world import RealClock

STORY = Path(__file__).with_name("the_lamp_at_harrow_point.txt")
DATA = Path(".cogmesh")
LOG = DATA / "first_run.log"
USUAL_ENDPOINT = "tcp/127.0.0.1:7464"
NODES = 3
IN_FLIGHT = 64
PASSAGE = 5
"""Paragraphs in a passage; who speaks in the same passage is taken to talk together."""

out = Console(highlight=False)
now = RealClock().now


class RunFailed(Exception):
    """The run cannot go on; the sentence says why."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


# -- the mesh, as a child process ------------------------------------------------------------------


@asynccontextmanager
async def running_mesh(log: TextIO) -> AsyncIterator[dict[str, Any]]:
    """Start ``cogmesh up``; yields what it says of itself when it is ready.

    The child ends when its standard input is closed, so it never outlives this process.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cognitive_architecture.cli", "up"),
        *("--nodes", str(NODES), "--data", str(DATA), "--json", "--as-child"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for this program, which ends the mesh in order
    )
    stdin, stdout = cast("StreamWriter", process.stdin), cast("StreamReader", process.stdout)
    try:
        line = await stdout.readline()
        said = json.loads(line) if line else {}
        if "pid" not in said:
            error = said.get("error", {"code": "", "message": f"it did not start; see {LOG}"})
            in_use = error["code"] == "endpoint_in_use"
            hint = "\n(COGMESH_MESH__LISTEN=tcp/127.0.0.1:7465 make run)" if in_use else ""
            raise RunFailed(error["message"] + hint, await process.wait())
        yield said | {"process": process}
    finally:
        stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 40.0)
        except TimeoutError:
            process.kill()
            await process.wait()


async def until_nodes_joined(client: MeshClient) -> list[dict[str, Any]]:
    """The nodes, as soon as all of ours are there; somebody else's may be there as well."""
    ours = {f"node-{number}" for number in range(1, NODES + 1)}
    deadline = now() + 60.0
    while now() < deadline:
        nodes = await client.nodes()
        if ours <= {node["node_id"] for node in nodes}:
            return nodes
        await asyncio.sleep(0.05)
    raise RunFailed(f"after a minute there are not yet {NODES} nodes; see {LOG}")


# -- what there is to do ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """A task, and the line of the result table that it counts for."""

    kind: str
    task: DistributedTask


@dataclass(frozen=True, slots=True)
class Done:
    """How a job went."""

    job: Job
    ending: Ending
    latency_s: float

    @property
    def is_completed(self) -> bool:
        """Whether there is a result."""
        return self.ending.status == TaskStatus.COMPLETED


WHOLE, SPEECH, NAMES = "the whole story", "dialogue of a passage", "names and keywords"
EASE, SENTENCES, TOGETHER = "readability", "sentences", "reasoning"
KINDS = (WHOLE, NAMES, EASE, SENTENCES, SPEECH, TOGETHER)


def reading_jobs(story: str) -> list[Job]:
    """Every paragraph in three ways, and the story as a whole."""
    jobs = []
    for text in paragraphs_of(story):
        jobs.append(Job(SENTENCES, reading(text, "sentences", "tokens", priority=2)))
        jobs.append(Job(EASE, reading(text, "readability", "counts", priority=3)))
        jobs.append(Job(NAMES, reading(text, "keywords", "entities", priority=5)))
    return [
        *jobs,
        Job(WHOLE, reading(story, "keywords", "entities", "counts", priority=10)),
        Job(WHOLE, listening(story, [], priority=10)),
    ]


def listening_jobs(story: str, characters: list[str]) -> list[Job]:
    """Every passage for its dialogue, now that it is known who is in the story."""
    paragraphs = paragraphs_of(story)
    return [
        Job(SPEECH, listening("\n\n".join(paragraphs[at : at + PASSAGE]), characters, priority=7))
        for at in range(0, len(paragraphs), PASSAGE)
    ]


def paragraphs_of(story: str) -> list[str]:
    """The paragraphs, which stand between empty lines."""
    return [text for text in story.split("\n\n") if text.strip()]


def reading(text: str, *analyses: str, priority: int) -> DistributedTask:
    """A task for ``text_processing``."""
    payload = {"text": text, "analyses": list(analyses)}
    return DistributedTask(task_type="text_processing", payload=payload, priority=priority)


def listening(text: str, characters: list[str], *, priority: int) -> DistributedTask:
    """A task for ``dialogue``."""
    payload = {"text": text, "characters": characters}
    return DistributedTask(task_type="dialogue", payload=payload, priority=priority)


def reasoning_jobs(speech: Iterable[Done]) -> list[Job]:
    """What follows from who speaks where: for every passage, and for all of them together."""
    facts = [
        [["speaks", name, number] for name in result_of(done.ending)["speakers"]]
        for number, done in enumerate(speech, start=1)
    ]
    everything = [fact for passage in facts for fact in passage]
    return [Job(TOGETHER, thinking(some)) for some in [*facts, everything] if some]


def thinking(facts: list[list[Any]]) -> DistributedTask:
    """A task for ``reasoning``: who talks with whom, and who only through somebody else."""
    rules = [
        "if (speaks ?a ?p) and (speaks ?b ?p) and (!= ?a ?b) then (talk ?a ?b)",
        "if (talk ?a ?b) and (talk ?b ?c) and (!= ?a ?c) and not (talk ?a ?c) then (link ?a ?b ?c)",
    ]
    payload = {"facts": facts, "rules": rules, "proofs": "none"}
    return DistributedTask(task_type="reasoning", payload=payload, priority=8)


# -- doing it --------------------------------------------------------------------------------------


async def do(
    client: MeshClient, jobs: list[Job], progress: Progress, bars: dict[str, TaskID]
) -> list[Done]:
    """Do all jobs, at most ``IN_FLIGHT`` at a time; what came of each, in the order of the jobs."""
    room = asyncio.Semaphore(IN_FLIGHT)
    for kind, total in Counter(job.kind for job in jobs).items():
        progress.update(bars[kind], total=total)

    async def one(job: Job) -> Done:
        async with room:
            began = now()
            async for ending in client.run_many([job.task]):
                progress.advance(bars[job.kind])
                return Done(job, ending, now() - began)
        raise RunFailed(f"task {job.task.task_id} has no ending")

    return list(await asyncio.gather(*(one(job) for job in jobs)))


async def read_the_story(client: MeshClient) -> list[Done]:
    """Read, then listen to who speaks, then reason about it: each step needs the one before."""
    story = STORY.read_text("utf-8")
    columns = (
        TextColumn("  {task.description:<22}"),
        BarColumn(complete_style="cyan", finished_style="green"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out) as progress:
        bars = {kind: progress.add_task(kind, total=None) for kind in KINDS}
        read = await do(client, reading_jobs(story), progress, bars)
        cast_list = result_of(read[-1].ending)["speakers"]
        characters = [name for name in cast_list if name[0].isupper()]  # not "the inspector"
        heard = await do(client, listening_jobs(story, characters), progress, bars)
        speech = [each for each in heard if each.is_completed]
        return read + heard + await do(client, reasoning_jobs(speech), progress, bars)


# -- what came of it -------------------------------------------------------------------------------


def show_figures(done: list[Done], nodes: list[dict[str, Any]]) -> None:
    """How many of each kind, how quickly, and where."""
    names = [node["node_id"] for node in nodes]
    rows = Table(box=None, padding=(0, 0, 0, 2), header_style="dim")
    for number, title in enumerate(("tasks", "done", "failed", "p50 ms", "p99 ms", *names)):
        rows.add_column(title, justify="right" if number else "left", no_wrap=True)
    for kind in (*KINDS, "all"):
        some = [each for each in done if kind in (each.job.kind, "all")]
        failed = sum(not each.is_completed for each in some)
        spread = Counter(each.ending.node_id for each in some)
        latencies = sorted(each.latency_s for each in some)
        rows.add_row(
            kind,
            f"{len(some) - failed:,}",
            f"[red]{failed:,}[/]" if failed else "0",
            *(f"{at(latencies, share) * 1000:,.1f}" for share in (0.5, 0.99)),
            *(f"{spread[name]:,}" for name in names),
            style="bold" if kind == "all" else "",
        )
    out.print(rows)


def at(ordered: list[float], share: float) -> float:
    """The value that ``share`` of all do not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show_findings(done: list[Done]) -> None:
    """What the mesh has found out about the story."""
    results: dict[str, list[Any]] = defaultdict(list)
    for each in done:
        if each.is_completed:
            results[each.job.kind].append(result_of(each.ending))
    whole: dict[str, Any] = {}
    for result in results[WHOLE]:
        whole |= result
    named = Counter(entity["text"] for found in results[NAMES] for entity in found["entities"])
    derived = [fact for result in results[TOGETHER][:-1] for fact in result["derived"]]
    talks = [fact[1:] for fact in derived if fact[0] == "talk"]
    pairs = Counter(f"{one} & {two}" for one, two in talks if one < two)
    overall = [fact for result in results[TOGETHER][-1:] for fact in result["derived"]]
    between = Counter(middle for what, _, middle, *_ in overall if what == "link")
    rows = Table.grid(padding=(0, 3, 0, 0))
    for title, found in {
        "who speaks": Counter(whole["speakers"]).most_common(4),
        "what it is about": [(word["text"], word["count"]) for word in whole["keywords"][:7]],
        "named most often": named.most_common(6),
        "in one passage": pairs.most_common(3),
        "go-betweens": between.most_common(3),
    }.items():
        rows.add_row(f"  [dim]{title}[/]", side_by_side(found) if found else "nobody")
    title = STORY.read_text("utf-8").splitlines()[0]
    out.print(f"\n  [bold]{title}[/]  [dim]{whole['counts']['words']:,} words[/]")
    out.print(rows)


def side_by_side(counted: list[tuple[str, int]]) -> Text:
    """Names with their counts, as many on a line as fit; no name is broken."""
    room = out.width - len("  named most often") - 3
    line, used = Text(), 0
    for name, count in counted:
        width = cell_len(f"{name} {count}")
        if used and used + 3 + width > room:
            line.append("\n")
            used = 0
        elif used:
            line.append(" · ", "dim")
            used += 3
        line.append(f"{name} ").append(str(count), "dim")
        used += width
    return line


def show_what_was_found(said: dict[str, Any]) -> None:
    """On a second start: what is there from before."""
    ended, is_open = sum(said["ended"].values()), said["open"]
    if ended or is_open:
        going_on = f", [yellow]{is_open:,} open ones, which go on now[/]" if is_open else ""
        out.print(f"  found again from before: [bold]{ended:,}[/] ended tasks{going_on}")
    else:
        out.print("  a new mesh; a second start will find today's tasks again")


def show_what_next(done: list[Done], endpoint: str) -> None:
    """Commands to try in another terminal."""
    where = "" if endpoint == USUAL_ENDPOINT else f" --connect {endpoint}"
    shown, here = (os.path.relpath(path) for path in (Path(sys.executable).parent, STORY.parent))
    out.print("\n  The mesh stays up. In another terminal:\n")
    for arguments, what in (
        ("status", "how it is"),
        (f"task {done[-1].ending.task_id}", "everything about one task"),
        ("tasks -n 5", "the latest tasks"),
        (f"node --handlers {here}/my_handlers.py", "a node with handlers of your own"),
        ('submit haiku -p \'{"about": "rain"}\' --follow', "which streams its answer"),
        ("drain node-2", "send a node away; its tasks go to the others"),
    ):
        out.print(f"    [cyan]{shown}/cogmesh {arguments}{where}[/]", soft_wrap=True)
        out.print(f"      [dim]{what}[/]")
    out.print("\n  Ctrl-C ends it; nothing is lost.")


# -- all of it -------------------------------------------------------------------------------------


async def first_run(log: TextIO, *, stays: bool) -> int:
    """Run it; the exit code."""
    out.print(f"\n  [bold]Starting a mesh[/] with {NODES} nodes; tasks are kept in {DATA}/")
    async with running_mesh(log) as said:
        show_what_was_found(said)
        endpoint = from_this_machine(said["listen"][0])
        async with connect(endpoint, mesh=said["mesh"], name="first_run") as client:
            nodes = await until_nodes_joined(client)
            out.print(f"  nodes: [bold]{', '.join(node['node_id'] for node in nodes)}[/]\n")
            done = await unless_the_mesh_ends(read_the_story(client), said["process"])
        out.print()
        show_figures(done, nodes)
        show_findings(done)
        if stays:
            show_what_next(done, endpoint)
            await unless_the_mesh_ends(asyncio.Event().wait(), said["process"])
    failed = sum(not each.is_completed for each in done)
    if failed:
        raise RunFailed(f"{failed} of {len(done)} tasks did not complete")
    return 0


async def unless_the_mesh_ends(work: Coroutine[Any, Any, Any], mesh: Process) -> Any:
    """The result of the work, which makes no sense without the mesh."""
    working, ending = asyncio.ensure_future(work), asyncio.ensure_future(mesh.wait())
    try:
        await asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise RunFailed(f"the mesh has ended unexpectedly; {LOG} says why")
        return working.result()
    finally:
        working.cancel()
        ending.cancel()


def main() -> int:
    """Words in, an exit code out."""
    parser = argparse.ArgumentParser(description="A small mesh on this machine reads a story.")
    parser.add_argument("--once", action="store_true", help="end when the story is read")
    stays = not parser.parse_args().once
    # A service manager's polite request ends this program in order, like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        DATA.mkdir(exist_ok=True)
        with LOG.open("w") as log:
            return asyncio.run(first_run(log, stays=stays))
    except RunFailed as error:
        sentence, code = str(error), error.code or 1
    except MeshError as error:
        sentence, code = str(error), 1
    except KeyboardInterrupt:
        out.print("\n  The mesh is down.")
        return 0 if stays else 130
    Console(stderr=True, highlight=False, markup=False).print(
        f"first_run: {sentence}", style="red", soft_wrap=True
    )
    return code


if __name__ == "__main__":
    sys.exit(main())
