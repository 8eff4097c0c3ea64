"""Write the simulated example round `dacc/` and its hidden truth `dacc-truth.csv`.

Everything here is simulated: projects, jurors, models, donors and answers are invented. `dacc-source/` holds what a
person wrote (the rules, projects with their qualitative levels, jurors, models); this script draws the rest from a
written seed.

Model of the answers, for every criterion:

* truth: `θ_i = level_i + N(0, 0.25²)`, centred over the projects, natural log; on the rating scale a project stands at
  `mid + unit · θ_i`;
* rating by juror j: `mid + unit · s_j (θ_i + d_ji) + o_j + N(0, n_j²)`, clipped to [0, 10] and rounded to halves, the
  ends of stated intervals to tenths;
* comparison by juror j: `s_j (θ_a + d_ja − θ_b − d_jb) + n_j/2 · t₄`, told as an order, a tie, or a ratio from the
  numbers people use;
* d_ji is what community and conflict of interest add; s_j is stretch, o_j offset, n_j noise;
* stated intervals are meant to hold with probability 0.8 but are 1.5 times too narrow;
* role by juror j: with the true share e that a technology removes, `logit e + ½ n_j N(0, 1)` (of what raises a risk
  `ln` in place of logit), and with the years t until it is usable `ln(t + ¼) + 0.4 n_j N(0, 1)`; what single
  communities believe takes the place of the truth; intervals as above;
* model list: `exp(spread · v)`, `v = k z + √(1−k²) e`, where z is the standardised truth, k the model's skill and e an
  error that it shares in part with its family; near-copies repeat another model's vector with a little noise.

Random bits come from numpy's Philox counter generator, one stream a purpose, and are turned into draws here, so that
the bytes do not depend on how a library samples a distribution.

Usage: `python examples/make_dacc.py [FOLDER]` writes below FOLDER, by default next to this script.
"""

from __future__ import annotations

import csv
import hashlib
import math
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "dacc-source"
SEED = 20261001
"""Seed of this simulation; the round's own seed, for deciding it, stands in `round.toml`."""

CRITERIA = ("benefit", "defence", "diffusion", "harm")
GOOD = {"very low": -1.6, "low": -0.8, "fair": 0.0, "high": 0.8, "very high": 1.6}
HARM = {"none": -1.0, "low": -0.5, "some": 0.3, "borderline": 1.7, "high": 2.5, "very high": 3.2}
SCALE = {"benefit": (5.4, 1.7), "defence": (5.2, 1.7), "diffusion": (5.4, 1.7), "harm": (3.0, 1.6)}
"""Rating of the typical project, and points a natural-log unit."""

DEALT = {"benefit": (178, 130), "defence": (66, 120), "diffusion": (66, 120), "harm": (0, 380)}
"""Questions handed out: comparisons and ratings. Harm is asked by ratings alone, and often: it is heard in groups."""

SKIP = 0.08
"""Share of questions that a juror leaves unanswered."""

HUMAN_RATIOS = (1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0)
OVERCONFIDENCE = 1.5
LATE = "kelp-lines"
"""The application that arrived on the last day; two answers in all, so that it stays unrated."""

EXTREME = ("j13", "benefit", "orbital-mirror", "upper-room-uv", 999.0)
"""One absurd answer: the first project 999 times the second."""

FIRST_DAY = datetime(2026, 10, 5, tzinfo=UTC)
DAYS = 21

FloatArray = npt.NDArray[np.float64]


