"""What was acknowledged is there: after kill -9, after a loss of power, after every fault of every write and sync.

The loss of power is played: a writer's system calls are traced, and for each point of time the disk is put together
that it might have left. What was written before a file's last sync is there; of what was written later each write is
there, missing or torn at a sector, at random. A file that was made or removed since its folder's last sync is there or
not, at random. The same play with `synchronous=NORMAL` finds losses, so it can.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.hostile.durability_writer import CALLS, ORIGIN, SIGNER, entry

from daccord.errors import ExternalError, InputError, IntegrityError
from daccord.record.log import entry_hash, tree_root
from daccord.store import Head, LogReader, LogWriter, _database

WRITER = Path(__file__).with_name("durability_writer.py")
SECTOR = 512
FOLDER = "/"


@pytest.fixture(scope="module")
def strace() -> str:
    """The tracer, or a visible skip."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("no strace: install it to play losses of power and faults of the disk")
    probe = subprocess.run([found, "-qq", "-e", "trace=fsync", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"strace may not trace here: {probe.stderr.decode()[:100]}")
    return found


def start(*arguments: object) -> subprocess.Popen[str]:
    """A writer in a process of its own."""
    command = [sys.executable, str(WRITER), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcome(path: Path, acknowledged: int) -> str:
    """What the log says after it is opened again: fine, or what is wrong with it."""
    try:
        with LogWriter(path, ORIGIN) as log:
            head = log.audit()
            if head.size < acknowledged:
                return "lost"
            expected = [entry(i) for i in range(head.size)]
            if log.entries(0, head.size) != expected or head.root != tree_root([entry_hash(one) for one in expected]):
                return "changed"
            log.append([entry(head.size)])
            return "fine"
    except (ExternalError, IntegrityError, InputError) as error:
        return f"unusable: {error}"


# kill -9


def test_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path, chance, acknowledged = tmp_path / "log.sqlite", random.Random(9), 0
    for _ in range(12):
        writer = start("write", path, "FULL", 0)
        if chance.random() < 0.75:  # else it is killed before it could say anything
            acknowledged = max(acknowledged, int(writer.stdout.readline()))
        time.sleep(chance.random() * 0.25)
        writer.send_signal(signal.SIGKILL)
        said = writer.communicate()[0].rpartition("\n")[0].split()
        assert writer.returncode == -signal.SIGKILL
        acknowledged = max([acknowledged, *map(int, said)])
        with LogWriter(path, ORIGIN) as log:
            assert log.audit().size >= acknowledged
    assert acknowledged > 500
    assert outcome(path, acknowledged) == "fine"


# loss of power


@dataclass
class Disk:
    """A disk while calls are played: what is surely there, and of each file what may be."""

    files: dict[str, bytearray] = field(default_factory=dict)
    waiting: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    removed: dict[str, bytearray] = field(default_factory=dict)

    @staticmethod
    def apply(data: bytearray, at: int, what: bytes | None) -> None:
        """A write, or with None a cut at a length."""
        if what is None:
            data[at:] = bytes(max(0, at - len(data)))
        else:
            data.extend(bytes(max(0, at - len(data))))
            data[at : at + len(what)] = what

    def make(self, name: str) -> None:
        if name not in self.files:
            self.files[name] = bytearray()
            self.new.add(name)
            self.removed.pop(name, None)

    def remove(self, name: str) -> None:
        if name in self.files:
            data = self.files.pop(name)
            if name not in self.new:
                self.removed[name] = data
            self.new.discard(name)
            self.waiting.pop(name, None)

    def sync_names(self) -> None:
        self.new.clear()
        self.removed.clear()

    def sync(self, name: str) -> None:
        for at, what in self.waiting.pop(name, ()):
            self.apply(self.files[name], at, what)

    def after_power_loss(self, chance: random.Random) -> dict[str, bytes]:
        """One of the states that the disk may be found in."""
        found = {name: bytes(data) for name, data in self.removed.items() if chance.random() < 0.5}
        for name, data in self.files.items():
            if name in self.new and chance.random() < 0.5:
                continue
            made = bytearray(data)
            kept = chance.random()  # from nothing to nearly all
            for at, what in self.waiting.get(name, ()):
                if chance.random() < kept:
                    torn = what is not None and len(what) > SECTOR and chance.random() < 0.1
                    self.apply(made, at, what[: SECTOR * chance.randrange(1, len(what) // SECTOR)] if torn else what)
            found[name] = bytes(made)
        return found


_CALL = re.compile(r'(\w+)\((?:AT_FDCWD, )?(\d+)?(?:, )?(?:"((?:\\x[0-9a-f]{2})*)")?(.*)\) += (-?\d+)')


def calls(trace: Path) -> Iterator[tuple[str, int, bytes, list[str], int]]:
    """(call, file handle, bytes or path, other arguments, result) of each call that succeeded."""
    for line in trace.read_text().splitlines():
        match = _CALL.match(line)
        if match and int(match[5]) >= 0:
            assert "..." not in match[4], "the trace is cut"
            data = bytes.fromhex((match[3] or "").replace("\\x", ""))
            yield match[1], int(match[2] or -1), data, match[4].strip(", ").split(", "), int(match[5])


def play(trace: Path, folder: Path) -> Iterator[tuple[Disk, int]]:
    """The disk, and the size acknowledged so far, after each call that concerns the log."""
    disk, open_files, acknowledged = Disk(), {1: ""}, 0
    for call, handle, data, others, result in calls(trace):
        name = open_files.get(handle, "")
        if call == "openat":
            path = Path(data.decode("utf-8", "replace"))
            known = path.parent == folder and not path.name.endswith(("-shm", ".lock"))
            open_files[result] = path.name if known else FOLDER if path == folder else ""
            if known:
                disk.make(path.name)
        elif call == "close":
            open_files.pop(handle, None)
            continue
        elif call == "unlink":
            disk.remove(Path(data.decode()).name)
        elif call == "write" and handle == 1:
            acknowledged = int(data)
        elif not name:
            continue
        elif name == FOLDER:
            if call in ("fsync", "fdatasync"):
                disk.sync_names()
        elif call in ("fsync", "fdatasync"):
            disk.sync(name)
        elif call == "ftruncate":
            disk.waiting.setdefault(name, []).append((int(others[0]), None))
        elif call == "pwrite64":
            assert result == len(data) == int(others[0])
            disk.waiting.setdefault(name, []).append((int(others[1]), data))
        else:
            raise AssertionError(f"{call} on {name} is not played")
        yield disk, acknowledged


def power_losses(strace: str, folder: Path, synchronous: str, points: int) -> Counter[str]:
    """Outcomes at random points of a traced run."""
    work, trace = folder / "work", folder / "trace"
    work.mkdir()
    command = [strace, "-qq", "-xx", "-s", "1000000", "-o", str(trace), "-e", f"trace=openat,close,write,{CALLS}"]
    made = subprocess.run(
        [*command, sys.executable, str(WRITER), "write", str(work / "log.sqlite"), synchronous, "40"],
        capture_output=True,
        check=True,
        text=True,
    )
    steps = sum(1 for _ in play(trace, work))
    chance = random.Random(14)
    chosen = Counter(chance.randrange(steps) for _ in range(points))
    found: Counter[str] = Counter()
    size = 0
    for step, (disk, acknowledged) in enumerate(play(trace, work)):
        size = acknowledged
        for _ in range(chosen[step]):
            after = folder / "after"
            after.mkdir()
            for name, data in disk.after_power_loss(chance).items():
                (after / name).write_bytes(data)
            found[outcome(after / "log.sqlite", acknowledged)] += 1
            shutil.rmtree(after)
    assert size == int(made.stdout.split()[-1])  # the trace was understood to its end
    return found


def test_power_loss_loses_nothing_that_was_acknowledged(strace: str, tmp_path: Path) -> None:
    assert power_losses(strace, tmp_path, "FULL", 200) == {"fine": 200}


def test_the_play_of_power_losses_can_fail(strace: str, tmp_path: Path) -> None:
    found = power_losses(strace, tmp_path, "NORMAL", 60)
    assert found["lost"] >= 10
    assert found["fine"] + found["lost"] == 60  # the file stays whole; only its end is missing


# faults of the disk


def test_no_fault_of_a_write_or_sync_is_acknowledged(strace: str, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, str(WRITER), "faults", str(tmp_path)], capture_output=True, check=False, text=True
    )
    if "strace:" in made.stderr:
        pytest.skip(f"strace may not attach here: {made.stderr[:100]}")
    assert made.returncode == 0, made.stderr
    trials = [json.loads(line) for line in made.stdout.splitlines()]
    told = Counter(trial["name"].rpartition("-")[0] for trial in trials if "fault" in trial["said"])
    assert set(told) >= {"pwrite64-EIO", "pwrite64-ENOSPC+", "fsync-EIO", "fdatasync-EIO", "fdatasync-EIO+"}
    for trial in trials:
        acknowledged = max((int(one) for one in trial["said"] if one != "fault"), default=0)
        assert outcome(tmp_path / trial["name"] / "log.sqlite", acknowledged) == "fine", trial


def test_a_full_disk_refuses(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    writer = start("small", path, 200_000)
    said, told = writer.communicate()
    assert writer.returncode == 0, told
    assert "acknowledged" in told
    assert int(said.split()[-1]) >= 100
    assert outcome(path, int(said.split()[-1])) == "fine"


# settings, copies, and two writers


def test_a_setting_that_is_not_granted_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    plain = sqlite3.connect(f"{path.as_uri()}?vfs=unix-dotfile", uri=True)  # one that has no shared memory
    try:
        assert plain.execute("PRAGMA journal_mode=wal").fetchone()[0] != "wal"  # and says nothing
        with pytest.raises(ExternalError, match="journal_mode 'delete' instead of 'wal'"):
            _database._set(plain, path, "journal_mode", "wal", "wal")
    finally:
        plain.close()


def test_the_settings_of_a_writer(tmp_path: Path) -> None:
    with LogWriter(tmp_path / "log.sqlite", ORIGIN) as log:
        settings = {
            name: log._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_two_processes_on_one_log(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    writer = start("write", path, "FULL", 0)
    try:
        writer.stdout.readline()
        with pytest.raises(ExternalError, match="being written by another process"):
            LogWriter(path, ORIGIN)
        sizes = []
        for _ in range(300):  # reading goes on beside it, and never sees half of a write
            with LogReader(path) as reader:
                sizes.append(reader.head().size)
        assert 0 < sizes[0] <= sizes[-1]
        assert sizes == sorted(sizes)
    finally:
        writer.kill()
        writer.communicate()
    assert outcome(path, 1) == "fine"  # the kernel has lifted the lock


def test_a_backup_restored_while_the_log_is_written(tmp_path: Path) -> None:
    path, backup = tmp_path / "log.sqlite", sqlite3.connect(tmp_path / "backup.sqlite")
    with LogWriter(path, ORIGIN) as log:
        log.append([entry(0)])
        live = sqlite3.connect(path)
        live.backup(backup)
        log.append([entry(1)])
        backup.backup(live)  # yesterday's state in today's file
        for one in (live, backup):
            one.close()
        with pytest.raises(IntegrityError, match="an old copy was put in its place"):
            log.append([entry(2)])
        with pytest.raises(IntegrityError, match="not the one that was left there"):
            log.sign_checkpoint([SIGNER])


def test_another_file_put_in_place_while_the_log_is_written(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    with LogWriter(tmp_path / "other.sqlite", ORIGIN), LogWriter(path, ORIGIN) as log:
        log.append([entry(0)])
        (tmp_path / "other.sqlite").replace(path)  # the writer's file has no name any more
        for _ in range(2):
            with pytest.raises(ExternalError, match="another file was put in its place"):
                log.append([entry(1)])


def test_a_writer_that_fell_behind_is_refused(tmp_path: Path) -> None:
    with LogWriter(tmp_path / "log.sqlite", ORIGIN) as log:
        head = log.head()
        log.append([entry(0)], expected=head)
        again = sqlite3.connect(log.path)
        with again:
            again.execute("UPDATE tree SET size = 0, root = ?, edge = x''", (Head().root,))
        again.close()
        with pytest.raises(IntegrityError, match="is not the one of 1 entries"):
            log.append([entry(1)])
    with pytest.raises(IntegrityError, match="the tree has 0 entries, and the last one is number 0"):
        LogReader(log.path)
