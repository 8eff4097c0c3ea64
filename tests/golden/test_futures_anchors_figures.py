"""Every figure of the anchors against its source, and the report about them.

Sources and tolerances stand beside the figures, in `daccord.futures.anchors.figures`: half a unit of the last printed
place unless a figure says otherwise.
"""

from __future__ import annotations

import importlib.util
from fractions import Fraction
from pathlib import Path

import pytest

from daccord.futures.anchors.figures import Anchor, Figure, reproduce

ROOT = Path(__file__).resolve().parents[2]
KEYS = (
    *(
        "J1",
        "J2",
        "J3",
        "J4",
        "O1",
        "O2",
        "B1",
        "B2",
        "A1",
        "H1",
        "H2",
        "H2a",
        "H3",
        "F1",
        "C1",
        "S1",
        "V1",
        "V2",
        "L1",
    ),
    *("I1", "P1", "P1a", "U1", "G1", "Y1", "Y2"),
)


@pytest.fixture(scope="module")
def anchors() -> dict[str, Anchor]:
    return {anchor.key: anchor for anchor in reproduce()}


def test_every_anchor_is_there(anchors: dict[str, Anchor]) -> None:
    assert tuple(anchors) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_figures_agree_or_are_known_not_to(anchors: dict[str, Anchor], key: str) -> None:
    wrong = [
        f"{figure.what}: {figure.printed} printed, {float(figure.computed)} computed"
        for figure in anchors[key].figures
        if figure.agrees == bool(figure.known)
    ]
    assert not wrong, "\n".join(wrong)


def test_all_36_numbers_of_jones(anchors: dict[str, Anchor]) -> None:
    figures = [figure for key in ("J1", "J2", "J3") for figure in anchors[key].figures]
    assert len(figures) == 36
    assert all(figure.agrees and figure.tolerance is None for figure in figures)


def test_mismatches_are_few_and_named(anchors: dict[str, Anchor]) -> None:
    differing = {key: sum(not figure.agrees for figure in anchor.figures) for key, anchor in anchors.items()}
    assert {key: number for key, number in differing.items() if number} == {"O2": 1, "H2a": 6}


def test_the_ill_conditioned_number_is_not_a_figure(anchors: dict[str, Anchor]) -> None:
    assert "19.3" in anchors["A1"].remark
    assert not any(figure.printed.endswith(("19.3", "0.193")) for figure in anchors["A1"].figures)


@pytest.mark.parametrize(
    ("printed", "computed", "agrees"),
    [
        ("0.33", 0.3349, True),
        ("0.33", 0.3351, False),
        ("0.50", 0.495, True),
        ("0", 1e-13, True),
        ("0", 1e-11, False),
        ("4/21", Fraction(4, 21), True),
        ("4/21", Fraction(5, 21), False),
        ("0.33", Fraction(1, 3), True),
        ("0.33", Fraction(67, 200), True),
        ("0.33", Fraction(68, 200), False),
        ("-0.0024", -0.00244, True),
    ],
)
def test_half_a_unit_of_the_last_place(printed: str, computed: float | Fraction, agrees: bool) -> None:
    assert Figure("", printed, computed).agrees is agrees


def test_report_is_current() -> None:
    spec = importlib.util.spec_from_file_location("_make_reproduction", ROOT / "docs" / "_make_reproduction.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "futures" / "reproduction.md").read_text(encoding="utf-8")
    assert page == module.render(), "docs/futures/reproduction.md is out of date: run docs/_make_reproduction.py"
