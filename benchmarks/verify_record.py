"""How long verifying a whole record takes, by parts; everything in it is simulated.

    python benchmarks/verify_record.py [--judgments 100000] [--jurors 1000] [--projects 300] [--fusion hierarchical]
                                       [--keep DIR] [--json]

A rehearsal of a made-up round is written as an exported log: each juror is bound and signs comparisons, witnesses see
the close, a result is made and approved. *verify* is `verify_record` on that folder, from the first byte to the last
award. The parts are measured by themselves, in the same process and on the same bytes: *tiles* reads the files and
compares every entry with the tree; *envelopes* takes leaves apart; *signatures* is the bare check of one signature an
entry, in one thread, which no verifier can do without; *replay* is everything from leaves to the state of the round,
envelopes and signatures among it; *files* what counts and the files that follow, which a verifier makes twice;
*reading* those files as a round; *decision* the fit, verdicts and money, and once more from the published integers.

`--keep` names a folder in which the record is left, or found if it is there.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress

one_thread()

from daccord.audit import Rehearsal, Terms, verify_record  # noqa: E402
from daccord.formats import check_files  # noqa: E402
from daccord.formats.decisions import decision_document, graph_of, scores_of  # noqa: E402
from daccord.pipeline import decide, recompute  # noqa: E402
from daccord.record import from_leaf, pae  # noqa: E402
from daccord.record.keys import PublicKey, verify  # noqa: E402
from daccord.record.log import open_checkpoint  # noqa: E402
from daccord.record.state import Replay, conclude  # noqa: E402
from daccord.store import FolderPlace, LogCopy  # noqa: E402

ROUND = """\
format = "daccord/round/1"
name = "A large round (simulated)"
simulated = true
seed = 1
[goal]
statement = "Be large."
set_by = "a script (simulated)"
[budget]
amount = "1000000.00"
currency = "USD"
digits = 2
[criteria.benefit]
question = "Which is better?"
[communities]
north = "North (simulated)"
south = "South (simulated)"
[rules]
fusion = "FUSION"
"""


def round_files(judgments: int, jurors: int, projects: int, fusion: str) -> dict[str, bytes]:
    """A round in which everybody compares random pairs, and means it up to some noise."""
    rng = random.Random(1)
    names = [f"p{i:04d}" for i in range(projects)]
    worth = {name: rng.gauss(0, 1) for name in names}
    sheet = ["id,title,team,ask,text", *(f"{name},{name},Team {name},20000.00,simulated" for name in names)]
    judges = ["id,kind,community", *(f"j{i:05d},person,{('north', 'south')[i % 2]}" for i in range(jurors))]
    rows, asked = ["juror,criterion,a,b,winner,ratio"], set[tuple[int, str, str]]()
    while len(asked) < judgments:
        i = len(asked) % jurors
        a, b = sorted(rng.sample(names, 2))
        if (i, a, b) in asked:
            continue
        asked.add((i, a, b))
        log_ratio = worth[a] - worth[b] + rng.gauss(0, 0.5)
        ratio = min(100.0, max(1.01, 2.718281828 ** abs(log_ratio)))
        rows.append(f"j{i:05d},benefit,{a},{b},{a if log_ratio > 0 else b},{ratio:.2f}")
    files = {"round.toml": [ROUND.replace("FUSION", fusion)], "projects.csv": sheet, "judges.csv": judges}
    return {name: ("\n".join([*lines, ""])).encode() for name, lines in {**files, "comparisons.csv": rows}.items()}


def make(folder: Path, files: dict[str, bytes]) -> None:
    """Play the round and export its log."""
    play = Rehearsal(files, terms=Terms("large"))
    play.open()
    progress("binding and answering")
    play.bind_all()
    play.judge()
    play.close()
    progress("deciding")
    document, found = play.decide()
    play.publish(document, found)
    play.stage.write(folder / "log.sqlite", folder / "log", play.end())


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds on the clock, and what came out."""
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def parts(folder: Path) -> dict[str, float]:
    """Seconds of each part."""
    copy = LogCopy(FolderPlace(folder))
    head = open_checkpoint(copy.checkpoint())[0]
    took: dict[str, float] = {}
    took["tiles"], leaves = timed(lambda: list(copy.entries(head)))
    took["envelopes"], envelopes = timed(lambda: [from_leaf(leaf) for leaf in leaves])
    replay = Replay()
    took["replay"], _ = timed(lambda: [replay.add(leaf) for leaf in leaves])
    if replay.faults or replay.state is None:
        raise SystemExit(f"the record has faults: {replay.faults[:1]}")
    keys: dict[str, PublicKey] = {one.key.id: one.key for one in replay.state.people} | replay.keys.of("operator")
    once = []
    for one in envelopes:
        first = one.signatures[0]
        if first.key in keys:
            once.append((keys[first.key], pae(one.payload_type, one.payload), first.data))
    took["signatures"], valid = timed(lambda: sum(verify(*one) for one in once))
    if valid != len(once):
        raise SystemExit("a signature is not valid")
    took["files"], outcome = timed(lambda: conclude(replay))
    took["reading"], (round_, _) = timed(lambda: check_files(outcome.files.bytes_of))
    took["decision"], own = timed(lambda: decide(round_))
    document = decision_document(own)
    again, _ = timed(lambda: decision_document(recompute(own, scores_of(document), graph_of(document))))
    took["decision"] += again
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description="How long verifying a record takes; simulated.")
    parser.add_argument("--judgments", type=int, default=100_000)
    parser.add_argument("--jurors", type=int, default=1_000)
    parser.add_argument("--projects", type=int, default=300)
    parser.add_argument("--fusion", default="hierarchical")
    parser.add_argument("--keep", type=Path, help="folder in which the record is left, or found")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        if not (folder / "log" / "checkpoint").exists():
            folder.mkdir(parents=True, exist_ok=True)
            took, _ = timed(
                lambda: make(folder, round_files(asked.judgments, asked.jurors, asked.projects, asked.fusion))
            )
            progress(f"made in {took:.0f} s")
        begin = time.process_time()
        whole, found = timed(lambda: verify_record(folder / "log"))
        processor = time.process_time() - begin
        if not found.ok:
            raise SystemExit(f"the record does not hold: {found.failed}")
        took = {"verify": whole, **parts(folder / "log")}
    if asked.json:
        print(json.dumps({"machine": machine(), "entries": found.size, "processor": processor, "seconds": took}))
        return
    print(
        f"{machine_line(machine())}; {found.size:,} entries, simulated; verify took {processor:.1f} s of processor time"
    )
    print_table(["part", "seconds"], [[name, f"{one:.2f}"] for name, one in took.items()])


if __name__ == "__main__":
    main()
