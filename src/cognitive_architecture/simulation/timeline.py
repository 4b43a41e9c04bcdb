"""A run as a picture: a lane for each process, what broke above what was done.

One HTML page with the drawing in it, for any browser; nothing is loaded from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from .history import Note
from .plan import Step
from .run import Verdict

_LANE: Final = 46
_LEFT: Final = 70
_TOP: Final = 30
_WIDE: Final = 1500
_COLOURS: Final = {
    "returned": "#2e7d32",
    "died": "#b71c1c",
    "interrupted": "#8e24aa",
    "for good": "#ef6c00",
    "": "#90a4ae",
}
_MARKS: Final = {"commit": "#1565c0", "log": "#78909c", "broken": "#d50000"}

_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
 body {{ font: 14px/1.5 system-ui, sans-serif; margin: 2em; color: #222; }}
 svg {{ background: #fafafa; border: 1px solid #ddd; }}
 td {{ padding: 0 1em 0 0; vertical-align: top; font-family: ui-monospace, monospace; }}
 .broken {{ color: #d50000; font-weight: bold; }} .trouble {{ color: #bf360c; }}
</style>
<h1>{title}</h1>
<p>{summary}</p>
{breaches}
<svg viewBox="0 0 {wide} {high}" width="100%">{drawing}</svg>
<p>Bars are handlers that run: green returned, orange failed for good, red died, violet was stopped.
Shaded is trouble. Ticks: blue a commit, grey a line of a log.
Point at anything to read it.</p>
<table>{rows}</table>
</html>
"""


def timeline(verdict: Verdict) -> str:
    """The page of a run whose notes were kept."""
    hosts = ["o", *(node.host for node in verdict.plan.nodes), *verdict.plan.clients]
    scale = (_WIDE - _LEFT - 10) / max(verdict.virtual_s, 1e-9)
    lanes = {host: _TOP + place * _LANE for place, host in enumerate(hosts)}
    drawing = [
        *_axis(verdict.virtual_s, scale, _TOP + len(hosts) * _LANE),
        *(_label(host, top) for host, top in lanes.items()),
        *_troubles(verdict.plan.steps, lanes, scale),
        *_runs(verdict.history.notes, lanes, scale, verdict.virtual_s),
        *_ticks(verdict.history.notes, lanes, scale),
    ]
    tally = verdict.tally
    return _PAGE.format(
        title=f"Seed {verdict.plan.seed}",
        summary=(
            f"{verdict.virtual_s:.1f} s of virtual time, {verdict.frames:,} frames, "
            f"{tally.submitted:,} tasks submitted, {tally.attempts:,} attempts, "
            f"{tally.completed:,} completed, {tally.failed:,} failed, "
            f"{tally.cancelled:,} cancelled; fingerprint {verdict.fingerprint}"
        ),
        breaches="".join(f'<p class="broken">{escape(breach)}</p>' for breach in verdict.breaches),
        wide=_WIDE,
        high=_TOP + len(hosts) * _LANE + 10,
        drawing="".join(drawing),
        rows="".join(_row(note) for note in verdict.history.notes),
    )


def _axis(virtual_s: float, scale: float, bottom: int) -> Iterable[str]:
    step = next(step for step in (1, 5, 10, 30, 60, 300, 600, 3600, 10**9) if virtual_s / step < 30)
    at = 0.0
    while at < virtual_s:
        x = _LEFT + at * scale
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}" stroke="#eee"/>'
        yield f'<text x="{x:.1f}" y="18" font-size="11" fill="#888">{at:g} s</text>'
        at += step


def _label(host: str, top: int) -> str:
    return (
        f'<text x="8" y="{top + 24}" font-size="14" font-weight="bold">{escape(host)}</text>'
        f'<line x1="0" x2="{_WIDE}" y1="{top + _LANE}" y2="{top + _LANE}" stroke="#ccc"/>'
    )


def _box(x: float, y: float, wide: float, high: float, fill: str, title: str, more: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 1.0):.1f}" height="{high:.1f}" '
        f'fill="{fill}" {more}><title>{escape(title)}</title></rect>'
    )


def _troubles(steps: list[Step], lanes: dict[str, int], scale: float) -> Iterable[str]:
    for step in steps:
        if not step.is_trouble:
            continue
        facts = " ".join(f"{key}={value}" for key, value in step.what.items())
        for host in {step.who, str(step.what.get("other", step.who))}:
            if host in lanes:
                yield _box(
                    _LEFT + step.at * scale,
                    lanes[host] + 2,
                    (step.ends_at - step.at) * scale,
                    _LANE - 4,
                    "#ff7043",
                    f"{step.at:.3f} s: {step.do} {facts}",
                    'fill-opacity="0.25"',
                )


_BEGINS: Final = re.compile(r"begins (\d+): (.*)")
_ENDS: Final = re.compile(r"ends (\d+): (.*)")


def _runs(notes: list[Note], lanes: dict[str, int], scale: float, end: float) -> Iterable[str]:
    """A bar for each handler that ran, stacked where several run at once."""
    running: dict[str, tuple[Note, str]] = {}
    for note in notes:
        if note.kind != "did" or note.who not in lanes:
            continue
        if begins := _BEGINS.match(note.text):
            running[begins[1]] = (note, begins[2])
        elif (ends := _ENDS.match(note.text)) and ends[1] in running:
            began, what = running.pop(ends[1])
            yield _run(began, note.at, f"{what}: {ends[2]}", ends[2], lanes, scale, int(ends[1]))
    for number, (began, what) in running.items():
        yield _run(began, end, f"{what}: never ended", "died", lanes, scale, int(number))


def _run(
    began: Note,
    until: float,
    title: str,
    how: str,
    lanes: dict[str, int],
    scale: float,
    number: int,
) -> str:
    return _box(
        _LEFT + began.at * scale,
        lanes[began.who] + 6 + 8 * (number % 3),
        (until - began.at) * scale,
        6,
        _COLOURS.get(how, "#90a4ae"),
        f"{began.at:.3f} to {until:.3f} s: {title}",
        "",
    )


def _ticks(notes: list[Note], lanes: dict[str, int], scale: float) -> Iterable[str]:
    for note in notes:
        host = note.who.partition(".")[0]
        colour = _MARKS.get(note.kind)
        if colour is not None and host in lanes:
            top = lanes[host] + _LANE - 14
            title = f"{note.at:.3f} s: {note.text}"
            yield _box(_LEFT + note.at * scale, top, 1.0, 10, colour, title, "")


def _row(note: Note) -> str:
    return (
        f'<tr class="{escape(note.kind)}"><td>{note.at:.4f}</td><td>{escape(note.who)}</td>'
        f"<td>{escape(note.kind)}</td><td>{escape(note.text)}</td></tr>"
    )
