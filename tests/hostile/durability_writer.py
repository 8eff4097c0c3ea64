"""Programs that write a log until somebody stops them; run by `test_durability.py` in processes of their own.

    durability_writer.py write PATH SYNCHRONOUS COMMITS   append, and say each acknowledgement
    durability_writer.py small PATH BYTES                 the same with files limited to so many bytes
    durability_writer.py witness PATH before|after        answer the request from stdin, and die before or after storing
    durability_writer.py faults FOLDER                    one scenario for each fault at each call, see `faults`

Entries follow from their positions, so that whoever checks needs nothing but the number that was acknowledged.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from daccord.errors import ExternalError
from daccord.record.keys import LocalSigner
from daccord.record.log import NoteKey
from daccord.record.witness import WitnessState
from daccord.store import LogWriter, Witness, WitnessFile, _database

ORIGIN = "log.example/1"
SIGNER = LocalSigner(bytes(32))
CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink"


def entry(position: int) -> bytes:
    """The entry at a position, of changing length."""
    return sha256(b"%d" % position).digest() * (1 + position % 13)


def grow(log: LogWriter, count: int) -> int:
    """Append the next entries; the size that is acknowledged."""
    size = log.head().size
    return log.append([entry(i) for i in range(size, size + count)]).stop


def say(size: int) -> None:
    """One call, so that a trace shows when it was said."""
    os.write(1, b"%d\n" % size)


def write(path: str, synchronous: str, commits: int) -> None:
    """Append in batches of changing size; 0 commits means for ever."""
    _database.SYNCHRONOUS = synchronous
    with LogWriter(path, ORIGIN) as log:
        log._connection.execute("PRAGMA wal_autocheckpoint=40")  # the journal is written back often
        number = 0
        while number < commits or not commits:
            say(grow(log, 1 + number * 7 % 23))
            number += 1
            if number % 10 == 0:
                log.sign_checkpoint([SIGNER])
        if commits:
            os._exit(0)  # power fails in the midst of work, not after a clean end


def small(path: str, limit: int) -> None:
    """Append until files may not grow any more, then try once more after opening again."""
    with LogWriter(path, ORIGIN):
        pass
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    for _ in range(2):
        try:
            with LogWriter(path) as log:
                while True:
                    say(grow(log, 20))
        except ExternalError as error:
            os.write(2, f"{error}\n".encode())


def witness(path: str, moment: str) -> None:
    """Answer one request, and be killed where the head is stored."""

    class Dying(WitnessFile):
        def swap(self, *values: Any) -> bool:
            if moment == "after":
                super().swap(*values)
            os.kill(os.getpid(), signal.SIGKILL)
            return False

    known = {ORIGIN: (NoteKey(ORIGIN, SIGNER.public),)}
    Witness(WitnessState("witness.example", known), SIGNER, Dying(path)).answer(sys.stdin.buffer.read())


def scenario(path: Path, acknowledged: int) -> None:
    """Make a log, append, sign; after a fault open it again and go on, as a service would."""
    for _ in range(3):
        try:
            with LogWriter(path, ORIGIN) as log:
                log._connection.execute("PRAGMA wal_autocheckpoint=6")
                for count in (3, 40, 1):
                    os.write(acknowledged, b"%d\n" % grow(log, count))
                log.sign_checkpoint([SIGNER])
                return
        except ExternalError:
            os.write(acknowledged, b"fault\n")


def _traced(folder: Path, options: list[str]) -> list[str]:
    """Run the scenario in a fork that strace watches from its first call on; what it acknowledged."""
    folder.mkdir()
    (waiting, go), (reading, writing) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.close(reading)
        ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # anybody may trace
        os.read(waiting, 1)
        scenario(folder / "log.sqlite", writing)
        os._exit(0)
    os.close(waiting)
    os.close(writing)
    command = ["strace", "-o", str(folder / "trace"), "-p", str(pid), *options]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    first = tracer.stderr.readline()
    if "attached" not in first:
        os.kill(pid, signal.SIGKILL)
        raise SystemExit(f"strace: {first}")
    os.write(go, b".")
    os.close(go)
    with os.fdopen(reading) as file:
        said = file.read().split()
    os.waitpid(pid, 0)
    tracer.communicate()
    return said


def faults(folder: str) -> None:
    """Inject each kind of fault at each call and print, as JSON lines, what was acknowledged."""
    place = Path(folder)
    _traced(place / "count", ["-e", f"trace={CALLS}"])
    lines = (place / "count" / "trace").read_text().splitlines()
    for call in CALLS.split(","):
        total = sum(line.startswith(f"{call}(") for line in lines)
        errors = {"pwrite64": ("EIO", "ENOSPC+"), "ftruncate": ("EIO",), "unlink": ("EIO",)}.get(call, ("EIO", "EIO+"))
        for error in errors:
            for number in range(1, total + 1):
                name = f"{call}-{error}-{number}"
                when = f"{number}+" if error.endswith("+") else f"{number}"
                inject = f"inject={call}:error={error.rstrip('+')}:when={when}"
                said = _traced(place / name, ["-e", f"trace={call}", "-e", inject])
                sys.stdout.write(json.dumps({"name": name, "said": said}) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    mode, *rest = sys.argv[1:]
    if mode == "write":
        write(rest[0], rest[1], int(rest[2]))
    elif mode == "small":
        small(rest[0], int(rest[1]))
    elif mode == "witness":
        witness(*rest)
    else:
        faults(rest[0])
