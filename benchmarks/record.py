"""How fast envelopes get into the log and proofs out of it, as ratios to what cannot be left out; all is simulated.

    python benchmarks/record.py [--envelopes 20000] [--batch 512] [--entries 1000000] [--json]

*append* writes batches that are known to be good and waits for the disk after each. Its baseline is SQLite with one
table and nothing else: the same bytes, batches and syncs, without a tree. *append, signatures checked* checks the
signatures of envelopes that were read before, with a thread for each core, and appends them meanwhile; *append, read
and checked* begins with the bytes. Their baseline is the signature check alone, of the same messages in the same
threads. *group commit* is many submitters, each waiting for one entry at a time; *group commit, checked in threads* is
as many threads as there are cores, each of which checks a batch and hands it in without waiting. *proof* is an
inclusion proof whose tiles are read anew each time, from an exported folder or from the log's file, in a log of 10,000
entries and in one of `--entries`; the checkpoint is at hand. *reading* is all entries of the exported folder, each
compared with the tree.

The envelopes are made up: a payload of about 200 bytes, one signature each.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from _common import machine, machine_line, print_table, progress

from daccord.record import Envelope, from_leaf, pae, seal
from daccord.record.keys import LocalSigner, verify
from daccord.record.log import TileTree, entry_hash, inclusion_proof, open_checkpoint, verify_inclusion
from daccord.store import FolderPlace, GroupCommit, LogCopy, LogWriter, export

TYPE = "application/vnd.daccord.judgment.v1+json"
CORES = len(os.sched_getaffinity(0))
SIGNERS = [LocalSigner(bytes([9, i]) + bytes(30)) for i in range(50)]
KEYS = {signer.public.id: signer.public for signer in SIGNERS}


def envelopes(count: int) -> list[Envelope]:
    """Simulated envelopes, signed by 50 keys."""
    made = []
    for number in range(count):
        signer = SIGNERS[number % len(SIGNERS)]
        about = {f"project-{(number * 7 + k) % 997}": (number * 31 + k) % 1000 for k in range(8)}
        made.append(seal(TYPE, {"round": "simulated", "sequence": number, "scores": about}, [signer]))
    return made


def batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def seconds(work: Callable[[], object]) -> float:
    """Seconds on the clock."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def best(work: Callable[[], float], times: int = 3) -> float:
    return min(work() for _ in range(times))


def in_turn(ways: dict[str, Callable[[], float]], times: int = 5) -> dict[str, float]:
    """The least that each way took, all of them in turn, so that other work on the machine meets all alike."""
    found = [{name: work() for name, work in ways.items()} for _ in range(times)]
    return {name: min(one[name] for one in found) for name in ways}


def bare_table(folder: Path, leaves: list[bytes], batch: int) -> float:
    """The same bytes and syncs in SQLite, without a tree."""
    path = folder / f"bare{time.perf_counter_ns()}.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=wal").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE entries (position INTEGER PRIMARY KEY, leaf BLOB NOT NULL)")

    def work() -> None:
        for part in batches(leaves, batch):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO entries (leaf) VALUES (?)", [(one,) for one in part])
            connection.execute("COMMIT")

    took = seconds(work)
    connection.close()
    return took


def new_log(folder: Path) -> LogWriter:
    return LogWriter(folder / f"log{time.perf_counter_ns()}.sqlite", "log.example/simulated")


def append(folder: Path, leaves: list[bytes], batch: int) -> float:
    with new_log(folder) as log:
        return seconds(lambda: [log.append(part) for part in batches(leaves, batch)])


def checked(part: Sequence[bytes]) -> int:
    """How many leaves are envelopes that a known key signed."""
    return sum(bool(from_leaf(leaf).signed_by(KEYS)) for leaf in part)


def verified(part: Sequence[tuple[Any, bytes, bytes]]) -> int:
    """How many signatures are valid."""
    return sum(verify(*one) for one in part)


def ready(made: list[Envelope]) -> list[tuple[Any, bytes, bytes]]:
    """(key, message, signature) of each envelope."""
    return [(KEYS[one.signatures[0].key], pae(one.payload_type, one.payload), one.signatures[0].data) for one in made]


def append_checked(
    folder: Path, leaves: list[bytes], check: Callable[[Any], int], inputs: list[Any], batch: int, pool: Executor
) -> float:
    """Workers check a batch each; what is ready is appended meanwhile."""
    with new_log(folder) as log:

        def work() -> None:
            parts = batches(leaves, batch)
            for part, good in zip(parts, pool.map(check, batches(inputs, batch)), strict=True):
                if good != len(part):
                    raise SystemExit("an envelope of ours is not signed")
                log.append(part)

        return seconds(work)


def bare_checks(inputs: list[Any], batch: int, pool: Executor) -> float:
    """Signature checks alone: keys and messages are laid out before."""
    return seconds(lambda: list(pool.map(verified, batches(inputs, batch))))


def grouped(folder: Path, leaves: list[bytes], submitters: int) -> float:
    with new_log(folder) as log, GroupCommit(log) as group, ThreadPoolExecutor(submitters) as pool:
        return seconds(lambda: list(pool.map(lambda leaf: group.submit(leaf).result(), leaves)))


