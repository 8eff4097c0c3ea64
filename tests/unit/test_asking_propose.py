"""Who is asked what: ties, what was had before, coverage, load, sides, chance, and what a juror cannot be asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.asking_cases import BENEFIT, DEFENCE, HARM, NEED, believed, judgments, round_of

from daccord.asking import Agenda, form_of, propose, prospect
from daccord.asking import _candidates as candidates_module
from daccord.errors import InputError, RefusedError
from daccord.fusion import JurorView
from daccord.judging import Judge, Rankings
from daccord.portfolio import Project
from daccord.round import Constraint, Criterion, EvidenceRules, MoneyRules, Round, Rules

MEAN = [0.8, 0.4, 0.0, -0.3, -0.6, 0.2]
FUNDED = [1.0] * 6


def benefit(**changes):
    return {"benefit": believed("benefit", MEAN, above=FUNDED, **changes)}


def ask(round_: Round, beliefs=None, juror: str = "j0", **options) -> Agenda:
    return propose(prospect(round_, benefit() if beliefs is None else beliefs), juror, **options)


def pairs(agenda: Agenda) -> set[frozenset[str]]:
    return {frozenset((q.left, q.right)) for q in agenda.questions if q.right}


def everything(agenda: Agenda) -> set[str]:
    return {project for q in agenda.questions for project in (q.left, q.right) if project}


# --- what is never asked ----------------------------------------------------------------------------------------------


def test_all_pairs_are_asked_once_and_then_no_more() -> None:
    agenda = ask(round_of(), count=100)
    assert len(agenda.questions) == 15
    assert len(pairs(agenda)) == 15
    assert all(q.left != q.right for q in agenda.questions)


def test_projects_with_a_declared_tie_are_never_asked() -> None:
    judges = [Judge("j0", "person", conflicts=("p1", "t2")), Judge("j1", "person")]
    agenda = ask(round_of(judges=judges), count=100)
    assert everything(agenda) == {"p0", "p3", "p4"}  # t2 is the team of p2 and p5
    assert everything(ask(round_of(judges=judges), juror="j1", count=100)) == set(round_of().portfolio.ids)


def test_what_was_answered_or_left_open_is_not_asked_again() -> None:
    said = judgments(compared=[(0, 1, 0), (1, 2, 3)], skipped=[(0, 4, 2), (1, 5, 4)])
    asked = pairs(ask(round_of(said={"benefit": said}), count=100))
    assert len(asked) == 13
    assert frozenset(("p0", "p1")) not in asked
    assert frozenset(("p2", "p4")) not in asked
    assert frozenset(("p2", "p3")) in asked  # somebody else's answer


def test_a_ranking_answers_the_pairs_whose_order_it_tells() -> None:
    ranking = Rankings([0], [0, 4], [2], [0, 1, 2, 3])  # type: ignore[arg-type]
    asked = pairs(ask(round_of(said={"benefit": judgments(rankings=ranking)}), count=100))
    assert len(asked) == 15 - 5  # the two that were left below stand in no order
    assert frozenset(("p2", "p3")) in asked


def test_a_project_left_open_alone_is_left_alone() -> None:
    agenda = ask(round_of(said={"benefit": judgments(skipped=[(0, 3, -1)])}), count=100)
    assert "p3" not in everything(agenda)


def test_a_project_under_a_hard_constraint_is_not_asked() -> None:
    rules = Rules(constraints=(Constraint("no", "1", "Not this one.", projects=("p1",)),))
    agenda = ask(round_of(rules=rules), benefit(judgments=[9, 0, 9, 9, 9, 9]), count=100)
    assert "p1" not in everything(agenda)


def test_models_are_not_asked() -> None:
    judges = [Judge("j0", "person"), Judge("m0", "model")]
    with pytest.raises(RefusedError, match="m0 is a model, and models are not asked"):
        ask(round_of(judges=judges), juror="m0")


def test_an_unknown_juror_is_told_the_nearest() -> None:
    judges = [Judge("juror-1", "person"), Judge("other", "person"), Judge("juror-x", "model")]
    with pytest.raises(InputError, match="no judge has the id 'juror-l' → the nearest juror is 'juror-1'"):
        ask(round_of(judges=judges), juror="juror-l")


def test_an_unknown_criterion_is_told_those_there_are() -> None:
    with pytest.raises(InputError, match="does not ask 'harm' → use one of benefit"):
        ask(round_of(), criterion="harm")


def test_nothing_left_is_said() -> None:
    said = judgments(compared=[(0, 0, 1)])
    with pytest.raises(RefusedError, match="j0 has no question left on benefit"):
        ask(
            round_of(2, {"benefit": said}),
            {"benefit": believed("benefit", [0, 1], above=[1, 1])},
            criterion="benefit",
        )


def test_one_project_cannot_be_compared() -> None:
    with pytest.raises(RefusedError, match="no question left"):
        ask(round_of(1), {"benefit": believed("benefit", [0], above=[1])})


def test_a_count_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ask(round_of(), count=0)


# --- coverage and load ------------------------------------------------------------------------------------------------


def test_evidence_comes_first() -> None:
    """p4 lacks three answers and p1 one: both together first, then p4 with others, and only then what has effect."""
    agenda = ask(round_of(), benefit(judgments=[9, 2, 9, 9, 0, 9]), count=5)
    assert [q.why for q in agenda.questions[:3]] == [("coverage",)] * 3
    assert {agenda.questions[0].left, agenda.questions[0].right} == {"p1", "p4"}
    assert all("p4" in {q.left, q.right} for q in agenda.questions[:3])
    assert "coverage" not in agenda.questions[3].why


def test_jurors_asked_at_the_same_time_do_not_all_get_what_lacks_most() -> None:
    """Twenty projects lack an answer or three; ten jurors know nothing of each other's five questions."""
    judgments_ = [0, 0, *[2] * 18]
    round_ = round_of(20, judges=[Judge(f"j{i}", "person") for i in range(10)])
    belief = believed("benefit", np.zeros(20), [2.0, 2.0, *[0.5] * 18], above=np.ones(20), judgments=judgments_)
    view = prospect(round_, {"benefit": belief})
    asked: Counter[str] = Counter()
    for judge in round_.panel:
        agenda = propose(view, judge.id, count=5)
        assert len(everything(agenda)) == 10  # in one session other projects come first
        asked.update(everything(agenda))
    assert asked["p0"] < 10
    assert asked["p1"] < 10
    assert len(asked) >= 19


