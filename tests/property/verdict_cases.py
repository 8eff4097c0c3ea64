"""Random rounds with everything that verdicts read: thin evidence, communities, roles, gates, scopes, earlier holds."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from daccord.fusion import MICRO, NANO, CriterionScore, HarmLevels, ProjectScore, Scores
from daccord.money import Currency
from daccord.portfolio import MATURITIES, ROLE_KINDS, Gate, Portfolio, Project, Risk, Role
from daccord.round import Budget, Constraint, EarlierHold, MoneyRules, Rules, Safeguard, VerdictRules

__all__ = ["EURO", "verdict_rounds"]

EURO = Currency("EUR", 2)
COMMUNITIES = ("north", "south", "west")
RISKS = (Risk("leak", "Leaks"), Risk("flood", "Floods"))

since = st.sampled_from(["2026-12-01", "2026-01-01", "2026-01-10"])
chances = st.one_of(st.integers(0, MICRO), st.sampled_from([0, 100_000, 199_999, 200_000, 499_999, 500_000, MICRO]))
said = st.dictionaries(st.sampled_from(COMMUNITIES), chances, max_size=3)


@st.composite
def benefits(draw):
    return CriterionScore(
        draw(st.integers(-2 * MICRO, 2 * MICRO)),
        draw(st.integers(0, MICRO)),
        draw(st.one_of(chances, chances, chances, st.none())),
        draw(said),
        draw(st.integers(1, 20)),
        draw(st.integers(1, 9)),
    )


@st.composite
def harms(draw, rules):
    """As published: by levels, or, for rounds of other makers, as a probability."""
    if draw(st.booleans()):
        return HarmLevels.of(rules).score(draw(chances), draw(said), draw(st.integers(0, 9)), draw(st.integers(0, 9)))
    return CriterionScore(0, 0, draw(chances), draw(said), draw(st.integers(1, 20)), draw(st.integers(1, 9)))


@st.composite
def verdict_rounds(draw, *, max_size=6):
    """A portfolio, its scores, rules and a pot."""
    ids = [f"p{i}" for i in range(draw(st.integers(1, max_size)))]
    targets = [*(risk.id for risk in RISKS), *ids]
    guards = st.builds(
        Safeguard,
        st.just("Do it."),
        st.just("The lead"),
        st.just("All."),
        due_days=st.integers(0, 700),
        returns=st.sampled_from([0.1, 1 / 3, 1.0]),
        of=st.sampled_from(["paid", "unpaid", "award"]),
        projects=st.sampled_from([(), (ids[0],)]),
        risks=st.sampled_from([(), ("leak",)]),
        cells=st.sampled_from([(), ("bits/info/survive",)]),
        roles=st.sampled_from([(), ("raises",)]),
    )
    held = draw(st.lists(st.sampled_from(ids), unique=True, max_size=2))
    rules = Rules(
        verdicts=VerdictRules(
            agreement=draw(st.sampled_from([0.0, 0.2, 0.4])),
            pays=draw(st.sampled_from(["cleared", "not_held"])),
            gated=draw(st.sampled_from([1.0, 0.5, 1 / 3, 0.0])),
        ),
        money=MoneyRules(rule=draw(st.sampled_from(["differential", "proportional"]))),
        constraints=draw(st.sampled_from([(), (Constraint("c", "1", "No leaks.", raises=("leak",)),)])),
        safeguards=tuple(draw(st.lists(guards, max_size=2))),
        hold_days=draw(st.integers(1, 900)),
        decided_on="2027-01-10",
        earlier_holds=tuple(
            EarlierHold(
                name, draw(st.sampled_from(["2026-12-01", "2026-01-01", "2026-01-10"])), 365, "Round 1", 500_000
            )
            for name in held
        ),
    )
    projects, scores = [], []
    ask_harm = draw(st.booleans())
    for i, name in enumerate(ids):
        others = [target for target in targets if target != name]
        roles = draw(st.lists(st.builds(Role, st.sampled_from(ROLE_KINDS), st.sampled_from(others)), max_size=2))
        gates = draw(
            st.lists(
                st.builds(
                    Gate,
                    st.sampled_from(others),
                    st.sampled_from(MATURITIES),
                    st.sampled_from(["", "defends", "makes_safe"]),
                ),
                max_size=2,
                unique_by=lambda gate: (gate.of, gate.role),
            )
        )
        cells = draw(st.sampled_from([{}, {"bits/info/survive": Fraction(1)}, {"bits/cyber/survive": Fraction(1)}]))
        projects.append(
            Project(
                name,
                f"Project {i}",
                team=draw(st.sampled_from(["", "Team"])),
                ask=draw(st.one_of(st.none(), st.integers(1, 10**6))),
                cells=cells,
                roles=tuple(dict.fromkeys(roles)),
                requires=draw(st.sampled_from([(), (ids[0],)])) if i else (),
                maturity=draw(st.one_of(st.none(), st.sampled_from(MATURITIES))),
                gates=tuple(gate for gate in gates if gate != Gate(gate.of)),
            )
        )
        criteria = {}
        if draw(st.integers(0, 9)):
            criteria["benefit"] = draw(benefits())
        if ask_harm and draw(st.integers(0, 9)):
            criteria["harm"] = draw(harms(rules))
        if draw(st.booleans()):
            criteria["defence"] = CriterionScore(0, 300_000, draw(chances), {}, 5, 5)
        share = draw(st.integers(0, NANO)) if "benefit" in criteria else 0
        scores.append(ProjectScore(name, criteria, share, share // 2, min(NANO, 2 * share)))
    budget = Budget(draw(st.integers(1, 10**7)), EURO)
    return Portfolio(tuple(projects), RISKS), Scores(tuple(scores)), rules, budget
