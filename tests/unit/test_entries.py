"""Entries in the books: exact by hand, for every kind, and refused with a place and a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.property.allocation_cases import EURO

from daccord.allocation import Allocation, allocate
from daccord.allocation.accounts import forward
from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.fusion import CriterionScore, ProjectScore, Scores
from daccord.portfolio import Entry, Portfolio, Project
from daccord.round import Budget, MoneyInputs, MoneyRules, Rules

POT = 1_000


def divide(*entries: Entry, asks: dict[str, int] | None = None, held: str = "", **money: object) -> Allocation:
    """Four projects with shares 4 : 3 : 2 : 1 under `proportional`, so that every figure can be checked by hand."""
    shares = {"a": 400_000_000, "b": 300_000_000, "c": 200_000_000, "d": 100_000_000}
    portfolio = Portfolio(tuple(Project(name, name.upper(), ask=(asks or {}).get(name)) for name in shares))
    good = CriterionScore(0, 0, 900_000, judgments=9, jurors=9)
    scores = Scores(
        tuple(
            ProjectScore(
                name,
                {"benefit": good, "harm": CriterionScore(0, 0, 900_000 if name == held else 0, judgments=9, jurors=9)},
                *[share] * 3,
            )
            for name, share in shares.items()
        )
    )
    rules = Rules(money=MoneyRules(**{"rule": "proportional", **money}))  # type: ignore[arg-type]
    allocation = allocate(portfolio, scores, rules, Budget(POT, EURO), MoneyInputs(entries=entries))
    assert sum(award.amount for award in allocation.awards) + allocation.unallocated == POT
    assert all(award.amount >= 0 for award in allocation.awards)
    return allocation


def entry(kind: str, project: str, amount: int) -> Entry:
    return Entry(kind, project, amount, "a reason", "the board")  # type: ignore[arg-type]


def paid(allocation: Allocation) -> list[int]:
    return [award.amount for award in allocation.awards]


def test_without_entries_the_rule_divides_the_pot() -> None:
    assert paid(divide()) == [400, 300, 200, 100]
    assert divide().divided == POT
    assert divide().postings == ()


def test_a_fixed_grant_comes_first_and_is_added_to_what_the_rule_gives() -> None:
    allocation = divide(entry("fixed", "d", 100))
    assert allocation.divided == 900
    assert paid(allocation) == [360, 270, 180, 190]
    assert allocation.award_of["d"].entries == 100
    assert [posting.paid for posting in allocation.postings] == [100]


def test_a_fixed_grant_counts_towards_the_ask_and_credit_does_not() -> None:
    assert divide(entry("fixed", "d", 100), asks={"d": 120}).award_of["d"].amount == 120
    assert divide(entry("carry_over", "d", 100), asks={"d": 60}).award_of["d"].amount == 160


def test_corrections_that_balance_leave_everybody_else_as_they_were() -> None:
    allocation = divide(entry("correction", "a", -50), entry("correction", "b", 50))
    assert allocation.divided == POT
    assert paid(allocation) == [350, 350, 200, 100]


def test_what_is_paid_back_without_a_counterpart_is_divided_among_all() -> None:
    allocation = divide(entry("correction", "a", -100))
    assert allocation.divided == 1_100
    assert paid(allocation) == [340, 330, 220, 110]


def test_a_correction_never_makes_an_award_negative_and_the_rest_is_a_written_debt() -> None:
    allocation = divide(entry("correction", "d", -500), entry("correction", "a", 100))
    # d pays back all it gets, x: the rule divides 900 + x and gives it x = (900 + x) / 10, so x = 100.
    assert allocation.divided == 1_000
    assert paid(allocation) == [500, 300, 200, 0]
    posting = allocation.postings[0]
    assert (posting.paid, posting.open) == (-100, -400)
    assert any("carried as a debt" in warning for warning in allocation.warnings)
    debt, *others = forward(allocation.postings, allocation.unallocated, "round 1", "the board")
    assert (debt.kind, debt.project, debt.amount, others) == ("correction", "d", -400, [])


def test_a_minimum_grant_tops_up_what_the_rule_gives() -> None:
    allocation = divide(entry("minimum", "d", 280))
    # The rule divides D and gives d a tenth of it: D = 1,000 - (280 - D / 10), so D = 800.
    assert allocation.divided == 800
    assert paid(allocation) == [320, 240, 160, 280]
    assert allocation.award_of["d"].entries == 200
    assert paid(divide(entry("minimum", "a", 280))) == [400, 300, 200, 100]


def test_a_fixed_grant_counts_towards_the_minimum() -> None:
    allocation = divide(entry("minimum", "d", 150), entry("fixed", "d", 100))
    assert allocation.award_of["d"].amount == 190
    assert [posting.paid for posting in allocation.postings] == [0, 100]


def test_a_hold_stops_entries_too_and_withholds_their_money() -> None:
    allocation = divide(entry("fixed", "d", 100), entry("minimum", "d", 50), held="d")
    assert paid(allocation) == [400, 300, 200, 0]
    assert allocation.unallocated == 100
    assert [(posting.paid, posting.open) for posting in allocation.postings] == [(0, 100), (0, 0)]
    credit, *others = forward(allocation.postings, allocation.unallocated, "round 1", "the board")
    assert (credit.kind, credit.project, credit.amount, others) == ("carry_over", "d", 100, [])


def test_what_is_left_can_go_to_the_next_pot() -> None:
    allocation = divide(asks=dict.fromkeys("abcd", 100))
    (left,) = forward(allocation.postings, allocation.unallocated, "round 1", "the board")
    assert (left.kind, left.project, left.amount) == ("carry_over", "", 600)
    # Stated in the next round it moves nothing: its pot holds the money already.
    assert paid(divide(left)) == [400, 300, 200, 100]


def test_entries_beyond_the_pot_are_refused() -> None:
    with pytest.raises(InputError, match=r"take 11\.00 EUR of a pot of 10\.00 EUR"):
        divide(entry("fixed", "a", 600), entry("minimum", "b", 500))


def test_entries_work_with_the_default_rule() -> None:
    allocation = divide(
        entry("fixed", "a", 101),
        entry("minimum", "d", 333),
        entry("correction", "b", -77),
        entry("carry_over", "c", 13),
        rule="differential",
    )
    assert allocation.award_of["d"].amount >= 333
    assert sum(award.entries for award in allocation.awards) + allocation.divided == POT


HEADER = "kind,project,amount,reason,by\n"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "dacc"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "round"
    write_round(load_round(EXAMPLE), target)
    return target


def test_entries_are_written_and_read_again(folder: Path, tmp_path: Path) -> None:
    rows = "fixed,order-screening,100.50,second year,the board\ncorrection,hand-mode,-3,paid twice,the board\n"
    (folder / "entries.csv").write_text(f"{HEADER}{rows}carry_over,,5000,left over,the board\n")
    round_ = load_round(folder)
    assert [found.amount for found in round_.inputs.entries] == [10_050, -300, 500_000]
    write_round(round_, tmp_path / "again")
    assert load_round(tmp_path / "again").inputs.entries == round_.inputs.entries


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("gift,order-screening,5,why,who", "'gift' is no kind of entry"),
        ("fixed,nobody,5,why,who", "nobody"),
        ("fixed,,5,why,who", "the entry names no project"),
        ("fixed,order-screening,-5,why,who", "is negative"),
        ("fixed,order-screening,0,why,who", "the entry is zero"),
        ("correction,order-screening,--5,why,who", "is not an amount"),
        ("fixed,order-screening,five,why,who", "is not an amount"),
        ("fixed,order-screening,5,,who", "nobody can see why it was decided"),
        ("fixed,order-screening,5,why,", "nobody can see who decided it"),
        ("minimum,order-screening,5,why,who\nminimum,order-screening,6,why,who", "a minimum already"),
    ],
)
def test_a_bad_entry_is_refused_with_its_place(folder: Path, row: str, message: str) -> None:
    (folder / "entries.csv").write_text(f"{HEADER}{row}\n")
    with pytest.raises(InputError) as caught:
        load_round(folder)
    text = caught.value.diagnostics()
    assert message in text
    assert "entries.csv" in text


def test_a_decision_shows_its_entries(folder: Path) -> None:
    rows = "fixed,order-screening,100.50,second year,the board\ncarry_over,,5000,left over,the board\n"
    (folder / "entries.csv").write_text(HEADER + rows)
    result = CliRunner().invoke(cli, ["decide", str(folder)], catch_exceptions=False)
    assert "entry        fixed order-screening: 100.50 USD; second year (the board)" in result.stdout
    assert "entry        carry over of the pot: 5,000.00 USD; left over (the board)" in result.stdout
    document = json.loads((folder / "out" / "decision.json").read_text())
    assert [entry["paid"] for entry in document["entries"]] == [10_050, 0]
    assert document["divided"] == document["budget"]["amount"] - 10_050
    (row,) = [p for p in document["projects"] if p["id"] == "order-screening"]
    assert row["award"]["entries"] == 10_050
    assert sum(p["award"]["amount"] for p in document["projects"]) + document["unallocated"] == 100_000_000