def test_a_person_heard_before_is_not_another_person() -> None:
    """p2 has answers enough, but of one juror only; j0 was that one, j1 was not."""
    said = judgments(compared=[(0, 2, 0), (0, 2, 1), (0, 2, 3)])
    round_, beliefs = round_of(said={"benefit": said}), benefit(judgments=9, jurors=[3, 3, 1, 3, 3, 3])
    assert all("coverage" not in q.why for q in ask(round_, beliefs, "j0").questions)
    first, second, *_ = ask(round_, beliefs, "j1").questions
    assert first.why == ("coverage",)
    assert "p2" in {first.left, first.right}
    assert "coverage" not in second.why


def test_first_questions_of_all_spread_over_all_projects() -> None:
    """Nobody has answered; each of eight jurors is asked three questions without knowing of the others."""
    round_ = round_of(12, judges=[Judge(f"j{i}", "person") for i in range(8)])
    asked: Counter[str] = Counter()
    for judge in round_.panel:
        agenda = propose(prospect(round_, {}), judge.id, count=3)
        assert all(q.basis == "coverage" and q.effect is None for q in agenda.questions)
        assert len(everything(agenda)) == 6  # two new projects in each question
        asked.update(p for q in agenda.questions for p in (q.left, str(q.right)))
    assert set(asked) == set(round_.portfolio.ids)


