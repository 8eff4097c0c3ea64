"""Every way of judging, scored on people it has not heard: rules, people without models, and each list alone.

People's answers become questions about pairs (`_held_out_questions`), dealt into folds by juror, or by what was
compared where jurors are not told apart, several times over. Each method is fitted to the other folds and foresees the
held answers (`_held_out_predictions`). Scores are means over questions and deals, with standard errors that take whole
jurors (or pairs) as the unit (`_held_out_methods`).

The deciding measure is the log density of a held-out ln ratio, or, where people gave too few ratios to compare methods
by, the log loss of who is ahead. By it the report says whether models helped at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import DaccordError, InputError
from daccord.fusion._fuse import asked_criterion, silent, task_of
from daccord.fusion._rules import FUSION_RULES
from daccord.fusion._task import FusionTask
from daccord.fusion.checks._held_out_methods import Measure, MethodLosses, MethodScore, lead_of, score_of
from daccord.fusion.checks._held_out_predictions import Foretold, by_rule, by_vector, losses
from daccord.fusion.checks._held_out_questions import KINDS, Questions, questions_of
from daccord.fusion.models._voices import model_vectors
from daccord.round import Round

__all__ = ["HeldOutReport", "MethodScore", "held_out_scores", "score_methods"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PEOPLE_ONLY: Final = "people only"
EQUAL_SPLIT: Final = "equal split"
FUSED: Final = "hierarchical"
"""The rule that puts people and models together; without models it is `people only`."""

SEEN: Final = ", had seen the answers"

LOG_DENSITY: Final = Measure("log density", 1.0)
LOG_LOSS: Final = Measure("log loss", -1.0)

DECIDING_SHARE: Final = 0.2
"""Least share of the questions' weight that must be ratios for their log density to decide."""


