"""How many comparisons random, cyclic and proposed questions need to reach the same error, on simulated rounds.

    python benchmarks/asking.py [--seeds 3] [--projects 100] [--answers 3000] [--rounds NAME ...] [--json]

Everything is simulated: log-values from a normal distribution, and forty jurors with a stretch (standard deviation 0.25
in ln) who answer `s (θ_a − θ_b)` with Student-t noise of 4 degrees of freedom. Ten are asked at a time, ten questions
each, without knowing of each other's. The three ways to ask see the same truth and the same jurors, and what a juror
says of a pair does not depend on who asks.

random    a pair drawn uniformly, none twice to the same juror
cyclic    round robin: all pairs one apart, then all two apart, and so on, dealt to the jurors in turn
proposed  `daccord.asking.propose`, with coverage first, its limit on load and its random part

Between the rows of the table the posterior is moved on by one Gaussian update an answer (Kalman's, with the weight that
Student-t noise gives its residual); at each row it is fitted anew with `hierarchical`, for all three.

values    median of |estimated / true value − 1| over the projects, both relative to the typical project
money     share of the pot that lies elsewhere than it would if the truth were known
expected  what the round itself expects of the latter, with the mean of the awards for a decision

Comparisons needed to reach what random questions reach in the end are read off the mean curves. A smoother figure: the
error falls with the root of the number of comparisons, so where two curves differ by a factor f over the last half of
the rows, f² times as many comparisons are needed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress

one_thread()

import numpy as np  # noqa: E402 - threads are counted when numpy is imported
from scipy.special import ndtr  # noqa: E402

from daccord.allocation import allocate  # noqa: E402
from daccord.asking import propose, prospect  # noqa: E402
from daccord.fusion import Component, CriterionBeliefs, draw_log_values, fuse_criterion, publish  # noqa: E402
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings  # noqa: E402
from daccord.money import Currency  # noqa: E402
from daccord.portfolio import Portfolio, Project  # noqa: E402
from daccord.round import Budget, Criterion, Goal, MoneyRules, Round, Rules, Threshold  # noqa: E402

JURORS, STRETCH_SD, DOF = 40, 0.25, 4.0
FISHER = (DOF + 3) / (DOF + 1)
"""Variance of the Gaussian noise that hides as much as Student-t noise of scale 1."""
SESSION, EACH = 10, 10
"""Jurors asked at a time, and questions to each."""

MARKS = (200, 400, 700, 1000, 1500, 2000, 2500, 3000)
DESIGNS = ("random", "cyclic", "proposed")
ERRORS = ("values", "money", "expected")
KNOWN = 10**6
"""Answers of people about each project, and 1 / standard deviation, of whoever knows the truth."""


@dataclass(frozen=True)
class World:
    """A kind of simulated round.

    Attributes:
        title: For people.
        rule: Money rule.
        bar: Times the typical project that a project must be worth to be funded.
        spread: Standard deviation of the true log-values, natural log.
        noise: Scale of the jurors' noise, natural log.
        ratios: Whether jurors give ratios; if not, they only say which is more.
    """

    title: str
    rule: str = "proportional"
    bar: float = 0.01
    spread: float = 1.0
    noise: float = 1.0
    ratios: bool = True


WORLDS = {
    "proportional": World("money in proportion to value, nobody left out"),
    "heavy-tail": World("money in proportion to value, heavy tail", spread=1.5),
    "differential": World("the default money rule, bar at a quarter of the typical project", "differential", 0.25),
    "few-winners": World("money in proportion to value above twice the typical project", bar=2.0),
    "orders": World("money in proportion to value; answers without a ratio", ratios=False),
}


@dataclass(frozen=True, eq=False)
class Truth:
    """What the jurors' answers come from."""

    world: World
    seed: int
    values: np.ndarray
    stretch: np.ndarray

    @classmethod
    def of(cls, world: World, projects: int, seed: int) -> Truth:
        """Values and jurors drawn from a seed."""
        rng = np.random.Generator(np.random.Philox(key=seed))
        values, stretch = rng.normal(0.0, world.spread, projects), rng.normal(0.0, STRETCH_SD, JURORS)
        return cls(world, seed, values - values.mean(), np.exp(stretch - stretch.mean()))

    def answer(self, juror: int, a: int, b: int) -> float:
        """ln of the ratio that this juror gives for a over b; the same whoever asks, and however the sides stand."""
        low, high = min(a, b), max(a, b)
        rng = np.random.Generator(np.random.Philox(key=[self.seed, (juror << 40) + (low << 20) + high]))
        told = float(
            self.stretch[juror] * (self.values[low] - self.values[high]) + self.world.noise * rng.standard_t(DOF)
        )
        return told if a == low else -told

    def round(self) -> Round:
        """The round before anybody has answered."""
        money = MoneyRules(rule=self.world.rule)
        return Round(
            name="simulated",
            goal=Goal("simulated", "nobody"),
            budget=Budget(1_000_000_00, Currency("EUR", 2)),
            criteria=(
                Criterion("benefit", "Which is worth more (simulated)?", None, Threshold("relative", self.world.bar)),
            ),
            portfolio=Portfolio(tuple(Project(f"p{i:03}", f"Project {i}") for i in range(len(self.values)))),
            panel=Panel(tuple(Judge(f"j{j:02}", "person") for j in range(JURORS))),
            judgments={"benefit": Judgments(Comparisons.empty(), Ratings.empty())},
            rules=Rules(money=money),
            seed=self.seed,
            simulated=True,
        )

    def known(self) -> CriterionBeliefs:
        """Beliefs of somebody who knows the truth."""
        size = len(self.values)
        evidence = np.full(size, KNOWN)
        return gaussian(self.values, np.eye(size) / KNOWN**2, self.world.bar, evidence, evidence)


