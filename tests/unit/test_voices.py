"""Models become voices: families, copies, and lists that say nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from daccord.fusion._task import FusionTask
from daccord.fusion.models._voices import EXACT_COPY, NEAR_COPY, Voice, model_vectors, seen_by_voices, voices
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings
from daccord.round import Criterion

PROJECTS = tuple(f"p{i}" for i in range(9))
RNG = np.random.default_rng(5)
ONE, TWO, THREE = RNG.normal(size=(3, 9))


def task(
    lists: dict[str, np.ndarray], families: dict[str, str] | None = None, seen: tuple[str, ...] = ()
) -> FusionTask:
    """One juror, and a model for each list, registered in the order given."""
    models = [
        Judge(name, "model", family=(families or {}).get(name, ""), exposure="seen" if name in seen else "blind")
        for name in lists
    ]
    entries = tuple(
        ModelList(name, dict(zip(PROJECTS, np.exp(vector).tolist(), strict=True))) for name, vector in lists.items()
    )
    return FusionTask(
        criterion=Criterion("benefit", "?"),
        projects=PROJECTS,
        panel=Panel((Judge("j", "person"), *models)),
        judgments=Judgments(Comparisons.empty(), Ratings.empty(), entries),
    )


def heard(*args, **others) -> dict[str, Voice]:
    return {voice.name: voice for voice in voices(task(*args, **others))[0]}


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def near(vector: np.ndarray, to: float = 0.99) -> np.ndarray:
    """A vector with this correlation to another one."""
    centred = (vector - vector.mean()) / vector.std()
    noise = np.random.default_rng(17).normal(size=len(vector))
    noise -= noise.mean() + centred * (noise @ centred) / len(vector)
    return to * centred + np.sqrt(1 - to**2) * noise / noise.std()


def test_helper_makes_the_correlation_it_says():
    assert correlation(ONE, near(ONE, 0.99)) == pytest.approx(0.99, abs=1e-12)


def test_a_voice_is_standardised():
    [voice] = heard({"m": 3 * ONE + 7}).values()
    assert voice.vector.mean() == pytest.approx(0, abs=1e-15)
    assert voice.vector.std() == pytest.approx(1, abs=1e-15)
    assert correlation(voice.vector, ONE) == pytest.approx(1, abs=1e-12)


def test_a_model_without_a_family_is_one_of_its_own():
    assert set(heard({"m": ONE, "n": TWO})) == {"m", "n"}


def test_a_family_speaks_with_one_voice():
    found = heard({"m": ONE, "n": TWO, "k": THREE}, {"m": "A", "n": "A", "k": "B"})
    assert {name: voice.models for name, voice in found.items()} == {"A": ("m", "n"), "B": ("k",)}
    mixed = (ONE - ONE.mean()) / ONE.std() + (TWO - TWO.mean()) / TWO.std()
    assert correlation(found["A"].vector, mixed) == pytest.approx(1, abs=1e-12)


def test_a_near_copy_counts_with_what_it_copies():
    """In the voice of the family whose list was there first, and without a say of its own."""
    lists = {"m": ONE, "n": near(ONE), "k": TWO}
    found, warnings = voices(task(lists, {"m": "A", "n": "B", "k": "C"}))
    assert [(voice.name, voice.models) for voice in found] == [("A+B", ("m", "n")), ("C", ("k",))]
    assert np.allclose(found[0].vector, (ONE - ONE.mean()) / ONE.std(), rtol=0, atol=1e-12)
    assert warnings == ("m and n are alike and count as one opinion, in the voice of A",)


def test_a_near_copy_joins_lists_and_not_families():
    """A holds a near-copy of one list of B, and C of another one of B: two opinions, as there are two lists."""
    lists = {"a": ONE, "b1": near(ONE), "b2": TWO, "c": near(TWO)}
    found, _ = voices(task(lists, {"a": "A", "b1": "B", "b2": "B", "c": "C"}))
    assert [(voice.name, voice.models) for voice in found] == [("A+B", ("a", "b1")), ("B+C", ("b2", "c"))]


def test_a_bad_siblings_copy_does_not_dilute_a_good_list():
    """B copies A's good list and sends a bad one beside it: A speaks as if B were not there, B with the bad one."""
    lists, families = {"good": ONE, "copy": near(ONE), "bad": TWO}, {"good": "A", "copy": "B", "bad": "B"}
    alone, crowd = heard({"good": ONE}, {"good": "A"}), heard(lists, families)
    assert np.array_equal(crowd["A+B"].vector, alone["A"].vector)
    assert np.allclose(crowd["B"].vector, (TWO - TWO.mean()) / TWO.std(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("to", "count"), [(NEAR_COPY + 1e-6, 1), (NEAR_COPY - 1e-6, 2)])
def test_where_near_begins(to, count):
    assert len(heard({"m": ONE, "n": near(ONE, to)}, {"m": "A", "n": "B"})) == count


def test_near_copies_count_once_inside_a_voice():
    """Three variants of one opinion beside another one weigh half, not three quarters; only the first one speaks."""
    plain = heard({"m": ONE, "n": TWO}, dict.fromkeys("mn", "A"))["A"].vector
    variants = {f"v{i}": near(ONE, 0.999 + 0.0001 * i) for i in range(3)}
    crowd = heard({"m": ONE, "n": TWO, **variants}, dict.fromkeys(["m", "n", *variants], "A"))["A"].vector
    assert np.allclose(crowd, plain, rtol=0, atol=1e-12)
    outvoted = 4 * (ONE - ONE.mean()) / ONE.std() + (TWO - TWO.mean()) / TWO.std()
    assert correlation(crowd, outvoted) < correlation(crowd, plain)


@pytest.mark.parametrize("family", ["A", "B", "new", ""])
@pytest.mark.parametrize("name", ["aaa", "zzz"])
@pytest.mark.parametrize("copy", [ONE, 2.5 * ONE, ONE - 4.0])
def test_an_exact_copy_is_dropped_whoever_sends_it(name, family, copy):
    """Whoever registered first is heard; a copy may be scaled and stretched."""
    lists, families = {"m": ONE, "n": TWO, "k": THREE}, {"m": "A", "n": "A", "k": "B"}
    before = heard(lists, families)
    after, warnings = voices(task({**lists, name: copy}, {**families, name: family}))
    assert [(voice.name, voice.models) for voice in after] == [(voice.name, voice.models) for voice in before.values()]
    assert all(np.array_equal(voice.vector, before[voice.name].vector) for voice in after)
    assert warnings == (f"{name} is an exact copy of m and adds nothing",)


def test_registration_says_who_copied():
    lists = {"m": ONE, "a": ONE}
    assert [voice.models for voice in voices(task(lists))[0]] == [("m",)]
    turned = replace(task(lists), registered=("j", "a", "m"))
    assert [voice.models for voice in voices(turned)[0]] == [("a",)]


def test_where_exact_begins():
    assert len(heard({"m": ONE, "n": near(ONE, 1 - 3 * (1 - EXACT_COPY))})["m+n"].models) == 2
    assert heard({"m": ONE, "n": near(ONE, 1 - (1 - EXACT_COPY) / 3)})["m"].models == ("m",)


def test_a_list_that_says_the_same_of_all_gets_no_weight():
    found, warnings = voices(task({"m": ONE, "flat": np.full(9, 0.1)}))
    assert [voice.name for voice in found] == ["m"]
    assert warnings == ("flat says the same of every project and gets no weight",)


def test_models_that_had_seen_the_answers_are_left_out():
    found, warnings = voices(task({"m": ONE, "o": TWO, "n": near(ONE)}, {"n": "B", "m": "A"}, seen=("o", "n")))
    assert [voice.name for voice in found] == ["A"]
    assert warnings == ("n, o had seen people's answers and get no weight",)


def test_a_copy_of_a_model_that_had_seen_the_answers_still_speaks():
    """Exposure is declared by model; that a blind model agrees with an exposed one does not silence it."""
    assert set(heard({"o": ONE, "m": ONE}, seen=("o",))) == {"m"}


def shown(values: np.ndarray, first: int) -> FusionTask:
    """People told `values` in 36 answers, of which the first so many were revealed before model `late` was fixed."""
    said = task({"m": ONE, "late": TWO})
    late = replace(said.panel["late"], committed=100)
    panel = Panel(tuple(late if judge.id == "late" else judge for judge in said.panel))
    a, b = np.triu_indices(9, 1)
    told, order = values[a] - values[b], np.random.default_rng(4).permutation(36)
    at = np.where(np.arange(36) < first, 100, 101)
    a, b, told = a[order], b[order], told[order]
    table = Comparisons(np.zeros(36), a, b, np.sign(told).astype(int), told, at)
    return replace(said, panel=panel, judgments=replace(said.judgments, comparisons=table))


def test_a_model_fixed_after_all_answers_were_revealed_is_left_out():
    found, warnings = voices(shown(TWO, 36))
    assert [voice.name for voice in found] == ["m"]
    assert warnings == ("late was fixed after all answers were revealed, shows no skill and gets no weight",)


def test_a_model_that_saw_some_answers_is_heard_if_it_shows_skill_on_the_others():
    found, warnings = voices(shown(TWO, 12))
    assert [voice.name for voice in found] == ["late", "m"]
    assert warnings == ()
    seen = seen_by_voices(shown(TWO, 12), found)
    assert seen.sum(axis=1).tolist() == [12, 0]
    assert seen[0, :12].all()


def test_a_model_that_saw_some_answers_and_is_wrong_about_the_others_is_left_out():
    found, warnings = voices(shown(-TWO, 12))
    assert [voice.name for voice in found] == ["m"]
    assert warnings == (
        "late had seen 12 of 36 answers, shows no skill on the 24 it could not have seen, and gets no weight",
    )


def test_opposite_lists_of_one_family_cancel():
    found, warnings = voices(task({"m": ONE, "n": -ONE}, {"m": "A", "n": "A"}))
    assert found == ()
    assert warnings == ("the lists of A cancel each other out and get no weight",)


def test_names_decide_only_the_order():
    lists = {"m": ONE, "n": TWO, "k": near(TWO)}
    one = heard(lists, {"m": "A", "n": "A", "k": "B"})
    swapped = heard({"z": ONE, "y": TWO, "x": near(TWO)}, {"z": "Q", "y": "Q", "x": "P"})
    [first], [second] = one.values(), swapped.values()
    assert np.allclose(first.vector, second.vector, rtol=0, atol=1e-12)


# --- comparisons instead of a list ------------------------------------------------------------------------------------


def comparing(vector: np.ndarray, *, ratio: bool, wrong: int = 0) -> FusionTask:
    a, b = np.triu_indices(9, 1)
    told = vector[a] - vector[b]
    told[:wrong] *= -1
    outcome, none = np.sign(told).astype(np.int64), np.full(len(a), np.nan)
    table = Comparisons(np.ones(len(a)), a, b, outcome, told if ratio else none)
    return replace(task({"m": ONE}), judgments=Judgments(table, Ratings.empty()))


def test_ratios_of_a_model_give_back_what_they_were_told_from():
    [vector] = model_vectors(comparing(TWO, ratio=True)).values()
    assert correlation(vector, TWO) > 0.999


def test_orders_of_a_model_give_its_ranking():
    [vector] = model_vectors(comparing(TWO, ratio=False)).values()
    assert list(np.argsort(vector)) == list(np.argsort(TWO))


def test_a_list_goes_before_comparisons():
    both = comparing(TWO, ratio=True)
    listed = replace(both, judgments=replace(both.judgments, lists=task({"m": ONE}).judgments.lists))
    [vector] = model_vectors(listed).values()
    assert np.allclose(vector, ONE, rtol=0, atol=1e-12)


def test_without_models_nobody_speaks():
    assert voices(task({})) == ((), ())
