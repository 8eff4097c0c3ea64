"""Serial and pool: the same results, deaths of workers, stops, and going on after a kill; with real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
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
    square,
    squares,
    touch,
    unsettled,
    wait_for,
)

from daccord.ensemble import Ensemble, Executor, PoolExecutor, SerialExecutor, Task, run_study
from daccord.errors import ConvergenceError, ExternalError, InputError, IntegrityError
from daccord.futures.study import compare, grounds, lay_out, play, scenarios, split

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def whole() -> Ensemble:
    """The study, played without a stop in this process."""
    return played()


@pytest.fixture(scope="module")
def pool() -> PoolExecutor:
    """One pool for most tests."""
    with PoolExecutor(2) as pool:
        yield pool


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_ensemble_is_what_the_functions_give(whole: Ensemble) -> None:
    laid = {pair: lay_out(STUDY, *pair) for pair in grounds(STUDY)}
    for piece, scenario in zip(whole.pieces, scenarios(STUDY), strict=True):
        one = play(STUDY, laid[scenario.group, scenario.values], scenario)
        assert piece.scenario == scenario
        assert piece.welfare.tobytes() == one.welfare.tobytes()
        assert piece.measures.tobytes() == one.measures.tobytes()
    assert [(gap.group, gap.constitution) for gap in whole.splits] == [
        (group.name, name) for group in STUDY.classes for name in STUDY.constitutions
    ]
    assert whole.splits[1] == split(STUDY, laid["leaky", 0], "market", STUDY.worlds)
    assert (whole.computed, whole.kept, whole.missing) == (ALL, 0, 0)
    assert compare(STUDY, whole.pieces, whole.splits).scenarios == 8


def test_pools_give_the_same_bytes(whole: Ensemble, pool: PoolExecutor, tmp_path: Path) -> None:
    played(tmp_path / "serial")
    told: list[tuple[int, int, str]] = []
    found = run_study(STUDY, pool, folder=tmp_path / "pool", tell=lambda *step: told.append(step))
    assert found.digest == whole.digest
    assert files(tmp_path / "pool") == files(tmp_path / "serial")
    assert [step[:2] for step in told] == [(done, ALL) for done in range(1, ALL + 1)]
    assert run_study(STUDY, PoolExecutor(1)).digest == whole.digest


@pytest.mark.parametrize("stop", [2, 9])
def test_a_stopped_run_goes_on_to_the_same_bytes(whole: Ensemble, tmp_path: Path, stop: int) -> None:
    first = played(tmp_path, stop_after=stop)
    assert (first.computed, first.missing, first.digest) == (stop, ALL - stop, "")
    assert len(list(tmp_path.glob("*.bin"))) == stop
    second = played(tmp_path)
    assert (second.computed, second.kept, second.missing) == (ALL - stop, stop, 0)
    assert second.digest == whole.digest
    for one, other in zip(second.pieces, whole.pieces, strict=True):
        assert one.scenario == other.scenario
        assert list(one.scenario.factors) == list(other.scenario.factors)
        assert one.agency.tobytes() == other.agency.tobytes()
    assert second.splits == whole.splits
    third = played(tmp_path)
    assert (third.computed, third.kept, third.digest) == (0, ALL, whole.digest)
    assert played(stop_after=0).missing == ALL


def test_gaps_can_be_added_later(whole: Ensemble, tmp_path: Path) -> None:
    first = played(tmp_path, splits=False)
    assert (first.splits, first.missing, first.computed) == ((), 0, 12)
    assert first.digest not in {"", whole.digest}
    second = played(tmp_path)
    assert (second.computed, second.digest) == (4, whole.digest)


def test_damage_is_named(tmp_path: Path) -> None:
    played(tmp_path, stop_after=6)
    path = tmp_path / "scenario-000001.bin"
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"scenario-000001\.bin is damaged: delete it"):
        played(tmp_path)
    path.unlink()
    assert played(tmp_path).missing == 0
    with pytest.raises(InputError, match="is of another world file"):
        run_study(STUDY, SerialExecutor(), folder=tmp_path, digest="0" * 64)


def test_results_are_found_by_their_keys(pool: PoolExecutor) -> None:
    expected = [(f"square {n}", 100 + n * n) for n in range(40)]
    assert list(SerialExecutor().run(squares(40), 100)) == expected
    assert sorted(pool.run(squares(40), 100)) == sorted(expected)
    assert sorted(pool.run(squares(3), 0)) == [("square 0", 0), ("square 1", 1), ("square 2", 4)]
    assert list(pool.run([], 0)) == []


def test_workers_use_one_thread_each_and_stay(pool: PoolExecutor) -> None:
    before = dict(os.environ)
    found = [[told for _, told in pool.run([Task(str(n), settings) for n in range(6)])] for _ in range(2)]
    assert {told[1:] for told in found[0]} == {("1", "1")}
    assert len({told[0] for told in found[0] + found[1]}) <= 2
    assert os.getpid() not in {told[0] for told in found[0]}
    assert dict(os.environ) == before


def test_short_tasks_overtake_long_ones(pool: PoolExecutor, tmp_path: Path) -> None:
    last = str(tmp_path / "last")
    tasks = [Task("long", wait_for, (last,)), *(Task(f"short {n}", nap, (0.0,)) for n in range(3))]
    found = list(pool.run([*tasks, Task("last", touch, (last,))]))
    assert found[-1] == ("long", True)


@pytest.mark.parametrize("serial", [True, False])
def test_errors_arrive_as_they_were_raised(pool: PoolExecutor, serial: bool) -> None:
    executor: Executor = SerialExecutor() if serial else pool
    with pytest.raises(InputError) as refused:
        list(executor.run([Task("a", refuse)]))
    assert str(refused.value.problems[0]) == "study: this is refused → ask something else"
    with pytest.raises(ConvergenceError, match=r"a toy did not converge: residual 0\.5 after 7") as unsure:
        list(executor.run([Task("a", unsettled)]))
    assert (unsure.value.iterations, unsure.value.residual) == (7, 0.5)
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        list(executor.run([Task("a", divide)]))


def test_after_an_error_what_is_under_way_is_finished(pool: PoolExecutor) -> None:
    found: dict[str, object] = {}  # keeps what came before the error
    tasks = [Task("long", nap, (0.5,)), Task("bad", divide), *(Task(f"late {n}", nap, (0.0,)) for n in range(50))]
    with pytest.raises(ZeroDivisionError) as raised:
        found.update(pool.run(tasks))
    assert "bad failed in a worker" in raised.value.__notes__[0]
    assert "long" in found
    assert len(found) < 20


def test_results_that_cannot_travel_are_told(pool: PoolExecutor) -> None:
    with pytest.raises(TypeError, match="pickle"):
        list(pool.run([Task("a", locked)]))
    assert list(pool.run(squares(1), 1)) == [("square 0", 1)]


def test_a_dead_worker_costs_no_other_work(pool: PoolExecutor, tmp_path: Path) -> None:
    found: dict[str, object] = {}
    tasks = [Task("once", die_once, (str(tmp_path / "mark"),)), Task("deadly", die), *squares(10)]
    with pytest.raises(ExternalError, match=r"^deadly: the worker died each of 3 times \(killed by signal 9\)"):
        found.update(pool.run(tasks, 0))
    assert found == {"once": "alive"} | {f"square {n}": n * n for n in range(10)}


def test_workers_that_die_between_runs_are_replaced(pool: PoolExecutor) -> None:
    ((_, (number, _, _)),) = pool.run([Task("a", settings)])
    os.kill(number, signal.SIGKILL)
    time.sleep(0.2)
    assert dict(pool.run(squares(4), 5)) == {f"square {n}": 5 + n * n for n in range(4)}


def test_a_run_that_is_left_ends_its_tasks(pool: PoolExecutor) -> None:
    began = time.monotonic()
    run = pool.run([Task("quick", square, (1,)), Task("long", nap, (60.0,))], 0)
    assert next(run) == ("quick", 1)
    run.close()  # type: ignore[attr-defined]
    assert list(pool.run(squares(1), 0)) == [("square 0", 0)]
    assert time.monotonic() - began < 30


def test_a_stop_begins_nothing_more(pool: PoolExecutor) -> None:
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    found = list(pool.run(squares(1000), 0, stop))
    assert 1 <= len(found) < 20
    assert list(SerialExecutor().run(squares(5), 0, lambda: True)) == []


def _process(folder: Path, workers: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.unit.ensemble_cases", str(folder), str(workers)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def _read_until(process: subprocess.Popen[str], done: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line == f"{done} {ALL}\n":
            return
    pytest.fail(f"ended early: {process.stderr.read() if process.stderr else ''}")


def _gone(session: int) -> bool:
    """Whether no process of a session is left."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after[3]) == session and after[0] != "Z":
            return False
    return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_a_killed_run_leaves_no_process_and_goes_on(whole: Ensemble, tmp_path: Path) -> None:
    with _process(tmp_path, 1) as process:
        _read_until(process, 6)
        process.kill()
    kept = len(list(tmp_path.glob("*.bin")))
    assert 6 <= kept < ALL
    for _ in range(100):
        if _gone(process.pid):
            break
        time.sleep(0.1)
    assert _gone(process.pid)
    found = played(tmp_path)
    assert (found.kept, found.computed) == (kept, ALL - kept)
    assert found.digest == whole.digest


