"""Reading a world file: every fault in one error, each with its row, its dotted key and what to do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path as FilePath
from typing import Final

from daccord.errors import ExternalError, InputError
from daccord.formats._problems import Report, RoundFolderError, shown
from daccord.formats._toml import Path, read_toml
from daccord.formats.worlds._fields import FORMAT
from daccord.formats.worlds._file import WorldFile, default_study
from daccord.formats.worlds._study_tables import place_in_study, read_study
from daccord.formats.worlds._tables import Reading, refusals, tell
from daccord.formats.worlds._world_tables import place_in_world, read_described
from daccord.futures.study import check_study
from daccord.futures.world import check

__all__ = ["load_world", "read_world"]

_LARGEST: Final = 1_000_000
_TAKEN: Final = ("low", "high", "shape", "mean")


def load_world(path: str | FilePath) -> WorldFile:
    """Read a world file.

    Args:
        path: Where it lies.

    Raises:
        InputError: Something is wrong; all faults are listed.
        ExternalError: The disk refuses.
    """
    place = FilePath(path)
    try:
        with place.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise InputError.single(str(path), "there is no such file", remedy="check the path") from None
    except IsADirectoryError:
        raise InputError.single(str(path), "is a folder", remedy="name the world file in it") from None
    except OSError as error:
        raise ExternalError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > _LARGEST:
        raise InputError.single(place.name, f"more than {_LARGEST:,} bytes", remedy="a world file is a text by hand")
    return read_world(data, place.name)


def read_world(data: bytes, name: str = "world.toml") -> WorldFile:
    """Read the bytes of a world file.

    Args:
        data: The file.
        name: What messages call it.

    Raises:
        InputError: Something is wrong; all faults are listed.
    """
    report = Report()
    toml = read_toml(data, report.file(name))
    if toml is None:
        raise RoundFolderError(report.problems)
    reading = Reading(toml, report.file(name))
    top = reading.table((), toml.data, "")
    if top.data.get("format", FORMAT) != FORMAT:
        told = f"{shown(top.data['format'])} is not a format this version reads"
        reading.add(("format",), told, f'write format = "{FORMAT}", or update daccord')
    evaluators = {
        name: reading.table(("evaluators", name), item, "evaluators")
        for name, item in reading.named(("evaluators",), top.get("evaluators")).items()
    }
    for evaluator in evaluators:
        if evaluator in _TAKEN:
            reading.add(("evaluators", evaluator), f"{evaluator} is a word of beliefs", "use another name")
    reading = replace(reading, evaluators=tuple(evaluators))
    top = replace(top, reading=reading)
    title, about, fictional = (top.get(key) for key in ("title", "about", "fictional"))
    money = reading.table(("money",), top.data.get("money", {}), "money")
    budget, fundable = money.get("budget"), money.get("fundable")
    world = read_described(top, evaluators, money.get("unit"))
    before = reading.report.count
    study = read_study(top, default_study(world, budget, fundable=fundable))
    whole = reading.report.count == before  # of a study that could not be read in full, the rest says little
    texts = {
        key: {
            name: item
            for name, item in reading.named((key,), top.get(key)).items()
            if _is_text(reading, (key, name), item)
        }
        for key in ("sources", "notes")
    }
    if world.technologies:
        refused = refusals(partial(check, world))
        tell(reading, refused, place_in_world(world))
        if study is not None and whole:
            own = [problem for problem in refusals(partial(check_study, study)) if problem not in refused]
            tell(reading, own, place_in_study(study))
    if report.problems or study is None:
        raise RoundFolderError(report.problems)
    who = {name: said for name, table in evaluators.items() if (said := table.get("title"))}
    return WorldFile(title, about, fictional, study, texts["sources"], texts["notes"], who)


def _is_text(reading: Reading, path: Path, value: object) -> bool:
    if not (isinstance(value, str) and value.strip()):
        reading.add(path, f"{shown(value)} is no text", 'say it in "double quotes"')
        return False
    return True