def checked_in_threads(folder: Path, inputs: list[Any], leaves: list[bytes], batch: int, pool: Executor) -> float:
    """Each thread checks a batch and hands it in; all positions are known at the end."""
    with new_log(folder) as log, GroupCommit(log, most=4 * batch, waiting=len(leaves)) as group:

        def one(part: tuple[Sequence[Any], Sequence[bytes]]) -> Future[range]:
            if verified(part[0]) != len(part[1]):
                raise SystemExit("an envelope of ours is not signed")
            return group.submit_all(part[1])

        def work() -> None:
            parts = zip(batches(inputs, batch), batches(leaves, batch), strict=True)
            for future in list(pool.map(one, parts)):
                future.result()

        return seconds(work)


def proofs(folder: Path, leaves: list[bytes], count: int) -> dict[str, float]:
    """Seconds of one proof, the median of many: made in different ways, and checked; and of reading an entry."""
    with new_log(folder) as log:
        for part in batches(leaves, 4096):
            log.append(part)
        log.sign_checkpoint([LocalSigner(bytes(32))])
        export(log, folder / f"public{len(leaves)}")
        copy = LogCopy(FolderPlace(folder / f"public{len(leaves)}"))
        head = open_checkpoint(copy.checkpoint())[0]
        held, chance = TileTree(head.size, copy.fetch), Random(5)
        took: dict[str, list[float]] = defaultdict(list)
        for _ in range(count):
            index = chance.randrange(head.size)
            proof = inclusion_proof(index, head.size, held.subtree)
            leaf = entry_hash(leaves[index])
            ways: dict[str, Callable[[], object]] = {
                "from files": lambda i=index: inclusion_proof(i, head.size, TileTree(head.size, copy.fetch).subtree),
                "from the log's file": lambda i=index: log.inclusion(i, head.size),
                "tiles at hand": lambda i=index: inclusion_proof(i, head.size, held.subtree),
                "checking": lambda i=index, e=leaf, p=proof: verify_inclusion(i, head.size, e, p, head.root),
            }
            for name, way in ways.items():
                took[name].append(seconds(way))
        reading = best(lambda: seconds(lambda: deque(copy.entries(head), maxlen=0)), 2) / head.size
    return {**{name: median(times) for name, times in took.items()}, "reading an entry": reading}


def measure(count: int, batch: int, entries: int) -> list[dict[str, Any]]:
    progress(f"{count:,} simulated envelopes are signed …")
    made = envelopes(count)
    leaves = [one.leaf() for one in made]
    many = leaves * max(1, 100_000 // count)
    rows: list[dict[str, Any]] = []

    def row(what: str, number: int, took: float, base: float | None = None, against: str = "") -> None:
        against = "" if base is None else against
        rows.append(
            {
                "what": what,
                "per_second": number / took,
                "microseconds": took / number * 1e6,
                "share_of_baseline": None if base is None else base / took,
                "baseline": against,
            }
        )

    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        folder = Path(place)
        progress("appending …")
        for size, items in ((batch, many), (1, many[:1000])):
            names = f"bare table, batches of {size}", f"append, batches of {size}"
            least = in_turn(
                {
                    names[0]: lambda items=items, size=size: bare_table(folder, items, size),
                    names[1]: lambda items=items, size=size: append(folder, items, size),
                }
            )
            row(names[0], len(items), least[names[0]])
            row(names[1], len(items), least[names[1]], least[names[0]], "bare table")
        row("group commit, 64 submitters", 5000, best(lambda: grouped(folder, many[:5000], 64)))
        progress("checking signatures …")
        laid_out = ready(made)
        with ThreadPoolExecutor(CORES) as threads, ProcessPoolExecutor(CORES, get_context("forkserver")) as processes:
            list(processes.map(checked, [leaves[:100]] * CORES))  # they are started before the clock
            bare_name = f"bare checks, {CORES} threads"
            ways = {
                bare_name: lambda: bare_checks(laid_out, batch, threads),
                "append, signatures checked": lambda: append_checked(
                    folder, leaves, verified, laid_out, batch, threads
                ),
                "group commit, checked in threads": lambda: checked_in_threads(
                    folder, laid_out, leaves, batch, threads
                ),
                "append, read and checked in threads": lambda: append_checked(
                    folder, leaves, checked, leaves, batch, threads
                ),
                "append, read and checked in processes": lambda: append_checked(
                    folder, leaves, checked, leaves, batch, processes
                ),
            }
            least = in_turn(ways)
            for what, took in least.items():
                row(what, count, took, None if what == bare_name else least[bare_name], "bare checks")
            row("reading envelopes, 1 thread", count, best(lambda: seconds(lambda: [from_leaf(one) for one in leaves])))
        progress("proving …")
        for size in (10_000, entries):
            for name, took in proofs(folder, (many * -(-size // len(many)))[:size], 200).items():
                what = name if name == "reading an entry" else f"proof, {name}"
                row(f"{what}, {size:,} entries", 1, took)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--envelopes", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the large log that proofs are made from")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = measure(options.envelopes, options.batch, options.entries)
    if options.json:
        print(json.dumps({"machine": machine(), "rows": rows}, indent=1))
        return
    print(machine_line(machine()))
    print_table(
        ["what", "a second", "µs each", "share of baseline", "baseline"],
        [
            [
                row["what"],
                f"{row['per_second']:,.0f}",
                f"{row['microseconds']:,.1f}",
                "" if row["share_of_baseline"] is None else f"{row['share_of_baseline']:.2f}",
                row["baseline"],
            ]
            for row in rows
        ],
    )


if __name__ == "__main__":
    main()
