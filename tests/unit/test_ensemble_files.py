"""Results as bytes, folders, and what a study is: what is refused, and that nothing is lost on the way."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.unit.ensemble_cases import STUDY

from daccord.ensemble._codec import FORMAT, record_of, result_of, sealed, unsealed
from daccord.ensemble._folder import Folder
from daccord.ensemble._identity import identity
from daccord.errors import ExternalError, InputError, IntegrityError
from daccord.futures.lab import Market
from daccord.futures.study import Ground, Piece, Scenario, Split
from daccord.futures.world import Welfare

finite = st.floats(allow_nan=False, allow_infinity=False)
tables = arrays.arrays(np.float64, arrays.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=4), elements=finite)
parts = st.dictionaries(st.text(max_size=5), finite, max_size=3)
results = st.one_of(
    st.builds(Ground, st.text(max_size=5), st.integers(0, 9), tables, tables),
    st.builds(
        Piece,
        st.builds(Scenario, st.integers(0, 10**9), st.text(max_size=5), st.integers(0, 9), parts),
        finite, tables, tables, tables, tables, tables, tables,
    ),
    st.builds(Split, st.text(max_size=5), st.text(max_size=5), finite, finite, parts, parts),
)  # fmt: skip
MANIFEST = {"format": FORMAT, "daccord": "1", "numpy": "2", "file": "f" * 64, "study": "a" * 64, "scenarios": 3}
SPLIT = Split("leaky", "market", 3.0, 2.5, {"leak": 0.5, "error": -0.0}, {"leak": 0.1, "error": 1e-300})


def same(one: object, other: object) -> bool:
    """Whether all fields have the same bytes, the order of mappings and the sign of zero included."""
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]  # type: ignore[arg-type]
    return type(one) is type(other) and all(
        a.shape == b.shape and a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) else repr(a) == repr(b)
        for a, b in pairs
    )


@given(results)
def test_what_is_written_is_read(result: Ground | Piece | Split) -> None:
    record = record_of("key", result)
    assert same(result_of(record), result)
    assert record_of("key", result_of(record)) == record


def test_a_file_is_what_its_page_says() -> None:
    ground = Ground("é", 1, np.array([1.0, -0.5]), np.array([2.0]))
    data = sealed("b" * 64, "ground-00000", record_of("k", ground))
    first, second, body = data.split(b"\n", 2)
    assert first == b"daccord-ensemble-1 " + b"b" * 64 + b" ground-00000"
    head = {"is": "ground", "fields": {"group": "é", "values": 1}, "arrays": [["planned", [2]], ["scale", [1]]]}
    assert json.loads(second) == head
    assert body[:-32] == struct.pack("<3d", 1.0, -0.5, 2.0)
    assert body[-32:] == hashlib.sha256(data[:-32]).digest()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(InputError, match="scenario-000003: scale is not a finite number"):
        record_of("scenario-000003", Ground("a", 0, np.array([1.0]), np.array([bad])))
    with pytest.raises(InputError, match="parts is not a finite number"):
        record_of("k", replace(SPLIT, parts={"leak": bad}))


@given(st.data())
def test_any_changed_byte_is_found(data: st.DataObject) -> None:
    good = sealed("a" * 64, "split-00000", record_of("k", SPLIT))
    place = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(IntegrityError, match=r"x\.bin is (damaged|no piece)"):
        unsealed("a" * 64, "split-00000", bytes(bad), "x.bin")


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda tail: record_of("k", SPLIT)[:-1] + tail))
def test_any_bytes_are_a_record_or_refused(data: bytes) -> None:
    try:
        found = result_of(data)
    except ValueError:
        return
    assert isinstance(found, Ground | Piece | Split)


@pytest.mark.parametrize("size", [0, 10, 100, 200])
def test_a_cut_file_is_refused(size: int) -> None:
    good = sealed("a" * 64, "split-00000", record_of("k", SPLIT))
    with pytest.raises(IntegrityError, match="computed again"):
        unsealed("a" * 64, "split-00000", good[:size], "x.bin")


def test_files_of_another_study_or_task_are_refused(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "e", MANIFEST)
    folder.put("split-00000", record_of("k", SPLIT))
    assert folder.get("split-00000") == record_of("k", SPLIT)
    assert folder.get("split-00001") is None
    data = (tmp_path / "e" / "split-00000.bin").read_bytes()
    (tmp_path / "e" / "split-00001.bin").write_bytes(data)
    with pytest.raises(IntegrityError, match=r"split-00001\.bin is of another study or task"):
        folder.get("split-00001")
    other = Folder(tmp_path / "o", MANIFEST | {"study": "b" * 64})
    (tmp_path / "o" / "split-00000.bin").write_bytes(data)
    with pytest.raises(IntegrityError, match=r"split-00000\.bin is of another study or task"):
        other.get("split-00000")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "daccord-ensemble-9"}, "was written by another version of daccord"),
        ({"daccord": "2"}, "was computed by another version of daccord"),
        ({"numpy": "3"}, "was computed with another version of numpy"),
        ({"file": "0" * 64}, "is of another world file"),
        ({"study": "0" * 64}, "is of another study"),
    ],
)
def test_folders_of_another_ensemble_are_refused(tmp_path: Path, change: dict[str, str], said: str) -> None:
    Folder(tmp_path, MANIFEST)
    Folder(tmp_path, MANIFEST | {"scenarios": 4})  # told, not compared
    with pytest.raises(InputError, match=f"{said}.*name another folder"):
        Folder(tmp_path, MANIFEST | change)


def test_folders_with_other_things_are_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear …", encoding="utf-8")
    with pytest.raises(InputError, match="holds other things and no ensemble"):
        Folder(tmp_path, MANIFEST)
    assert [item.name for item in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(ExternalError, match=r"letter\.txt"):
        Folder(tmp_path / "letter.txt", MANIFEST)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 10**5, "null"])
def test_a_damaged_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ensemble.json").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"ensemble\.json is damaged"):
        Folder(tmp_path, MANIFEST)


def test_what_was_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".split-00000.bin.77.part").write_bytes(b"daccord-ens")
    folder = Folder(tmp_path, MANIFEST)
    assert folder.get("split-00000") is None
    folder.tidy()
    assert [item.name for item in tmp_path.iterdir()] == ["ensemble.json"]


def test_a_study_is_its_numbers() -> None:
    assert identity(STUDY) == identity(replace(STUDY))
    machine, *rest = STUDY.world.technologies
    slower = replace(STUDY.world, technologies=(replace(machine, spending=50.000000000000007), *rest))
    others = [
        replace(STUDY, seed=2),
        replace(STUDY, worlds=7),
        replace(STUDY, budget=10),
        replace(STUDY, world=slower),
        replace(STUDY, values=(Welfare(gamma=1.0), Welfare())),
        replace(STUDY, constitutions=dict(reversed(STUDY.constitutions.items()))),
        replace(STUDY, constitutions={**STUDY.constitutions, "market": Market(coordination=0.1)}),
        replace(STUDY, conditions=replace(STUDY.conditions, leak=0.125)),
        replace(STUDY, fundable=("alignment",)),
    ]
    assert len({identity(study) for study in [STUDY, *others]}) == 10
    with pytest.raises(TypeError, match="object has no plain form"):
        identity(replace(STUDY, weights={"welfare": object()}))  # type: ignore[dict-item]
