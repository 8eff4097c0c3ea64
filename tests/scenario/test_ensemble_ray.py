"""A real Ray cluster on this machine, one for the module: the same bytes, loopback alone, deaths, errors, stops."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.ensemble_cases import ALL, STUDY, played
from tests.unit.ensemble_tasks import (
    die,
    die_once,
    divide,
    locked,
    nap,
    refuse,
    settings,
    squares,
    unsettled,
)

from daccord.ensemble import RayExecutor, Task, run_study
from daccord.errors import ConvergenceError, ExternalError, InputError

ROOT = Path(__file__).resolve().parents[2]
HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed: pip install 'daccord[ray]'")
needs_proc = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="looks for sockets in /proc")


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayExecutor]:
    """Two workers."""
    with RayExecutor(2) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def whole() -> str:
    """Digest of the study, played in this process."""
    return played().digest


def _listening() -> set[str]:
    """Addresses, in the kernel's hexadecimal, at which this process and those below it listen."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    mine = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in mine} - mine:
        mine |= more
    sockets = set()
    for process in mine:
        for handle in Path(f"/proc/{process}/fd").glob("*"):
            try:
                found = re.fullmatch(r"socket:\[(\d+)\]", str(handle.readlink()))
            except OSError:
                continue
            sockets |= {found[1]} if found else set()
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and line[9] in sockets}


@needs_ray
def test_a_cluster_gives_the_same_bytes(cluster: RayExecutor, whole: str, tmp_path: Path) -> None:
    found = run_study(STUDY, cluster, folder=tmp_path)
    assert found.digest == whole
    assert (found.computed, found.missing) == (ALL, 0)
    read = played(tmp_path)
    assert (read.computed, read.digest) == (0, whole)


@needs_ray
@needs_proc
def test_a_cluster_listens_on_loopback_alone(cluster: RayExecutor) -> None:
    list(cluster.run(squares(4), 0))
    # 127.0.0.1, also as an IPv6 address; xdist's processes listen nowhere
    assert _listening() <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert _listening()


@needs_ray
def test_tasks_are_found_by_their_keys_and_use_one_thread(cluster: RayExecutor) -> None:
    found = dict(cluster.run([*squares(20), Task("settings", settings)], 100))
    number, *threads = found.pop("settings")
    assert found == {f"square {n}": 100 + n * n for n in range(20)}
    assert number != os.getpid()
    assert threads == ["1", "1"]


@needs_ray
def test_only_so_many_tasks_are_under_way(cluster: RayExecutor) -> None:
    read = 0

    def tasks() -> Iterator[Task]:
        nonlocal read
        for task in squares(200):
            read += 1
            yield task

    for done, _ in enumerate(cluster.run(tasks(), 0)):
        assert read <= done + 1 + 4
    assert read == 200


@needs_ray
def test_errors_arrive_as_they_were_raised(cluster: RayExecutor) -> None:
    with pytest.raises(InputError) as refused:
        list(cluster.run([Task("a", refuse)]))
    assert str(refused.value.problems[0]) == "study: this is refused → ask something else"
    with pytest.raises(ConvergenceError) as unsure:
        list(cluster.run([Task("a", unsettled)]))
    assert (unsure.value.iterations, unsure.value.residual) == (7, 0.5)
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        list(cluster.run([Task("a", divide), Task("b", nap, (0.2,))]))
    with pytest.raises(ExternalError, match="a could not be called on the cluster"):
        list(cluster.run([Task("a", locked)]))


@needs_ray
def test_dead_workers_are_replaced_so_often(cluster: RayExecutor, tmp_path: Path) -> None:
    found: dict[str, object] = {}
    tasks = [Task("once", die_once, (str(tmp_path / "mark"),)), Task("deadly", die), *squares(4)]
    with pytest.raises(ExternalError, match=r"^deadly: the worker died each of 3 times"):
        found.update(cluster.run(tasks, 0))
    assert found == {"once": "alive"} | {f"square {n}": n * n for n in range(4)}


@needs_ray
def test_a_stopped_run_goes_on(cluster: RayExecutor, whole: str, tmp_path: Path) -> None:
    told: list[int] = []
    first = run_study(
        STUDY,
        cluster,
        folder=tmp_path,
        tell=lambda done, _total, _what: told.append(done),
        cancel=lambda: len(told) >= 5,
    )
    assert (first.digest, first.kept) == ("", 0)
    assert 5 <= first.computed == ALL - first.missing < ALL
    second = played(tmp_path)
    assert (second.kept, second.missing) == (first.computed, 0)
    assert second.digest == whole


@needs_ray
def test_a_cluster_that_is_there_is_joined_and_left(cluster: RayExecutor) -> None:
    list(cluster.run(squares(1), 0))
    import ray

    address = ray.get_runtime_context().gcs_address
    script = (
        "from daccord.ensemble import RayExecutor, Task\n"
        "from tests.unit.ensemble_tasks import settings, squares\n"
        f"with RayExecutor(address={address!r}) as joined:\n"
        "    found = dict(joined.run([*squares(4), Task('settings', settings)], 3))\n"
        "    print(joined.workers, found.pop('settings')[1:], sorted(found.values()))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert other.stdout == "2 ('1', '1') [3, 4, 7, 12]\n", other.stderr
    assert list(cluster.run(squares(1), 2)) == [("square 0", 2)]


@needs_ray
def test_a_run_that_is_left_ends_its_tasks(cluster: RayExecutor) -> None:
    began = time.monotonic()
    run = cluster.run([Task("quick", nap, (0.0,)), *(Task(f"long {n}", nap, (60.0,)) for n in range(3))])
    assert next(run) == ("quick", 0.0)
    run.close()  # type: ignore[attr-defined]
    assert list(cluster.run(squares(1), 0)) == [("square 0", 0)]
    assert time.monotonic() - began < 40


@needs_ray
def test_only_one_cluster_a_process(cluster: RayExecutor) -> None:
    list(cluster.run(squares(1), 0))
    with pytest.raises(ExternalError, match="connected to a Ray cluster already"):
        list(RayExecutor(1).run(squares(1), 0))
    assert list(cluster.run(squares(1), 2)) == [("square 0", 2)]


@needs_ray
def test_an_address_where_nobody_listens_is_told_soon() -> None:
    script = (
        "from daccord.ensemble import RayExecutor\n"
        "from tests.unit.ensemble_tasks import squares\n"
        "list(RayExecutor(address='127.0.0.1:1').run(squares(1), 0))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert "ExternalError: the Ray cluster at 127.0.0.1:1 was not reached" in other.stderr
    assert "refused" in other.stderr


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # so that importing it fails as if it were not there
    with pytest.raises(ExternalError, match=r"pip install 'daccord\[ray\]'"):
        list(RayExecutor(1).run(squares(1), 0))
