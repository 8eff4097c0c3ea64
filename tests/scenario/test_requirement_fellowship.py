"""The simulated programme in examples/fellowship over three years: requirement by requirement, as a user sees it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner

from daccord.allocation.fellowships import run
from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats.programme import load_programme

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "fellowship"


@pytest.fixture(scope="module")
def files():
    return load_programme(FOLDER)


def edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    folder = tmp_path / "programme"
    copytree(FOLDER, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_all_years_are_reserved_on_appointment(files):
    state = run(files, date(2027, 1, 1))
    assert state.ledger.total("reserved", "f-birch") + state.ledger.total("paid", "f-birch") == 3 * 9_000_000
    assert state.balances == {"given": 140_000_000, "free": 17_600_000, "reserved": 79_600_000, "paid": 42_800_000}


def test_the_stipend_follows_the_place(files):
    state = run(files, date(2027, 1, 1))
    paid = {name: state.ledger.total("paid", name) for name in state.standings}
    assert paid["f-ash"] == 11_000_000
    assert paid["f-birch"] == 9_000_000
    assert paid["f-cedar"] == 5_800_000
    # … and moves with the fellow, for years that are still to come.
    later = run(files, date(2028, 7, 1))
    assert later.ledger["reserved", "f-birch", 3] == 11_000_000


def test_who_lacks_a_mentor_or_additionality_is_refused_with_the_reason(files):
    outcomes = {one.applicant: one for one in run(files, date(2027, 1, 1)).appointments}
    assert outcomes["f-elm"].outcome == "refused"
    assert outcomes["f-elm"].reasons == ("No mentor has confirmed in writing.",)
    assert outcomes["f-dogwood"].outcome == "refused"
    assert any("nobody else would pay" in reason for reason in outcomes["f-dogwood"].reasons)
    assert any("about what the programme is for" in reason for reason in outcomes["f-dogwood"].reasons)


def test_a_tied_reviewer_does_not_count(files):
    outcomes = {one.applicant: one for one in run(files, date(2027, 1, 1)).appointments}
    assert outcomes["f-ash"].set_aside == 1
    assert outcomes["f-ash"].score == 84  # of 84, 79 and 88; the tied reviewer's 99 would raise it
    # r-4 is tied to the mentor of f-cedar, and would renew.
    [stop] = run(files, date(2028, 2, 1)).standings["f-cedar"].decided
    assert stop.reason.startswith("Of 4 independent reviewers")


def test_renew_adjust_stop_and_no_report(files):
    state = run(files, date(2030, 1, 31))
    answers = {name: [one.answer for one in standing.decided] for name, standing in state.standings.items()}
    assert answers == {
        "p-sensors": ["renew", "renew"],
        "f-ash": ["renew", "adjust"],
        "f-birch": ["adjust", "renew"],
        "f-cedar": ["stop"],
        "f-fir": ["stop"],
    }
    states = {name: standing.state for name, standing in state.standings.items()}
    assert states["f-ash"] == states["p-sensors"] == "completed"
    assert states["f-fir"] == "stopped"


def test_a_failed_review_touches_nothing_that_was_paid(files):
    state = run(files, date(2030, 1, 31))
    assert state.ledger.total("paid", "f-cedar") == 5_800_000
    assert not state.standings["f-cedar"].claims


def test_clawback_is_a_claim_until_the_money_is_back(files):
    before = run(files, date(2029, 10, 1)).standings["f-birch"].claims[0]
    after = run(files, date(2029, 11, 2)).standings["f-birch"].claims[0]
    assert (before.amount, before.open) == (9_000_000, 9_000_000)
    assert (after.amount, after.open) == (9_000_000, 5_000_000)


def test_money_is_conserved_to_the_unit_on_every_day_of_three_years(files):
    for year in (2027, 2028, 2029):
        for month in range(1, 13):
            for day in (1, 2, 12, 28):
                balances = run(files, date(year, month, day)).balances
                assert balances["free"] + balances["reserved"] + balances["paid"] == 140_000_000


def test_as_json_and_for_people():
    result = CliRunner().invoke(cli, ["fellows", str(FOLDER), "--on", "2028-01-15", "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["simulated"] is True
    assert document["balances"]["given"] == sum(document["balances"][name] for name in ("free", "reserved", "paid"))
    assert {one["fellow"]: one["waits_for"] for one in document["fellows"]}["f-fir"] == "the report on year 1"
    text = CliRunner().invoke(cli, ["fellows", str(FOLDER), "--on", "2028-01-15"]).stdout
    assert text.startswith("SIMULATED PROGRAMME")
    # Nobody's single answer is told.
    assert not any(reviewer in text + result.stdout for reviewer in ("r-1", "r-2", "r-3", "r-4", "r-5", "r-6"))


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "message"),
    [
        ("programme.toml", '"1.25"', '"1,25"', "award.places.Harbour City", "is not a number"),
        ("programme.toml", 'start = "2027-01-01"', 'start = "soon"', "start", "is no date"),
        ("applicants.csv", "Mill Town,m-2", "Mil Town,m-2", "place", "has no cost index"),
        ("assessments.csv", "r-2,f-ash,84", "r-2,f-ash,840", "score", "no whole number from 0 to 100"),
        ("assessments.csv", "r-3,f-fir", "r-2,f-fir", "reviewer", "has assessed"),
        ("reviews.csv", "renew,", "renwe,", "answer", "none of the choices"),
        ("reviews.csv", "adjust,0.5", "adjust,", "factor", "a factor belongs to adjust"),
        ("reviews.csv", "r-2,f-ash,1", "r-9,f-ash,1", "reviewer", "no reviewer has the id"),
        ("evidence.csv", "8200.00", "8200.001", "spent", "decimals"),
        ("events.csv", "breach,misuse,1", "breach,misconduct,1", "detail", "no clause has the id"),
        ("events.csv", "move,Harbour City", "move,Moon", "detail", "has no cost index"),
    ],
)
def test_bad_input_is_named_with_its_place(tmp_path, name, old, new, where, message):
    folder = edited(tmp_path, name, old, new)
    with pytest.raises(InputError) as caught:
        load_programme(folder)
    problem = next(problem for problem in caught.value.problems if problem.file == name)
    assert problem.column == where
    assert problem.row is not None
    assert message in problem.message
    assert problem.remedy


def test_what_cannot_be_is_refused(tmp_path, files):
    with pytest.raises(InputError, match="more is returned than was paid"):
        run(load_programme(edited(tmp_path, "events.csv", "40000.00", "900000.00")), date(2030, 1, 1))
    assert run(files, date(2026, 12, 31)).notices == ("The programme has not begun.",)


def test_awards_larger_than_the_budget_are_refused(tmp_path):
    folder = edited(tmp_path, "applicants.csv", "60000.00; 40000.00", "6000000.00; 40000.00")
    with pytest.raises(InputError, match="awards need more than the budget"):
        run(load_programme(folder), date(2027, 1, 1))


def test_an_empty_folder_says_what_is_missing(tmp_path):
    with pytest.raises(InputError) as caught:
        load_programme(tmp_path)
    assert {problem.file for problem in caught.value.problems} == {"programme.toml", "applicants.csv"}
