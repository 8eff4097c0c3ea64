"""A simulated round with all five verdicts, decided by the real allocation from scores written by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy.special import ndtr, ndtri

from daccord.allocation import allocate, award_draws
from daccord.fusion import MICRO, NANO, Component, CriterionBeliefs, CriterionScore, ProjectScore, Scores, VoiceSkill
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings
from daccord.money import Currency
from daccord.pipeline import AwardInterval, Decision
from daccord.portfolio import Portfolio, Project, Risk, Role
from daccord.round import (
    Budget,
    Constraint,
    Criterion,
    EvidenceRules,
    Goal,
    MoneyRules,
    RatingScale,
    Round,
    Rules,
    Safeguard,
    Threshold,
)

USD = Currency("USD", 2)

# id, title, team, ask, cells, ln benefit, sd, P(benefit), P(defence), P(diffusion), P(harm), answers, people
TABLE = [
    ("wastewater", "Wastewater early warning for new pathogens", "Delta Bay Lab", 9_000_000, {"atoms/micro/survive": 1},
     1.10, 0.35, 0.97, 0.95, 0.70, 0.03, 31, 11),
    ("far-uv", "Far-UVC lamps in schools", "Clear Air Guild", 4_000_000, {"atoms/micro/survive": 1},
     0.82, 0.40, 0.93, 0.92, 0.61, 0.11, 28, 10),
    ("proofs", "Machine-checked proofs for cryptographic libraries", "Lemma Works", None, {"bits/cyber/survive": 1},
     0.95, 0.38, 0.95, 0.97, 0.88, 0.02, 33, 12),
    ("seed-bank", "Neighbourhood seed and tool banks", "Common Ground", 1_500_000, {"atoms/macro/survive": 1},
     -0.31, 0.45, 0.52, 0.60, 0.93, 0.01, 22, 9),
    ("notes", "Context notes that opposing camps find fair", "Agora Collective", None, {"bits/info/survive": 1},
     0.47, 0.44, 0.83, 0.81, 0.86, 0.08, 26, 10),
    ("zk-id", "Proof of personhood without a registry", "Agora Collective", None,
     {"bits/cyber/survive": Fraction(1, 2), "bits/info/thrive": Fraction(1, 2)},
     0.31, 0.52, 0.72, 0.66, 0.90, 0.27, 24, 9),
    ("open-model", "Open-weight safety classifier", "Harbour AI", 8_000_000, {"bits/cyber/thrive": 1},
     0.62, 0.61, 0.84, 0.58, 0.79, 0.38, 25, 11),
    ("gene-synth", "Benchtop gene synthesis with built-in screening", "Helix Foundry", 12_000_000,
     {"atoms/micro/survive": Fraction(1, 4), "atoms/micro/thrive": Fraction(3, 4)},
     0.20, 0.70, 0.61, 0.34, 0.41, 0.63, 27, 11),
    ("swarm", "Autonomous drone swarm for border control", "Northwall", None, {"atoms/macro/survive": 1},
     -0.88, 0.55, 0.22, 0.47, 0.06, 0.78, 21, 10),
    ("grid", "Islanding controllers for small power grids", "Common Ground", 3_000_000, {"atoms/macro/survive": 1},
     -0.52, 0.48, 0.41, 0.55, 0.72, 0.05, 20, 8),
    ("forecast", "Shared forecasting desk for city councils", "Delta Bay Lab", None, {"bits/info/thrive": 1},
     -0.74, 0.50, 0.33, 0.29, 0.64, 0.04, 19, 8),
    ("neuro", "Open neural interface for speech loss", "Quiet Signal", 5_000_000, {"bci": 1},
     -0.05, 1.10, 0.49, 0.31, 0.52, 0.18, 2, 1),
]  # fmt: skip

CRITERIA = (
    Criterion("benefit", "Which of the two does more good per unit of money?", threshold=Threshold("relative", 0.7)),
    Criterion(
        "defence", "How far does it shift the balance to the defender?", RatingScale(0, 10), Threshold("rating", 5)
    ),
    Criterion("diffusion", "How far does it spread power?", RatingScale(0, 10), Threshold("rating", 5)),
    Criterion(
        "harm", "How much harm if an adversary held it?", RatingScale(0, 10, interval=0.8), Threshold("rating", 6)
    ),
)

COMMUNITIES = ("builders", "public health", "civil society")


def _panel() -> Panel:
    people = [Judge(f"person-{k:02d}", "person", community=COMMUNITIES[k % 3]) for k in range(1, 15)]
    people[3] = replace(people[3], conflicts=("Agora Collective",))
    models = [
        Judge("lark-large", "model", family="lark"),
        Judge("lark-small", "model", family="lark"),
        Judge("osprey-2", "model", family="osprey"),
        Judge("heron", "model", family="heron"),
        Judge("heron-tuned", "model", family="heron", exposure="seen"),
    ]
    return Panel(tuple(people + models))


def _judgments(seed: int = 7) -> dict[str, Judgments]:
    rng = np.random.default_rng(seed)
    value = np.array([row[5] for row in TABLE])
    size = len(TABLE) - 1  # nobody compared the last project: it is unconnected
    pairs = [(j, *rng.choice(size, 2, replace=False)) for j in range(14) for _ in range(9)]
    judge, a, b = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    ratio = np.round(value[a] - value[b] + 0.5 * rng.standard_normal(len(a)), 2)
    ratio[ratio == 0] = 0.01
    comparisons = Comparisons(judge, a, b, np.sign(ratio).astype(np.int64), ratio)
    lists = tuple(
        ModelList(name, {row[0]: float(np.exp(row[5] + noise * rng.standard_normal())) for row in TABLE})
        for name, noise in (("lark-large", 0.5), ("lark-small", 0.6), ("osprey-2", 0.4), ("heron", 1.0))
    )
    said = {"benefit": Judgments(comparisons, Ratings.empty(), lists)}
    for k, criterion in enumerate(("defence", "diffusion", "harm")):
        judge, project = (x.ravel() for x in np.meshgrid(np.arange(14), np.arange(size)))
        keep = rng.random(len(judge)) < 0.45
        judge, project = judge[keep], project[keep]
        probabilities = np.array([row[8 + k] for row in TABLE])[project]
        centre = (6 if criterion == "harm" else 5) + 2 * ndtri(probabilities)
        rating = np.clip(np.round(centre + 1.2 * rng.standard_normal(len(judge)), 1), 0, 10)
        nothing = np.full(len(judge), np.nan)
        said[criterion] = Judgments(Comparisons.empty(), Ratings(judge, project, rating, nothing, nothing))
    return said


def build_round(*, simulated: bool = True, title: str = "", rule: str = "differential") -> Round:
    """The round; `title` replaces the title of the project `notes`."""
    roles = {
        "wastewater": (Role("defends", "pandemic"),),
        "far-uv": (Role("defends", "pandemic"),),
        "gene-synth": (Role("raises", "pandemic"),),
        "open-model": (Role("makes_safe", "zk-id"),),
    }
    projects = tuple(
        Project(
            id=row[0],
            title=title if title and row[0] == "notes" else row[1],
            team=row[2],
            ask=row[3] and row[3] * 1,
            cells={cell: Fraction(share) for cell, share in row[4].items()},
            roles=roles.get(row[0], ()),
            requires=("proofs",) if row[0] == "zk-id" else (),
            maturity="prototype",
        )
        for row in TABLE
    )
    return Round(
        name="Delta Defence Round 1",
        goal=Goal(
            "Make the delta region harder to hurt and easier to repair, without building a centre that could abuse it.",
            set_by="Assembly of residents, 212 people",
            date="2026-09-14",
        ),
        budget=Budget(40_000_000, USD),
        criteria=CRITERIA,
        portfolio=Portfolio(projects, (Risk("pandemic", "A new pandemic"),)),
        panel=_panel(),
        judgments=_judgments(),
        rules=Rules(
            evidence=EvidenceRules(3, 2),
            money=MoneyRules(rule=rule, minimum=100_000),
            constraints=(Constraint("no-weapons", "1", "Nothing made to injure people.", projects=("swarm",)),),
            safeguards=(
                Safeguard(
                    "Publish a red-team report before each tranche",
                    "Safety board of the round",
                    "the open tranche is paid back if the report is late by more than 30 days",
                ),
            ),
        ),
        seed=20260914,
        simulated=simulated,
        digests={"projects.csv": "3f" * 32, "round.toml": "a1" * 32, "judgments/benefit.csv": "0c" * 32},
        notices=("4 answers by person-04 about projects of Agora Collective were set aside: conflict of interest.",),
    )


def _scores() -> Scores:
    weights = np.array([np.exp(row[5] + row[6] ** 2 / 2) for row in TABLE])
    whole = weights.sum()
    out = []
    for row, weight in zip(TABLE, weights, strict=True):
        name, mean, sd, answers, people = row[0], row[5], row[6], row[11], row[12]
        benefit = CriterionScore(
            round(mean * MICRO),
            round(sd * MICRO),
            round(row[7] * MICRO),
            {"builders": round(min(0.99, row[7] + 0.05) * MICRO), "civil society": round(row[7] * 0.9 * MICRO)},
            answers,
            people,
        )
        criteria = {"benefit": benefit}
        for criterion, probability in zip(("defence", "diffusion", "harm"), row[8:11], strict=True):
            score = float(ndtri(probability)) * 0.6
            criteria[criterion] = CriterionScore(
                round(score * MICRO), 600_000, round(probability * MICRO), {}, 0 if people < 2 else 6, min(people, 6)
            )
        share = weight / whole
        low, high = share * np.exp(-1.28 * sd), min(0.9, share * np.exp(1.28 * sd))
        out.append(ProjectScore(name, criteria, *(round(float(s) * NANO) for s in (share, low, high))))
    return Scores(tuple(out))


def _beliefs(scores: Scores) -> dict[str, CriterionBeliefs]:
    out = {}
    for criterion in CRITERIA:
        said = [score.criteria[criterion.id] for score in scores]
        mean, sd = (np.array([getattr(s, name) / MICRO for s in said]) for name in ("mean", "sd"))
        margin = ndtri(np.array([s.above for s in said]) / MICRO) * sd
        voices = (
            VoiceSkill("osprey", ("osprey-2",), 0.41, 0.46, 0.083),
            VoiceSkill("lark", ("lark-large", "lark-small"), 0.27, 0.31, 0.052),
            VoiceSkill("heron", ("heron",), 0.05, 0.06, -0.004),
        )
        out[criterion.id] = CriterionBeliefs(
            criterion.id,
            "hierarchical",
            (Component(1.0, mean, np.diag(sd**2), margin, sd, {"tau": 0.7}),),
            np.array([s.judgments for s in said]),
            np.array([s.jurors for s in said]),
            voices if criterion.id == "benefit" else (),
            {},
            {"tau": 0.7, "noise": 0.48},
            {"residual": 3.1e-9},
            ("Family osprey explains 46 % of the prior: above the alarm at 33 %.",)
            if criterion.id == "benefit"
            else (),
        )
    return out


def _intervals(decided: Decision, draws: int = 400) -> tuple[AwardInterval, ...]:
    """Intervals from draws of the values, as a real decision has them."""
    rng = np.random.default_rng(1)
    round_ = decided.round
    mean, sd = (np.array([row[k] for row in TABLE]) for k in (5, 6))
    values = mean + sd * rng.standard_normal((draws, len(sd)))
    amounts = award_draws(
        round_.portfolio, decided.scores, decided.allocation.verdicts, round_.rules, round_.budget, values
    )
    ranks = np.argsort(np.argsort(-amounts, axis=1, kind="stable"), axis=1) + 1
    low, high = np.quantile(amounts, [0.1, 0.9], axis=0)
    best, worst = np.quantile(ranks, [0.1, 0.9], axis=0)
    return tuple(
        AwardInterval(int(a), int(b), int(c), int(d)) for a, b, c, d in zip(low, high, best, worst, strict=True)
    )


def build_decision(*, simulated: bool = True, title: str = "", rule: str = "differential") -> Decision:
    """The round decided, with all five verdicts."""
    round_, scores = build_round(simulated=simulated, title=title, rule=rule), _scores()
    decision = Decision(
        round=round_,
        scores=scores,
        allocation=allocate(round_.portfolio, scores, round_.rules, round_.budget),
        intervals=(),
        beliefs=_beliefs(scores),
        method={"fusion": "hierarchical", "money": rule},
        parameters={"benefit.tau": 0.7, "caution": 0.5, "defence_priority": 1.0},
        warnings=("80 % intervals held 73 % of held-out answers; they were widened by a factor of 1.12.",),
        version="0.1.0",
        diagnostics={"benefit.residual": 3.1e-9},
    )
    return replace(decision, intervals=_intervals(decision))


def big_decision(size: int = 98) -> Decision:
    """A round of `size` projects with benefit alone, as large as Deep Funding's GG24."""
    rng = np.random.default_rng(3)
    mean = np.sort(rng.standard_normal(size) * 0.9)[::-1]
    sd = rng.uniform(0.25, 0.9, size)
    ids = [f"owner-{k}/repository-{k}" for k in range(size)]
    pairs = [(int(j), *rng.choice(size, 2, replace=False)) for j in rng.integers(0, 14, 420)]
    judge, a, b = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    outcome = np.where(mean[a] >= mean[b], 1, -1)
    answers = np.bincount(np.concatenate([a, b]), minlength=size)
    small = build_round()
    round_ = replace(
        small,
        name="Ninety-eight repositories",
        portfolio=Portfolio(tuple(Project(i, i, maturity=None) for i in ids)),
        criteria=(CRITERIA[0],),
        judgments={
            "benefit": Judgments(Comparisons(judge, a, b, outcome, np.full(len(a), np.nan)), Ratings.empty()),
        },
        rules=Rules(money=MoneyRules(rule="proportional")),
        budget=Budget(35_000_000, USD),
    )
    weights = np.exp(mean + sd**2 / 2)
    share = weights / weights.sum()
    scores = Scores(
        tuple(
            ProjectScore(
                ids[k],
                {
                    "benefit": CriterionScore(
                        round(mean[k] * MICRO),
                        round(sd[k] * MICRO),
                        round(probability_above(mean[k] + 0.36, sd[k]) * MICRO),
                        {},
                        int(answers[k]),
                        min(14, int(answers[k])),
                    )
                },
                round(share[k] * NANO),
                round(share[k] * np.exp(-1.28 * sd[k]) * NANO),
                round(share[k] * np.exp(1.28 * sd[k]) * NANO),
            )
            for k in range(size)
        )
    )
    allocation = allocate(round_.portfolio, scores, round_.rules, round_.budget)
    intervals = tuple(
        AwardInterval(round(award.amount * 0.6), round(award.amount * 1.5), max(1, k - 8), min(size, k + 10))
        for k, award in enumerate(allocation.awards, start=1)
    )
    beliefs = {
        "benefit": CriterionBeliefs(
            "benefit", "hierarchical", (Component(1.0, mean, np.diag(sd**2)),), answers, np.minimum(14, answers)
        )
    }
    return Decision(
        round_, scores, allocation, intervals, beliefs, {"fusion": "hierarchical", "money": "proportional"}, {}
    )


def probability_above(mean: float, sd: float) -> float:
    """P(value > 0) of a Gaussian, for checks."""
    return float(ndtr(mean / sd))
