"""From files to a round: names, repeats, stand-ins for people without a name, options, and what is said about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.formats._deepfunding_answers import Answer, number_anonymous
from daccord.formats.deepfunding import BUILTIN_ALIASES, ImportSpec, ModelFile, import_deepfunding
from daccord.round import Round

NAMED = "timestamp,juror,repo_a,repo_b,choice,multiplier\n"
NAMELESS = "repo_a,repo_b,winner,multiplier,reasoning\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def said(round_: Round) -> list[tuple[str, str, str, int, float | None]]:
    """Judge, projects, outcome and ratio of all comparisons; None for no ratio."""
    table = round_.judgments["benefit"].comparisons
    ids = round_.portfolio.ids
    return [
        (round_.panel.judges[j].id, ids[a], ids[b], int(o), None if np.isnan(r) else round(float(np.exp(r)), 9))
        for j, a, b, o, r in zip(table.judge, table.a, table.b, table.outcome, table.log_ratio, strict=True)
    ]


def problems_of(spec: ImportSpec) -> list[str]:
    with pytest.raises(InputError) as raised:
        import_deepfunding(spec)
    return [str(problem) for problem in raised.value.problems]


def test_people_with_names(folder: Path) -> None:
    human = put(folder, "h.csv", NAMED + "2025-01-01T00:00:00Z,J1,b,a,1,4\n2025-01-01T00:00:01Z,J2,a,c,2,1\n")
    round_ = import_deepfunding(ImportSpec(human=(human,)))
    assert round_.portfolio.ids == ("a", "b", "c")
    assert said(round_) == [("J1", "b", "a", 1, 4.0), ("J2", "a", "c", 0, 1.0)]
    assert round_.rules.evidence.min_judgments == 3
    assert round_.rules.evidence.min_jurors == 2
    assert round_.digests.keys() == {"h.csv"}
    assert any("count as ties" in notice for notice in round_.notices)
    assert not round_.simulated


def test_last_answer_of_a_juror_counts_whatever_the_order_of_rows_and_sides(folder: Path) -> None:
    rows = "2025-01-02T00:00:00Z,J1,b,a,1,4\n2025-01-01T00:00:00Z,J1,a,b,1,9\n2025-01-03T00:00:00+05:00,J2,a,b,1,2\n"
    round_ = import_deepfunding(ImportSpec(human=(put(folder, "h.csv", NAMED + rows),)))
    assert said(round_) == [("J1", "b", "a", 1, 4.0), ("J2", "a", "b", 1, 2.0)]
    assert "1 of 3 answers of people set aside; the same judge answered the same pair again later" in round_.notices


def test_repeat_that_times_do_not_order_is_refused(folder: Path) -> None:
    same = put(folder, "a.csv", NAMED + "2025-01-02T00:00:00Z,J1,b,a,1,4\n2025-01-02T00:00:00Z,J1,a,b,1,9\n")
    never = put(folder, "b.csv", "juror,repo_a,repo_b,choice,multiplier\nJ1,b,a,1,4\nJ1,b,a,1,5\n")
    for path in (same, never):
        (problem,) = problems_of(ImportSpec(human=(path,)))
        assert f"{path.name}, row 3: the same judge answered the pair in row 2" in problem


def test_row_released_twice_counts_once(folder: Path) -> None:
    old = put(folder, "old.csv", NAMED + "2025-01-02T00:00:00Z,J1,b,a,1,4\n")
    new = put(folder, "new.csv", NAMED + "2025-01-02T00:00:00Z,J1,a,b,2,4\n2025-01-02T00:00:00Z,J2,b,a,1,4\n")
    round_ = import_deepfunding(ImportSpec(human=(old, new)))
    assert said(round_) == [("J1", "b", "a", 1, 4.0), ("J2", "b", "a", 1, 4.0)]
    assert any(notice.startswith("1 rows of people repeat") for notice in round_.notices)


def test_every_answer_of_a_model_counts(folder: Path) -> None:
    head = "timestamp,juror,repo_a,repo_b,choice\n"
    early, late = "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"
    rows = [f"{early},M,a,b,1", f"{late},M,b,a,1", f"{early},N,a,b,1", f"{late},M,a,b,1", f"{late},M,a,c,1"]
    runs = put(folder, "runs.csv", head + "".join(f"{row}\n" for row in rows))
    round_ = import_deepfunding(ImportSpec(ai=(ModelFile(runs),)))
    assert said(round_) == [
        ("M", "a", "b", 1, None),
        ("M", "b", "a", 1, None),
        ("N", "a", "b", 1, None),
        ("M", "a", "b", 1, None),
        ("M", "a", "c", 1, None),
    ]
    assert round_.notices == ()
    write_round(round_, folder / "round")
    assert said(load_round(folder / "round")) == said(round_)


def test_row_of_a_model_released_twice_counts_once_where_its_time_tells(folder: Path) -> None:
    head = "timestamp,juror,repo_a,repo_b,choice,multiplier\n"
    old = put(folder, "old.csv", head + "2025-01-01T00:00:00Z,M,a,b,1,2\n")
    new = put(folder, "new.csv", head + "2025-01-01T01:00:00+01:00,M,a,b,1,2.0\n2025-01-01T00:00:00Z,M,b,a,2,2\n")
    round_ = import_deepfunding(ImportSpec(ai=(ModelFile(old), ModelFile(new))))
    assert said(round_) == [("M", "a", "b", 1, 2.0), ("M", "b", "a", -1, 0.5)]  # the sides were swapped: asked anew
    assert round_.notices == ("1 rows of models repeat another row, judge, answer and time; each answer counts once",)
    timeless = put(folder, "t.csv", "juror,repo_a,repo_b,choice\nM,a,b,1\nM,a,b,1\nM,a,b,2\n")
    round_ = import_deepfunding(ImportSpec(ai=(ModelFile(timeless),)))
    assert round_.judgments["benefit"].comparisons.outcome.tolist() == [1, 1, -1]


def test_people_without_names(folder: Path) -> None:
    text = NAMELESS + "a,b,a,3,because\nb,c,c,5,\n"
    round_ = import_deepfunding(ImportSpec(human=(put(folder, "h.csv", text),)))
    assert {judge.id for judge in round_.panel} == {"jury"}
    assert round_.rules.evidence.min_jurors == 1
    assert any("influence of one juror cannot be computed" in notice for notice in round_.notices)
    assert "because" not in repr(round_)


def test_repeats_of_people_without_names_all_survive(folder: Path) -> None:
    text = NAMELESS + "a,b,a,3,\nb,a,b,5,\nb,c,c,2,\na,b,a,7,\n"
    round_ = import_deepfunding(ImportSpec(human=(put(folder, "h.csv", text),)))
    assert said(round_) == [
        ("jury-1", "a", "b", 1, 3.0),
        ("jury-2", "b", "a", 1, 5.0),
        ("jury-1", "b", "c", -1, 0.5),
        ("jury-3", "a", "b", 1, 7.0),
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(5, 8), st.booleans()), max_size=40))
def test_stand_ins_are_as_few_as_it_takes(pairs: list[tuple[int, int, bool]]) -> None:
    answers = [
        Answer("", *((b, a) if swap else (a, b)), 1, 0.5, None, "f", row) for row, (a, b, swap) in enumerate(pairs)
    ]
    named, count = number_anonymous(answers)
    assert [answer.row for answer in named] == [answer.row for answer in answers]
    asked = Counter((answer.judge, answer.pair) for answer in named)
    assert all(times == 1 for times in asked.values())
    assert count == max(Counter(answer.pair for answer in answers).values(), default=0)
    assert len({answer.judge for answer in named}) == count


def test_faulty_multiplier_is_set_aside_from_people_only(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "a,b,a,1.1,\na,b,a,1.10,\na,b,b,2,\n")
    ai = put(folder, "m.csv", "repo_a,repo_b,choice,multiplier,juror\na,b,1,1.1,M\n")
    round_ = import_deepfunding(ImportSpec(human=(human,), ai=(ModelFile(ai),), drop=(1.1,)))
    assert said(round_) == [("jury", "a", "b", -1, 0.5), ("M", "a", "b", 1, 1.1)]
    assert "h.csv: 2 of 3 rows set aside; their multiplier is 1.1" in round_.notices


def test_models(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "a,b,a,2,\n")
    runs = put(folder, "runs.csv", "juror_id,item_a,item_b,winner\ndev,a,b,b\nmeta,a,b,a\ndev,a,a,a\n")
    alone = put(folder, "gpt.csv", "repo_a,repo_b,winner,multiplier\na,b,a,3\n")
    weights = put(folder, "w.csv", "item,weight\nb,30\na,10\n")
    spec = ImportSpec(
        human=(human,),
        ai=(ModelFile(runs, "arb"), ModelFile(alone)),
        lists=(ModelFile(weights, "elo"), ModelFile(weights, "fit")),
        families={"arb": "arbitron", "elo": "arbitron"},
        seen=("gpt", "fit"),
    )
    round_ = import_deepfunding(spec)
    models = [(j.id, j.kind, j.family, j.exposure) for j in round_.panel if not j.is_person]
    assert models == [
        ("arb-dev", "model", "arbitron", "blind"),
        ("arb-meta", "model", "arbitron", "blind"),
        ("gpt", "model", "", "seen"),
        ("elo", "model", "arbitron", "blind"),
        ("fit", "model", "", "seen"),
    ]
    assert round_.judgments["benefit"].lists[0].weights == {"b": 0.75, "a": 0.25}
    assert any("the weights sum to 40" in notice for notice in round_.notices)
    assert "runs.csv: 1 of 3 rows set aside; both sides are the same project" in round_.notices
    table = round_.judgments["benefit"].comparisons
    assert table.outcome.tolist() == [1, -1, 1, 1]
    assert np.isnan(table.log_ratio).tolist() == [False, True, True, False]


def test_seen_may_name_all_models_of_a_file(folder: Path) -> None:
    runs = put(folder, "runs.csv", "juror_id,item_a,item_b,winner\ndev,a,b,b\nmeta,a,b,a\n")
    round_ = import_deepfunding(ImportSpec(ai=(ModelFile(runs, "arb"),), seen=("arb",)))
    assert {judge.exposure for judge in round_.panel} == {"seen"}
    assert round_.rules.evidence.min_jurors == 2  # the default: no people without names are among the judges


def test_options_that_name_no_model_are_refused(folder: Path) -> None:
    runs = put(folder, "runs.csv", "juror_id,item_a,item_b,winner\ndev,a,b,b\n")
    spec = ImportSpec(ai=(ModelFile(runs),), seen=("Dev",), families={"gpt": "x"})
    problems = problems_of(spec)
    assert len(problems) == 2
    assert "column --seen: there is no model 'Dev'" in problems[0]
    assert "there are dev" in problems[0]
    assert "column --family: there is no model 'gpt'" in problems[1]


def test_ids_that_clash_are_refused(folder: Path) -> None:
    human = put(folder, "h.csv", NAMED + "2025-01-01T00:00:00Z,dev,b,a,1,4\n")
    runs = put(folder, "runs.csv", "juror_id,item_a,item_b,winner\ndev,a,b,b\n")
    assert "has the same id as a juror" in problems_of(ImportSpec(human=(human,), ai=(ModelFile(runs),)))[0]
    weights = put(folder, "w.csv", "item,weight\nb,1\n")
    spec = ImportSpec(ai=(ModelFile(runs),), lists=(ModelFile(weights, "dev"),))
    problems = problems_of(spec)
    assert len(problems) == 2
    assert all("two files name a model 'dev'" in problem for problem in problems)


def test_case_is_resolved_by_the_alias_table_only(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "Org/a,o/b,o/b,2,\n")
    ai = put(folder, "m.csv", "repo_a,repo_b,winner\norg/a,o/b,o/b\norg/a,o/b,org/a\no/b,org/a,o/b\n")
    items = put(folder, "items.csv", "repo\nOrg/a\no/b\n")
    spec = ImportSpec(human=(human,), ai=(ModelFile(ai, "M"),), items=items)
    (problem,) = problems_of(replace(spec, ai=(), human=(put(folder, "x.csv", NAMELESS + "org/a,o/b,o/b,2,\n"),)))
    assert "x.csv, row 2, column repo_a: 'org/a' differs from the item 'Org/a' in case" in problem
    assert "add org/a,Org/a to the alias table" in problem
    first, second = problems_of(spec)
    assert "row 2, column repo_a: 'org/a' differs from the item 'Org/a' in case (and in 1 more rows)" in first
    assert "row 4, column repo_b" in second
    without_items = problems_of(replace(spec, items=None))
    assert "'org/a' differs from 'Org/a' in case" in without_items[0]
    for changes in ({}, {"items": None}, {"restrict_to": items}):
        aliases = put(folder, "aliases.csv", "alias,name\norg/a,Org/a\n")
        ai_once = put(folder, "m1.csv", "repo_a,repo_b,winner\norg/a,o/b,o/b\n")
        round_ = import_deepfunding(replace(spec, ai=(ModelFile(ai_once, "M"),), aliases=(aliases,), **changes))
        assert set(round_.portfolio.ids) == {"Org/a", "o/b"}
        assert len(said(round_)) == 2


def test_restriction_never_loses_a_name_that_differs_in_case(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "org/a,o/b,o/b,2,\n")
    items = put(folder, "items.csv", "repo\nOrg/a\no/b\n")
    (problem,) = problems_of(ImportSpec(human=(human,), items=items, restrict_to=items))
    assert "differs from the item 'Org/a' in case" in problem


def test_unknown_name_is_refused_once_with_its_first_row(folder: Path) -> None:
    items = put(folder, "items.csv", "repo\na\nb\n")
    human = put(folder, "h.csv", NAMELESS + "a,b,a,2,\na,z,a,2,\nb,z,b,2,\n")
    (problem,) = problems_of(ImportSpec(human=(human,), items=items))
    assert "h.csv, row 3, column repo_b: 'z' is no item of the round (and in 1 more rows)" in problem
    aliases = put(folder, "aliases.csv", "alias,name\nz,y\n")
    (problem,) = problems_of(ImportSpec(human=(human,), items=items, aliases=(aliases,)))
    assert "'z' is an alias of 'y', which is no item" in problem


def test_restriction_sets_other_projects_aside(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "a,b,a,2,\na,z,a,2,\nb,z,b,2,\n")
    weights = put(folder, "w.csv", "repo,weight\na,0.2\nb,0.3\nz,0.5\n")
    keep = put(folder, "keep.csv", "repo\na\nb\n")
    round_ = import_deepfunding(ImportSpec(human=(human,), lists=(ModelFile(weights),), restrict_to=keep))
    assert round_.portfolio.ids == ("a", "b")
    assert len(said(round_)) == 1
    assert "h.csv: 2 of 3 rows set aside; they compare other projects" in round_.notices
    assert "w.csv: 1 of 3 weights set aside; they are for other projects" in round_.notices
    assert round_.judgments["benefit"].lists[0].weights == pytest.approx({"a": 0.4, "b": 0.6})
    strange = put(folder, "strange.csv", "repo\na\nq\n")
    assert "'q' is no project of the files given" in problems_of(ImportSpec(human=(human,), restrict_to=strange))[0]
    useless = put(folder, "u.csv", "repo,weight\nz,1\n")
    spec = ImportSpec(human=(human,), lists=(ModelFile(useless),), restrict_to=keep)
    assert "no weight for any project" in problems_of(spec)[0]


def test_list_with_two_names_of_one_project_is_refused(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "a,b,a,2,\n")
    weights = put(folder, "w.csv", "repo,weight\na,0.2\nold,0.8\n")
    aliases = put(folder, "aliases.csv", "alias,name\nold,a\n")
    spec = ImportSpec(human=(human,), lists=(ModelFile(weights),), aliases=(aliases,))
    assert "w.csv, row 3, column repo: 'old' is another name of 'a'" in problems_of(spec)[0]


def test_sides_that_an_alias_makes_one_project_are_set_aside(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "a,old,a,2,\na,b,a,2,\n")
    aliases = put(folder, "aliases.csv", "alias,name\nold,a\n")
    round_ = import_deepfunding(ImportSpec(human=(human,), aliases=(aliases,)))
    assert len(said(round_)) == 1
    assert "h.csv: 1 of 2 rows set aside; both sides are the same project" in round_.notices


def test_nothing_to_import_is_refused() -> None:
    assert "names no projects" in problems_of(ImportSpec())[0]


def test_builtin_aliases_end_at_names_that_are_no_aliases() -> None:
    assert BUILTIN_ALIASES["prysmaticlabs/prysm"] == "OffchainLabs/prysm"
    assert not set(BUILTIN_ALIASES) & set(BUILTIN_ALIASES.values())


def test_absolute_paths_are_not_published(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "a,b,a,1.1,\na,b,b,2,\n")
    (folder / "x").mkdir()
    (folder / "y").mkdir()
    one = put(folder / "x", "w.csv", "repo,weight\na,3\n")
    two = put(folder / "y", "w.csv", "repo,weight\nb,3\n")
    spec = ImportSpec(human=(human,), lists=(ModelFile(one, "one"), ModelFile(two, "two")), drop=(1.1,))
    round_ = import_deepfunding(spec)
    assert set(round_.digests) == {"h.csv", "x/w.csv", "y/w.csv"}
    assert str(folder) not in repr(round_)


def test_round_survives_its_folder(folder: Path) -> None:
    human = put(folder, "h.csv", NAMELESS + "a,b,a,3,\nb,a,b,5.5,\nb,c,c,1,\n")
    runs = put(folder, "runs.csv", "juror_id,item_a,item_b,winner\ndev,a,b,b\nmeta,a,b,a\n")
    weights = put(folder, "w.csv", "item,weight\nb,0.125\na,0.375\nc,0.5\n")
    spec = ImportSpec(
        human=(human,),
        ai=(ModelFile(runs, "arb"),),
        lists=(ModelFile(weights, "elo"),),
        families={"arb": "arbitron"},
        seen=("elo",),
    )
    round_ = import_deepfunding(spec)
    write_round(round_, folder / "round")
    again = load_round(folder / "round")
    assert said(again) == said(round_)
    assert again.panel == round_.panel
    assert again.portfolio == round_.portfolio
    assert (again.criteria, again.budget, again.goal, again.rules) == (
        round_.criteria,
        round_.budget,
        round_.goal,
        round_.rules,
    )
    assert again.judgments["benefit"].lists == round_.judgments["benefit"].lists
    assert set(round_.notices) <= set(again.notices)