def test_no_project_is_asked_about_far_more_than_others() -> None:
    """One project alone is unsure; without a limit every question would be about it."""
    beliefs = {"benefit": believed("benefit", np.zeros(20), [1.5, *[0.05] * 19], above=np.ones(20))}
    round_ = round_of(20)
    alone = sum("p0" in {q.left, q.right} for q in ask(round_, beliefs, count=20).questions)
    assert 1 <= alone <= 6
    asked_a_lot = judgments(compared=[(1, 0, i) for i in range(1, 20)])
    later = ask(round_of(20, {"benefit": asked_a_lot}), beliefs, count=5)
    assert "p0" not in everything(later)


# --- effects ----------------------------------------------------------------------------------------------------------


def test_questions_are_about_what_is_not_sure() -> None:
    sure = [0.01] * 6
    sure[2] = sure[5] = 0.8
    rules = Rules(money=MoneyRules(rule="proportional"))
    agenda = ask(round_of(rules=rules), {"benefit": believed("benefit", MEAN, sure, above=FUNDED)}, count=1)
    assert {"p2", "p5"} & everything(agenda)
    assert agenda.questions[0].basis == "awards"
    assert agenda.questions[0].effect is not None
    assert agenda.questions[0].effect > 0


def test_effects_fall_as_questions_are_answered() -> None:
    """The fifth question to a pool of near equals does less than the first, because four were answered before."""
    agenda = ask(round_of(rules=Rules(money=MoneyRules(rule="proportional"))), count=15)
    effects = [q.effect or 0 for q in agenda.questions]
    assert np.mean(effects[:5]) > np.mean(effects[5:10]) > np.mean(effects[10:])


def test_an_exact_answer_leaves_nothing_to_ask() -> None:
    """One value is open; once a juror who is never wrong has told it, the next question does next to nothing."""
    exact = JurorView("j0", 20, 1.0, 0.0, 0.0, 0.0, 1.0)
    belief = believed(
        "benefit", [0] * 4, [1, 0.01, 0.01, 0.01], above=[1] * 4, juror_views=(exact,), parameters={"noise_ratio": 0.01}
    )
    first, second = ask(round_of(4), {"benefit": belief}, count=2).questions
    assert "p0" in {first.left, first.right}
    assert first.effect is not None
    assert second.effect is not None
    assert second.effect < 0.05 * first.effect


def test_a_careful_juror_does_more_than_a_careless_one() -> None:
    def view(juror: str, noise: float) -> JurorView:
        return JurorView(juror, 20, 1.0, 0.05, 0.0, 0.0, noise)

    beliefs = benefit(juror_views=(view("j0", 0.5), view("j1", 2.0)), parameters={"noise_ratio": 0.7})
    totals = {juror: ask(round_of(), beliefs, juror).considered["benefit"] for juror in ("j0", "j1", "j2")}
    assert totals["j0"] > totals["j2"] > totals["j1"]


def test_orders_are_asked_where_the_answer_is_open() -> None:
    """Who only says which is more tells nothing where everybody knows the answer."""
    said = judgments(compared=[(1, 0, 1), (1, 0, 2), (1, 1, 2)])
    orders = replace(said, comparisons=replace(said.comparisons, log_ratio=np.full(3, np.nan)))
    beliefs = {"benefit": believed("benefit", [3.0, 3.0, -3.0, -3.0], 0.7, above=[1] * 4)}
    rules = Rules(money=MoneyRules(rule="proportional"))
    first = ask(round_of(4, {"benefit": orders}, rules=rules), beliefs, count=1)
    assert pairs(first) == {frozenset(("p0", "p1"))}


def test_the_criterion_with_the_largest_effect_is_asked() -> None:
    criteria = (BENEFIT, DEFENCE, NEED)
    clear = believed("benefit", MEAN, 0.01, above=FUNDED)
    open_defence = believed("defence", MEAN, 0.5, above=[0.4, 0.5, 0.45, 0.02, 0.0, 0.6])
    round_ = round_of(criteria=criteria)
    beliefs = {"benefit": clear, "defence": open_defence, "need": believed("need", MEAN, 2.0)}
    agenda = ask(round_, beliefs, form="comparison")
    assert agenda.criterion.id == "defence"
    assert agenda.considered["defence"] > agenda.considered["benefit"]
    assert "need" not in agenda.considered
    assert any("bar" in q.why for q in agenda.questions)
    calm = {**beliefs, "defence": believed("defence", MEAN, 0.5, above=[0.0] * 6), "benefit": benefit()["benefit"]}
    assert ask(round_, calm).criterion.id == "benefit"


