"""Who may answer: jurors, voters and donors, bound to keys by issuers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from daccord.errors import IntegrityError
from daccord.record.keys import PublicKey

__all__ = ["Binding", "People", "Person"]


@dataclass(frozen=True)
class Binding:
    """An issuer's word for a person.

    Attributes:
        entry: Entry hash.
        place: In the log.
        issuer: Id.
    """

    entry: str
    place: int
    issuer: str


@dataclass
class Person:
    """Somebody who was bound.

    Attributes:
        id: In the round.
        key: In force now.
        judges: Whether this is a juror; else somebody who gives or votes.
        enrolled: Community and conflicts of somebody whom judges.csv of the manifest does not have.
        bindings: In the order of the log.
        seq: Number of the last answer or contribution; -1 before the first.
    """

    id: str
    key: PublicKey
    judges: bool
    enrolled: tuple[str, str] | None
    bindings: list[Binding] = field(default_factory=list)
    seq: int = -1


class People:
    """All who were bound.

    Args:
        listed: Ids of the persons in judges.csv of the manifest.
        models: Ids of its models.
        open_: Whether others may enrol.
    """

    def __init__(self, listed: frozenset[str], models: frozenset[str], *, open_: bool) -> None:
        self._listed, self._models, self._open = listed, models, open_
        self._people: dict[str, Person] = {}
        self._key_of: dict[str, str] = {}
        self._nullifier_of: dict[str, str] = {}

    def __iter__(self) -> Iterator[Person]:
        return iter(self._people.values())

    def get(self, name: str) -> Person | None:
        """Somebody by id."""
        return self._people.get(name)

    def bound(self, name: str) -> Person:
        """Somebody by id.

        Raises:
            IntegrityError: Nobody bound that id.
        """
        if (person := self._people.get(name)) is None:
            raise IntegrityError(f"no issuer has bound {name!r}")
        return person

    def who_answers(self, name: str, column: str) -> Person:
        """Somebody who may answer in a table.

        Args:
            name: Id.
            column: The table's column of ids; in one of jurors only judges answer, in one of voters all who are bound.

        Raises:
            IntegrityError: Nobody bound that id, or it is not a judge's.
        """
        person = self.bound(name)
        if column == "juror" and not person.judges:
            raise IntegrityError(f"{name!r} is no juror of the round")
        return person

    def whose(self, key: str) -> Person | None:
        """Whose key this is now."""
        person = self._people.get(self._key_of.get(key, ""))
        return person if person is not None and person.key.id == key else None

    def check_binding(
        self, issuer: str, name: str, key: PublicKey, nullifier: str, row: Mapping[str, str] | None
    ) -> None:
        """Check that an issuer may bind a person to a key.

        Raises:
            IntegrityError: It may not.
        """
        person = self._people.get(name)
        if name in self._models:
            raise IntegrityError(f"{name!r} is a model of the manifest and no person")
        if name in self._listed and row is not None:
            raise IntegrityError(f"{name!r} stands in judges.csv, so the binding says nothing of the person")
        if row is not None and not self._open:
            raise IntegrityError(f"{name!r} does not stand in judges.csv, and the round has no open enrolment")
        if self._nullifier_of.get(nullifier, name) != name:
            raise IntegrityError("the nullifier stands for another person already")
        if self._key_of.get(key.id, name) != name:
            raise IntegrityError("the key is another person's")
        if person is None:
            return
        if person.key != key:
            raise IntegrityError(f"{name!r} is bound to another key")
        if any(one.issuer == issuer for one in person.bindings):
            raise IntegrityError(f"the issuer {issuer!r} has bound {name!r} before")
        if person.enrolled != _enrolled(row):
            raise IntegrityError(f"what the binding says of {name!r} is not what the first one said")

    def bind(self, binding: Binding, name: str, key: PublicKey, nullifier: str, row: Mapping[str, str] | None) -> None:
        """Take a binding that was checked."""
        person = self._people.get(name)
        if person is None:
            judges = name in self._listed or row is not None
            person = self._people[name] = Person(name, key, judges, _enrolled(row))
        person.bindings.append(binding)
        self._nullifier_of[nullifier] = name
        self._key_of[key.id] = name

    def rekey(self, person: Person, key: PublicKey) -> None:
        """Replace a person's key.

        Raises:
            IntegrityError: The key is or was somebody's.
        """
        if key.id in self._key_of:
            raise IntegrityError("the new key is or was somebody's in this round")
        self._key_of[key.id] = person.id
        person.key = key


def _enrolled(row: Mapping[str, str] | None) -> tuple[str, str] | None:
    return None if row is None else (row["community"], row["conflicts"])