def test_ctrl_c_stops_after_what_is_under_way(whole: Ensemble, tmp_path: Path) -> None:
    with _process(tmp_path, 2) as process:
        _read_until(process, 5)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    missing = int(re.search(r"missing (\d+)", out)[1])  # type: ignore[index]
    assert len(list(tmp_path.glob("*.bin"))) == ALL - missing
    assert missing >= 5
    assert played(tmp_path).digest == whole.digest


def test_a_script_without_a_guard_is_told(tmp_path: Path) -> None:
    script = tmp_path / "play.py"
    script.write_text(
        "from daccord.ensemble import PoolExecutor\n"
        "from tests.unit.ensemble_tasks import squares\n"
        "print(list(PoolExecutor(1).run(squares(2), 0)))\n",
        encoding="utf-8",
    )
    found = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert found.returncode == 1
    assert 'below `if __name__ == "__main__":`' in found.stderr


def test_results_that_are_not_finite_are_named(tmp_path: Path) -> None:
    class Broken(SerialExecutor):
        def run(self, tasks, shared=None, stop=lambda: False):  # type: ignore[no-untyped-def]
            for key, result in super().run(tasks, shared, stop):
                result.scale[0] = np.nan
                yield key, result

    with pytest.raises(InputError, match="ground-00000: scale is not a finite number"):
        run_study(STUDY, Broken(), folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["ensemble.json"]
