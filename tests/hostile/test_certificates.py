"""Certificates of `differential`: every allocation of ours passes, and any unit moved by anybody is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.property.allocation_cases import rounds

from daccord.allocation import Allocation, allocate
from daccord.allocation.margins import CertificateCheck, check_certificate
from daccord.portfolio import Entry
from daccord.round import MoneyInputs

BOUNDS = {
    "asks": {},
    "teams and harm budget": {"team_cap": True, "harm_budget": True},
    "minimum": {"minimum": True},
    "floors": {"floors": True, "max_size": 4},
    "everything": {"minimum": True, "team_cap": True, "harm_budget": True, "floors": True, "max_size": 4},
    "everything but floors": {"minimum": True, "team_cap": True, "harm_budget": True},
}
each = pytest.mark.parametrize("bounds", BOUNDS.values(), ids=BOUNDS.keys())


def check(case, allocation: Allocation, inputs: MoneyInputs | None = None) -> CertificateCheck:
    portfolio, scores, rules, budget = case
    return check_certificate(
        portfolio,
        scores,
        allocation.verdicts,
        rules,
        budget,
        allocation.awards,
        allocation.certificate,
        inputs,
        allocation.divided,
    )


def moved(allocation: Allocation, changes: dict[int, int]) -> Allocation:
    awards = [replace(a, amount=a.amount + changes.get(i, 0)) for i, a in enumerate(allocation.awards)]
    return replace(allocation, awards=tuple(awards))


@each
@settings(max_examples=40)
@given(data=st.data())
def test_our_own_awards_pass(bounds, data):
    case = data.draw(rounds(**bounds, funded=data.draw(st.booleans())))
    assert check(case, allocate(*case)).faults == []


@each
@settings(max_examples=40)
@given(data=st.data())
def test_any_moved_unit_is_refused_and_named(bounds, data):
    case = data.draw(rounds(**bounds))
    allocation = allocate(*case)
    paid = [i for i, award in enumerate(allocation.awards) if award.amount > 0]
    assume(paid and len(allocation.awards) > 1)
    i = data.draw(st.sampled_from(paid))
    j = data.draw(st.sampled_from([j for j in range(len(allocation.awards)) if j != i]))
    step = data.draw(st.sampled_from([1, 1, allocation.awards[i].amount]))
    found = check(case, moved(allocation, {i: -step, j: step}))
    for k in (i, j):
        name = allocation.awards[k].project
        assert any(text.startswith(f"{name}:") for text in found.faults)


@each
@settings(max_examples=20)
@given(data=st.data())
def test_a_unit_from_nowhere_or_to_nowhere_is_refused(bounds, data):
    case = data.draw(rounds(**bounds))
    allocation = allocate(*case)
    i = data.draw(st.integers(0, len(allocation.awards) - 1))
    step = data.draw(st.sampled_from([-1, 1]))
    assume(allocation.awards[i].amount + step >= 0)
    assert not check(case, moved(allocation, {i: step})).holds


@settings(max_examples=60)
@given(case=rounds(team_cap=True, harm_budget=True), data=st.data())
def test_no_certificate_makes_moved_units_pass(case, data):
    """The last units are chosen by the forger, among all units that there are."""
    allocation = allocate(*case)
    paid = [i for i, award in enumerate(allocation.awards) if award.amount > 0]
    assume(len(paid) > 1)
    i, j = data.draw(st.permutations(paid))[:2]
    forged = moved(allocation, {i: -1, j: 1})
    ends = [f"{forged.awards[k].amount} of {forged.awards[k].project}" for k in paid if forged.awards[k].amount]
    certificate = dict(allocation.certificate)
    for name in certificate:
        if name.startswith("last_unit"):
            certificate[name] = data.draw(st.sampled_from(ends))
    assert not check(case, replace(forged, certificate=certificate)).holds


@given(case=rounds(), text=st.sampled_from(["", "none", "0 of p0", "-1 of p0", "1 of p99", "x of p0", "1", "٣ of p0"]))
def test_a_certificate_of_nonsense_is_a_fault_and_no_crash(case, text):
    allocation = allocate(*case)
    # Somebody could take more, so the pot is the limit and its cut is needed.
    assume(any(award.limited_by == "" and award.amount < case[3].amount for award in allocation.awards))
    forged = {**allocation.certificate, "last_unit": text}
    assert not check(case, replace(allocation, certificate=forged)).holds


@given(case=rounds(), data=st.data())
def test_another_weight_is_named(case, data):
    allocation = allocate(*case)
    i = data.draw(st.integers(0, len(allocation.awards) - 1))
    awards = list(allocation.awards)
    awards[i] = replace(awards[i], weight=awards[i].weight + 1)
    assert any("its weight is" in text for text in check(case, replace(allocation, awards=tuple(awards))).faults)


@given(case=rounds(team_cap=True), data=st.data())
def test_entries_are_set_apart(case, data):
    portfolio, scores, rules, budget = case
    fixed = data.draw(st.integers(0, budget.amount // 2))
    assume(fixed > 0)
    entries = (Entry("fixed", "p0", fixed, "before", "who"), Entry("correction", "p0", -fixed, "before", "who"))
    inputs = MoneyInputs(entries=entries)
    allocation = allocate(portfolio, scores, rules, budget, inputs)
    assert check(case, allocation, inputs).faults == []
