"""The log's file: appending, proofs against the slow reference, checkpoints, promises, group commit."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import DaccordError, ExternalError, InputError, IntegrityError, RefusedError
from daccord.record.keys import LocalSigner
from daccord.record.log import (
    Checkpoint,
    NoteKey,
    Policy,
    entry_hash,
    hash_tiles,
    open_checkpoint,
    sign_note,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from daccord.store import GroupCommit, Head, LogReader, LogWriter
from daccord.store._frontier import Frontier

ORIGIN = "log.example/1"
SIGNER = LocalSigner(bytes(32))
POLICY = Policy((NoteKey(ORIGIN, SIGNER.public),))


def entries(count: int, first: int = 0) -> list[bytes]:
    return [b"entry %d" % i for i in range(first, first + count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@given(st.lists(st.integers(1, 300), max_size=6))
def test_frontier_agrees_with_the_slow_reference(batches: list[int]) -> None:
    frontier, leaves, levels = Frontier(0, {}), [], {}
    for count in batches:
        more = [entry_hash(one) for one in entries(count, len(leaves))]
        growth = frontier.add(more)
        for level, (first, hashes) in growth.tiles.items():
            assert first == len(levels.setdefault(level, []))
            levels[level] += hashes
        frontier, leaves = growth.frontier, leaves + more
        assert frontier.root == tree_root(leaves)
        assert Frontier.decode(frontier.size, frontier.encode()) == frontier
    joined = {f"{level}": b"".join(hashes) for level, hashes in levels.items()}
    expected: dict[str, bytes] = {}
    for name, data in hash_tiles(leaves):
        level = name.split("/")[1]
        expected[level] = expected.get(level, b"") + data
    assert joined == expected


def test_the_edge_of_another_size_is_none() -> None:
    with pytest.raises(ValueError):
        Frontier.decode(3, bytes(32))


@pytest.mark.parametrize("batches", [[1], [255, 1, 1], [256], [300, 212, 1], [513]])
def test_proofs_agree_with_the_slow_reference(path: Path, batches: list[int]) -> None:
    with LogWriter(path, ORIGIN) as log:
        for count in batches:
            log.append(entries(count, log.head().size))
        size = sum(batches)
        leaves = [entry_hash(one) for one in entries(size)]
        assert log.audit() == log.head() == Head(size, tree_root(leaves))
        for now in {1, size // 2 + 1, size}:
            root = tree_root(leaves[:now])
            for index in {0, now // 2, now - 1}:
                verify_inclusion(index, now, leaves[index], log.inclusion(index, now), root)
            for old in {0, 1, now // 3, now}:
                verify_consistency(old, now, log.consistency(old, now), tree_root(leaves[:old]), root)
        assert log.tree(size).root() == tree_root(leaves)
        assert log.entries(size - 1, 1) == entries(1, size - 1)


def test_what_is_asked_beyond_the_log(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        log.append(entries(3))
        for ask in (lambda: log.tree(4), lambda: log.inclusion(3, 3), lambda: log.consistency(3, 2)):
            with pytest.raises(InputError):
                ask()
        with pytest.raises(IntegrityError, match="1 of the 2 entries from 2 on are missing"):
            log.entries(2, 2)


def test_append_compares_and_swaps(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        empty = log.head()
        assert log.append(entries(2), expected=empty) == range(2)
        with pytest.raises(RefusedError, match="2 entries by now"):
            log.append(entries(1), expected=empty)
        assert log.append([]) == range(2, 2)
        with pytest.raises(ValueError, match="at most 65,535"):
            log.append([bytes(65_536)])
        assert log.append([bytes(65_535), b""]) == range(2, 4)  # a refusal leaves the writer at work
        assert log.entries(2, 2) == [bytes(65_535), b""]


def test_a_log_has_a_name_and_keeps_it(path: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no log"):
        LogWriter(path)
    with pytest.raises(InputError, match="no such file"):
        LogReader(path)
    for name in ("two\nlines", "two words", "a+b", ""):
        with pytest.raises(InputError, match="is no name of a log"):
            LogWriter(path, name)
    assert not path.exists()
    with LogWriter(path, ORIGIN):
        pass
    with pytest.raises(InputError, match="and not 'other'"):
        LogWriter(path, "other")
    with LogWriter(path) as log, LogReader(path) as reader:  # refusals have given the lock back
        assert log.origin == reader.origin == ORIGIN
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    for kind in (LogReader, lambda one: LogWriter(one, ORIGIN)):
        with pytest.raises(InputError, match="another kind of database"):
            kind(other)
    other.write_bytes(b"no database at all, but long enough to be read as the head of one" * 20)
    with pytest.raises(IntegrityError, match="NOTADB"):
        LogReader(other)
    with pytest.raises(ExternalError):
        LogWriter(tmp_path / "missing" / "log.sqlite", ORIGIN)


def test_a_newer_version_is_refused(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        log._connection.execute("PRAGMA user_version=2")
    with pytest.raises(InputError, match="version 2, and this daccord reads version 1"):
        LogReader(path)


def test_a_closed_log_says_so(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        log.close()
        for ask in (log.head, lambda: log.append([b"x"])):
            with pytest.raises(ExternalError, match="closed"):
                ask()


def test_reading_never_writes(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        log.append(entries(3))
    with LogReader(path) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM entries")


def test_a_checkpoint_is_of_what_is_on_the_disk(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        assert log.checkpoint() is None
        with pytest.raises(RefusedError, match="no checkpoint covers entry 0"):
            log.receipt(0)
        log.append(entries(300))
        note = log.sign_checkpoint([SIGNER], ("an extension",))
        assert POLICY.accept(note).checkpoint == Checkpoint(ORIGIN, 300, log.head().root, ("an extension",))
        assert log.sign_checkpoint([SIGNER]) == note == log.checkpoint()  # one for each size
        log.append(entries(1, 300))
        assert log.receipt(299).check(b"entry 299", POLICY).checkpoint.size == 300
        with pytest.raises(RefusedError):
            log.receipt(300)
        both = [SIGNER, LocalSigner(b"\x01" * 32)]
        assert len(open_checkpoint(log.sign_checkpoint(both))[1].signatures) == 2
        with pytest.raises(ValueError, match="somebody has to sign"):
            log.sign_checkpoint([])
        log.audit()


def test_only_cosignatures_of_signed_checkpoints_are_kept(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        log.append(entries(2))
        log.sign_checkpoint([SIGNER])
        other = sign_note(Checkpoint(ORIGIN, 2, bytes(32)).text, [(ORIGIN, SIGNER)]).encode()
        with pytest.raises(InputError, match="signed no such checkpoint of 2"):
            log.keep_cosignatures(other, ["w"])
        assert log.witness_size("w") == 0


DAMAGES = {
    "an entry": ("UPDATE entries SET leaf = x'00' WHERE position = 7", "entry 7 is not the one in the tree"),
    "an entry gone": ("DELETE FROM entries WHERE position = 7", "1 of the 256 entries from 0 on are missing"),
    "an entry and its hash": (
        (
            "UPDATE entries SET leaf = x'aa' WHERE position = 0; UPDATE tiles SET hashes = "
            f"CAST(x'{entry_hash(bytes([0xAA])).hex()}' || substr(hashes, 33) AS BLOB) WHERE level = 0 AND number = 0"
        ),
        "do not give the stored root|checkpoint of 300",
    ),
    "a higher tile": ("UPDATE tiles SET hashes = zeroblob(32) WHERE level = 1", "do not give the stored root"),
    "a tile cut": ("UPDATE tiles SET hashes = x'' WHERE level = 0 AND number = 1", "not complete"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_audit_finds(path: Path, damage: str) -> None:
    with LogWriter(path, ORIGIN) as log:
        log.append(entries(300))
        log.sign_checkpoint([SIGNER])
        log.append(entries(10, 300))
        log.audit()
        statement, message = DAMAGES[damage]
        log._connection.executescript(statement)
        with pytest.raises(IntegrityError, match=message):
            log.audit()


STATES = {
    "root": ("UPDATE tree SET root = zeroblob(32)", "does not follow from its edge"),
    "edge": ("UPDATE tree SET edge = x''", "does not follow from its edge"),
    "last entry": ("DELETE FROM entries WHERE position = 4", "has 5 entries, and the last one is number 3"),
    "signed more": ("INSERT INTO checkpoints VALUES (9, x'00')", "a checkpoint of 9 entries was signed, and 5 are"),
    "no name": ("DELETE FROM log", "does not say its name"),
}


@pytest.mark.parametrize("state", STATES)
def test_opening_refuses_what_does_not_fit_together(path: Path, state: str) -> None:
    statement, message = STATES[state]
    with LogWriter(path, ORIGIN) as log:
        log.append(entries(5))
        log._connection.executescript(statement)
    for kind in (LogReader, LogWriter):
        with pytest.raises(IntegrityError, match=message):
            kind(path)


def test_flipped_bytes_of_the_file_are_found_or_harmless(path: Path, tmp_path: Path) -> None:
    """Most bytes are of entries or hashes; some are of pages that hold nothing, and some of SQLite's own books."""
    with LogWriter(path, ORIGIN) as log:
        log.append(entries(600))
        log.sign_checkpoint([SIGNER])
        log.promise(b"waiting", 5, b"signed")
        head = log.head()
    data, chance, outcomes = path.read_bytes(), random.Random(1), Counter()
    assert not path.with_name("log.sqlite-wal").exists()
    for at in [*range(0, 100, 3), *(chance.randrange(len(data)) for _ in range(150))]:
        flipped = tmp_path / "flipped.sqlite"
        flipped.write_bytes(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
        try:
            with LogReader(flipped) as reader:
                found = reader.audit()
                assert reader.entries(0, 600) == entries(600)
            outcomes["harmless"] += 1
            assert found == head
        except DaccordError as error:
            outcomes[type(error).__name__] += 1
        for rest in ("-wal", "-shm"):
            flipped.with_name(flipped.name + rest).unlink(missing_ok=True)
    assert outcomes["IntegrityError"] > 50, outcomes


def test_promises_are_kept_track_of(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        made = log.promise(b"entry 1", 100, b"signed")
        log.promise(b"withheld", 50, b"also signed")
        assert log.promise(b"entry 1", 999, b"a later one") == made  # the first one binds
        log.append(entries(3))
        assert log.overdue(49) == []
        assert [one.leaf for one in log.overdue(200)] == [b"withheld"]
        log.append([b"withheld"])
        assert log.overdue(200) == []
    with LogReader(path) as reader:
        assert reader._rows("SELECT position FROM promises ORDER BY position") == [(1,), (3,)]


def test_many_threads_share_commits(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log, GroupCommit(log) as group, ThreadPoolExecutor(8) as pool:
        positions = list(pool.map(lambda one: group.submit(one).result(), entries(400)))
        assert sorted(positions) == list(range(400))
        assert log.entries(0, 400) == [one for _, one in sorted(zip(positions, entries(400), strict=True))]
        log.audit()


def test_entries_handed_in_together_stand_in_a_row(path: Path) -> None:
    parts = [entries(n) for n in (1, 30, 0, 7, 12)]
    with LogWriter(path, ORIGIN) as log, GroupCommit(log, most=8) as group, ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda part: group.submit_all(part).result(), parts))
        assert sorted(at for positions in told for at in positions) == list(range(50))
        for part, positions in zip(parts, told, strict=True):
            assert log.entries(positions.start, len(positions)) == part
        with pytest.raises(ExternalError, match="too many entries wait"):
            group.submit_all([b"x"] * 8_193)
        with pytest.raises(ValueError, match="65,535"):
            group.submit_all([b"x", bytes(65_536)])
        assert log.audit().size == 50


def test_asyncio_waits_for_the_disk(path: Path) -> None:
    async def everybody(group: GroupCommit) -> list[int]:
        return await asyncio.gather(*(group.append(one) for one in entries(50)))

    with LogWriter(path, ORIGIN) as log, GroupCommit(log, most=7) as group:
        assert asyncio.run(everybody(group)) == list(range(50))
        assert log.head().size == 50


def test_a_batch_that_fails_is_acknowledged_to_nobody(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log, GroupCommit(log) as group:
        assert group.submit(b"a").result() == 0
        log._connection.executescript(
            "CREATE TRIGGER full BEFORE INSERT ON entries WHEN new.position > 2 BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        log._lock.acquire()  # while the writer is held up, a batch gathers
        waiting = [group.submit(one) for one in entries(5)]
        log._lock.release()
        told = [future.exception() for future in waiting]
        assert told[-1] is not None
        assert all(isinstance(one, ExternalError) for one in told if one)
        acknowledged = 1 + told.count(None)
        with pytest.raises(ExternalError, match="Open the log again"):
            group.submit(b"later").result()
    with LogWriter(path) as log:
        assert log.audit().size == acknowledged


def test_a_full_queue_and_a_closed_one_refuse(path: Path) -> None:
    with LogWriter(path, ORIGIN) as log:
        group = GroupCommit(log, most=1, waiting=2)
        with pytest.raises(ValueError, match="65,535"):
            group.submit(bytes(65_536))
        taken, full = [], Event()
        with log._lock:
            for one in entries(8):
                try:
                    taken.append(group.submit(one))
                except ExternalError:
                    full.set()
        assert full.is_set()
        group.close()
        group.close()
        assert sorted(one.result() for one in taken) == list(range(len(taken)))  # what was taken is written
        with pytest.raises(ExternalError, match="being closed"):
            group.submit(b"late")
