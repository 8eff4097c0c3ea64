"""Pre-registration: dated entries beside a world file, chained, each with what changed since the one before.

`<name>.registered.json` is a list of entries. An entry holds the date, who and why, the file's digest, all that counted
in it, what changed, and the SHA-256 of the entry before in canonical JSON (RFC 8785). Changing, dropping or reordering
entries therefore breaks the chain, except at its end. What it cannot show by itself is that a date is true, or that no
whole register was written later: publish the digest where somebody else dates it, such as a round's record.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypedDict

import rfc8785

from daccord.errors import ExternalError, InputError, IntegrityError, Problem
from daccord.formats.worlds._file import WorldFile, meaning
from daccord.formats.worlds._reading import load_world
from daccord.formats.worlds._sources import missing_sources

__all__ = ["Change", "Registration", "Standing", "register", "register_path", "registrations", "standing"]

_NO_ENTRY: Final = "0" * 64


class Change(TypedDict):
    """A number or text that changed.

    Attributes:
        key: Dotted place.
        old: As JSON; empty if it is new.
        new: As JSON; empty if it is gone.
    """

    key: str
    old: str
    new: str


@dataclass(frozen=True)
class Registration:
    """An entry.

    Attributes:
        date: Claimed day, YYYY-MM-DD.
        by: Who.
        note: Why, or what changed, in words.
        digest: Of the file.
        previous: SHA-256 of the entry before; zeros in the first.
        changes: Since the entry before; empty in the first.
        meaning: All that counted in the file.
    """

    date: str
    by: str
    note: str
    digest: str
    previous: str
    changes: tuple[Change, ...]
    meaning: Mapping[str, Any]

    @property
    def own_digest(self) -> str:
        """SHA-256 of the entry."""
        return hashlib.sha256(rfc8785.dumps(_document(self))).hexdigest()


@dataclass(frozen=True)
class Standing:
    """How a file stands to its register.

    Attributes:
        registration: The last entry; None if there is none.
        changed: Dotted places that differ from it.
    """

    registration: Registration | None
    changed: tuple[str, ...] = ()


def register_path(path: str | Path) -> Path:
    """Where the register of a world file lies."""
    place = Path(path)
    return place.with_name(f"{place.stem}.registered.json")


def register(path: str | Path, date: str, by: str, note: str = "") -> Registration:
    """Add an entry for a world file as it is now.

    Args:
        path: The file.
        date: Day, YYYY-MM-DD; not before the last entry's.
        by: Who.
        note: Why, or what changed.

    Raises:
        InputError: The file is wrong, a number lacks a source, the date or name is, or nothing has changed.
        IntegrityError: The register was tampered with.
        ExternalError: The disk refuses.
    """
    place, file = Path(path), load_world(path)
    entries = registrations(path)
    problems = [
        Problem(place.name, None, name, "has neither an evaluator nor a source", "say under [sources] where it is from")
        for name in missing_sources(file)
    ]
    if not _is_day(date):
        problems.append(Problem(place.name, None, "date", f"{date!r} is no day", "write YYYY-MM-DD"))
    elif entries and date < entries[-1].date:
        told = f"{date} is before the last entry, {entries[-1].date}"
        problems.append(Problem(place.name, None, "date", told, "use that day or a later one"))
    if not by.strip():
        problems.append(Problem(place.name, None, "by", "nobody", "name who registers it"))
    if entries and entries[-1].digest == file.digest:
        told = f"nothing has changed since {entries[-1].date}"
        problems.append(Problem(place.name, None, None, told, "there is nothing to register"))
    if problems:
        raise InputError(problems)
    now, before = meaning(file), entries[-1].own_digest if entries else _NO_ENTRY
    changes = _changes(entries[-1].meaning, now) if entries else ()
    entry = Registration(date, by, note, file.digest, before, changes, now)
    text = json.dumps([_document(item) for item in (*entries, entry)], indent=1, ensure_ascii=False, sort_keys=True)
    target = register_path(path)
    try:
        beside = target.with_name(target.name + ".new")
        beside.write_text(text + "\n", encoding="utf-8", newline="\n")
        beside.replace(target)
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error.strerror or error}") from error
    return entry


def registrations(path: str | Path) -> tuple[Registration, ...]:
    """Entries of a world file's register, oldest first, with the chain checked.

    Args:
        path: The world file.

    Raises:
        InputError: The register is none.
        IntegrityError: An entry was changed after it was made.
        ExternalError: The disk refuses.
    """
    place = register_path(path)
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ExternalError(f"{place} cannot be read: {error.strerror or error}") from error
    try:
        entries = _entries(json.loads(data))
        digests = [(hashlib.sha256(rfc8785.dumps(dict(item.meaning))).hexdigest(), item.own_digest) for item in entries]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise InputError.single(place.name, f"is no register: {error}", remedy="take it from a backup") from error
    before, day = _NO_ENTRY, ""
    for number, (entry, (digest, own)) in enumerate(zip(entries, digests, strict=True), 1):
        if entry.previous != before:
            raise IntegrityError(f"{place.name}: entry {number} does not follow entry {number - 1}: one was changed")
        if digest != entry.digest:
            raise IntegrityError(f"{place.name}: entry {number} holds other numbers than its digest says")
        if entry.date < day:
            raise IntegrityError(f"{place.name}: entry {number} is dated before entry {number - 1}: one was changed")
        before, day = own, entry.date
    return entries


def standing(path: str | Path, file: WorldFile) -> Standing:
    """How a file that was read stands to its register. Arguments and errors as for `registrations`."""
    entries = registrations(path)
    if not entries:
        return Standing(None)
    changes = _changes(entries[-1].meaning, meaning(file)) if entries[-1].digest != file.digest else ()
    return Standing(entries[-1], tuple(change["key"] for change in changes))


def _is_day(text: str) -> bool:
    """Whether a text is a day written YYYY-MM-DD, so that texts are in the order of days."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _entries(items: object) -> tuple[Registration, ...]:
    if not isinstance(items, list):
        raise TypeError("it is no list")
    return tuple(_entry(item) for item in items)


