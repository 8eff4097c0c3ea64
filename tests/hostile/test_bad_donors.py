"""Defects of donors.csv, one a test: file, row, column, and what to do."""

from __future__ import annotations

from fractions import Fraction

import pytest

from daccord.formats._problems import FileReport, Names, Report
from daccord.formats.inputs import Context
from daccord.formats.inputs._donors import DONORS_TABLE
from daccord.judging import Donor
from daccord.money import Currency
from daccord.portfolio import Portfolio

CONTEXT = Context(
    Currency("EUR", 2), Portfolio(()), Names("project", "projects.csv", ()), Names("judge", "judges.csv", ())
)


def read(text: str):
    report = Report()
    found = DONORS_TABLE.read(text.encode(), CONTEXT, FileReport(report, "donors.csv"))
    return found, report.problems


def test_sound_donors():
    found, problems = read("donor,trust,groups\na,1,\nb,0.25,river; choir\nc,,\nd,0,x\ne,.5,\n")
    assert not problems
    assert found == (
        Donor("a"),
        Donor("b", Fraction(1, 4), ("river", "choir")),
        Donor("c"),
        Donor("d", Fraction(0), ("x",)),
        Donor("e", Fraction(1, 2)),
    )


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("a,1.1,", "trust", "is no trust"),
        ("a,-1,", "trust", "is no trust"),
        ("a,nan,", "trust", "is no trust"),
        ("a,0.1234567,", "trust", "is no trust"),
        ("a,.,", "trust", "is no trust"),
        (",1,", "donor", "has no id"),
        ("a,1,x; x", "groups", "named twice"),
    ],
)
def test_one_defect(row, column, words):
    _, problems = read(f"donor,trust,groups\n{row}\n")
    assert [(p.file, p.row, p.column) for p in problems] == [("donors.csv", 2, column)]
    assert words in problems[0].message
    assert problems[0].remedy


def test_a_donor_named_twice():
    _, problems = read("donor,trust\na,1\na,0.5\n")
    assert len(problems) == 1
    assert problems[0].row == 3
