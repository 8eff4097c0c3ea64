"""What decides: the version of the engine, and a digest of its sources."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

import daccord
from daccord.record import encode
from daccord.record.payloads import Engine

__all__ = ["engine", "source_digest"]


@cache
def source_digest() -> str:
    """SHA-256, hexadecimal, of the canonical JSON of {path below the package: SHA-256} of all Python sources."""
    package = Path(daccord.__file__).parent
    files = {path.relative_to(package).as_posix(): path for path in sorted(package.rglob("*.py"))}
    return sha256(encode({name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()})).hexdigest()


def engine(wheel: bytes | None = None) -> Engine:
    """The engine that runs here, as a manifest names it.

    Args:
        wheel: The wheel that it was installed from, if it is to be named too.
    """
    return Engine("daccord", daccord.__version__, source_digest(), None if wheel is None else sha256(wheel).hexdigest())
