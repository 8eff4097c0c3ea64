"""One decision, whatever the machine: hash seeds, threads, order of rows, time zones, locales, processors.

Each surrounding is a process of its own that decides the (simulated) example rounds and reports what was in effect. Two
digests are compared. That of *what follows*: graph, verdicts, awards, certificate and whatever else of a decision file
is exact, computed in every surrounding from the published integers of one of them, is one digest everywhere. That of
*all integers*, from everybody's own fit, is one as well among surroundings with the same kernel, and over kernels no
published integer differs by more than one unit: other kernels add floats in another order.

    python tests/scenario/test_determinism.py

decides in all combinations and prints a table.
"""

from __future__ import annotations

import csv
import ctypes
import io
import json
import locale
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ROUNDS = ("dacc", "s-process", "deep")
COMMA = "de_DE.UTF-8"


@dataclass(frozen=True)
class Surrounding:
    """Where a round is decided; `shuffle` seeds the order of the rows, 0 leaves it."""

    hash_seed: str = "0"
    threads: int = 1
    zone: str = "UTC"
    locale: str = "C"
    shuffle: int = 0
    kernel: str = "Haswell"


CHOSEN = (
    Surrounding(),
    Surrounding("1", 2, "Asia/Kathmandu", COMMA, 1, "Haswell"),
    Surrounding("random", 1, "America/St_Johns", COMMA, 2, "Nehalem"),
    Surrounding("2", 2, "Pacific/Apia", "C.UTF-8", 0, "Prescott"),
)
"""Each value of each setting meets the others, as far as four runs allow."""


def kernel_in_effect() -> tuple[str, int]:
    """The kernel and the threads that numpy's own OpenBLAS says it uses; empty if it cannot be asked."""
    import numpy as np

    np.ones((64, 64)) @ np.ones((64, 64))
    for path in {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "openblas" in line}:
        if "numpy" in path:
            library = ctypes.CDLL(path)
            name = library.scipy_openblas_get_corename64_
            name.restype = ctypes.c_char_p
            return name().decode(), library.scipy_openblas_get_num_threads64_()
    return "", 0


def exact_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """What of a decision file is exact and says nothing of the bytes of the round's folder."""
    keys = (
        "round",
        "budget",
        "criteria",
        "method",
        "seed",
        "graph",
        "unallocated",
        "divided",
        "entries",
        "certificate",
    )
    projects = sorted(document["projects"], key=lambda project: project["id"])
    parts = ("id", "verdict", "award", "share", "scores")
    return {**{key: document[key] for key in keys}, "projects": [{key: one[key] for key in parts} for one in projects]}


def digest(document: Mapping[str, Any]) -> str:
    return sha256(json.dumps(exact_part(document), sort_keys=True).encode()).hexdigest()


def decide_here(folder: Path, published: Path | None) -> dict[str, Any]:
    """Decide in this process, and once more from published integers."""
    from daccord.formats import load_round
    from daccord.formats.decisions import decision_document, graph_of, scores_of
    from daccord.pipeline import decide, recompute

    found: dict[str, Any] = {}
    for name in ROUNDS:
        own = decide(load_round(folder / name))
        document = decision_document(own)
        theirs = json.loads((published / f"{name}.json").read_text()) if published else document
        place = {one: i for i, one in enumerate(own.round.portfolio.ids)}
        said = {**theirs, "projects": sorted(theirs["projects"], key=lambda project: place[project["id"]])}
        again = decision_document(recompute(own, scores_of(said), graph_of(said)))
        found[name] = {"own": digest(document), "follows": digest(again), "document": document}
    return found


def _main(folder: str, published: str) -> None:
    locale.setlocale(locale.LC_ALL, "")
    kernel, threads = kernel_in_effect()
    print(  # noqa: T201
        json.dumps(
            {
                "kernel": kernel,
                "threads": threads,
                "decimal_point": locale.localeconv()["decimal_point"],
                "zone": time.strftime("%z", time.localtime(1_800_000_000)),
                "hash": hash("daccord"),
                "rounds": decide_here(Path(folder), Path(published) if published else None),
            }
        )
    )


def shuffled(target: Path, seed: int) -> Path:
    """The example rounds with the rows of their tables in another order.

    Models keep theirs in judges.csv, where it has a meaning: of models that say the same the first one is heard.
    """
    for name in ROUNDS:
        shutil.copytree(EXAMPLES / name, target / name)
    for path in sorted(target.rglob("*.csv")) if seed else ():
        header, *rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        chance = random.Random(f"{seed} {path.name}")
        kept = iter([row for row in rows if path.name == "judges.csv" and "model" in row])
        chance.shuffle(rows)
        if path.name == "judges.csv":
            rows = [next(kept) if "model" in row else row for row in rows]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return target


def locales(target: Path) -> str | None:
    """A folder with a locale that writes a comma before decimals, made from its source; None if there is none."""
    tool = shutil.which("localedef")
    if tool is None:
        return None
    target.mkdir(exist_ok=True)
    made = subprocess.run([tool, "-i", "de_DE", "-f", "UTF-8", target / COMMA], capture_output=True, check=False)
    return str(target) if made.returncode == 0 else None


