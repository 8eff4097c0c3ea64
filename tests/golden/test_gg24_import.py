"""Deep Funding's real files, against the figures their publishers give.

Sources: README of davidgasquez/gg24-deepfunding-market-weights (41,418 comparisons, 6,903 a persona, solidity's wins),
README of davidgasquez/deepfunding-trial-data-analysis (593, 37, 45, 390), the GG24 market guide (156 usable).
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.formats.deepfunding import (
    ComparisonTable,
    ImportSpec,
    import_deepfunding,
    preset,
    read_comparisons,
    read_items,
    read_weights,
)
from daccord.judging import NEVER
from daccord.round import Round

PERSONAS = {"builder", "dev", "ethereum-dev", "founder", "meta", "senior-dev"}


@pytest.fixture(scope="module")
def gg24_round(gg24: Path) -> Round:
    return import_deepfunding(preset("gg24", gg24))


@pytest.fixture(scope="module")
def trial_round(trial: Path) -> Round:
    return import_deepfunding(preset("trial", trial))


@pytest.fixture(scope="module")
def runs(gg24: Path) -> list[ComparisonTable]:
    return [read_comparisons(path) for path in sorted((gg24 / "ai/arbitron_runs").glob("*.csv"))]


def count_answers(round_: Round) -> Counter[str]:
    """Judge → number of comparisons."""
    judges = round_.panel.judges
    return Counter(judges[j].id for j in round_.judgments["benefit"].comparisons.judge.tolist())


def test_gg24_people(gg24: Path) -> None:
    table = read_comparisons(gg24 / "human/pairwise_data.csv")
    assert len(table) == 171
    assert not table.has_jurors
    assert int(np.count_nonzero(table.multiplier == 1.1)) == 15
    assert table.multiplier.min() == 1
    assert len(read_items(gg24 / "items/repos_to_predict.csv")) == 98


def test_gg24_arbitron_as_published(runs: list[ComparisonTable]) -> None:
    assert sum(map(len, runs)) == 41_418
    assert Counter(juror for table in runs for juror in table.juror) == dict.fromkeys(PERSONAS, 6903)
    wins = lost = 0
    for table in runs:
        outcome = np.where([name == "argotorg/solidity" for name in table.a], table.outcome, -table.outcome)
        present = np.array(["argotorg/solidity" in pair for pair in zip(table.a, table.b, strict=True)])
        wins += int(np.count_nonzero(outcome[present] == 1))
        lost += int(np.count_nonzero(outcome[present] == -1))
    assert (wins, wins + lost) == (827, 828)


def test_gg24_arbitron_compares_a_renamed_repository_with_itself(runs: list[ComparisonTable]) -> None:
    """Twelve published rows name `LFDT-web3j/web3j` on both sides; they say nothing."""
    same = [a for table in runs for a, b in zip(table.a, table.b, strict=True) if a == b]
    assert same == ["LFDT-web3j/web3j"] * 12


def test_gg24_round(gg24_round: Round) -> None:
    assert len(gg24_round.portfolio) == 98
    counts = count_answers(gg24_round)
    people = {judge.id for judge in gg24_round.panel if judge.is_person}
    assert people == {"jury-1", "jury-2", "jury-3"}
    assert sum(counts[name] for name in people) == 156
    # Every answer of a persona, without its two on web3j against itself: 6,903 − 2.
    assert {name: count for name, count in counts.items() if name.startswith("arbitron-")} == {
        f"arbitron-{persona}": 6901 for persona in PERSONAS
    }
    assert counts["LLM_ensemble_v7"] == 1376
    assert sum(counts.values()) == 156 + 41_406 + 1376
    assert gg24_round.budget.amount == 35_000_000
    assert gg24_round.rules.evidence.min_jurors == 1


def test_gg24_keeps_repeats_of_models(gg24_round: Round) -> None:
    """Each persona answered 4,730 pairs, some of them again and again; no row stands twice in the files."""
    table = gg24_round.judgments["benefit"].comparisons
    asked = Counter(
        (gg24_round.panel.judges[j].id, min(a, b), max(a, b))
        for j, a, b in zip(table.judge.tolist(), table.a.tolist(), table.b.tolist(), strict=True)
    )
    pairs = Counter(judge for judge, _, _ in asked)
    assert {pairs[f"arbitron-{persona}"] for persona in PERSONAS} == {4730}
    assert sum(count - 1 for (judge, _, _), count in asked.items() if judge.startswith("arbitron-")) == 13_026
    assert not any("answered the same pair again" in notice for notice in gg24_round.notices)
    assert not any("each answer counts once" in notice for notice in gg24_round.notices)


def test_gg24_models(gg24_round: Round) -> None:
    models = {judge.id: judge for judge in gg24_round.panel if not judge.is_person}
    lists = {model.model: model.weights for model in gg24_round.judgments["benefit"].lists}
    assert {name for name, judge in models.items() if judge.family == "arbitron"} == {
        *(f"arbitron-{persona}" for persona in PERSONAS),
        *(f"arbitron-{fit}" for fit in ("bradley-terry", "colley", "elo", "huber-log", "pagerank", "rank-centrality")),
    }
    assert models["LLM_ensemble_v7"].family == "llm-ensemble"
    assert {name for name, judge in models.items() if judge.exposure == "seen"} == {"LLM_ensemble_v7", "Collins2003"}
    assert len(lists) == 9
    assert {len(weights) for weights in lists.values()} == {98}
    assert all(sum(weights.values()) == pytest.approx(1) for weights in lists.values())
    # The copy stays in, so that fusion has to find it.
    assert lists["l1-predictions_example"] == pytest.approx(lists["arbitron-huber-log"], rel=1e-12)


def test_gg24_says_what_it_set_aside(gg24_round: Round) -> None:
    for text in (
        "human/pairwise_data.csv: 15 of 171 rows set aside; their multiplier is 1.1",
        "ai/arbitron_runs/20251022103108.csv: 6 of 28518 rows set aside; both sides are the same project",
        "ai/arbitron_runs/20251023081111.csv: 6 of 12000 rows set aside; both sides are the same project",
    ):
        assert text in gg24_round.notices
    assert sum("influence of one juror cannot be computed" in notice for notice in gg24_round.notices) == 1


def test_gg24_has_no_words_of_jurors(gg24: Path, gg24_round: Round, tmp_path: Path) -> None:
    """The reasoning stays where it was published."""
    write_round(gg24_round, tmp_path / "round")
    written = "".join(path.read_text() for path in (tmp_path / "round").rglob("*") if path.is_file())
    source = (gg24 / "human/pairwise_data.csv").read_text()
    sentence = source.splitlines()[1].partition('"')[2][:60]
    assert sentence in source
    assert sentence not in written


def test_gg24_survives_its_folder(gg24_round: Round, tmp_path: Path) -> None:
    write_round(gg24_round, tmp_path / "round")
    again = load_round(tmp_path / "round")
    table, expected = again.judgments["benefit"].comparisons, gg24_round.judgments["benefit"].comparisons
    for name in ("judge", "a", "b", "outcome"):
        np.testing.assert_array_equal(getattr(table, name), getattr(expected, name))
    np.testing.assert_allclose(table.log_ratio, expected.log_ratio, rtol=1e-14, atol=0)
    assert again.panel == gg24_round.panel
    assert again.rules == gg24_round.rules


def test_gg24_without_the_file_that_only_mirrors_have(gg24: Path, tmp_path: Path) -> None:
    for path in gg24.rglob("*.csv"):
        if path.name != "Collins2003.csv":
            link = tmp_path / path.relative_to(gg24)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    round_ = import_deepfunding(preset("gg24", tmp_path))
    assert len(round_.judgments["benefit"].lists) == 8
    assert "contestants/Collins2003.csv is not in the folder and was left out" in round_.notices
    (tmp_path / "human/pairwise_data.csv").unlink()
    with pytest.raises(InputError, match="run: daccord fetch deepfunding-gg24"):
        preset("gg24", tmp_path)


def test_gg24_needs_the_alias_table(gg24: Path) -> None:
    """The ensemble writes 26 of 98 names in lower case; without the table each is one problem with a remedy."""
    spec = preset("gg24", gg24)
    with pytest.raises(InputError) as raised:
        import_deepfunding(ImportSpec(ai=spec.ai, items=spec.items, root=gg24))
    names = {problem.message.split("'")[1] for problem in raised.value.problems}
    assert len(names) == 26
    assert all(name == name.lower() for name in names)
    assert all("alias table" in problem.remedy for problem in raised.value.problems)


def test_trial_people_as_published(trial: Path) -> None:
    table = read_comparisons(trial / "human/pairs_593.csv")
    assert len(table) == 593
    assert len(set(table.juror)) == 37
    assert len({*table.a, *table.b}) == 45
    assert len({frozenset(pair) for pair in zip(table.a, table.b, strict=True)}) == 390
    assert all(table.time)
    assert table.multiplier.max() == 999


def test_trial_releases_overlap(trial: Path) -> None:
    sizes = [
        len(read_comparisons(trial / f"human/{name}.csv"))
        for name in ("train_180_first_release", "train_407_public", "train_627_with_reasoning")
    ]
    assert sizes == [180, 407, 627]


def test_trial_is_the_last_release_restricted_to_its_items(trial: Path, trial_round: Round) -> None:
    """627 rows restricted to 45 repositories are the 593, through line breaks and quotes in the reasoning."""
    human = trial / "human/train_627_with_reasoning.csv"
    spec = ImportSpec(human=(human,), restrict_to=trial / "ai/arbitron.csv", root=trial)
    round_ = import_deepfunding(spec)
    assert "human/train_627_with_reasoning.csv: 34 of 627 rows set aside; they compare other projects" in round_.notices
    assert count_answers(round_) == count_answers(trial_round)
    assert round_.portfolio.ids == trial_round.portfolio.ids


def test_trial_round(trial_round: Round) -> None:
    assert len(trial_round.portfolio) == 45
    counts = count_answers(trial_round)
    assert len(counts) == 37
    assert sum(counts.values()) == 587  # 593 without 6 answers that their jurors replaced
    assert trial_round.rules.evidence.min_jurors == 2
    assert [model.model for model in trial_round.judgments["benefit"].lists] == [
        "arbitron",
        "composite_model",
        "aswin_submission_phase5",
    ]
    assert trial_round.panel["aswin_submission_phase5"].exposure == "seen"
    assert "ai/composite_model.csv: the weights sum to 99.71; they were divided by it" in trial_round.notices


def test_trial_answers_in_the_public_releases_were_visible(trial: Path, trial_round: Round) -> None:
    """374 of the 593 answers are in the public release, 219 in the held-out part; 146 were out before (all counted).

    Six answers that their juror replaced are not in the round.
    """
    revealed = trial_round.judgments["benefit"].comparisons.revealed
    assert revealed is not None
    first, public = (datetime(2025, 9, day, *at, tzinfo=UTC) for day, at in ((10, (2, 12, 31)), (27, (2, 55, 52))))
    counts = Counter(revealed.tolist())
    assert set(counts) == {int(first.timestamp()), int(public.timestamp()), NEVER}
    assert 219 - 6 <= counts[NEVER] <= 219
    assert 146 - 6 <= counts[int(first.timestamp())] <= 146
    assert trial_round.panel["aswin_submission_phase5"].committed == 1759767454  # 2025-10-06 16:17:34
    assert {"human/train_180_first_release.csv", "human/train_407_public.csv"} <= set(trial_round.digests)
    assert any(notice.startswith("370 of 587 answers of people could be read in") for notice in trial_round.notices)


def test_trial_refuses_the_stray_letter(trial: Path, trial_round: Round) -> None:
    """Read as zero elsewhere, this weight made a model the worst of its contest."""
    with pytest.raises(InputError) as raised:
        read_weights(trial / "ai/final_seer_weights.csv")
    (problem,) = raised.value.problems
    assert (problem.row, problem.column) == (21, "weight")
    assert "0.02853076603930131C" in problem.message
    assert any(notice.startswith("final_seer_weights was left out: ") for notice in trial_round.notices)


def test_trial_in_the_names_of_gg24(gg24: Path, trial: Path) -> None:
    """With the built-in aliases the trial's people can be read on the items of the later round."""
    spec = ImportSpec(
        human=(trial / "human/pairs_593.csv",),
        restrict_to=gg24 / "items/repos_to_predict.csv",
        items=gg24 / "items/repos_to_predict.csv",
        builtin_aliases=True,
    )
    round_ = import_deepfunding(spec)
    table = round_.judgments["benefit"].comparisons
    asked = {round_.portfolio.ids[i] for i in np.unique(np.concatenate([table.a, table.b]))}
    assert {"OffchainLabs/prysm", "remix-project-org/remix-project", "LFDT-web3j/web3j", "ethereum/EIPs"} <= asked
    assert len(asked) == 43  # ethereum/py-evm and ethereum/evmone are no items of GG24
