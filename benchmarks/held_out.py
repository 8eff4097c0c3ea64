"""How well each method foresees people it has not heard, on two published Deep Funding contests.

    python benchmarks/held_out.py [--repeats 10] [--folds 5] [--json]

People's ratios are dealt into folds by juror, or by pair of projects where the public file does not tell jurors apart,
and every method predicts the fold that it was not fitted to. The deals are repeated. The module `fusion/_validation.py`
says how each method predicts. Two errors are printed beside each difference to `hierarchical`:

* over deals: standard deviation of the paired difference from one deal to another. It says how far the luck of the
  folds could have made the figure;
* over people (or pairs): standard error of the mean paired difference, whole jurors (or pairs) taken as the unit. It
  says how far the luck of who answered could have made it, and is the larger of the two.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from _common import SKIPPED, machine, machine_line, one_thread, print_table, progress, real_round

SEEN = ", had seen the answers"
NAMED = ("least-squares", "huber", "people only", "equal split")
COVERAGE = (0.75, 0.90)
LIFTED = "this benchmark, to measure what the cap costs"


@dataclass(frozen=True)
class Row:
    """One method; see `daccord.fusion.MethodScore` for the scores, which are means over deals.

    Attributes:
        spread: Standard deviation of `log_density` over deals.
        lead: Log density of `hierarchical` less that of this method, mean over deals; above zero, ours is better.
        lead_deals: Standard deviation of `lead` over deals.
        lead_people: Standard error of `lead` over jurors, or over pairs, in the first deal.
    """

    name: str
    kind: str
    log_density: float
    spread: float
    lead: float
    lead_deals: float
    lead_people: float
    coverage: float
    squared_error: float
    linear_error: float


def errors_over_groups(task: Any, folds: int) -> dict[tuple[str, str], float]:  # noqa: ANN401 - imported late
    """(name, kind) → standard error of the mean lead of `hierarchical`, with jurors or pairs as the unit."""
    import numpy as np  # noqa: PLC0415 - `_common` explains

    from daccord.fusion import FUSION_RULES  # noqa: PLC0415
    from daccord.fusion.checks._held_out_scores import _Scorer  # noqa: PLC0415 - nothing public gives single answers

    scorer = _Scorer(task, seed=0)
    fold = scorer.folds(0, folds)
    density = {}
    for key, predict in scorer.methods(tuple(sorted(FUSION_RULES))).items():
        found = np.empty(len(scorer.y))
        for k in range(folds):
            held = np.flatnonzero(fold == k)
            found[held] = predict(held).log_density(scorer.y[held])
        density[key] = found
    ours = density["hierarchical", "rule"]
    _, member = np.unique(scorer.group, return_inverse=True)
    errors = {}
    for key, theirs in density.items():
        lead = ours - theirs
        total = np.bincount(member, weights=lead - lead.mean())
        size = len(total)
        errors[key] = math.sqrt(size / (size - 1) * float(total @ total)) / len(lead)
    return errors


def score(round_: Any, repeats: int, folds: int) -> dict[str, Any]:  # noqa: ANN401 - imported late
    """Scores of every method over several deals, best first, and what they were scored on."""
    from daccord.fusion import held_out_scores  # noqa: PLC0415
    from daccord.fusion._fuse import task_of  # noqa: PLC0415 - the counts of what is scored

    task, _, _ = task_of(round_, round_.criterion("benefit"))
    reports = []
    for deal in range(repeats):
        progress(f"  deal {deal + 1} of {repeats}")
        reports.append(held_out_scores(replace(round_, seed=deal), repeats=1, folds=folds))
    progress("  errors over people")
    errors = errors_over_groups(task, folds)
    by_deal = [{(method.name, method.kind): method for method in report.methods} for report in reports]
    rows = []
    for key in by_deal[0]:
        found = [deal[key] for deal in by_deal]
        leads = [deal["hierarchical", "rule"].log_density - deal[key].log_density for deal in by_deal]
        densities = [method.log_density for method in found]
        rows.append(
            Row(
                *key,
                log_density=statistics.fmean(densities),
                spread=statistics.stdev(densities) if repeats > 1 else math.nan,
                lead=statistics.fmean(leads),
                lead_deals=statistics.stdev(leads) if repeats > 1 else math.nan,
                lead_people=errors[key],
                coverage=statistics.fmean(method.coverage for method in found),
                squared_error=statistics.fmean(method.squared_error for method in found),
                linear_error=statistics.fmean(method.linear_error for method in found),
            )
        )
    first = reports[0]
    asked = task.comparisons
    return {
        "answers": first.answers,
        "jurors": len(set(asked.judge.tolist())) if first.grouped_by == "juror" else None,
        "projects": len(task.projects),
        "projects_compared": len({*asked.a.tolist(), *asked.b.tolist()}),
        "model_comparisons": len(task.model_comparisons),
        "lists": len(task.judgments.lists),
        "grouped_by": first.grouped_by,
        "methods": sorted(rows, key=lambda row: -row.log_density),
        "skipped": dict(pair for report in reports for pair in report.skipped),
    }


def claims(rows: list[Row]) -> list[dict[str, Any]]:
    """What `hierarchical` is to beat, whether it does, and by how much; models that had seen the answers are left out.

    A lead counts as clear if it is larger than both of its errors twice over.
    """
    groups = {
        "every single list as it stands": [row for row in rows if row.kind == "list"],
        "every blind list even when stretched": [row for row in rows if row.kind in {"list", "list, stretched"}],
        "every blind model's own comparisons, fitted and stretched": [
            row for row in rows if row.kind == "comparisons, stretched"
        ],
    } | {name: [row for row in rows if row.name == name] for name in NAMED}
    found = []
    for name, group in groups.items():
        if not group:
            continue
        best = max(group, key=lambda row: row.log_density)
        noise = max(0.0 if math.isnan(best.lead_deals) else best.lead_deals, best.lead_people)
        found.append(
            {
                "beats": name,
                "holds": best.lead > 0,
                "clear": abs(best.lead) > 2 * noise,
                "best": best.name,
                "kind": best.kind,
                "margin": best.lead,
                "over_deals": best.lead_deals,
                "over_people": best.lead_people,
            }
        )
    return found


def measure(preset: str, folder: Path, repeats: int, folds: int) -> list[dict[str, Any]]:
    """One block per way of reading a contest: with its cap on model families, and with the cap lifted."""
    from daccord.formats.deepfunding import import_deepfunding  # noqa: PLC0415
    from daccord.formats.deepfunding import preset as preset_of  # noqa: PLC0415
    from daccord.round import Override  # noqa: PLC0415

    round_ = import_deepfunding(preset_of(preset, folder))
    models = round_.rules.models
    lifted = replace(models, override=Override(LIFTED, "a benchmark decides no money"))
    blocks = []
    for cap, rules in ((models.family_cap, models), (None, lifted)):
        progress(f"{round_.name}, {cap_words(cap)}")
        block = score(replace(round_, rules=replace(round_.rules, models=rules)), repeats, folds)
        rows = block["methods"]
        ours = next(row for row in rows if row.name == "hierarchical")
        seen = sorted({row.name for row in rows if row.kind.endswith(SEEN)})
        reasons = {
            name: next((text for text in round_.notices if text.startswith(f"{name} ")), "marked as having seen them")
            for name in seen
        }
        coverage = {"value": ours.coverage, "holds": COVERAGE[0] <= ours.coverage <= COVERAGE[1]}
        head = {"preset": preset, "round": round_.name, "family_cap": cap, "repeats": repeats, "folds": folds}
        blocks.append({**head, **block, "seen": reasons, "claims": claims(rows), "coverage": coverage})
    return blocks


def cap_words(cap: float | None) -> str:
    """The cap on model families, for people."""
    return f"cap on model families lifted by {LIFTED}" if cap is None else f"no family above {cap:.0%} of the prior"


def signed(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:+.3f}"


def plain(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def print_block(block: dict[str, Any]) -> None:
    unit = {"juror": "jurors", "pair": "pairs"}[block["grouped_by"]]
    people = f" by {block['jurors']} jurors" if block["jurors"] else ""
    print(f"\n{block['round']}: {cap_words(block['family_cap'])}")
    print(
        f"{block['answers']} ratios by people{people} on {block['projects_compared']} of {block['projects']} projects; "
        f"{block['model_comparisons']} comparisons and {block['lists']} lists by models;\n"
        f"whole {unit} held out in {block['folds']} folds, {block['repeats']} deals\n"
    )
    errors = ("± deals", f"± {unit}")
    heads = ("method", "kind", "log density", "± deals", "ours less it", *errors, "in 80 %", "squared", "linear")
    blind = [row for row in block["methods"] if not row.kind.endswith(SEEN)]
    print_table(heads, [cells(row) for row in blind], left=2)
    if block["seen"]:
        print("\nhad seen the answers they are scored on, so they count for no claim:\n")
        print_table(heads, [cells(row) for row in block["methods"] if row.kind.endswith(SEEN)], left=2)
        for name, reason in block["seen"].items():
            print(f"{name}: {reason}")
    for name, why in block["skipped"].items():
        print(f"{name} could not be scored: {why}")
    print()
    for claim in block["claims"]:
        what = claim["best"] if claim["kind"] in {"rule", "people only", "no opinion"} else f"the best, {claim['best']}"
        verdict = ("yes" if claim["holds"] else "no") + ("" if claim["clear"] else ", but by less than two errors")
        print(
            f"hierarchical beats {claim['beats']}: {verdict} (margin to {what}: {signed(claim['margin'])}, "
            f"± {plain(claim['over_deals'])} over deals, ± {plain(claim['over_people'])} over {unit})"
        )
    inside = block["coverage"]
    low, high = COVERAGE
    print(
        f"80 % intervals of hierarchical hold {low:.0%} to {high:.0%} of held-out answers: "
        f"{'yes' if inside['holds'] else 'no'} ({inside['value']:.1%})"
    )


def cells(row: Row) -> tuple[str, ...]:
    ours = row.name == "hierarchical"
    leads = ("", "", "") if ours else (signed(row.lead), plain(row.lead_deals), plain(row.lead_people))
    scores = (plain(row.squared_error), plain(row.linear_error))
    kind = row.kind.removesuffix(SEEN)
    return row.name, kind, signed(row.log_density), plain(row.spread), *leads, f"{row.coverage:.1%}", *scores


def document(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """The blocks as JSON, with None for what is not a number."""

    def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, Row):
            value = asdict(value)
        if isinstance(value, float):
            return float(f"{value:.6g}") if math.isfinite(value) else None
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items()}
        return [clean(item) for item in value] if isinstance(value, list) else value

    return {"benchmark": "held_out", "machine": machine(), "rounds": clean(blocks)}


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=10, help="deals into folds  [default: 10]")
    parser.add_argument("--folds", type=int, default=5, help="[default: 5]")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    one_thread()
    if options.repeats < 1 or options.folds < 2:
        parser.error("--repeats must be at least 1 and --folds at least 2")
    folders = {name: real_round(name) for name in ("gg24", "trial")}
    if not any(folders.values()):
        print(json.dumps({"benchmark": "held_out", "skipped": SKIPPED}) if options.json else SKIPPED)
        return
    blocks = []
    for name, folder in folders.items():
        if folder is None:
            progress(f"{name}: {SKIPPED}")
            continue
        found = measure(name, folder, options.repeats, options.folds)
        blocks += found
        if not options.json:
            for block in found:
                print_block(block)
    if options.json:
        print(json.dumps(document(blocks), indent=2, ensure_ascii=False))
    else:
        print(f"\nlog density: mean ln predictive density of a held-out ln ratio, higher is better; {explain()}")
        print(machine_line(machine()))


def explain() -> str:
    return (
        "a difference d means that the better\nmethod gives people's answers e^d times the density on (geometric) "
        "average. squared: of ln ratio; linear: of the share\nwithin a pair; lower is better for both."
    )


if __name__ == "__main__":
    main()
