"""Real participatory budgets from Pabulib: what their cities decided, project by project.

The files lie in the folder of real rounds (`pabulib-small`), as published at github.com/pabulib/pabulib_files; nothing
of them is copied here but names and how many projects won.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from daccord.allocation import allocate
from daccord.allocation.elections import Election, compare, equal_shares, greedy
from daccord.allocation.elections._raise import raised, raised_step_by_step
from daccord.formats import load_round, write_round
from daccord.formats.pabulib import PabulibRound, import_pabulib, pabulib_bytes, parse_pabulib, read_pabulib
from daccord.fusion import publish

ASSEN = "Netherlands_Assen_2024"
SWIECIE = "Poland_Swiecie_2023"
GDYNIA = "Poland_Gdynia_2025_Pustki_Cisowskie-Demptowo__small"
WON = {ASSEN: (9, 14), SWIECIE: (17, 22), GDYNIA: (2, 7)}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    path = shared_data / "pabulib-small"
    if not path.is_dir():
        pytest.skip(f"no Pabulib files in {path}")
    return path


def imported(folder: Path, name: str) -> PabulibRound:
    return import_pabulib(read_pabulib(folder / f"{name}.pb"))


def election(found: PabulibRound) -> Election:
    round_ = found.round
    costs = [project.ask or 0 for project in round_.portfolio]
    return Election.of(round_.portfolio.ids, costs, round_.budget.amount, round_.inputs.ballots)


def winners(found: PabulibRound) -> set[str]:
    round_ = found.round
    scores = publish({}, round_.portfolio.ids, None)
    allocation = allocate(round_.portfolio, scores, round_.rules, round_.budget, round_.inputs)
    for award, project in zip(allocation.awards, round_.portfolio, strict=True):
        assert award.amount in {0, project.ask}
    return {award.project for award in allocation.awards if award.amount}


@pytest.mark.parametrize("name", WON)
def test_the_official_set_exactly(folder: Path, name: str) -> None:
    found = imported(folder, name)
    assert found.official is not None
    assert (len(found.official), len(found.round.portfolio)) == WON[name]
    assert winners(found) == set(found.official)


@pytest.mark.parametrize("name", [ASSEN, SWIECIE])
@pytest.mark.parametrize("until_full", [False, True])
def test_both_readings_of_add1_give_the_official_set(folder: Path, name: str, until_full: bool) -> None:
    found = imported(folder, name)
    held = election(found)
    outcome = equal_shares(held, completion="add1", until_full=until_full)
    assert {held.ids[i] for i in outcome.winners} == set(found.official or ())


def test_steps_left_out_change_nothing_in_a_real_election(folder: Path) -> None:
    held = election(imported(folder, ASSEN))
    able = range(len(held))
    assert raised(held, "cost", able, 1, until_full=False) == raised_step_by_step(
        held, "cost", able, 1, until_full=False
    )


def test_both_cities_would_have_kept_equal_shares_in_a_comparison(folder: Path) -> None:
    for name in (ASSEN, SWIECIE):
        held = election(imported(folder, name))
        outcome = equal_shares(held, completion="add1", comparison=True)
        assert outcome.comparison == compare(held, set(outcome.winners), set(greedy(held).winners))
        assert not outcome.comparison.switches
    # In Assen as many voters are better off with the one as with the other.
    drawn = equal_shares(election(imported(folder, ASSEN)), completion="add1", comparison=True).comparison
    assert drawn is not None
    assert drawn.shares == drawn.greedy


def test_gdynia_stops_where_another_project_would_still_fit_no_more(folder: Path) -> None:
    held = election(imported(folder, GDYNIA))
    stopped = greedy(held, Fraction(50), skips=False)
    assert {held.ids[i] for i in stopped.winners} == set(imported(folder, GDYNIA).official or ())
    assert [one.reason for one in stopped.missed].count("stopped") == 4


@pytest.mark.parametrize("name", WON)
def test_files_survive_being_written(folder: Path, tmp_path: Path, name: str) -> None:
    file = read_pabulib(folder / f"{name}.pb")
    again = parse_pabulib(pabulib_bytes(file), file.name)
    assert (again.meta, again.projects.rows, again.votes.rows) == (file.meta, file.projects.rows, file.votes.rows)
    found = imported(folder, name)
    write_round(found.round, tmp_path / "round")
    loaded = load_round(tmp_path / "round")
    assert winners(PabulibRound(loaded, found.official)) == set(found.official or ())
    assert loaded.inputs.ballots.voters == found.round.inputs.ballots.voters
