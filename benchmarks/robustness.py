"""How far every fusion rule ends up from the truth: on each rule's own model, on little data, and with bad jurors.

    python benchmarks/robustness.py [--rounds 12] [--rules R …] [--json]

All juries are simulated (daccord.fusion: `simulate_jury`, `contaminate`): 30 projects with values of standard deviation
1, 20 jurors and 200 answers, unless a scenario says otherwise. Every rule sees the same rounds. A rule that cannot use
a scenario's answers is left out of it. The last block says for each scenario whether `hierarchical` is the best.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from _common import machine, machine_line, one_thread, print_table, progress

if TYPE_CHECKING:
    from daccord.fusion import Errors, Scenario

OURS = "hierarchical"

UNITLESS = ("bradley-terry", "distilled", "distilled-arithmetic", "elo", "pagerank", "rank-centrality")
"""Rules whose values have a unit of their own: they are judged by shape."""

NO_UNIT = ("orders", "ratings")
"""Models whose answers do not tell the unit: all rules are judged by shape."""

OWN = {
    "normal": "least-squares",
    "gross": "huber",
    "orders": "bradley-terry",
    "ratings": "median",
    "opinions": "qr-median",
    "tastes": "bridging",
    "student": OURS,
    "mixed": OURS,
}
"""Model that answers are told from → the rule whose own model it is."""


@dataclass(frozen=True)
class Case:
    """A block of the table: its name and how its rounds are simulated."""

    name: str
    block: str
    scenario: Scenario


def cases() -> list[Case]:
    """All scenarios, clean ones first."""
    from daccord.fusion import ATTACKS, TOLD, Scenario  # noqa: PLC0415 - `_common` explains

    found = [Case(f"{told}: {words}", "own model", Scenario(told)) for told, words in TOLD.items()]
    found += [
        Case("student, 60 answers", "sparse", Scenario("student", answers=60)),
        Case("normal, 60 answers", "sparse", Scenario("normal", answers=60)),
        Case("mixed, 40 comparisons and 26 ratings", "sparse", Scenario("mixed", answers=40)),
        Case("orders, 100 answers", "sparse", Scenario("orders", answers=100)),
    ]
    for told in ("student", "mixed"):
        found += [
            Case(f"{told}, {share:.0%} bad: {words}", "contaminated", Scenario(told, attack, share))
            for attack, words in ATTACKS.items()
            for share in (0.1, 0.2, 0.3)
        ]
    return found


def ratio_to_ours(theirs: Errors, ours: Errors, *, shape: bool) -> tuple[float, float]:
    """Mean ln of a rule's error over ours on the same rounds, and its standard error; above 0, ours is smaller."""
    import numpy as np  # noqa: PLC0415 - as above

    one, other = (theirs.in_shape, ours.in_shape) if shape else (theirs.error, ours.error)
    logs = np.log(np.maximum(one, 1e-12) / np.maximum(other, 1e-12))
    error = float(logs.std(ddof=1) / math.sqrt(len(logs))) if len(logs) > 1 else math.nan
    return float(logs.mean()), error


def measure(case: Case, rules: list[str], rounds: int) -> dict[str, Any]:
    from daccord.fusion import rule_errors  # noqa: PLC0415 - as above

    found, skipped = rule_errors(case.scenario, rules, range(rounds))
    ours = found.get(OURS)
    rows = []
    for name, errors in found.items():
        shape = name in UNITLESS or case.scenario.told in NO_UNIT
        lead, spread = (math.nan, math.nan) if ours is None else ratio_to_ours(errors, ours, shape=shape)
        rows.append(
            {
                "rule": name,
                "error": None if shape else float(errors.error.mean()),
                "in_shape": float(errors.in_shape.mean()),
                "shares": float(errors.shares.mean()),
                "held": float(errors.held.mean()),
                "log_ratio": lead,
                "log_ratio_error": spread,
            }
        )
    rows.sort(key=lambda row: (-math.inf if math.isnan(row["log_ratio"]) else row["log_ratio"], row["rule"]))
    return {
        "case": case.name,
        "block": case.block,
        "told": case.scenario.told,
        "attack": case.scenario.attack,
        "share": case.scenario.share,
        "rules": rows,
        "skipped": dict(skipped),
    }


def verdict(block: dict[str, Any]) -> dict[str, Any] | None:
    """Whether any rule beats ours by more than two standard errors in a scenario; None if ours is not in it."""
    others = [row for row in block["rules"] if row["rule"] != OURS]
    if not others or all(row["rule"] != OURS for row in block["rules"]):
        return None
    best = min(others, key=lambda row: row["log_ratio"])
    noise = best["log_ratio_error"]
    return {
        "case": block["case"],
        "block": block["block"],
        "best_other": best["rule"],
        "ratio": math.exp(best["log_ratio"]),
        "lower": best["log_ratio"] > 0,
        "clear": not math.isnan(noise) and abs(best["log_ratio"]) > 2 * noise,
    }


def print_block(block: dict[str, Any]) -> None:
    own = OWN.get(block["told"], "") if block["block"] == "own model" else ""
    print(f"\n{block['block']} | {block['case']}" + (f" (own model of {own})" if own else ""))
    rows = [
        (
            row["rule"] + (" *" if row["rule"] == own else ""),
            "–" if row["error"] is None else f"{row['error']:.3f}",
            f"{row['in_shape']:.3f}",
            f"{row['shares']:.1%}",
            "–" if row["error"] is None else f"{row['held']:.0%}",
            "" if row["rule"] == OURS else f"{math.exp(row['log_ratio']):.2f}",
            "" if row["rule"] == OURS else f"{row['log_ratio_error']:.2f}",
        )
        for row in block["rules"]
    ]
    print_table(("rule", "error", "in shape", "shares", "in 80 %", "its error / ours", "± ln"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12, help="simulated rounds a scenario  [default: 12]")
    parser.add_argument("--rules", nargs="+", metavar="R", help="fusion rules  [default: all registered]")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    one_thread()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    from daccord.fusion import FUSION_RULES, fusion_rule  # noqa: PLC0415 - as above

    rules = options.rules or list(FUSION_RULES)
    for name in rules:
        fusion_rule(name)
    blocks = []
    for case in cases():
        progress(f"{case.block}: {case.name}")
        blocks.append(measure(case, rules, options.rounds))
        if not options.json:
            print_block(blocks[-1])
    verdicts = [found for found in map(verdict, blocks) if found is not None]
    if options.json:
        document = {"benchmark": "robustness", "simulated": True, "machine": machine(), "rounds": options.rounds}
        print(json.dumps({**document, "cases": clean(blocks), "verdicts": clean(verdicts)}, indent=2))
        return
    print("\nIs the error of hierarchical lower than that of every other rule?\n")
    rows = [
        (
            found["block"],
            found["case"],
            ("yes" if found["lower"] else "no") + ("" if found["clear"] else ", within two errors"),
            f"{found['best_other']}, {found['ratio']:.2f} times ours",
        )
        for found in verdicts
    ]
    print_table(("", "scenario", "lower", "best other rule"), rows, left=4)
    print(f"\nall juries are simulated; {options.rounds} rounds a scenario; {explain()}")
    print(machine_line(machine()))


def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Floats to six digits, and None for what is not a number."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def explain() -> str:
    return (
        "error: root mean square of\nlog-values against the truth; in shape: after the best change of unit; shares: "
        "part of the pot with the wrong\nprojects; its error / ours: geometric mean over rounds, by shape where "
        "there is no unit, and the\nstandard error of its ln"
    )


if __name__ == "__main__":
    main()
