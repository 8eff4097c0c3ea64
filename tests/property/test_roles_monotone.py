"""What people say of roles moves the graph in the right direction, to the last digit, and harm never the wrong way."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.graph_cases import EURO, risks, round_of, scored

from daccord.allocation import allocate
from daccord.allocation.graph import defence_from_graph, worse_holder
from daccord.fusion.roles import pool_roles
from daccord.judging import RoleAnswer
from daccord.portfolio import Project, Role
from daccord.round import Budget, HarmRules, Rules

shares = st.sampled_from([0.0, 0.01, 0.1, 0.3, 0.5, 0.9, 1.0])
years = st.sampled_from([0.0, 0.5, 1.0, 3.0, 8.0, 20.0, 1000.0])


@st.composite
def intervals(draw, ends):
    low, high = sorted((draw(ends), draw(ends)))
    return low, high


@st.composite
def rounds(draw):
    """Two projects with roles against two risks, judged by six people, at one or two horizons."""
    projects = [
        Project("p", "P", roles=(Role("defends", "r"), Role("makes_safe", "q"))),
        Project("q", "Q", roles=(Role("raises", "r"), Role("defends", "s"))),
    ]
    edges = [
        ("p", "defends", "r"),
        ("p", "makes_safe", "q"),
        ("p", "raises", "s"),
        ("q", "raises", "r"),
        ("q", "defends", "s"),
    ]
    horizon = draw(st.sampled_from([0, 0, 5]))
    said = []
    for name in (f"j{i:02}" for i in range(6)):
        judged = [edge for edge in edges if edge[1] == "raises" or draw(st.booleans())]
        said += [
            RoleAnswer(name, *edge, horizon, draw(intervals(shares)), draw(st.none() | intervals(years)))
            for edge in judged
        ]
        dated = [risk for risk in ("r", "s") if draw(st.booleans())]
        said += [RoleAnswer(name, "", "arrives", risk, lead=draw(intervals(years))) for risk in dated]
    # Which votes on harm are heard depends on who else votes alike; that is kept out of here.
    rules = Rules(harm=HarmRules(min_group=1))
    return round_of(projects, said, risks("r", "s"), seed=draw(st.integers(0, 99)), rules=rules)


def with_answer(round_, k, **changes):
    return replace(round_, roles=tuple(replace(a, **changes) if i == k else a for i, a in enumerate(round_.roles)))


def raised(interval, to):
    return None if interval is None else (max(interval[0], min(to)), max(interval[1], *to))


@settings(max_examples=60, deadline=None)
@given(rounds(), st.data())
def test_better_roles_never_lower_and_worse_ones_never_raise(round_, data) -> None:
    k = data.draw(st.integers(0, len(round_.roles) - 1))
    answer = round_.roles[k]
    if answer.kind == "arrives" or (answer.lead is not None and data.draw(st.booleans())):
        if answer.lead is None:
            return
        # A later threat helps who defends; a later defence never does; a later harm never hurts.
        after = with_answer(round_, k, lead=raised(answer.lead, data.draw(intervals(years))))
        better = answer.kind in {"arrives", "raises"}
    else:
        after = with_answer(round_, k, efficacy=raised(answer.efficacy, data.draw(intervals(shares))))
        better = answer.kind != "raises"
    before, now = pool_roles(round_).net_of, pool_roles(after).net_of
    judged = {answer.project} if answer.project else {"p", "q"}
    if answer.kind == "raises" and answer.project == "q":
        judged = {"q"}  # what makes q safe may well do more where q is worse
    for name in judged & before.keys():
        old, new = before[name], now[name]
        if better:
            assert new.lowers >= old.lowers
            assert new.raises <= old.raises
        else:
            assert new.lowers <= old.lowers
            assert new.raises >= old.raises


@settings(max_examples=25, deadline=None)
@given(rounds(), st.data())
def test_money_from_the_graph_is_monotone_in_defence_and_antitone_in_harm(round_, data) -> None:
    told = [k for k, answer in enumerate(round_.roles) if answer.efficacy is not None]
    k = data.draw(st.sampled_from(told))
    answer = round_.roles[k]
    after = with_answer(round_, k, efficacy=raised(answer.efficacy, data.draw(intervals(shares))))
    portfolio, pot = round_.portfolio, Budget(100_000, EURO)
    scores = scored(portfolio, p={"harm": 0}, q={"harm": 0})
    first, second = (
        allocate(portfolio, defence_from_graph(scores, pool_roles(one)), Rules(), pot).award_of[answer.project].amount
        for one in (round_, after)
    )
    other = "q" if answer.project == "p" else "p"
    moved = [
        pool_roles(one).net_of[other].lowers if other in pool_roles(one).net_of else None for one in (round_, after)
    ]
    if moved[0] != moved[1]:
        return  # the other project's score changed as well
    assert second <= first if answer.kind == "raises" else second >= first


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_worse_holder_is_never_better_than_either(data) -> None:
    chance = st.integers(0, 1_000_000)
    names = ("harm", "harm_if_adversary", "defence", "defence_if_adversary")
    given_ = {name: data.draw(chance) for name in names if data.draw(st.booleans())}
    score = scored(round_of([Project("p", "P")], []).portfolio, p=given_).projects[0]
    worst = worse_holder(score).criteria
    for name, better in (("harm", max), ("defence", min)):
        found = [given_[key] for key in (name, f"{name}_if_adversary") if key in given_]
        assert (worst[name].above if name in worst else None) == (better(found) if found else None)
