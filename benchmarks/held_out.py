"""How well each method foresees people it has not heard, on two published Deep Funding contests.

    python benchmarks/held_out.py [--repeats 10] [--folds 5] [--json]

People's ratios are dealt into folds by juror, or by pair of projects where the public file does not tell jurors apart,
and every method predicts the fold that it was not fitted to. The deals are repeated. The modules
`fusion/checks/_held_out_*.py` say how each method predicts. Two errors are printed beside each lead of `hierarchical`:

* over deals: standard deviation of the lead from one deal to another. It says how far the luck of the folds could have
  made the figure;
* over people (or pairs): standard error of the mean lead, whole jurors (or pairs) taken as the unit. It says how far
  the luck of who answered could have made it, and is the larger of the two.

For the trial the seven methods whose weights were published are added (`_published.py`): fitted anew to the same folds
as ours, and with their published weights as they stand, which were fitted to all answers, those they are scored on
included.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from _common import SKIPPED, machine, machine_line, one_thread, print_table, progress, real_round
from _published import METHODS, check, log_weights, published_weights, read_rows

SEEN = ", had seen the answers"
NAMED = ("least-squares", "huber", "people only", "equal split")
COVERAGE = (0.75, 0.90)
LIFTED = "this benchmark, to measure what the cap costs"
CLIP = 1e-12
"""Edge of probabilities in the trial's public analysis."""


def score(round_: Any, repeats: int, folds: int) -> dict[str, Any]:  # noqa: ANN401 - imported late
    """Scores of every method over several deals, best first, and what they were scored on."""
    from daccord.fusion import score_methods  # noqa: PLC0415 - `_common` explains
    from daccord.fusion._fuse import task_of  # noqa: PLC0415 - the counts of what is scored

    task, _, _ = task_of(round_, round_.criterion("benefit"))
    report = score_methods(task, repeats=repeats, folds=folds, tell=lambda text: progress(f"  {text}"))
    asked = task.comparisons
    return {
        "answers": report.answers,
        "jurors": report.groups if report.grouped_by == "juror" else None,
        "projects": len(task.projects),
        "projects_compared": len({*asked.a.tolist(), *asked.b.tolist()}),
        "model_comparisons": len(task.model_comparisons),
        "lists": len(task.judgments.lists),
        "grouped_by": report.grouped_by,
        "methods": list(report.methods),
        "findings": list(report.findings),
        "warnings": list(report.warnings),
        "skipped": dict(report.skipped),
    }