def test_no_question_about_harm_is_chosen_by_what_people_said_of_it() -> None:
    round_ = round_of(criteria=(BENEFIT, HARM))
    clear = believed("benefit", MEAN, 0.01, above=FUNDED)

    def asked(above: list[float]) -> list[tuple[object, ...]]:
        harm = believed("harm", MEAN, 0.5, above=above)
        agenda = ask(round_, {"benefit": clear, "harm": harm}, criterion="harm", form="comparison")
        assert "harm" not in agenda.answered
        assert "harm" not in agenda.considered
        return [(q.left, q.right, q.text, q.effect) for q in agenda.questions]

    assert asked([0.4, 0.5, 0.45, 0.02, 0.0, 0.6]) == asked([0.21, 0.9, 0.3, 0.1, 0.19, 0.51])  # the same levels


def test_a_criterion_without_consequences_is_asked_only_by_name() -> None:
    round_ = round_of(criteria=(BENEFIT, NEED))
    beliefs = {**benefit(), "need": believed("need", MEAN, 2.0)}
    assert ask(round_, beliefs).criterion.id == "benefit"
    named = ask(round_, beliefs, criterion="need")
    assert {q.basis for q in named.questions} == {"values"}
    assert "no money hangs on them" in named.questions[0].text


def test_without_a_bar_questions_are_about_shares_of_the_benefit() -> None:
    round_ = round_of(criteria=(replace(BENEFIT, threshold=None),))
    agenda = ask(round_, {"benefit": believed("benefit", MEAN)})
    assert {q.basis for q in agenda.questions} == {"shares"}
    assert "shares of the benefit" in agenda.questions[0].text


def test_missing_evidence_decides_the_criterion() -> None:
    round_ = round_of(criteria=(BENEFIT, HARM))
    harm = believed("harm", MEAN, 0.5, above=[0.0] * 6, judgments=[0, 9, 9, 9, 9, 9])
    assert ask(round_, {**benefit(), "harm": harm}, form="comparison").criterion.id == "harm"


# --- ratings ----------------------------------------------------------------------------------------------------------


def rated_only() -> Round:
    rows = [(j, i, 4.0 + i % 3) for j in (1, 2) for i in range(6)]
    return round_of(criteria=(replace(BENEFIT, scale=HARM.scale),), said={"benefit": judgments(rated=rows)})


def test_a_round_that_only_rates_is_asked_for_ratings() -> None:
    agenda = ask(rated_only(), count=100)
    assert agenda.form == "rating"
    assert [q.right for q in agenda.questions] == [None] * 6
    assert len({q.left for q in agenda.questions}) == 6
    assert all((q.effect or 0) > 0 for q in agenda.questions)
    with pytest.raises(RefusedError, match="no question left"):
        ask(rated_only(), juror="j1")


@pytest.mark.parametrize(
    ("criterion", "said", "rule", "form"),
    [
        (HARM, judgments(), "hierarchical", "rating"),  # its limit is a point on the scale
        (HARM, judgments(compared=[(0, 1, 2)]), "hierarchical", "comparison"),
        (HARM, judgments(compared=[(0, 1, 2)], rated=[(0, 1, 3.0)]), "hierarchical", "comparison"),
        (HARM, judgments(rated=[(0, 1, 3.0)]), "huber", "comparison"),  # reads no ratings
        (BENEFIT, judgments(), "hierarchical", "comparison"),
        (replace(BENEFIT, scale=HARM.scale), judgments(), "hierarchical", "comparison"),
        (replace(BENEFIT, scale=HARM.scale), judgments(rated=[(0, 1, 3.0)]), "hierarchical", "rating"),
    ],
)
def test_form_follows_what_people_were_asked(criterion: Criterion, said, rule: str, form: str) -> None:
    round_ = round_of(criteria=(criterion,), said={criterion.id: said}, rules=Rules(fusion=rule))
    assert form_of(round_, criterion) == form


