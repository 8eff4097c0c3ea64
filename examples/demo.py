"""Decide the simulated example round, write its report, and say how well the hidden truth was recovered.

`make demo` runs this. The answers in `dacc/` were drawn from the values in `dacc-truth.csv`, which the engine never
reads; so here, unlike in a real round, beliefs and money can be compared with the truth:

* beliefs: per criterion, the correlation of published log-values with true ones, how many 80 % intervals
  `mean ± z₀.₉ · sd` hold the truth, and how many projects stand on the right side of the criterion's bar;
* harm, of which only levels are published: how many projects with a level stand on the right side of the limit;
* money: the same money rule with the true log-values in place of the beliefs, verdicts as they are. How much of the pot
  would go elsewhere is the total variation distance `½ Σ |a_i − b_i| / pot`, where the unallocated rest counts as one
  more recipient;
* the record: the round is played through as a signed log, with keys made up for everybody, and verified from that log
  alone.

Everything that is printed is computed in this run, offline, in some twenty seconds.

Usage: `python examples/demo.py [--out FOLDER]`, by default `out/demo` in the repository.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # many small matrices: threads would only wait

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import binom, rankdata

from daccord.allocation import FUNDABLE, award_draws
from daccord.audit import Verification, rehearse, verify_record
from daccord.cli._common import progress
from daccord.cli.decide import print_decision
from daccord.errors import DaccordError, ExternalError, InputError
from daccord.formats import load_round, round_files
from daccord.formats.decisions import decision_document, write_decision
from daccord.fusion import MICRO
from daccord.pipeline import Comparison, Decision, compare_rules
from daccord.report import build_report
from daccord.round import HARMS
from daccord.store import write_zip

FloatArray = npt.NDArray[np.float64]

HERE = Path(__file__).resolve().parent
ROUND = HERE / "dacc"
TRUTH = HERE / "dacc-truth.csv"
COVERAGE = 0.8
"""Probability with which an interval of daccord is meant to hold."""

UNLUCKY = 0.05
"""A chance below this is not put down to luck."""


@dataclass(frozen=True)
class Truth:
    """What the answers on one criterion were drawn from, in the portfolio's order.

    Attributes:
        theta: Log-values, natural log, centred on the typical project, shape (n_projects,).
        level: The same on the rating scale, shape (n_projects,).
    """

    theta: FloatArray
    level: FloatArray


@dataclass(frozen=True)
class Recovery:
    """How well the truth on one criterion was recovered.

    Attributes:
        criterion: Its id.
        projects: How many were compared.
        rank: Spearman's correlation of published and true log-values.
        linear: Pearson's.
        held: 80 % intervals that hold the truth.
        chance: Probability that so few or fewer honest intervals would, were they independent.
        sided: Projects that are more likely than not on the side of the bar or limit where they truly are.
    """

    criterion: str
    projects: int
    rank: float
    linear: float
    held: int
    chance: float
    sided: int


@dataclass(frozen=True)
class HarmRecovery:
    """How well the levels of harm, which are all that is published of it, agree with the truth.

    Attributes:
        projects: How many have a level.
        sided: How many of them are held for harm, or not, as they truly are above the limit, or not.
    """

    projects: int
    sided: int


@dataclass(frozen=True)
class MoneyRecovery:
    """How the money compares with what the same rule would do if it knew the true benefit.

    Attributes:
        fundable: Projects whose verdict lets them be funded.
        funded: Projects with an award.
        held: Funded projects whose 80 % interval holds the award under the truth.
        moved: Fraction of the pot that would go elsewhere under the truth.
        moved_equal: The same for a split that takes all fundable projects for equally good.
    """

    fundable: int
    funded: int
    held: int
    moved: float
    moved_equal: float


def read_truth(path: Path, projects: Sequence[str]) -> dict[str, Truth]:
    """The hidden truth by criterion.

    Raises:
        InputError: A project has no row, or more than one, on a criterion.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = {}
    for criterion in dict.fromkeys(row["criterion"] for row in rows):
        asked = [row for row in rows if row["criterion"] == criterion]
        if sorted(row["project"] for row in asked) != sorted(projects):
            raise InputError.single(
                path.name, f"{criterion}: its projects are not those of the round", remedy="run examples/make_dacc.py"
            )
        found = {row["project"]: (float(row["theta"]), float(row["level"])) for row in asked}
        columns = np.array([found[project] for project in projects])
        truth[criterion] = Truth(columns[:, 0], columns[:, 1])
    return truth


def correlation(x: FloatArray, y: FloatArray) -> float:
    """Pearson's correlation of two arrays of shape (n,), neither of them constant."""
    return float(np.corrcoef(x, y)[0, 1])


def held(truth: FloatArray, low: FloatArray, high: FloatArray) -> int:
    """How many intervals hold the truth, ends included; all of shape (n,) and of one unit."""
    return int(np.sum((low <= truth) & (truth <= high)))


