"""Running a study: grounds, then scenarios and gaps, anywhere and in any order, kept as they come."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from daccord import __version__
from daccord.ensemble._codec import FORMAT, Record, record_of, result_of
from daccord.ensemble._executor import Executor, Task, never
from daccord.ensemble._folder import Folder
from daccord.ensemble._identity import identity
from daccord.ensemble._interrupts import interrupts
from daccord.errors import IntegrityError
from daccord.futures.study import Ground, Piece, Split, Study, grounds, lay_out, play, scenarios, split

__all__ = ["Ensemble", "Tell", "run_study"]

Tell = Callable[[int, int, str], None]
"""Told after each task: how many are done, of how many, and which it was."""


@dataclass(frozen=True)
class Ensemble:
    """What a study came to.

    Attributes:
        pieces: In the order of `scenarios(study)`, those that are done.
        splits: Class by class, constitution by constitution, those that are done; empty if not asked for.
        digest: SHA-256 of all results as bytes, in their order: the same on every executor; "" if any is missing.
        computed: Tasks that were computed now.
        kept: Tasks that were found in the folder.
        missing: Tasks that are not done, because the run was stopped.
    """

    pieces: tuple[Piece, ...]
    splits: tuple[Split, ...]
    digest: str
    computed: int
    kept: int
    missing: int


def run_study(
    study: Study,
    executor: Executor,
    *,
    folder: Path | None = None,
    digest: str = "",
    tell: Tell | None = None,
    splits: bool = True,
    cancel: Callable[[], bool] | None = None,
) -> Ensemble:
    """Play a study's scenarios and split its governance gaps.

    Ctrl-c, or `cancel`, stops after the tasks that are under way; a second ctrl-c at once. With a folder the same call
    goes on from there, and ends with the same bytes.

    Args:
        study: What is compared.
        executor: Where; closed afterwards unless it was entered before.
        folder: Where results are kept; None keeps none.
        digest: Of the file that the study was read from; a folder of another is refused.
        tell: Told of progress, in this thread.
        splits: Whether gaps are split: each constitution in the middle of each class, in the study's first way of
            valuing lives, in as many worlds as a scenario has.
        cancel: Asked before a task is begun.

    Returns:
        All that is done.

    Raises:
        InputError: The study or the folder is refused, or a result is not finite.
        IntegrityError: A file in the folder is damaged or another's.
        ExternalError: Workers died, the disk refused, or an extra is missing.
    """
    pairs, dealt = grounds(study), scenarios(study)
    gaps = [(group.name, name) for group in study.classes for name in study.constitutions] if splits else []
    book = _Book(_folder(study, folder, digest), tell or (lambda _done, _total, _what: None))
    book.total = len(pairs) + len(dealt) + len(gaps)
    places = {pair: f"ground-{place:05}" for place, pair in enumerate(pairs)}
    names = {scenario.index: f"scenario-{scenario.index:06}" for scenario in dealt}
    laid = [Task(places[pair], lay_out, pair) for pair in pairs]
    with executor, interrupts() as interrupted:
        stop = _either(interrupted, cancel or never)
        book.run(executor, laid, study, stop)
        laid_out = {pair: ground for pair in pairs if isinstance(ground := book.results.get(places[pair]), Ground)}
        rest = [
            Task(names[scenario.index], play, (laid_out[pair], scenario))
            for scenario in dealt
            if (pair := (scenario.group, scenario.values)) in laid_out
        ]
        wide = max(2, study.worlds)
        rest += [
            Task(f"split-{place:05}", split, (laid_out[group, 0], name, wide))
            for place, (group, name) in enumerate(gaps)
            if (group, 0) in laid_out
        ]
        if len(laid_out) == len(pairs):
            book.run(executor, rest, study, stop)
    return _ensemble(book, [*places.values(), *names.values(), *(f"split-{place:05}" for place in range(len(gaps)))])


def _either(one: Callable[[], bool], other: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: one() or other()


def _folder(study: Study, folder: Path | None, digest: str) -> Folder | None:
    if folder is None:
        return None
    manifest = {
        "format": FORMAT,
        "daccord": __version__,
        "numpy": np.__version__,
        "file": digest,
        "study": identity(study),
        "grounds": len(grounds(study)),
        "scenarios": len(scenarios(study)),
        "splits": len(study.classes) * len(study.constitutions),
    }
    return Folder(folder, manifest)


@dataclass
class _Book:
    """Results, as they come."""

    folder: Folder | None
    tell: Tell
    total: int = 0
    computed: int = 0
    results: dict[str, Record] = field(default_factory=dict)
    sums: dict[str, bytes] = field(default_factory=dict)

    def run(self, executor: Executor, tasks: Iterable[Task], study: Study, stop: Callable[[], bool]) -> None:
        """Take what is in the folder, and compute the rest."""
        before = len(self.results)
        left = [task for task in tasks if not self._find(task.key)]
        if len(self.results) > before:
            self.tell(len(self.results), self.total, f"found {len(self.results) - before} of an earlier run")
        for key, result in executor.run(left, study, stop) if left else ():
            self._keep(key, result)

    def _find(self, key: str) -> bool:
        record = None if self.folder is None else self.folder.get(key)
        if record is None:
            return False
        try:
            self.results[key] = result_of(record)
        except ValueError as error:
            raise IntegrityError(f"{key}.bin: {error}: delete it, and the piece is computed again") from error
        self.sums[key] = hashlib.sha256(record).digest()
        return True

    def _keep(self, key: str, result: Record) -> None:
        record = record_of(key, result)
        if self.folder is not None:
            self.folder.put(key, record)
        self.results[key], self.sums[key] = result, hashlib.sha256(record).digest()
        self.computed += 1
        self.tell(len(self.results), self.total, _told(result))


def _told(result: Record) -> str:
    if isinstance(result, Ground):
        return f"laid out {result.group}"
    if isinstance(result, Piece):
        return f"played a scenario of {result.scenario.group}"
    return f"split the gap of {result.constitution} in {result.group}"


def _ensemble(book: _Book, keys: list[str]) -> Ensemble:
    done = [book.results[key] for key in keys if key in book.results]
    missing = len(keys) - len(done)
    if book.folder is not None and not missing:
        book.folder.tidy()
    return Ensemble(
        tuple(result for result in done if isinstance(result, Piece)),
        tuple(result for result in done if isinstance(result, Split)),
        "" if missing else hashlib.sha256(b"".join(book.sums[key] for key in keys)).hexdigest(),
        book.computed,
        len(done) - book.computed,
        missing,
    )