def test_ratings_need_a_scale() -> None:
    with pytest.raises(InputError, match="benefit has no rating scale → ask for comparisons"):
        ask(round_of(), criterion="benefit", form="rating")
    with pytest.raises(InputError, match="no criterion has a rating scale"):
        ask(round_of(), form="rating")
    assert ask(round_of(criteria=(BENEFIT, DEFENCE)), form="rating").criterion.id == "defence"


# --- chance -----------------------------------------------------------------------------------------------------------


def flat(seed: int, **options) -> Round:
    return round_of(16, judges=[Judge(f"j{i}", "person") for i in range(30)], seed=seed, **options)


def test_the_same_record_gives_the_same_questions() -> None:
    beliefs = {"benefit": believed("benefit", np.zeros(16), above=np.ones(16))}
    one, again = (ask(flat(1), beliefs) for _ in range(2))
    assert one == again
    other = ask(flat(2), beliefs)
    assert one.key != other.key
    assert pairs(one) != pairs(other)


def test_jurors_get_different_questions_on_random_sides() -> None:
    beliefs = {"benefit": believed("benefit", np.zeros(16), above=np.ones(16))}
    view = prospect(flat(1), beliefs)
    agendas = [propose(view, f"j{i}", count=10) for i in range(30)]
    assert len({frozenset(pairs(agenda)) for agenda in agendas}) == 30
    first = [int(q.left[1:]) < int(str(q.right)[1:]) for agenda in agendas for q in agenda.questions]
    assert 0.42 < np.mean(first) < 0.58  # 300 coins: three standard errors are 0.087


def test_the_next_session_is_drawn_anew() -> None:
    beliefs = {"benefit": believed("benefit", np.zeros(16), above=np.ones(16))}
    later = flat(1, said={"benefit": judgments(compared=[(0, 3, 4)])})
    assert ask(flat(1), beliefs).key != ask(later, beliefs).key


def test_the_sentence_does_not_say_who_is_ahead() -> None:
    """The same question to the same juror with the two projects' standing exchanged."""
    rules = Rules(money=MoneyRules(rule="proportional"), evidence=EvidenceRules(1, 1))
    texts = []
    for mean in ([0.4, -0.4], [-0.4, 0.4]):
        agenda = ask(round_of(2, rules=rules), {"benefit": believed("benefit", mean, above=[1, 1])})
        texts.append(agenda.questions[0].text)
        assert "p0" not in texts[-1]
    assert texts[0] == texts[1]


# --- many projects ----------------------------------------------------------------------------------------------------


def test_many_projects_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit some that lack evidence, some with unsure awards and some at random are candidates."""
    monkeypatch.setattr(candidates_module, "WIDEST", 12)
    size = 60
    sd, lacking = np.full(size, 0.1), np.full(size, 9)
    sd[7], lacking[[20, 21]] = 1.5, 0
    projects = [Project(f"p{i:02}", f"Project {i}") for i in range(size)]
    belief = believed("benefit", np.zeros(size), sd, above=np.ones(size), judgments=lacking)
    view = prospect(round_of(projects), {"benefit": belief})
    agenda = propose(view, "j0", count=200)
    assert len(agenda.questions) == 12 * 11 / 2
    asked = everything(agenda)
    assert len(asked) == 12
    assert {"p07", "p20", "p21"} <= asked
    assert everything(propose(view, "j1", count=200)) != asked


def test_variances_alone_are_enough() -> None:
    belief = benefit()["benefit"]
    component = replace(belief.components[0], covariance=np.diag(belief.components[0].covariance).copy())
    alone = {"benefit": replace(belief, components=(component,))}
    assert [q.effect for q in ask(round_of(), alone).questions] == pytest.approx(
        [q.effect for q in ask(round_of()).questions], rel=1e-6
    )