class Draws:
    """Random draws of one purpose, from the raw bits of a Philox generator keyed by seed and purpose."""

    def __init__(self, purpose: str) -> None:
        digest = hashlib.sha256(f"{SEED}/{purpose}".encode()).digest()
        self._bits = np.random.Philox(key=int.from_bytes(digest[:16], "big"))

    def uniform(self) -> float:
        """From the open interval (0, 1), 53 bits."""
        return (int(self._bits.random_raw()) // 2**11 + 0.5) * 2.0**-53

    def normal(self) -> float:
        """Standard normal, by the inverse distribution function."""
        return NormalDist().inv_cdf(self.uniform())

    def normals(self, count: int) -> FloatArray:
        """Independent standard normals, shape (count,)."""
        return np.array([self.normal() for _ in range(count)])

    def student(self, freedom: int = 4) -> float:
        """Student-t with a whole number of degrees of freedom."""
        numerator = self.normal()
        return numerator / math.sqrt(sum(self.normal() ** 2 for _ in range(freedom)) / freedom)

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        return int(self.uniform() * bound)

    def shuffled(self, items: Sequence[str]) -> list[str]:
        """The items in random order."""
        order = list(items)
        for i in range(len(order) - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order

    def pick(self, items: Sequence[Juror]) -> Juror:
        """A juror, with probability proportional to diligence."""
        mark = self.uniform() * sum(juror.diligence for juror in items)
        for juror in items:
            mark -= juror.diligence
            if mark < 0:
                return juror
        return items[-1]

    def moment(self) -> datetime:
        """A time of day between 08:00 and 21:00 in the judging period."""
        return FIRST_DAY + timedelta(days=self.below(DAYS), hours=8, minutes=self.below(13 * 60))


@dataclass(frozen=True)
class Juror:
    """How one simulated person answers."""

    id: str
    community: str
    conflicts: tuple[str, ...]
    noise: float
    interval: float
    order: float
    stretch: float
    offset: float
    diligence: float


@dataclass(frozen=True)
class World:
    """The source and the truth drawn from it."""

    source: dict[str, Any]
    projects: tuple[str, ...]
    jurors: tuple[Juror, ...]
    truth: dict[str, dict[str, float]]

    def juror(self, identifier: str) -> Juror:
        """The juror with this id."""
        return next(juror for juror in self.jurors if juror.id == identifier)

    def seen(self, juror: Juror, criterion: str, project: str) -> float:
        """The log-value this juror answers from: truth, the community's tilt, and a conflict of interest."""
        value = self.truth[criterion][project]
        for tilt in self.source["tilt"]:
            if (tilt["community"], tilt["project"], tilt["criterion"]) == (juror.community, project, criterion):
                value += float(tilt["shift"])
        team = next(entry["team"] for entry in self.source["project"] if entry["id"] == project)
        if project in juror.conflicts or team in juror.conflicts:
            value += -0.8 if criterion == "harm" else 0.8
        return value


def build_world(source: dict[str, Any]) -> World:
    """Draw the truth and the jurors' habits."""
    projects = tuple(str(entry["id"]) for entry in source["project"])
    truth: dict[str, dict[str, float]] = {}
    for criterion in CRITERIA:
        draws = Draws(f"truth/{criterion}")
        words = HARM if criterion == "harm" else GOOD
        theta = np.array([words[entry[criterion]] + 0.25 * draws.normal() for entry in source["project"]])
        truth[criterion] = dict(zip(projects, (theta - theta.mean()).tolist(), strict=True))
    draws = Draws("jurors")
    jurors = []
    for entry in source["juror"]:
        style = source["style"][entry["style"]]
        jurors.append(
            Juror(
                id=entry["id"],
                community=entry["community"],
                conflicts=tuple(entry.get("conflicts", ())),
                noise=float(style["noise"]),
                interval=float(style["interval"]),
                order=float(style["order"]),
                stretch=math.exp(0.25 * draws.normal()),
                offset=0.6 * draws.normal(),
                diligence=math.exp(0.35 * draws.normal()),
            )
        )
    return World(source, projects, tuple(jurors), truth)


def deck(draws: Draws, projects: Sequence[str]) -> Iterator[str]:
    """Projects in random order, again and again, so that all are asked about equally often."""
    while True:
        yield from draws.shuffled(projects)


def human_ratio(log_ratio: float) -> float:
    """The ratio above 1 that a person would name, closest in log."""
    return min(HUMAN_RATIOS, key=lambda ratio: abs(math.log(ratio) - abs(log_ratio)))


def compare(world: World, criterion: str) -> Iterator[tuple[datetime, list[str]]]:
    """Comparisons on one criterion as (time, row)."""
    draws = Draws(f"comparisons/{criterion}")
    cards = deck(draws, [project for project in world.projects if project != LATE])
    asked: set[tuple[str, frozenset[str]]] = set()
    if EXTREME[1] == criterion:
        juror_id, _, a, b, ratio = EXTREME
        asked.add((juror_id, frozenset((a, b))))
        moment = draws.moment()
        yield moment, [juror_id, criterion, a, b, a, f"{ratio:g}"]
    for _ in range(DEALT[criterion][0]):
        a = next(cards)
        b = next(card for card in cards if card != a)
        pair = frozenset((a, b))
        juror = draws.pick([juror for juror in world.jurors if (juror.id, pair) not in asked])
        asked.add((juror.id, pair))
        gap = juror.stretch * (world.seen(juror, criterion, a) - world.seen(juror, criterion, b))
        told = gap + juror.noise / 2 * draws.student()
        order_only, skipped, moment = draws.uniform() < juror.order, draws.uniform() < SKIP, draws.moment()
        if skipped:
            continue
        tie = abs(told) < math.log(1.1)
        winner = "tie" if tie else a if told > 0 else b
        ratio_text = "" if tie or order_only else f"{human_ratio(told):g}"
        yield moment, [juror.id, criterion, a, b, winner, ratio_text]


def on_scale(value: float, steps: int) -> float:
    """The nearest of so many steps a point, and within the scale."""
    return min(10.0, max(0.0, math.floor(steps * value + 0.5) / steps))


def rate(world: World, criterion: str) -> Iterator[tuple[datetime, list[str]]]:
    """Ratings on one criterion as (time, row)."""
    draws = Draws(f"ratings/{criterion}")
    mid, unit = SCALE[criterion]
    cards = deck(draws, [project for project in world.projects if project != LATE])
    questions = [(next(cards), world.jurors) for _ in range(DEALT[criterion][1])]
    if criterion in {"benefit", "harm"}:
        questions.append((LATE, world.jurors))
    for more in world.source["follow_up"]:
        if more["criterion"] == criterion:
            questions += [(more["project"], (world.juror(identifier),)) for identifier in more["jurors"]]
    asked: set[tuple[str, str]] = set()
    width = NormalDist().inv_cdf(0.9) / OVERCONFIDENCE
    for project, candidates in questions:
        free = [juror for juror in candidates if (juror.id, project) not in asked]
        if not free:
            continue
        juror = draws.pick(free)
        asked.add((juror.id, project))
        told = mid + unit * juror.stretch * world.seen(juror, criterion, project) + juror.offset
        value = on_scale(told + juror.noise * draws.normal(), 2)
        half = width * juror.noise * math.exp(0.2 * draws.normal())
        stated, skipped, moment = draws.uniform() < juror.interval, draws.uniform() < SKIP, draws.moment()
        if skipped and project != LATE:
            continue
        ends = [f"{on_scale(value + side * half, 10):g}" for side in (-1, 1)] if stated else ["", ""]
        yield moment, [juror.id, criterion, project, f"{value:g}", *ends]


def share_told(kind: str, share: float, shift: float) -> float:
    """A share moved on its own scale: logit of what is removed, logarithm of what is added."""
    if kind == "raises":
        return share * math.exp(shift)
    return 1 / (1 + (1 - share) / share * math.exp(-shift))


def told_interval(draws: Draws, juror: Juror, spread: float, move: Callable[[float], float], digits: int) -> list[str]:
    """An 80 % interval around what the juror believes, too narrow as all of them are; `move` shifts the truth."""
    centre = spread * juror.noise * draws.normal()
    half = NormalDist().inv_cdf(0.9) / OVERCONFIDENCE * spread * juror.noise * math.exp(0.2 * draws.normal())
    return [f"{round(max(0.0, move(centre + side * half)), digits):g}" for side in (-1, 1)]


def role_answers(world: World, roles: dict[str, Any]) -> Iterator[tuple[datetime, list[str]]]:
    """Answers about roles and arrivals as (time, row); of projects that raise a risk more people are asked."""
    draws = Draws("roles")
    for risk, years in roles["arrivals"].items():
        for name in draws.shuffled([juror.id for juror in world.jurors])[:7]:
            lead = told_interval(draws, world.juror(name), 0.4, lambda x, t=years: (t + 0.25) * math.exp(x) - 0.25, 1)
            yield draws.moment(), [name, "", "arrives", risk, "", "", "", *lead, ""]
    raising = {entry["edge"].split()[0] for entry in roles["role"] if entry["edge"].split()[1] == "raises"}
    for entry in roles["role"]:
        project, kind, target = entry["edge"].split()
        horizon = str(entry.get("horizon", ""))
        asked = 11 if project in raising else 6
        for name in draws.shuffled([juror.id for juror in world.jurors])[:asked]:
            juror, moment = world.juror(name), draws.moment()
            start = [name, project, kind, target, horizon]
            if draws.uniform() < SKIP:
                yield moment, [*start, "", "", "", "", "skip"]
                continue
            share = entry.get("by", {}).get(juror.community, entry["efficacy"])
            efficacy = told_interval(draws, juror, 0.5, lambda x, e=share, k=kind: share_told(k, e, x), 3)
            lead = told_interval(draws, juror, 0.4, lambda x, t=entry["lead"]: (t + 0.25) * math.exp(x) - 0.25, 1)
            yield moment, [*start, *efficacy, *lead, ""]
        if kind == "raises":
            continue
        for model in ("orchid-2", "basalt-large"):
            shift = 0.3 * draws.normal()
            ends = [f"{share_told(kind, entry['efficacy'], shift + side * 0.2):.3f}" for side in (-1, 1)]
            yield draws.moment(), [model, project, kind, target, horizon, *ends, "", "", ""]


def model_vectors(world: World) -> dict[tuple[str, str], FloatArray]:
    """Log-weights of every model and criterion, each of shape (n_projects,)."""
    vectors: dict[tuple[str, str], FloatArray] = {}
    count = len(world.projects)
    for model in world.source["model"]:
        for criterion in model["criteria"]:
            draws = Draws(f"models/{model['id']}/{criterion}")
            if "copy_of" in model:
                vectors[model["id"], criterion] = vectors[model["copy_of"], criterion] + 0.08 * draws.normals(count)
                continue
            theta = np.array([world.truth[criterion][project] for project in world.projects])
            common = Draws(f"families/{model['family']}/{criterion}").normals(count)
            kin, skill = model["kin"], model["skill"]
            error = math.sqrt(kin) * common + math.sqrt(1 - kin) * draws.normals(count)
            vector = skill * theta / theta.std() + math.sqrt(1 - skill**2) * error
            vector = vector * (0.7 + 0.4 * draws.uniform())
            if "promotes" in model:
                best = vector.min() - 1 if criterion == "harm" else vector.max() + 1
                vector[world.projects.index(model["promotes"])] = best
            vectors[model["id"], criterion] = vector
    return vectors


def millionths(vector: FloatArray) -> list[int]:
    """Shares proportional to exp(vector), whole millionths, each at least 1, that add up to a million."""
    weights = np.exp(vector - vector.max())
    whole = [max(1, math.floor(share * 10**6 + 0.5)) for share in (weights / weights.sum()).tolist()]
    whole[whole.index(max(whole))] += 10**6 - sum(whole)
    return whole


def contributions(world: World) -> Iterator[list[str]]:
    """Forty small donations by pseudonymous donors; no donor gives to a project twice."""
    draws = Draws("contributions")
    given: set[tuple[str, str]] = set()
    while len(given) < 40:
        donor = f"d{1 + draws.below(28):02d}"
        project = max(
            (world.projects[draws.below(len(world.projects))] for _ in range(2)),
            key=lambda candidate: world.truth["benefit"][candidate],
        )
        amount = (5, 10, 20, 25, 50, 100, 250)[draws.below(7)]
        if (donor, project) not in given:
            given.add((donor, project))
            yield [donor, project, f"{amount}.00"]


def write_csv(path: Path, header: str, rows: Iterable[Sequence[str]]) -> None:
    """A CSV file with LF line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def in_time(answers: Iterable[tuple[datetime, list[str]]]) -> Iterator[list[str]]:
    """Rows in order of time, with the time in the last column."""
    for moment, row in sorted(answers):
        yield [*row, moment.strftime("%Y-%m-%dT%H:%M:%SZ")]


def judge_rows(world: World) -> Iterator[list[str]]:
    """People first, then models."""
    for juror in world.jurors:
        yield [juror.id, "person", juror.community, "", "; ".join(juror.conflicts), ""]
    for model in world.source["model"]:
        yield [model["id"], "model", "", model["family"], "", "blind"]


def project_rows(world: World, roles: dict[str, Any]) -> Iterator[list[str]]:
    """One row a project, then one a technology."""
    for entry in world.source["project"]:
        text = " ".join(entry["text"].split())
        ask, requires = f"{entry['ask']}.00", entry.get("requires", "")
        named = [entry["id"], entry["title"], entry["team"], ask, entry["cells"], entry["roles"]]
        yield [*named, requires, entry["maturity"], "", *roles["openness"].get(entry["id"], ["", ""]), text]
    for entry in roles["technology"]:
        named = [entry["id"], entry["title"], "", "", entry["cells"], entry["roles"], ""]
        yield [*named, entry["maturity"], "technology", "", "", entry["text"]]


def write(target: Path) -> None:
    """Write `dacc/` and `dacc-truth.csv` below the folder `target`."""
    judges, projects, roles = (
        tomllib.loads((SOURCE / f"{name}.toml").read_text(encoding="utf-8")) for name in ("judges", "projects", "roles")
    )
    world = build_world(judges | projects)
    folder = target / "dacc"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "round.toml").write_text((SOURCE / "round.toml").read_text(encoding="utf-8"), "utf-8", newline="\n")
    columns = "id,title,team,ask,cells,roles,requires,maturity,kind,licence,open_sourcing,text"
    write_csv(folder / "projects.csv", columns, project_rows(world, roles))
    write_csv(folder / "judges.csv", "id,kind,community,family,conflicts,exposure", judge_rows(world))
    compared = (answer for criterion in CRITERIA for answer in compare(world, criterion))
    write_csv(folder / "comparisons.csv", "juror,criterion,a,b,winner,ratio,time", in_time(compared))
    rated = (answer for criterion in CRITERIA for answer in rate(world, criterion))
    write_csv(folder / "ratings.csv", "juror,criterion,project,value,low,high,time", in_time(rated))
    columns = "juror,project,kind,target,horizon,efficacy_low,efficacy_high,lead_low,lead_high,skip,time"
    write_csv(folder / "roles.csv", columns, in_time(role_answers(world, roles)))
    write_csv(folder / "contributions.csv", "donor,project,amount", contributions(world))
    vectors = model_vectors(world)
    for model in world.source["model"]:
        rows = []
        for criterion in model["criteria"]:
            shares = millionths(vectors[model["id"], criterion])
            rows += [[p, f"0.{n:06d}", criterion] for p, n in zip(world.projects, shares, strict=True)]
        write_csv(folder / "lists" / f"{model['id']}.csv", "project,weight,criterion", rows)
    hidden = []
    for criterion, (mid, unit) in SCALE.items():
        for project, theta in world.truth[criterion].items():
            hidden.append([project, criterion, f"{theta:.4f}", f"{mid + unit * theta:.3f}"])
    write_csv(target / "dacc-truth.csv", "project,criterion,theta,level", hidden)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
