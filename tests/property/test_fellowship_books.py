"""Three simulated years of random programmes: money is conserved to the unit on every day, whatever happens."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.allocation.fellowships import (
    Applicant,
    Assessment,
    Clause,
    Event,
    Evidence,
    Files,
    Review,
    Reviewer,
    Terms,
    run,
)
from daccord.money import Currency
from daccord.round import Budget

START = date(2027, 1, 1)
PLACES = {"here": Fraction(1), "there": Fraction(7, 5), "far": Fraction(1, 3)}
REVIEWERS = tuple(Reviewer(f"r{i}", ties) for i, ties in enumerate([("lab-a",), (), ("lab-b", "m1"), (), ()]))


def days() -> st.SearchStrategy[date]:
    return st.integers(0, 1500).map(lambda n: START + timedelta(days=n))


@st.composite
def programmes(draw: st.DrawFn) -> Files:
    fellows = tuple(
        Applicant(
            f"f{i}",
            draw(st.sampled_from(list(PLACES))),
            f"m{i}",
            draw(st.none() | st.just(date(2026, 12, 1))),
            draw(st.sampled_from([(), ("lab-a",), ("lab-b",)])),
            "nobody else",
            "on topic",
        )
        for i in range(draw(st.integers(1, 4)))
    )
    award = Applicant("award", amounts=tuple(draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=3))))
    names, judges = [one.id for one in (*fellows, award)], [one.id for one in REVIEWERS]
    yes = st.booleans()
    assessments = tuple(
        Assessment(judge, fellow.id, draw(st.integers(0, 100)), draw(yes), draw(yes))
        for fellow in fellows
        for judge in judges
        if draw(yes)
    )
    answers = st.sampled_from(["renew", "renew", "adjust", "stop"])
    reviews = []
    for name in names:
        for year in (1, 2):
            for judge in judges:
                answer = draw(answers)
                factor = Fraction(draw(st.integers(0, 30)), 10) if answer == "adjust" else None
                on = START + timedelta(days=365 * year + draw(st.integers(-40, 100)))
                reviews.append(Review(judge, name, year, on, answer, factor))
    evidence = tuple(
        Evidence(
            name,
            year,
            START + timedelta(days=365 * year + draw(st.integers(-60, 90))),
            "report",
            draw(st.integers(0, 900)),
        )
        for name in names
        for year in (1, 2, 3)
        if draw(st.integers(0, 9))
    )
    events = draw(
        st.lists(
            st.builds(Event, st.sampled_from(names), days(), st.just("left"))
            | st.builds(Event, st.sampled_from(names), days(), st.just("breach"), st.just("misuse"), st.integers(1, 3))
            | st.builds(
                Event,
                st.sampled_from([one.id for one in fellows]),
                days(),
                st.just("move"),
                st.sampled_from(list(PLACES)),
            ),
            max_size=3,
        )
    )
    terms = Terms(
        name="programme",
        set_by="people",
        budget=Budget(draw(st.integers(sum(award.amounts), 100_000)), Currency("USD", 2)),
        start=START,
        stipend=draw(st.integers(0, 9_999)),
        research_fund=draw(st.integers(0, 2_000)),
        places=PLACES,
        contingency=draw(st.integers(0, 3_000)),
        quorum=draw(st.integers(2, 4)),
        clauses=(Clause("misuse", "misuse", Fraction(2, 3)),),
    )
    return Files(terms, (*fellows, award), REVIEWERS, assessments, evidence, tuple(reviews), tuple(events))


@settings(max_examples=60, deadline=None)
@given(programmes())
def test_money_is_conserved_on_every_day_and_the_past_stays(files: Files) -> None:
    before: tuple[object, ...] = ()
    for month in range(0, 50, 5):
        state = run(files, START + timedelta(days=30 * month))
        balances = state.balances
        assert balances["given"] == files.terms.budget.amount
        assert balances["free"] + balances["reserved"] + balances["paid"] == balances["given"]
        assert all(amount >= 0 for account, amount in state.ledger.balances.items() if account[0] != "donors")
        # What is in the ledger on one day is in it for ever: later days only add to it.
        assert state.lines[: len(before)] == before
        before = state.lines
    assert sum(state.ledger.balances.values()) == 0


@settings(max_examples=40, deadline=None)
@given(programmes())
def test_a_review_that_says_stop_releases_only_what_is_to_come(files: Files) -> None:
    state = run(files, START + timedelta(days=1500))
    for name, standing in state.standings.items():
        stops = [one for one in standing.decided if one.answer == "stop"]
        if not stops:
            continue
        [stop] = stops
        touching = [line for line in state.lines if name in (*line.source, *line.target) and line.date >= stop.on]
        assert all(line.kind != "pay" for line in touching)
        assert all(
            line.source[0] == "reserved" and line.source[2] >= stop.year for line in touching if line.kind == "release"
        )
        assert state.ledger.total("reserved", name) == 0
        assert state.ledger.total("paid", name) == sum(
            line.amount for line in state.lines if line.kind == "pay" and line.target[1] == name
        )
        assert not any(claim.clause != "misuse" for claim in standing.claims)


@settings(max_examples=40, deadline=None)
@given(programmes())
def test_answers_of_tied_reviewers_change_nothing(files: Files) -> None:
    free = {(judge.id, fellow.id): judge.independent_of(fellow) for judge in REVIEWERS for fellow in files.applicants}
    clean = Files(
        files.terms,
        files.applicants,
        files.reviewers,
        tuple(one for one in files.assessments if free[one.reviewer, one.applicant]),
        files.evidence,
        tuple(one for one in files.reviews if free[one.reviewer, one.fellow]),
        files.events,
    )
    until = START + timedelta(days=1500)
    assert run(files, until).lines == run(clean, until).lines


@settings(max_examples=30, deadline=None)
@given(programmes(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(files: Files, random) -> None:
    def shuffled(rows):
        rows = list(rows)
        random.shuffle(rows)
        return tuple(rows)

    until = START + timedelta(days=1500)
    other = Files(
        files.terms,
        files.applicants,
        shuffled(files.reviewers),
        shuffled(files.assessments),
        shuffled(files.evidence),
        files.reviews,
        files.events,
    )
    assert run(files, until).balances == run(other, until).balances