def moved(one: FloatArray, other: FloatArray, pot: int) -> float:
    """Fraction of the pot by which two divisions of it differ (total variation distance), in [0, 1].

    Args:
        one: Amounts in minor units, shape (n_projects,); what is missing to the pot is unallocated.
        other: The same for another division.
        pot: Minor units, above zero.
    """
    gaps = np.abs(one - other).sum() + abs(one.sum() - other.sum())
    return float(gaps / (2 * pot))


def recover(decision: Decision, criterion: str, truth: Truth) -> Recovery:
    """Compare the published scores on one criterion, which has a threshold on the rating scale, with the truth.

    Raises:
        InputError: The criterion has no such threshold.
    """
    rule = {entry.id: entry.threshold for entry in decision.round.criteria}[criterion]
    if rule is None or rule.kind != "rating":
        raise InputError.single("round.toml", f"{criterion} has no bar on the rating scale", remedy="state one")
    scores = [score.criteria[criterion] for score in decision.scores]
    mean = np.array([score.mean for score in scores]) / MICRO
    half = float(ndtri((1 + COVERAGE) / 2)) * np.array([score.sd for score in scores]) / MICRO
    above = np.array([score.above or 0 for score in scores]) > MICRO // 2
    inside = held(truth.theta, mean - half, mean + half)
    return Recovery(
        criterion=criterion,
        projects=len(scores),
        rank=correlation(rankdata(mean), rankdata(truth.theta)),
        linear=correlation(mean, truth.theta),
        held=inside,
        chance=float(binom.cdf(inside, len(scores), COVERAGE)),
        sided=int(np.sum(above == (truth.level > rule.value))),
    )


def recover_harm(decision: Decision, truth: Truth) -> HarmRecovery:
    """Compare the published levels of harm with the truth.

    Raises:
        InputError: Harm has no limit on the rating scale.
    """
    rule = {entry.id: entry.threshold for entry in decision.round.criteria}["harm"]
    if rule is None or rule.kind != "rating":
        raise InputError.single("round.toml", "harm has no limit on the rating scale", remedy="state one")
    levels = [score.criteria["harm"].level for score in decision.scores]
    told = [i for i, level in enumerate(levels) if level != "too_few"]
    sided = sum((levels[i] == "from_hold") == (float(truth.level[i]) > rule.value) for i in told)
    return HarmRecovery(len(told), sided)


def divide(decision: Decision, log_values: FloatArray, money: str) -> FloatArray:
    """Amounts in minor units, shape (n_projects,), if benefit were known to be `log_values` and verdicts stood.

    Args:
        decision: Gives verdicts, caps, asks, and the published scores on the other criteria.
        log_values: Natural log, shape (n_projects,).
        money: Name of the money rule.
    """
    round_ = decision.round
    rules = replace(round_.rules, money=replace(round_.rules.money, rule=money))
    draws = award_draws(
        round_.portfolio, decision.scores, decision.allocation.verdicts, rules, round_.budget, log_values[None, :]
    )
    return np.asarray(draws[0])


def recover_money(decision: Decision, benefit: Truth) -> MoneyRecovery:
    """Compare the awards with those under the true benefit."""
    pot = decision.round.budget.amount
    awards = np.array([award.amount for award in decision.allocation.awards], dtype=np.float64)
    ideal = divide(decision, benefit.theta, decision.round.rules.money.rule)
    # Proportional to equal values: an equal split that respects asks, team caps and the smallest grant.
    equal = divide(decision, np.zeros(len(awards)), "proportional")
    # Ends of intervals are whole minor units, amounts under the truth are not.
    low, high = (np.array([getattr(i, end) for i in decision.intervals]) for end in ("low", "high"))
    funded = awards > 0
    return MoneyRecovery(
        fundable=sum(verdict.label in FUNDABLE for verdict in decision.allocation.verdicts),
        funded=int(np.sum(funded)),
        held=held(ideal[funded], low[funded] - 1, high[funded] + 1),
        moved=moved(awards, ideal, pot),
        moved_equal=moved(equal, ideal, pot),
    )


def print_recovery(beliefs: Sequence[Recovery], harm: HarmRecovery, money: MoneyRecovery, truth: str) -> None:
    """Say in words and one small table how well the truth was recovered."""
    print(f"\nHow well was the hidden truth recovered? The simulation drew the answers from {truth};")
    print("deciding does not read it. An honest 80 % interval holds the truth in four cases of five.\n")
    print("                  correlation with truth    truth inside its    right side of")
    print("criterion           by rank       linear     80 % interval           its bar")
    for r in beliefs:
        inside, sided = f"{r.held} of {r.projects}", f"{r.sided} of {r.projects}"
        print(f"{r.criterion:<14}{r.rank:>13.2f}{r.linear:>13.2f}{inside:>18}{sided:>17}")
    narrow = ", ".join(f"{r.criterion} ({100 * r.chance:.1f} %)" for r in beliefs if r.chance < UNLUCKY)
    if narrow:
        print(f"Too narrow here, and hardly by bad luck (the chance of so few with honest intervals): {narrow}")
    else:
        print("No count of intervals is lower than luck explains.")
    told = f"{harm.sided} of the {harm.projects} projects that have one"
    print(f"Of harm only levels are published: {told} are rightly held, or not held.")
    print(f"\nMoney, had the same rule known the true benefit of the {money.fundable} projects that may be funded:")
    print(f"  {100 * money.moved:4.1f} % of the pot would have gone elsewhere;")
    print(f"  {100 * money.moved_equal:4.1f} % for an equal split among them, within asks and caps;")
    print(f"  {money.held} of the {money.funded} awards' 80 % intervals hold what would have been awarded.")


