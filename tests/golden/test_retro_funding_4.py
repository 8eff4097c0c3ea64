"""Optimism Retro Funding 4, June 2024: 10,000,000 OP to 230 projects, from the signed ballots.

Published amounts: `Retro_Funding_4_results.csv`, one decimal. That 4 of 108 stored ballots differ from what was signed,
and that this would move one project by 9,462 OP, was found by this project; nobody published it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from daccord.allocation import METRIC_MEDIAN, MoneyTask, ballot_effects
from daccord.formats import load_round, write_round
from daccord.formats.retropgf import import_retropgf
from daccord.pipeline import decide
from daccord.round import Round

UNIT = 1_000
"""Minor units of the imported round in 1 OP."""


@pytest.fixture(scope="module")
def rf4(shared_data: Path) -> Path:
    folder = shared_data / "optimism-rf4"
    if not folder.is_dir():
        pytest.skip("no shared data: optimism-rf4 is not there")
    return folder


@pytest.fixture(scope="module")
def round_(rf4: Path) -> Round:
    return import_retropgf(rf4)


@pytest.fixture(scope="module")
def official(rf4: Path) -> dict[str, Fraction]:
    with (rf4 / "official_Retro_Funding_4_results.csv").open(encoding="utf-8-sig", newline="") as stream:
        return {row["Project_id"]: Fraction(row["rf4_allocation"]) for row in csv.DictReader(stream)}


def _task(round_: Round) -> MoneyTask:
    projects = round_.portfolio.projects
    return MoneyTask(projects, (), round_.rules.money, round_.budget, round_.inputs, tuple(range(len(projects))))


def test_the_round_folder_is_decided_to_the_published_amounts(round_, official, tmp_path):
    write_round(round_, tmp_path / "round")
    decision = decide(load_round(tmp_path / "round"))
    amounts = {award.project: award.amount for award in decision.allocation.awards}
    assert amounts.keys() == official.keys()
    assert len(amounts) == 230
    assert sum(amounts.values()) == 10_000_000 * UNIT
    assert sum(amount > 0 for amount in amounts.values()) == 207
    assert {name for name, amount in amounts.items() if amount} == {name for name, paid in official.items() if paid}
    worst = max(abs(Fraction(amounts[name], UNIT) - official[name]) for name in official)
    assert worst <= Fraction("0.0495")  # one decimal is published
    low, high = (sum(getattr(interval, end) for interval in decision.intervals) for end in ("low", "high"))
    assert low < 10_000_000 * UNIT < high


def test_the_stored_ballots_move_a_project_by_9462_op_and_are_named(round_):
    text = next(notice for notice in round_.notices if "differ from the signed payload" in notice)
    assert "in 4 of 108 ballots" in text
    assert "rows 22, 45, 71, 74" in text
    assert "would get 9,462.458 OP less" in text
    assert next(notice for notice in round_.notices if "published" in notice).endswith("by more than 0.049 OP")


def test_no_address_and_no_signature_gets_into_the_round(round_, rf4, tmp_path):
    write_round(round_, tmp_path / "round")
    written = "".join(path.read_text(encoding="utf-8").lower() for path in sorted((tmp_path / "round").iterdir()))
    with (rf4 / "voting_data_export_final_signed.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 108
    assert not [row for row in rows if row["Address"].lower() in written or row["Signature"].lower() in written]
    assert not re.search(r"0x[0-9a-f]{40}\b", written)


def test_the_largest_effect_of_one_ballot_is_in_the_certificate(round_):
    """5,952.755 OP, measured here: 0.06 % of the pot."""
    certificate = METRIC_MEDIAN.solve(_task(round_)).certificate
    assert abs(int(certificate["largest effect of one ballot on one project, minor units"])) == 5_952_755


def test_leaving_one_ballot_out_is_what_the_effect_says(round_):
    task = _task(round_)
    full = METRIC_MEDIAN.solve(task).amounts
    effect = max(ballot_effects(task), key=lambda found: abs(found.change))
    inputs = replace(
        task.inputs, metric_weights=tuple(row for row in task.inputs.metric_weights if row.voter != effect.voter)
    )
    without = METRIC_MEDIAN.solve(replace(task, inputs=inputs)).amounts
    moved = [mine - theirs for mine, theirs in zip(full, without, strict=True)]
    assert moved[effect.project] == effect.change
    assert max(map(abs, moved)) == abs(effect.change)
