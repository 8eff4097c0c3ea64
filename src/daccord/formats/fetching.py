"""Fetching public data by commit and digest, from where it was published or from a mirror.

What is fetched is not part of daccord and keeps its own licence; each `SourceFile` states it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from daccord.errors import ExternalError, IntegrityError
from daccord.formats._fetch_http import NotFoundError, digest_of, download, keep
from daccord.formats._fetch_recipes import RECIPES, Recipe, SourceFile

__all__ = ["RECIPES", "Fetched", "NotFoundError", "Recipe", "SourceFile", "fetch"]

Progress = Callable[[SourceFile, int], None]


@dataclass(frozen=True)
class Fetched:
    """What became of one file.

    Attributes:
        file: Which.
        status: `fetched`; `present` if it was there already with the right digest; `left out` if it is to be had from
            a mirror only and there is none.
    """

    file: SourceFile
    status: Literal["fetched", "present", "left out"]


def fetch(
    recipe: Recipe,
    folder: Path,
    *,
    mirror: str | None = None,
    on_progress: Progress = lambda _file, _bytes: None,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[Fetched, ...]:
    """Bring a recipe's files into a folder; each is kept only if its SHA-256 is the one in the recipe.

    Running it again goes on where it stopped: files that are there are left alone, a broken download is continued.

    Args:
        recipe: A value of `RECIPES`.
        folder: Made if it does not exist.
        mirror: A folder, or an address of scheme http or https, with the same layout; None for the publishers' own.
        on_progress: Called with a file and the number of its bytes that are there.
        pause: Waits for some seconds between attempts.

    Returns:
        One entry a file, in the order of the recipe.

    Raises:
        IntegrityError: A file differs from what was published: the one that came is not kept, one that was there
            before is not touched.
        ExternalError: The network, a server, the mirror or the disk failed.
    """
    results = []
    for file in recipe.files:
        target = folder / file.path
        if _is_present(file, target):
            results.append(Fetched(file, "present"))
            on_progress(file, file.size)
            continue
        if file.mirror_only and mirror is None:
            results.append(Fetched(file, "left out"))
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExternalError(f"{target.parent}: cannot be made: {error.strerror}") from error
        try:
            _bring(file, target, mirror, on_progress, pause)
        except NotFoundError:
            if not file.mirror_only:
                raise
            results.append(Fetched(file, "left out"))
        else:
            results.append(Fetched(file, "fetched"))
    return tuple(results)


def _is_present(file: SourceFile, target: Path) -> bool:
    try:
        if not target.exists():
            return False
        found = digest_of(target)
    except OSError as error:
        raise ExternalError(f"{target}: cannot be read: {error.strerror}") from error
    if found != file.sha256:
        raise IntegrityError(
            f"{target}: SHA-256 is {found}, published is {file.sha256}; move the file away to fetch it again"
        )
    return True


def _bring(
    file: SourceFile, target: Path, mirror: str | None, on_progress: Progress, pause: Callable[[float], None]
) -> None:
    if mirror is not None and not mirror.startswith(("https://", "http://")):
        _copy(file, Path(mirror) / file.path, target)
        on_progress(file, file.size)
        return
    url = file.url if mirror is None else f"{mirror.rstrip('/')}/{quote(file.path)}"
    download(
        url,
        target,
        size=file.size,
        sha256=file.sha256,
        pause=pause,
        on_progress=lambda got: on_progress(file, got),
    )


def _copy(file: SourceFile, source: Path, target: Path) -> None:
    if not source.is_file():
        raise NotFoundError(f"{source}: the mirror has no such file")
    part = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(source, part)
    except OSError as error:
        raise ExternalError(f"{source}: cannot be copied to {part}: {error.strerror}") from error
    keep(part, target, file.sha256, str(source))