def shown(path: Path) -> Path:
    """The path as seen from here, if it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def own_decision(comparison: Comparison, own: str) -> Decision:
    """The decision by the round's own rules: the fit is the slow part, so it is done once for all rules.

    Raises:
        InputError: They cannot decide the round.
    """
    if own not in comparison.decisions:
        raise InputError.single(ROUND.name, f"{own} cannot decide this round: {dict(comparison.skipped)}")
    return comparison.decisions[own]


def rehearse_record(out: Path, tell: Callable[[str], None]) -> tuple[Path, int]:
    """Play the round through as a record with made-up keys; where it lies, and how many entries it has."""
    stage, note = rehearse(round_files(ROUND), tell=tell)
    with TemporaryDirectory() as folder:
        stage.write(Path(folder) / "log.sqlite", Path(folder) / "log", note)
        write_zip(Path(folder) / "log", out / "record.zip")
    return out / "record.zip", len(stage.leaves)


def print_record(verified: Verification, document: Mapping[str, Any], entries: int, place: str) -> None:
    """Say whether a stranger with only the record gets the same decision."""
    awards = {project["id"]: project["award"]["amount"] for project in document["projects"]}
    steps = ", ".join(step.name for step in verified.steps if step.state == "ok")
    print(f"\nRecord (all keys made up): {place}, {entries:,} signed entries")
    if verified.failed is not None:
        print(f"  DOES NOT HOLD: step {verified.failed.name}: {verified.failed.message}")
        return
    same = "the same awards to the last unit" if verified.awards == awards else "OTHER AWARDS"
    print(f"  verified from it alone ({steps}): {same}")


def run(out: Path) -> None:
    """Decide, write the files into the folder `out`, and print the result.

    Raises:
        DaccordError: The example is broken, or the folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)  # a wrong path is said at once, not after the work
    except OSError as error:
        raise ExternalError(f"{out} cannot be written: {error.strerror or error}") from error
    print("Deciding the simulated example round, under every rule; this takes some twenty seconds …", file=sys.stderr)
    with progress("reading the round") as tell:
        round_ = load_round(ROUND)
        truth = read_truth(TRUTH, round_.portfolio.ids)
        comparison = compare_rules(round_, tell=tell)
        decision = own_decision(comparison, f"{round_.rules.fusion} / {round_.rules.money.rule}")
        tell("writing the report")
        page = build_report(decision, comparison.decisions, comparison.skipped, comparison.notes)
        beliefs = [recover(decision, criterion, truth[criterion]) for criterion in truth if criterion not in HARMS]
        harm = recover_harm(decision, truth["harm"])
        money = recover_money(decision, truth["benefit"])
        recovered = {"simulated": True, "beliefs": [asdict(r) for r in beliefs]}
        recovered |= {"harm": asdict(harm), "money": asdict(money)}
        written = write_decision(decision, out)
        extra = {"report.html": page, "recovery.json": json.dumps(recovered, indent=2, allow_nan=False) + "\n"}
        try:
            for name, text in extra.items():
                (out / name).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise ExternalError(f"{out} cannot be written: {error.strerror or error}") from error
        record, entries = rehearse_record(out, tell)
        tell("verifying the record")
        verified = verify_record(record, tell=tell)
    document = decision_document(decision)
    for text in (*document["notices"], *document["warnings"]):
        print(f"note: {text}", file=sys.stderr)
    print_decision(document, tuple(shown(path) for path in (*written, *(out / name for name in extra))))
    print_recovery(beliefs, harm, money, str(shown(TRUTH)))
    print_record(verified, document, entries, str(shown(record)))
    print(f"\nOpen {shown(out / 'report.html')} in a browser.")


def main() -> None:
    """Read the one option, run, and turn daccord's errors into a message and an exit code."""
    parser = argparse.ArgumentParser(description="Decide the simulated example round and write its report.")
    parser.add_argument("--out", type=Path, default=HERE.parent / "out" / "demo", help="folder for the files")
    try:
        run(parser.parse_args().out.resolve())
    except DaccordError as error:
        print(error.diagnostics(), file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