def gaussian(
    mean: np.ndarray,
    covariance: np.ndarray,
    bar: float,
    judgments: np.ndarray,
    jurors: np.ndarray,
    **other: Any,  # noqa: ANN401
) -> CriterionBeliefs:
    """Beliefs with a single Gaussian and a bar at `bar` times the typical project."""
    rows = covariance.mean(axis=0)
    variance = np.maximum(np.diag(covariance) - 2 * rows + rows.mean(), 1e-18)
    margin = mean - mean.mean() - np.log(bar)
    component = Component(1.0, mean, covariance, margin, np.sqrt(variance))
    return CriterionBeliefs("benefit", "hierarchical", (component,), judgments, jurors, **other)


@dataclass(eq=False)
class Book:
    """The answers so far and what is believed after them."""

    truth: Truth
    round: Round
    mean: np.ndarray
    covariance: np.ndarray
    answers: list[tuple[int, int, int, float]]
    fitted: CriterionBeliefs | None = None

    @classmethod
    def new(cls, truth: Truth) -> Book:
        """Before the first answer."""
        size = len(truth.values)
        return cls(truth, truth.round(), np.zeros(size), np.eye(size), [])

    def add(self, juror: int, a: int, b: int) -> None:
        """Ask, and move the posterior on: one Kalman update, with the weight Student-t noise gives the residual."""
        told = self.truth.answer(juror, a, b)
        self.answers.append((juror, a, b, told))
        views = self.fitted.juror_views if self.fitted else ()
        view = next((view for view in views if view.juror == f"j{juror:02}"), None)
        s, factor = (view.stretch, view.noise) if view else (1.0, 1.0)
        scale = (self.fitted.parameters["noise_ratio"] if self.fitted else self.truth.world.noise) * factor
        seen = self.covariance[:, a] - self.covariance[:, b]
        variance, missed = seen[a] - seen[b], s * (self.mean[a] - self.mean[b])
        if self.truth.world.ratios:
            surprise = told - missed
            weight = (DOF + 1) / (DOF + surprise**2 / (s**2 * variance + scale**2))
            total = s**2 * variance + scale**2 * FISHER * (DOF + 1) / DOF / weight
            self.mean = self.mean + s * seen * surprise / total
            self.covariance = self.covariance - s**2 * np.outer(seen, seen) / total
        else:  # an order: the moments of a Gaussian cut off by a soft step
            total = s**2 * variance + FISHER * scale**2
            u = np.sign(told) * missed / np.sqrt(total)
            hazard = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi) / max(float(ndtr(u)), 1e-300)
            self.mean = self.mean + s * seen * np.sign(told) * hazard / np.sqrt(total)
            self.covariance = self.covariance - s**2 * np.outer(seen, seen) * hazard * (hazard + u) / total

    def settle(self) -> Round:
        """The round with the answers so far."""
        told = np.array([entry[:3] for entry in self.answers], dtype=np.int64).reshape(-1, 3)
        logs = np.array([entry[3] for entry in self.answers])
        ratio = logs if self.truth.world.ratios else np.full(len(logs), np.nan)
        table = Comparisons(told[:, 0], told[:, 1], told[:, 2], np.sign(logs).astype(np.int64), ratio)
        self.round = replace(self.round, judgments={"benefit": Judgments(table, Ratings.empty())})
        return self.round

    def beliefs(self) -> CriterionBeliefs:
        """What is believed now, by the quick updates."""
        size = len(self.mean)
        told = np.array([entry[:3] for entry in self.answers], dtype=np.int64).reshape(-1, 3)
        project, juror = told[:, 1:].T.ravel(), np.tile(told[:, 0], 2)
        people = np.bincount(np.unique(project * JURORS + juror) // JURORS, minlength=size)
        known = self.fitted.parameters if self.fitted else {"noise_ratio": self.truth.world.noise}
        views = self.fitted.juror_views if self.fitted else ()
        judgments = np.bincount(project, minlength=size)
        return gaussian(
            self.mean, self.covariance, self.truth.world.bar, judgments, people, parameters=known, juror_views=views
        )

    def fit(self) -> CriterionBeliefs:
        """The full fit, from which the quick updates go on."""
        round_ = self.settle()
        self.fitted = fuse_criterion(round_, round_.criteria[0])
        self.mean, self.covariance = self.fitted.mean, self.fitted.covariance
        return self.fitted


Asker = Callable[[Book, int], list[tuple[int, int]]]


def ask_random(truth: Truth) -> Asker:
    rng, size = np.random.Generator(np.random.Philox(key=[truth.seed, 1])), len(truth.values)
    had: set[tuple[int, int, int]] = set()

    def ask(_: Book, juror: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        while len(found) < EACH:
            a, b = sorted(int(i) for i in rng.choice(size, 2, replace=False))
            if (juror, a, b) not in had:
                had.add((juror, a, b))
                found.append((a, b))
        return found

    return ask


def ask_cyclic(truth: Truth) -> Asker:
    size = len(truth.values)
    order = np.random.Generator(np.random.Philox(key=[truth.seed, 2])).permutation(size)
    pairs = [(int(order[i]), int(order[(i + k) % size])) for k in range(1, size // 2 + 1) for i in range(size)]
    at = 0

    def ask(_: Book, __: int) -> list[tuple[int, int]]:
        nonlocal at
        found = [pairs[(at + i) % len(pairs)] for i in range(EACH)]
        at += EACH
        return found

    return ask


def ask_proposed(_: Truth) -> Asker:
    state: dict[str, Any] = {"at": -1}

    def ask(book: Book, juror: int) -> list[tuple[int, int]]:
        if state["at"] != len(book.answers):  # once for all jurors who are asked at the same time
            state["at"] = len(book.answers)
            state["prospect"] = prospect(book.settle(), {"benefit": book.beliefs()})
        agenda = propose(state["prospect"], f"j{juror:02}", count=EACH)
        index = book.round.portfolio.index
        return [(index[q.left], index[str(q.right)]) for q in agenda.questions]

    return ask


ASKERS: dict[str, Callable[[Truth], Asker]] = {"random": ask_random, "cyclic": ask_cyclic, "proposed": ask_proposed}


def awards(round_: Round, beliefs: CriterionBeliefs) -> np.ndarray:
    """What the round's rules decide from beliefs, shares of the pot, the last one unallocated."""
    known = {"benefit": beliefs}
    ids = round_.portfolio.ids
    scores = publish(known, ids, draw_log_values(beliefs, ids, round_.seed, 500))
    allocation = allocate(round_.portfolio, scores, round_.rules, round_.budget)
    amounts = np.array([*(award.amount for award in allocation.awards), allocation.unallocated])
    return amounts / round_.budget.amount


def errors(truth: Truth, round_: Round, beliefs: CriterionBeliefs) -> tuple[float, float, float]:
    """The three errors of `ERRORS`."""
    missed = beliefs.mean - beliefs.mean.mean() - truth.values
    moved = 0.5 * np.abs(awards(round_, beliefs) - awards(round_, truth.known())).sum()
    known = prospect(round_, {"benefit": beliefs}).known
    expected = 0.5 * np.abs(known - known.mean(axis=0)).mean(axis=0).sum()
    return float(np.median(np.abs(np.expm1(missed)))), float(moved), float(expected)


def simulate(
    world: World, design: str, projects: int, seed: int, marks: tuple[int, ...], *, full: bool = True
) -> list[tuple[float, float, float]]:
    """Errors at each number of comparisons; without `full` fits, by quick updates alone."""
    truth = Truth.of(world, projects, seed)
    book, ask, curve, turn = Book.new(truth), ASKERS[design](truth), [], 0
    for mark in marks:
        while len(book.answers) < mark:
            asked = [(j % JURORS, ask(book, j % JURORS)) for j in range(turn, turn + SESSION)]
            turn += SESSION
            for juror, pairs in asked:
                for a, b in pairs:
                    book.add(juror, a, b)
        beliefs = book.fit() if full else book.beliefs()
        curve.append(errors(truth, book.settle(), beliefs))
    return curve


def needed(marks: tuple[int, ...], curve: np.ndarray, level: float) -> float:
    """Comparisons at which a curve first reaches a level, interpolated in logarithms; infinite if it does not."""
    if curve[0] <= level:
        return float(marks[0])
    for i in range(1, len(marks)):
        if curve[i] <= level:
            x, y = np.log([marks[i - 1], marks[i]]), np.log(np.maximum(curve[[i - 1, i]], 1e-12))
            return float(np.exp(x[0] + (np.log(max(level, 1e-12)) - y[0]) / (y[1] - y[0]) * (x[1] - x[0])))
    return float("inf")


def measure(name: str, projects: int, seeds: int, marks: tuple[int, ...]) -> dict[str, Any]:
    """One world under all designs."""
    world = WORLDS[name]
    curves: dict[str, np.ndarray] = {}
    for design in DESIGNS:
        runs = []
        for seed in range(seeds):
            progress(f"{name}: {design}, seed {seed}")
            runs.append(simulate(world, design, projects, seed, marks))
        curves[design] = np.array(runs)
    block: dict[str, Any] = {"world": name, **asdict(world), "seeds": seeds, "marks": marks, "curves": {}, "need": {}}
    late = len(marks) // 2
    for k, what in enumerate(ERRORS):
        means = {design: curve[:, :, k].mean(axis=0) for design, curve in curves.items()}
        level = float(means["random"][-1])
        block["curves"][what] = {design: mean.tolist() for design, mean in means.items()}
        block["need"][what] = {
            "level": level,
            "comparisons": {design: needed(marks, mean, level) for design, mean in means.items()},
            "times": {d: float(np.exp(2 * np.log(means["random"] / means[d])[late:].mean())) for d in DESIGNS},
        }
    return block


def print_block(block: dict[str, Any]) -> None:
    print(f"\n{block['world']}: {block['title']}; mean of {block['seeds']} SIMULATED rounds")
    heads = ("comparisons", *(f"{what}, {d}" for what in ERRORS for d in DESIGNS))
    rows = [
        (f"{mark:,}", *(f"{block['curves'][what][d][i]:.1%}" for what in ERRORS for d in DESIGNS))
        for i, mark in enumerate(block["marks"])
    ]
    print_table(heads, rows, left=0)
    for what, need in block["need"].items():
        found = need["comparisons"]
        words = ", ".join(
            f"{d} {found[d]:,.0f}" if np.isfinite(found[d]) else f"{d} more than {block['marks'][-1]:,}"
            for d in DESIGNS
        )
        times = ", ".join(f"{need['times'][d]:.2f} times those of {d}" for d in DESIGNS[1:])
        print(f"{what} to {need['level']:.1%}: {words}; over the last half random needs {times}")


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="simulated rounds of each kind  [default: 3]")
    parser.add_argument("--projects", type=int, default=100, help="[default: 100]")
    parser.add_argument("--answers", type=int, default=3000, help="comparisons at the end  [default: 3000]")
    parser.add_argument("--rounds", nargs="+", choices=sorted(WORLDS), default=list(WORLDS), metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    marks = tuple(mark for mark in MARKS if mark <= options.answers)
    if options.seeds < 1 or options.projects < 5 or not marks:
        parser.error(f"at least 1 seed, 5 projects and {MARKS[0]} answers")
    blocks = [measure(name, options.projects, options.seeds, marks) for name in options.rounds]
    if options.json:
        document = {"benchmark": "asking", "simulated": True, "machine": machine(), "rounds": blocks}
        print(json.dumps(document, indent=2, default=float).replace("Infinity", "null"))
        return
    for block in blocks:
        print_block(block)
    print(f"\nsimulated: no person answered. {machine_line(machine())}")


if __name__ == "__main__":
    main()
