"""Write docs/futures/reproduction.md from the anchors themselves; with `--check`, only say whether it is current.

Every figure is computed anew. A figure that does not agree is shown as it is, with the reason if one is known.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

from daccord.futures.anchors.figures import Anchor, Figure, reproduce

PAGE = Path(__file__).parent / "futures" / "reproduction.md"

INTRODUCTION = """\
<!-- Made by docs/_make_reproduction.py from the anchors; run it to write this page anew. -->

# Reproduction report

The futures lab is a model. Whether its parts are programmed rightly can be checked all the same: published models that
it contains, or leans on, must give the numbers their sources print. This page lists them, the ones that do not agree
included. It validates the code, not the world.

An anchor is *read* if its figures stand in a text that we read, *retold* if we know them from somebody else's account,
and *derived* if nobody printed them and two derivations of ours are compared: that finds slips, not shared errors. A
figure agrees if it differs by at most half a unit of the last printed place; whole numbers and fractions must be equal
to rounding errors. Simulated figures have a tolerance of their own.
"""


def _number(value: float | Fraction, places: int) -> str:
    text = f"{float(value):.{places}f}"
    return text.removeprefix("-") if not float(text) else text


def _row(figure: Figure) -> str:
    """A line of a table: two places more than the source prints, so that a reader sees how close it is."""
    if figure.decimals is None and isinstance(figure.computed, Fraction):
        shown, difference = str(figure.computed), str(figure.difference)
    else:
        places = (figure.decimals or 0) + 2
        shown, difference = _number(figure.computed, places), _number(figure.difference, places)
    verdict = "yes" if figure.agrees else "**no**"
    if figure.tolerance is not None and figure.agrees and figure.tolerance > 1e-6:
        verdict = f"yes, to ±{figure.tolerance:.2g}"
    what = figure.what.replace("|", "\\|")
    return f"| {what} | {figure.printed} | {shown} | {difference} | {verdict} |"


def _section(anchor: Anchor) -> str:
    parts = [f"## {anchor.key}: {anchor.title}", f"Source: {anchor.source}. Status: {anchor.provenance}."]
    if anchor.remark:
        parts.append(anchor.remark)
    if anchor.figures:
        head = "| figure | source | here | difference | agrees |\n|---|---|---|---|---|"
        parts.append("\n".join([head, *(_row(figure) for figure in anchor.figures)]))
    parts += [f"*{figure.what}*: {figure.known}" for figure in _explained(anchor)]
    return "\n\n".join(parts) + "\n"


def _explained(anchor: Anchor) -> list[Figure]:
    """Mismatches whose reason the anchor's own remark does not already give."""
    reasons = [figure.known for figure in anchor.figures if figure.known]
    return [figure for figure in anchor.figures if figure.known and reasons.count(figure.known) == 1]


def _summary(anchors: tuple[Anchor, ...]) -> str:
    lines = ["| anchor | | status | figures | agree |", "|---|---|---|---|---|"]
    for anchor in anchors:
        count = len(anchor.figures)
        agreeing = sum(figure.agrees for figure in anchor.figures)
        lines.append(f"| {anchor.key} | {anchor.title} | {anchor.provenance} | {count or 'none'} | {agreeing or '–'} |")
    figures = [figure for anchor in anchors for figure in anchor.figures]
    agreeing = sum(figure.agrees for figure in figures)
    total = f"{agreeing} of {len(figures)} figures agree."
    differing = [
        f"* {anchor.key}, {figure.what}: {figure.printed} printed, "
        f"{_number(figure.computed, (figure.decimals or 0) + 2)} here"
        for anchor in anchors
        for figure in anchor.figures
        if not figure.agrees
    ]
    return "\n".join([total, "", *lines, "", "Figures that do not agree:", "", *(differing or ["none"])]) + "\n"


def render() -> str:
    """The whole page."""
    anchors = reproduce()
    return "\n".join([INTRODUCTION, "## Summary\n", _summary(anchors), *map(_section, anchors)])


def main() -> int:
    """Write the page, or with `--check` compare it; 1 if it is out of date."""
    text = render()
    if sys.argv[1:] == ["--check"]:
        current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        sys.stdout.write(f"{PAGE.name} is {'current' if current else 'out of date: run docs/_make_reproduction.py'}\n")
        return 0 if current else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