def claims(rows: list[Any]) -> list[dict[str, Any]]:
    """What `hierarchical` is to beat, whether it does, and by how much; models that had seen the answers are left out.

    A lead counts as clear if it is larger than both of its errors twice over.
    """
    groups = {
        "every single list as it stands": [row for row in rows if row.kind == "list"],
        "every blind list even when stretched": [row for row in rows if row.kind in {"list", "list, stretched"}],
        "every blind model's own comparisons, fitted and stretched": [
            row for row in rows if row.kind == "comparisons, stretched"
        ],
        "every other rule": [row for row in rows if row.kind == "rule" and row.name != "hierarchical"],
    } | {name: [row for row in rows if row.name == name] for name in NAMED}
    found = []
    for name, group in groups.items():
        if not group:
            continue
        best = min(group, key=lambda row: row.lead)
        noise = max(best.lead_spread, best.lead_error)
        found.append(
            {
                "beats": name,
                "holds": best.lead > 0,
                "clear": abs(best.lead) > 2 * noise,
                "best": best.name,
                "kind": best.kind,
                "margin": best.lead,
                "over_deals": best.lead_spread,
                "over_people": best.lead_error,
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
        found = {**head, **block, "seen": reasons, "claims": claims(rows), "coverage": coverage}
        if preset == "trial" and cap is not None:
            found["published"] = against_published(round_, folder, repeats, folds)
        blocks.append(found)
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
    heads = ("method", "kind", "log density", "ours less it", "± deals", f"± {unit}", "in 80 %", "log loss", "Brier")
    heads += ("squared", "linear")
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
        what = claim["best"] if claim["kind"] in {"people only", "no opinion"} else f"the best, {claim['best']}"
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
    for text in (*block["findings"], *(f"warning: {text}" for text in block["warnings"])):
        print(text)
    if block.get("published"):
        print_published(block["published"])


def cells(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - imported late
    ours = row.name == "hierarchical"
    leads = ("", "", "") if ours else (signed(row.lead), plain(row.lead_spread), plain(row.lead_error))
    scores = (f"{row.log_loss:.4f}", f"{row.brier:.4f}", plain(row.squared_error), plain(row.linear_error))
    return row.name, row.kind.removesuffix(SEEN), signed(row.log_density), *leads, f"{row.coverage:.1%}", *scores


# --- against the published methods of the trial -----------------------------------------------------------------------


@dataclass(frozen=True)
class Rival:
    """A published method against `hierarchical`, by the probability of the first side.

    Attributes:
        name: Method or list.
        how: How it came by its prediction.
        fair: False if it was fitted to the answers that it is scored on, or had seen them.
        log_loss: Mean over answers and deals, soft targets; lower is better.
        brier: Likewise.
        lead: Log loss less that of `hierarchical`: above zero, ours is better.
        lead_error: Its standard error over jurors.
        brier_lead: The same for the Brier score.
        brier_error: Its standard error over jurors.
    """

    name: str
    how: str
    fair: bool
    log_loss: float
    brier: float
    lead: float
    lead_error: float
    brier_lead: float
    brier_error: float


def against_published(round_: Any, folder: Path, repeats: int, folds: int) -> dict[str, Any]:  # noqa: ANN401
    """`hierarchical` against every method with published weights, and against the published lists of models.

    A published method predicts as the public analysis lets it: w_a/(w_a + w_b). That is also measured for the lists.
    *With noise* means that the method is given what it lacks, the noise of an answer, learned on the other folds, and
    predicts the mean of r/(1 + r) as ours does.
    """
    import numpy as np  # noqa: PLC0415 - `_common` explains
    from scipy.special import expit, xlog1py, xlogy  # noqa: PLC0415

    from daccord.fusion import FUSION_RULES  # noqa: PLC0415
    from daccord.fusion._fuse import task_of  # noqa: PLC0415
    from daccord.fusion._metrics import clustered_error  # noqa: PLC0415
    from daccord.fusion.checks._held_out_predictions import MEASURES, Foretold, by_rule, losses  # noqa: PLC0415
    from daccord.fusion.checks._held_out_questions import questions_of  # noqa: PLC0415

    task, _, _ = task_of(round_, round_.criterion("benefit"))
    questions = questions_of(task)
    told = read_rows(folder)
    rows = told.take(told.last)
    names = [project.removeprefix("https://github.com/") for project in rows.projects]
    at = np.array([names.index(project.removeprefix("https://github.com/")) for project in task.projects])
    jurors = np.array([judge.id for judge in task.panel])
    pair = slice(MEASURES.index("log_loss"), MEASURES.index("brier") + 1)

    def plugged(difference: Any) -> Any:  # noqa: ANN401 - an array
        q = np.clip(expit(difference), CLIP, 1 - CLIP)
        p = questions.target
        return np.stack([-xlogy(p, q) - xlog1py(1 - p, -q), (q - p) ** 2], axis=1)

    def by_fold(fold: Any, method: str) -> tuple[Any, list[Any]]:  # noqa: ANN401
        expected, parts = np.empty(len(questions)), []
        for k in range(folds):
            held = np.flatnonzero(fold == k)
            gone = set(jurors[questions.judge[held]].tolist())
            theta = log_weights(method, rows.take(np.array([juror not in gone for juror in rows.juror])))[at]
            expected[held] = theta[questions.a[held]] - theta[questions.b[held]]
            centre = expected[held][None, :]
            parts.append(Foretold(held, np.ones(1), centre, np.zeros_like(centre), None, np.zeros(1)))
        return expected, parts

    found: dict[tuple[str, str, bool], list[Any]] = {}
    for deal in range(repeats):
        progress(f"  against the published methods, deal {deal + 1} of {repeats}")
        fold = questions.folds(0, deal, folds)
        ours = losses(questions, by_rule(questions, fold, FUSION_RULES["hierarchical"]))[:, pair]
        found.setdefault(("hierarchical", "ours", True), []).append(ours)
        for method in METHODS:
            expected, parts = by_fold(fold, method)
            found.setdefault((method, "fitted to the other folds", True), []).append(plugged(expected))
            noisy = losses(questions, parts)[:, pair]
            found.setdefault((method, "fitted to the other folds, with noise", True), []).append(noisy)
    for method, weights in published_weights(folder).items():
        theta = np.log([weights[project] for project in rows.projects])[at]
        key = (method, "published weights: had seen all answers", False)
        found[key] = [plugged(theta[questions.a] - theta[questions.b])] * repeats
    for entry in task.judgments.lists:
        theta = np.log([entry.weights[project] for project in task.projects])
        fair = task.panel[entry.model].exposure != "seen"
        how = "published list" + ("" if fair else ": had seen the answers")
        found[entry.model, how, fair] = [plugged(theta[questions.a] - theta[questions.b])] * repeats
    beliefs = FUSION_RULES["hierarchical"].fit(task)
    everything = by_rule(questions, np.zeros(len(questions), dtype=np.int64), _Fitted(beliefs))  # type: ignore[arg-type]
    seen = losses(questions, everything)[:, pair]
    found["hierarchical", "ours, fitted to all answers", False] = [seen] * repeats
    base = np.mean(found["hierarchical", "ours", True], axis=0)
    rivals = []
    for (name, how, fair), deals in found.items():
        each = np.mean(deals, axis=0)
        gap = each - base
        error = [clustered_error(gap[:, k], questions.group) for k in range(2)]
        mean, lead = each.mean(axis=0), gap.mean(axis=0)
        rivals.append(Rival(name, how, fair, *map(float, (mean[0], mean[1], lead[0], error[0], lead[1], error[1]))))
    # What no prediction can avoid: targets are not 0 or 1.
    floor = float(
        np.mean(-xlogy(questions.target, questions.target) - xlog1py(1 - questions.target, -questions.target))
    )
    rivals.sort(key=lambda rival: rival.log_loss)
    return {"reproduced": check(folder), "floor": floor, "rivals": rivals, "claims": published_claims(rivals)}


@dataclass(frozen=True)
class _Fitted:
    """Stands in for a rule whose beliefs are known already."""

    beliefs: Any

    def fit(self, _: Any) -> Any:  # noqa: ANN401
        return self.beliefs


def published_claims(rivals: list[Rival]) -> list[dict[str, Any]]:
    """Whether ours is below every rival of a group, in both measures."""
    others = [rival for rival in rivals if rival.name != "hierarchical"]
    groups = {
        "every published method, fitted to the same folds": [r for r in others if r.how == "fitted to the other folds"],
        "the same, given the noise they lack": [r for r in others if r.how.endswith("with noise")],
        "every blind list of a model, as published": [r for r in others if r.how == "published list"],
        "the published weights, which had seen all answers": [
            r for r in others if r.how.startswith("published weights")
        ],
    }
    found = []
    for name, group in groups.items():
        for measure, lead, error in (("log loss", "lead", "lead_error"), ("Brier", "brier_lead", "brier_error")):
            best = min(group, key=lambda rival, lead=lead: getattr(rival, lead))  # type: ignore[misc]
            found.append(
                {
                    "below": name,
                    "measure": measure,
                    "holds": getattr(best, lead) > 0,
                    "best": best.name,
                    "margin": getattr(best, lead),
                    "over_people": getattr(best, error),
                }
            )
    return found


def print_published(found: dict[str, Any]) -> None:
    print("\nagainst every method with published weights: the probability of the first side, soft targets\n")
    heads = ("method", "how", "log loss", "less ours", "± jurors", "Brier", "less ours", "± jurors")
    rows = []
    for rival in found["rivals"]:
        ours = rival.how == "ours"
        leads = ("", "") if ours else (f"{rival.lead:+.4f}", f"{rival.lead_error:.4f}")
        briers = ("", "") if ours else (f"{rival.brier_lead:+.4f}", f"{rival.brier_error:.4f}")
        rows.append((rival.name, rival.how, f"{rival.log_loss:.4f}", *leads, f"{rival.brier:.4f}", *briers))
    print_table(heads, rows, left=2)
    print(f"\nno log loss can be below {found['floor']:.4f}: people's answers are soft targets")
    worst = max(found["reproduced"].values())
    print(f"fitted to all answers, the seven methods come out as published, to {worst:.1e}")
    for claim in found["claims"]:
        print(
            f"{claim['measure']} below {claim['below']}: {'yes' if claim['holds'] else 'no'} "
            f"({claim['best']} {claim['margin']:+.4f} ± {claim['over_people']:.4f} over jurors)"
        )


def document(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """The blocks as JSON, with None for what is not a number."""

    def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
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
        "average. log loss and Brier: of the probability\nof the first side, against r/(1 + r). squared: of ln ratio; "
        "linear: of the share within a pair. Lower is better for these."
    )


if __name__ == "__main__":
    main()
