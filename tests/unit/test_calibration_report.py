"""The calibration report: nothing leaks, its figures are what they claim to be, and its page says what they say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from tests.property.fusion_cases import make_round

from daccord.cli.main import cli
from daccord.errors import InputError, NoPeopleError
from daccord.fusion import EVIDENCE, CalibrationReport, calibration, calibration_of, simulate_jury
from daccord.fusion.checks._calibration import summarise
from daccord.fusion.checks._foreseen import Foreseen, foresee
from daccord.fusion.checks._held_answers import ORDER, RATING, RATIO, Answers, answers_of, deal, without
from daccord.fusion.checks._reliability import LEVELS, clustered_error, favourite_bins, favourites, losses_of
from daccord.judging import Comparisons, Rankings
from daccord.report import build_calibration, calibration_words

DACC = Path(__file__).resolve().parents[2] / "examples" / "dacc"


def mixed(seed: int, **others):
    """Ratios, orders, ties, ratings, and a ranking by each juror."""
    task = simulate_jury(seed, "mixed", **{"projects": 6, "jurors": 8, "answers": 48, **others}).task
    jurors = len(task.panel)
    rng = np.random.default_rng(seed)
    places = np.concatenate([rng.permutation(6)[:4] for _ in range(jurors)])
    rankings = Rankings(np.arange(jurors), np.arange(0, 4 * jurors + 1, 4), np.full(jurors, 3), places)
    return replace(task, judgments=replace(task.judgments, rankings=rankings))


# --- what is held out -------------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(0, 2**40))
@settings(max_examples=20)
def test_no_answer_of_a_held_out_juror_is_left_to_fit(seed, deal_seed):
    task = mixed(seed)
    answers = answers_of(task, EVIDENCE)
    assert len(answers) == 48 + 32 + 8 * 3  # three neighbours of a ranking of four places whose first three are told
    fold, group, by_juror = deal(answers, 6, 4, deal_seed)
    assert by_juror
    for k in range(4):
        rest = without(task, answers, fold == k)
        held = set(answers.judge[fold == k].tolist())
        assert held
        for table in (rest.comparisons, rest.ratings, rest.rankings):
            assert not held & set(table.judge.tolist())
    for g in np.unique(group):
        assert len(set(fold[group == g])) == 1


@given(st.integers(0, 1000), st.integers(0, 2**40))
@settings(max_examples=20)
def test_where_jurors_are_not_told_apart_pairs_stay_whole(seed, deal_seed):
    task = mixed(seed, jurors=2)
    answers = answers_of(task, EVIDENCE)
    fold, _, by_juror = deal(answers, 6, 5, deal_seed)
    assert not by_juror
    compared = (answers.b >= 0) & (answers.table == 0)
    for k in range(5):
        pairs = [
            {(min(a, b), max(a, b)) for a, b in zip(answers.a[rows], answers.b[rows], strict=True)}
            for rows in (compared & (fold == k), compared & (fold != k))
        ]
        assert not pairs[0] & pairs[1]


def test_only_kinds_that_a_rule_reads_are_foreseen():
    task = mixed(1)
    kinds = {reads: set(answers_of(task, reads).kind.tolist()) for reads in (("ratios",), ("orders",), ("ratings",))}
    assert kinds == {("ratios",): {RATIO}, ("orders",): {ORDER}, ("ratings",): {RATING}}
    # A ratio is an order for a rule that reads orders alone.
    c = task.comparisons
    assert len(answers_of(task, ("orders",))) == int((c.outcome != 0).sum())


# --- figures ----------------------------------------------------------------------------------------------------------


def foreseen(below: np.ndarray, ahead: np.ndarray, outcome: np.ndarray, group: np.ndarray) -> Foreseen:
    size = len(below)
    none, zeros = np.zeros(size), np.zeros(size, dtype=np.int64)
    answers = Answers(zeros + RATIO, group, zeros, zeros + 1, none, outcome, none, zeros, np.arange(size))
    return Foreseen(answers, group, True, 5, 1.0, none, below, ahead, below, ahead)


def test_honest_foresight_is_found_honest_and_bold_foresight_too_narrow():
    rng = np.random.default_rng(1)
    size, group = 20_000, np.arange(20_000) // 20
    z, chance = rng.normal(0, 1, size), rng.uniform(0.5, 1.0, size)
    outcome = np.where(rng.random(size) < chance, 1, -1)
    honest = summarise("benefit", "x", foreseen(norm.cdf(z), chance, outcome, group))
    for level in honest.levels:
        assert abs(level.held - level.nominal) < 4 * level.error
    assert honest.losses is not None
    assert honest.losses.calibration_error < 0.02
    bold = summarise("benefit", "x", foreseen(norm.cdf(1.5 * z), np.clip(chance + 0.1, 0, 1), outcome, group))
    assert bold.usual is not None
    assert bold.usual.held == pytest.approx(2 * norm.cdf(1.2816 / 1.5) - 1, abs=0.02)
    assert bold.losses is not None
    assert bold.losses.calibration_error == pytest.approx(0.1, abs=0.03)
    assert all(one.ahead < one.foreseen for one in bold.bins)


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([-1, 1])), min_size=1, max_size=30))
def test_turning_every_question_round_changes_nothing(cases):
    ahead, outcome = np.array([c[0] for c in cases]), np.array([c[1] for c in cases])
    (chance, won), (turned, other) = favourites(ahead, outcome), favourites(1 - ahead, -outcome)
    even = ahead == 0.5
    assert chance == pytest.approx(turned)
    assert np.array_equal(won[~even], other[~even])
    assert np.all((chance >= 0.5) & (chance <= 1))


@given(st.lists(st.tuples(st.floats(0.5, 1), st.booleans(), st.integers(0, 5)), min_size=1, max_size=40))
def test_bins_hold_every_answer_once_and_losses_are_those_of_the_definition(cases):
    chance = np.array([c[0] for c in cases])
    won = np.array([float(c[1]) for c in cases])
    bins = favourite_bins(chance, won, np.array([c[2] for c in cases]))
    assert sum(one.answers for one in bins) == len(cases)
    for one in bins:
        own = (chance >= one.low) & ((chance < one.high) | (one.high == 1.0))
        assert one.answers == own.sum()
        assert one.ahead == pytest.approx(won[own].mean())
        assert one.error > 0
    found = losses_of(chance, won, bins)
    assert found.brier == pytest.approx(np.mean((chance - won) ** 2))
    assert found.calibration_error == pytest.approx(sum(b.answers * abs(b.ahead - b.foreseen) for b in bins) / len(won))
    assert 0 <= found.calibration_error <= 1


def test_the_error_of_a_share_is_the_one_that_repetition_shows():
    """Jurors who are right in 90 % or 40 % of their answers: over many panels the share varies as the error says."""
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(40), 15)
    shares, errors = [], []
    for _ in range(400):
        right = np.where(rng.random(40) < 0.5, 0.9, 0.4)[group]
        x = (rng.random(600) < right).astype(float)
        shares.append(x.mean())
        errors.append(clustered_error(x, group))
    assert np.mean(errors) == pytest.approx(np.std(shares), rel=0.12)
    assert np.mean(errors) > 1.5 * np.sqrt(0.25 / 600)  # answers are not independent
    assert clustered_error(np.ones(3), np.arange(3)) > 0.1


@pytest.mark.parametrize("told", ["normal", "student"])
def test_intervals_hold_on_simulated_people(told):
    report = calibration_of(simulate_jury(3, told, jurors=30, answers=450, projects=15).task, "least-squares")
    assert report.grouped_by == "juror"
    assert report.groups == 30
    assert report.graded == 450
    assert report.usual is not None
    assert abs(report.usual.held - 0.8) < 3 * report.usual.error
    assert [level.nominal for level in report.levels] == list(LEVELS)
    held = [level.held for level in report.levels]
    assert held == sorted(held)


def test_hierarchical_foresees_every_kind_and_tells_what_widening_did():
    task = mixed(4, jurors=10, answers=120)
    seen = foresee(task, "hierarchical", folds=3)
    graded = seen.answers.kind != ORDER
    assert np.isnan(seen.below).tolist() == (~graded).tolist()
    assert np.isnan(seen.ahead).tolist() == (seen.answers.kind == RATING).tolist()
    report = summarise("benefit", "hierarchical", seen)
    assert {entry.kind for entry in report.kinds} == {"ratios", "ratings"}
    assert sum(entry.answers for entry in report.kinds) == report.graded
    assert report.widening >= 1
    for level in report.levels:
        assert level.held >= level.held_before - 1e-12
    assert np.all(np.abs(seen.below_before[graded] - 0.5) >= np.abs(seen.below[graded] - 0.5) - 1e-9)


def test_rules_that_see_orders_alone_have_favourites_but_no_intervals():
    report = calibration_of(simulate_jury(5, "orders", jurors=10, answers=150, projects=8).task, "bradley-terry")
    assert report.levels == ()
    assert report.usual is None
    assert report.losses is not None
    assert report.losses.log_loss < np.log(2)


def test_too_few_answers_cannot_be_held_out():
    with pytest.raises(InputError, match="too few to hold some out"):
        calibration_of(simulate_jury(6, "normal", projects=3, jurors=2, answers=3).task, "least-squares")
    with pytest.raises(InputError, match="does not ask for 'need'"):
        calibration(make_round(1), "need")
    task = simulate_jury(6, "normal", projects=3, jurors=2, answers=3).task
    silent = replace(task, judgments=replace(task.judgments, comparisons=Comparisons.empty()))
    with pytest.raises(NoPeopleError):
        calibration_of(silent, "least-squares")


# --- page and command -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report() -> CalibrationReport:
    return calibration_of(simulate_jury(7, "normal", jurors=20, answers=300, projects=12).task, "least-squares")


def page(report: CalibrationReport, **others) -> str:
    settings_ = {"questions": {"benefit": "Which?"}, "skipped": {"harm": "<too few>"}, "simulated": True, **others}
    return build_calibration("A & B", {"benefit": report}, **settings_)


def test_the_page_says_it_is_simulated_and_shows_every_figure_as_a_table(report):
    html = page(report)
    assert html.count("SIMULATED") >= 2
    assert "A &amp; B" in html
    assert "&lt;too few&gt;" in html
    assert "<script" not in html
    assert "http" not in re.sub(r"http-equiv", "", html)
    for level in report.levels:
        assert f"{100 * level.held:.1f}\N{NO-BREAK SPACE}%" in html
    assert html.count("<svg") == 4  # two charts, each for wide and for narrow screens
    assert html.count("Data of this chart") == 2
    assert "SIMULATED" not in page(report, simulated=False)


def test_the_page_is_the_same_bytes_every_time(report):
    assert page(report) == page(report)


def test_a_report_without_intervals_or_favourites_says_so(report):
    html = page(replace(report, levels=(), kinds=(), bins=(), losses=None, losses_before=None))
    assert "there is no interval to check" in html
    assert "there is no favourite to check" in html
    assert "<svg" not in html


def test_words_name_the_figure_its_error_and_what_it_means(report):
    words = " ".join(calibration_words(report))
    assert f"80 % intervals held {100 * report.usual.held:.1f} %" in words
    assert "within two standard errors" in words
    narrow = replace(report, levels=tuple(replace(level, held=level.held / 2) for level in report.levels))
    assert "so they are too narrow" in " ".join(calibration_words(narrow))
    wide = replace(report, levels=tuple(replace(level, held=1.0, error=0.01) for level in report.levels))
    assert "wider than they need to be" in " ".join(calibration_words(wide))
    widened = replace(report, widening=1.3)
    assert "widened all standard deviations by 1.30" in " ".join(calibration_words(widened))


def test_the_command_writes_a_page_and_prints_the_figures(tmp_path):
    out = tmp_path / "deep" / "calibration.html"
    arguments = ["calibrate", str(DACC), "--rule", "least-squares", "--out", str(out)]
    found = CliRunner().invoke(cli, arguments)
    assert found.exit_code == 0, found.output
    assert found.output.startswith("SIMULATED ROUND")
    assert "intervals of" in found.output
    assert f"written {out}" in found.output
    assert "SIMULATED" in out.read_text(encoding="utf-8")


def test_the_command_in_json_and_what_it_refuses():
    found = CliRunner().invoke(cli, ["calibrate", str(DACC), "--rule", "huber", "--criterion", "benefit", "--json"])
    document = json.loads(found.stdout)
    assert document["schema"] == "daccord/calibration/1"
    assert document["simulated"] is True
    assert document["criteria"]["benefit"]["rule"] == "huber"
    assert len(document["criteria"]["benefit"]["levels"]) == len(LEVELS)
    for arguments, words in ((["--rule", "guess"], "no fusion rule"), (["--criterion", "need"], "does not ask")):
        assert words in str(CliRunner().invoke(cli, ["calibrate", str(DACC), *arguments]).exception)