def run(where: Surrounding, place: Path, published: Path | None, locpath: str | None) -> dict[str, Any]:
    rows = place / f"rows-{where.shuffle}"
    if not rows.exists():
        shuffled(rows, where.shuffle)
    wanted = where.locale if where.locale != COMMA or locpath else "C.UTF-8"
    surrounding = {
        **{name: value for name, value in os.environ.items() if not re.match("LC_|LANG|TZ|OPENBLAS|OMP|PYTHON", name)},
        "PYTHONHASHSEED": where.hash_seed,
        "OPENBLAS_NUM_THREADS": str(where.threads),
        "OMP_NUM_THREADS": str(where.threads),
        "OPENBLAS_CORETYPE": where.kernel,
        "TZ": where.zone,
        "LC_ALL": wanted,
        "PYTHONUTF8": "1",
        **({"LOCPATH": locpath} if locpath and wanted == COMMA else {}),
    }
    command = [sys.executable, __file__, str(rows), str(published or "")]
    said = subprocess.run(command, env=surrounding, capture_output=True, text=True, check=False, timeout=300)
    assert said.returncode == 0, said.stderr[-2_000:]
    return json.loads(said.stdout)


def publish(found: Mapping[str, Any], place: Path) -> Path:
    """The decision files of one surrounding, for all others to start from."""
    place.mkdir()
    for name, one in found["rounds"].items():
        (place / f"{name}.json").write_text(json.dumps(one["document"]))
    return place


def integers(value: object, where: str = "") -> Iterator[tuple[str, int]]:
    """Published integers of a fit, by their place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from integers(inner, f"{where}.{key}")
    elif isinstance(value, int) and not isinstance(value, bool):
        yield where, value


def published_integers(document: Mapping[str, Any]) -> dict[str, int]:
    fits = {one["id"]: {"scores": one["scores"], "share": one["share"]} for one in document["projects"]}
    return dict(integers(fits))


def furthest(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """By how many units the published integers of two decisions differ."""
    mine, theirs = published_integers(one), published_integers(other)
    assert mine.keys() == theirs.keys()
    return max((abs(mine[key] - theirs[key]) for key in mine), default=0)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[Surrounding, dict[str, Any]]:
    place = tmp_path_factory.mktemp("determinism")
    locpath = locales(place / "locales")
    found = {CHOSEN[0]: run(CHOSEN[0], place, None, locpath)}
    published = publish(found[CHOSEN[0]], place / "published")
    return {**found, **{where: run(where, place, published, locpath) for where in CHOSEN[1:]}}


def test_surroundings_are_in_effect(runs: dict[Surrounding, dict[str, Any]]) -> None:
    names = {"Haswell": "Haswell", "Nehalem": "Nehalem", "Prescott": "Katmai"}  # as this OpenBLAS calls the last one
    for where, said in runs.items():
        if said["kernel"]:  # numpy may come with another library
            assert said["threads"] == min(where.threads, os.cpu_count() or 1)
    if any(said["kernel"] != names[where.kernel] for where, said in runs.items()):
        pytest.skip("this processor or numpy does not offer these kernels: they were not all in effect")
    assert len({said["zone"] for said in runs.values()}) == len(CHOSEN)
    assert len({said["hash"] for said in runs.values()}) == len(CHOSEN)


def test_a_locale_with_decimal_commas_is_in_effect(runs: dict[Surrounding, dict[str, Any]]) -> None:
    points = {said["decimal_point"] for where, said in runs.items() if where.locale == COMMA}
    if points != {","}:
        pytest.skip("no locale with decimal commas could be made here")


@pytest.mark.parametrize("name", ROUNDS)
def test_what_follows_from_published_integers_is_one_everywhere(
    runs: dict[Surrounding, dict[str, Any]], name: str
) -> None:
    assert len({said["rounds"][name]["follows"] for said in runs.values()}) == 1


@pytest.mark.parametrize("name", ROUNDS)
def test_on_one_kernel_the_whole_decision_is_one(runs: dict[Surrounding, dict[str, Any]], name: str) -> None:
    assert len({said["rounds"][name]["own"] for where, said in runs.items() if where.kernel == "Haswell"}) == 1


@pytest.mark.parametrize("name", ROUNDS)
def test_kernels_differ_by_a_unit_at_most(runs: dict[Surrounding, dict[str, Any]], name: str) -> None:
    first = runs[CHOSEN[0]]["rounds"][name]["document"]
    assert all(furthest(first, said["rounds"][name]["document"]) <= 1 for said in runs.values())


def test_the_digest_sees_one_unit(runs: dict[Surrounding, dict[str, Any]]) -> None:
    document = json.loads(json.dumps(runs[CHOSEN[0]]["rounds"]["dacc"]["document"]))
    before = digest(document)
    document["projects"][-1]["award"]["amount"] += 1
    assert digest(document) != before


def _table(place: Path) -> None:
    """All combinations, one line each."""
    locpath = locales(place / "locales")
    first = run(Surrounding(), place, None, locpath)
    published = publish(first, place / "published")
    print("hash seed  threads  zone              locale       rows  kernel    per round: follows / own / units")  # noqa: T201
    zones = (("UTC", "C"), ("Asia/Kathmandu", COMMA))
    for seed, threads, (zone, name), shuffle, kernel in product(
        ("0", "random"), (1, 2), zones, (0, 1), ("Haswell", "Nehalem", "Prescott")
    ):
        said = run(Surrounding(seed, threads, zone, name, shuffle, kernel), place, published, locpath)
        parts = [
            f"{one['follows'][:8]} {one['own'][:8]} {furthest(first['rounds'][key]['document'], one['document'])}"
            for key, one in said["rounds"].items()
        ]
        settings = f"{seed:9}  {said['threads']:7}  {zone:16}  {name:11}  {shuffle:4}  {said['kernel']:8}"
        print(settings, *parts, sep="  ", flush=True)  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _main(*sys.argv[1:])
    else:
        import tempfile

        with tempfile.TemporaryDirectory() as temporary:
            _table(Path(temporary))
