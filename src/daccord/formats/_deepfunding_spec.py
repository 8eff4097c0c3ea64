"""What to import from a Deep Funding contest, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from daccord.money import Currency
from daccord.round import Budget

__all__ = ["QUESTION", "ImportSpec", "ModelFile"]

QUESTION: Final = "Which repository contributed more to the success of Ethereum, and how many times more?"


@dataclass(frozen=True)
class ModelFile:
    """A file with answers of one or several models.

    Attributes:
        path: The file.
        name: Id of the model, or what is put before the ids of models that the file names (`name-id`); empty to take
            the file's own ids, or its name without ending if it has none.
    """

    path: Path
    name: str = ""


@dataclass(frozen=True)
class ImportSpec:
    """What to import, and as what.

    Attributes:
        human: Files of comparisons by people.
        ai: Files of comparisons by models.
        lists: Weight lists of models.
        items: File that names the projects; None to take all that occur in comparisons.
        restrict_to: File that names the projects to keep; answers on others are set aside.
        aliases: Tables `alias,name`.
        builtin_aliases: True to use `BUILTIN_ALIASES` too; what `aliases` say counts more.
        families: Id of a model, or name of a file of models → family.
        seen: Models, named likewise, that had seen people's answers.
        releases: Files of people's answers that models could read while the contest went on.
        committed: Id of a model → when its answers were fixed, seconds since 1970 (UTC).
        drop: Multipliers that mark faulty rows of people's files.
        name: Name of the round.
        goal: What it is to achieve.
        goal_set_by: Who set the goal.
        question: What judges were asked.
        budget: The pot.
        bar: A project should be worth this many times the typical one.
        notices: Said about the files before anything was read.
        root: Files below this folder are called by their path in it.
    """

    human: tuple[Path, ...] = ()
    ai: tuple[ModelFile, ...] = ()
    lists: tuple[ModelFile, ...] = ()
    items: Path | None = None
    restrict_to: Path | None = None
    aliases: tuple[Path, ...] = ()
    builtin_aliases: bool = False
    families: Mapping[str, str] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    releases: tuple[Path, ...] = ()
    committed: Mapping[str, int] = field(default_factory=dict)
    drop: tuple[float, ...] = ()
    name: str = "Deep Funding round"
    goal: str = "Fund open source in proportion to what it contributed to the success of Ethereum"
    goal_set_by: str = "the organisers of the contest"
    question: str = QUESTION
    budget: Budget = field(default_factory=lambda: Budget(35_000_000, Currency("USD", 2)))
    bar: float = 0.25
    notices: tuple[str, ...] = ()
    root: Path | None = None

    def label(self, path: Path) -> str:
        """What a file is called in messages, notices and digests.

        Notices are published with the round, so an absolute path is cut down to the file's name, and to its folder's
        and its own where several files share the name.
        """
        if self.root is not None and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        if not path.is_absolute():
            return path.as_posix()
        files = {*self.human, *self.aliases, *(file.path for file in (*self.ai, *self.lists))}
        files |= {*self.releases, *(file for file in (self.items, self.restrict_to) if file is not None)}
        alike = sum(file.name == path.name for file in files)
        return path.name if alike <= 1 else f"{path.parent.name}/{path.name}"