def _entry(item: Any) -> Registration:  # noqa: ANN401 - JSON
    texts = {key: item[key] for key in ("date", "by", "note", "digest", "previous")}
    if set(item) != {*texts, "changes", "meaning"} or not all(type(text) is str for text in texts.values()):
        raise ValueError("an entry has other keys")
    if not _is_day(item["date"]):
        raise ValueError(f"{item['date']!r} is no day")
    changes = tuple(
        Change(key=str(change["key"]), old=str(change["old"]), new=str(change["new"])) for change in item["changes"]
    )
    if list(changes) != item["changes"]:
        raise ValueError("a change has other keys")
    return Registration(**texts, changes=changes, meaning=dict(item["meaning"]))


def _document(entry: Registration) -> dict[str, Any]:
    found = asdict(entry)
    return {**found, "changes": list(found["changes"])}


def _flat(value: object, place: str) -> dict[str, str]:
    """Dotted place → JSON; entries of lists go by id, name or edge."""
    items: list[tuple[str, object]] = []
    if isinstance(value, Mapping) and value and set(value) != {"low", "high", "shape"}:
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        names = [_name(item) for item in value]
        items = [
            (name if name and names.count(name) == 1 else f"{name}#{number}", item)
            for number, (name, item) in enumerate(zip(names, value, strict=True), 1)
        ]
    else:
        return {place: rfc8785.dumps(value).decode()}  # type: ignore[arg-type]
    return {k: v for name, item in items for k, v in _flat(item, f"{place}.{name}" if place else name).items()}


def _name(item: Mapping[str, Any]) -> str:
    if "target" in item:
        return f"{item['kind']}:{item['technology']}>{item['target']}"
    return str(item.get("id") or item.get("name") or item.get("measure") or "")


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    before, after = _flat(old, ""), _flat(new, "")
    keys = sorted(set(before) | set(after))
    return tuple(
        Change(key=key, old=before.get(key, ""), new=after.get(key, ""))
        for key in keys
        if before.get(key) != after.get(key)
    )