@dataclass(frozen=True)
class HeldOutReport:
    """Scores of all methods on the same held-out answers, best first.

    Attributes:
        criterion: Criterion id.
        grouped_by: `juror` or `pair`: what was never split between fitting and scoring.
        groups: How many of them.
        answers: Ratio comparisons among the questions, each held out once a repeat.
        questions: Kind of question → how many, as in `_held_out_questions.KINDS`; kinds that were not asked are absent.
        repeats: Number of deals.
        measure: What decides: `log density`, or `log loss`.
        reference: Name of the method that `lead` is measured from.
        methods: Scores, best first by the deciding measure.
        skipped: Rule → why it could not be scored.
        findings: What the scores say about models, for people.
        warnings: Likewise, where models did not help or the reference did not beat an equal split.
    """

    criterion: str
    grouped_by: str
    groups: int
    answers: int
    questions: dict[str, int]
    repeats: int
    measure: str
    reference: str
    methods: tuple[MethodScore, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    findings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


Method = Callable[[IntArray], list[Foretold]]


def _methods(questions: Questions, rules: tuple[str, ...]) -> dict[tuple[str, str], Method]:
    """(name, kind) → what it foretells for given folds."""
    task = questions.task
    found: dict[tuple[str, str], Method] = {}
    for name in rules:
        found[name, "rule"] = partial(_by_rule, questions, name, models=True)
    vectors = model_vectors(task)
    if vectors and FUSED in rules:
        found[PEOPLE_ONLY, PEOPLE_ONLY] = partial(_by_rule, questions, FUSED, models=False)
    found[EQUAL_SPLIT, "no opinion"] = partial(by_vector, questions, values=np.zeros(len(task.projects)))
    listed = {entry.model for entry in task.judgments.lists}
    for model, values in vectors.items():
        kind = "list" if model in listed else "comparisons"
        seen = SEEN if task.panel[model].exposure == "seen" else ""
        for stretched in (False, True) if model in listed else (True,):
            label = kind + (", stretched" if stretched else "") + seen
            found[model, label] = partial(by_vector, questions, values=values, stretched=stretched)
    return found


def _by_rule(questions: Questions, name: str, fold: IntArray, *, models: bool) -> list[Foretold]:
    return by_rule(questions, fold, FUSION_RULES[name], models=models)


def score_methods(
    task: FusionTask,
    *,
    repeats: int = 3,
    folds: int = 5,
    seed: int = 0,
    rules: tuple[str, ...] | None = None,
    reference: str = FUSED,
    tell: Callable[[str], None] = silent,
) -> HeldOutReport:
    """Score every method on held-out answers of one criterion.

    Args:
        task: Judgments of the criterion.
        repeats: Number of deals into folds.
        folds: Number of folds, at least 2.
        seed: Of the deals.
        rules: Fusion rules to score; all registered ones if None.
        reference: Rule that others are measured from; the best method if it cannot be scored.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: Too few answers by people to hold any out, or no rule could foresee any.
    """
    questions = questions_of(task)
    if not len(questions) or questions.group.max() + 1 < folds:
        told = ", ".join(f"{count} {kind}" for kind, count in _asked(questions).items()) or "no answers"
        raise InputError.single(
            "comparisons.csv",
            f"{told} by people on {task.criterion.id} are too few to hold some out",
            remedy=f"collect answers of at least {folds} people or about {folds} pairs",
        )
    deals = [questions.folds(seed, repeat, folds) for repeat in range(repeats)]
    found, skipped = list[MethodLosses](), list[tuple[str, str]]()
    names = tuple(sorted(FUSION_RULES)) if rules is None else rules
    for (name, kind), foretell in _methods(questions, names).items():
        tell(f"holding out people from {name}")
        try:
            found.append(MethodLosses(name, kind, np.array([losses(questions, foretell(fold)) for fold in deals])))
        except DaccordError as error:
            skipped.append((name, str(error)))
    ratios = questions.weight[questions.is_ratio].sum() / questions.weight.sum()
    measure = LOG_DENSITY if ratios >= DECIDING_SHARE else LOG_LOSS
    best = max(found, key=lambda own: float(np.nanmean(own.gains(measure) * questions.weight)))
    base = next((own for own in found if own.name == reference and own.kind == "rule"), best)
    findings, warnings = _verdict(questions, {(own.name, own.kind): own for own in found}, base, measure)
    scores = [score_of(questions, own, base, measure) for own in found]
    return HeldOutReport(
        criterion=task.criterion.id,
        grouped_by="juror" if questions.by_juror else "pair",
        groups=int(questions.group.max()) + 1,
        answers=int(questions.is_ratio.sum()),
        questions=_asked(questions),
        repeats=repeats,
        measure=measure.name,
        reference=base.name,
        methods=tuple(sorted(scores, key=lambda score: score.lead)),
        skipped=tuple(skipped),
        findings=findings,
        warnings=warnings,
    )


def _asked(questions: Questions) -> dict[str, int]:
    counts = np.bincount(questions.kind, minlength=len(KINDS))
    return {name: int(count) for name, count in zip(KINDS, counts, strict=True) if count}


def _verdict(
    questions: Questions, found: dict[tuple[str, str], MethodLosses], base: MethodLosses, measure: Measure
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the scores say about models, and warnings."""
    findings, warnings = list[str](), list[str]()
    unit = "jurors" if questions.by_juror else "pairs"

    def say(words: str, one: MethodLosses, other: MethodLosses, complaint: str, *, errors: float) -> None:
        lead, error, _ = lead_of(questions, one, other, measure)
        text = f"{words}: {lead:+.3f} ± {error:.3f} over {unit}"
        if lead > errors * error:
            findings.append(text)
        else:
            warnings.append(f"{text}; {complaint}")

    equal = found[EQUAL_SPLIT, "no opinion"]
    if base is not equal:
        what = "it does not foresee people better than knowing nothing, beyond the error"
        say(f"{base.name} against an equal split", base, equal, what, errors=1.0)
    people, fused = found.get((PEOPLE_ONLY, PEOPLE_ONLY)), found.get((FUSED, "rule"))
    if people is None or fused is None:
        return tuple(findings), tuple(warnings)
    what = "models do not help beyond the error"
    say(f"{FUSED} with models against people only", fused, people, what, errors=1.0)
    alone = [own for (_, kind), own in found.items() if kind.startswith(("list", "comparisons")) and SEEN not in kind]
    if alone:
        best = max(alone, key=lambda own: lead_of(questions, own, people, measure)[0])
        what = "no model by itself foresees people as well as people do"
        say(f"best model by itself, {best.name}, against people only", best, people, what, errors=0.0)
    return tuple(findings), tuple(warnings)


def held_out_scores(
    round_: Round,
    criterion: str = "benefit",
    *,
    repeats: int = 3,
    folds: int = 5,
    tell: Callable[[str], None] = silent,
) -> HeldOutReport:
    """Score every method on held-out people of a round, measured from the round's own fusion rule; see `score_methods`.

    Raises:
        InputError: The round does not ask this criterion, or too few people answered.
    """
    asked = asked_criterion(round_, criterion)
    task, _, _ = task_of(round_, asked)
    return score_methods(task, repeats=repeats, folds=folds, seed=round_.seed, reference=round_.rules.fusion, tell=tell)
