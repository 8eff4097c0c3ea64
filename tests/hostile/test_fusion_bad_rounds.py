"""Every fusion rule on rounds that no rule likes: finite beliefs and a state one can see, or an error with a remedy.

All rounds are simulated. What a rule is known to get wrong is marked `xfail` with the reason, so that it stays visible.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.hostile.fusion_cases import CASES, PROJECTS

from daccord.errors import InputError, NoPeopleError
from daccord.fusion import FUSION_RULES, CriterionBeliefs, fuse_criterion

RULES = sorted(FUSION_RULES)


def cells(*cases: str, known: dict[str, str] | None = None) -> pytest.MarkDecorator:
    """All rules on some cases; `known` says what is wrong with a rule still."""
    marks = {rule: [pytest.mark.xfail(reason=reason, strict=False)] for rule, reason in (known or {}).items()}
    return pytest.mark.parametrize(
        ("case", "rule"),
        [pytest.param(case, rule, marks=marks.get(rule, ())) for case in cases for rule in RULES],
    )


def fitted(case: str, rule: str) -> CriterionBeliefs | InputError:
    """Sound beliefs, or an error that says what to do."""
    round_ = CASES[case]()
    try:
        found = fuse_criterion(round_, round_.criteria[0], rule)
    except InputError as error:
        for problem in error.problems:
            assert problem.message
            assert problem.remedy
        return error
    for values in (found.mean, found.variance, *(component.mean for component in found.components)):
        assert values.shape == (len(PROJECTS),)
        assert np.isfinite(values).all()
    assert (found.variance > 0).all()
    assert np.isclose(sum(component.weight for component in found.components), 1)
    assert found.above is None or ((found.above >= 0) & (found.above <= 1)).all()
    assert all(text.startswith("benefit: ") for text in found.warnings)
    return found


def centred(found: CriterionBeliefs) -> np.ndarray:
    return found.mean - found.mean.mean()


def contrast_sd(found: CriterionBeliefs, a: int, b: int) -> float:
    one, other = np.array([a]), np.array([b])
    variance = sum(part.weight * part.contrast_variance(one, other)[0] for part in found.components)
    return float(np.sqrt(variance))


@cells(*(case for case in CASES if case != "nobody"))
def test_beliefs_are_finite_or_an_error_says_what_to_do(case: str, rule: str) -> None:
    fitted(case, rule)


@cells("nobody")
def test_models_never_decide_alone(case: str, rule: str) -> None:
    assert isinstance(fitted(case, rule), NoPeopleError)


@cells("disconnected")
def test_groups_that_nobody_linked_are_seen(case: str, rule: str) -> None:
    found = fitted(case, rule)
    if isinstance(found, CriterionBeliefs):
        apart = contrast_sd(found, 0, 3) > 2 * contrast_sd(found, 0, 1)
        assert apart or any("link" in text for text in found.warnings)


@cells("all_ties", "ties_without_ratio", "cycle", "contradictions", "equal_ratings")
def test_what_is_said_to_be_equal_is_about_equal(case: str, rule: str) -> None:
    found = fitted(case, rule)
    if isinstance(found, CriterionBeliefs):
        assert np.abs(centred(found)).max() < 0.15  # PageRank values whoever has a say, also where it is taken back


@cells("unjudged")
def test_a_project_that_nobody_judged_is_the_least_sure(case: str, rule: str) -> None:
    found = fitted(case, rule)
    if isinstance(found, CriterionBeliefs):
        assert found.judgments[5] == found.jurors[5] == 0
        assert found.variance[5] > found.variance[:5].max()


@cells("always_won", known={"median": "orders alone give values e^33 apart, with a standard deviation of 0.03"})
def test_orders_alone_do_not_give_endless_values(case: str, rule: str) -> None:
    found = fitted(case, rule)
    if isinstance(found, CriterionBeliefs):
        assert np.abs(centred(found)).max() < 10


@cells("constant_list", "constant_list_few_answers")
def test_a_list_that_says_nothing_changes_nothing(case: str, rule: str) -> None:
    found = fitted(case, rule)
    if not isinstance(found, CriterionBeliefs):
        return
    assert any("bot" in text or "lists of models" in text for text in found.warnings)
    if "lists" in FUSION_RULES[rule].reads and rule != "hierarchical":
        return  # a rule that combines lists has nothing else to say, and its warning names the list
    round_ = CASES[case]()
    silent = replace(round_, judgments={"benefit": replace(round_.judgments["benefit"], lists=())})
    without = fuse_criterion(silent, silent.criteria[0], rule)
    np.testing.assert_allclose(centred(found), centred(without), atol=1e-9)


@cells("huge_ratios", "beyond_the_format")
def test_an_absurd_ratio_is_outvoted_or_makes_unsure(case: str, rule: str) -> None:
    """Sixty answers say that the first project is a little better, one or two that it is worth next to nothing."""
    found = fitted(case, rule)
    if isinstance(found, CriterionBeliefs) and rule not in {"pagerank", "rank-centrality"}:
        assert found.mean[0] - found.mean[5] > -3 * contrast_sd(found, 0, 5)


@cells("only_ratings", "only_rankings")
def test_one_kind_of_answer_is_enough_for_a_rule_that_reads_it(case: str, rule: str) -> None:
    found = fitted(case, rule)
    reads = case.removeprefix("only_") in FUSION_RULES[rule].reads
    assert isinstance(found, CriterionBeliefs) == reads
    if isinstance(found, CriterionBeliefs):
        assert (np.diff(found.mean) < 0).all()
    else:
        assert not isinstance(found, NoPeopleError)
        assert f"{rule!r}" in str(found)
