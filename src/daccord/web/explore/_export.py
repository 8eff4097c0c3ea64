"""The reader's settings as a world file of their own: what was changed says so where its source stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from daccord.formats.worlds import WorldFile, numbers_of, source_of
from daccord.futures.study import MEASURES
from daccord.web.explore._fields import weight_name
from daccord.web.explore._form import Settings, written
from daccord.web.explore._run import Explorer
from daccord.web.explore._view import settings_changed

__all__ = ["file_of"]

_SCALED: Final[Mapping[str, tuple[str, ...]]] = {
    "arrival": ("arrival:",),
    "hazard": ("hazard:",),
    "transition": ("transition:",),
    "efficacy": ("strength:defends:", "strength:makes_safe:"),
}
"""Scale factor → how names of the numbers begin that it moves."""
_SET: Final = "assumption, set in the explorer"


def file_of(explorer: Explorer, settings: Settings) -> WorldFile:
    """The world file that settings come to.

    A split of money is no part of a world file, nor is slowing: both stand in its notes.

    Args:
        explorer: The file they started from.
        settings: What was set.
    """
    old = explorer.file
    weights = {measure: settings.number(weight_name(measure)) for measure in MEASURES}
    study = replace(
        old.study,
        world=replace(explorer.world(settings), welfare=explorer.welfare(settings)),
        conditions=explorer.conditions(settings),
        constitutions=explorer.constitutions(settings),
        weights={name: weight for name, weight in weights.items() if weight or name in old.study.weights},
        seed=int(settings.number("seed")),
    )
    new = replace(old, study=study)
    changed = settings_changed(explorer.form.fields, settings, explorer.form.own)
    split = ", ".join(f"{name} {written(amount)}" for name, amount in settings.among("money.").items() if amount)
    slowed = ", ".join(f"{name} {written(share)}" for name, share in settings.among("slow.").items() if share)
    notes = {
        "explorer": f"From “{old.title}” ({old.digest[:12]}). Set in the explorer: {'; '.join(changed) or 'nothing'}.",
        "explorer money": f"Money, {old.world.unit}: {split or 'none'}. Slowing: {slowed or 'none'}.",
    }
    return replace(new, sources=_sources(old, new, settings), notes={**old.notes, **notes})


def _sources(old: WorldFile, new: WorldFile, settings: Settings) -> dict[str, str]:
    """The old ones, and for every number that was set or scaled, that it was."""
    found = dict(old.sources)
    scales = settings.among("world.")
    for name, apart in numbers_of(old):
        for scale, beginnings in _SCALED.items():
            if scales[scale] != 1 and name.startswith(beginnings):
                before = "evaluators" if apart else source_of(old, name) or "no source"
                found[name] = f"{before}; times {written(scales[scale])}, set in the explorer"
    before_it = old.study.conditions
    for name, value in vars(new.study.conditions).items():
        if value != getattr(before_it, name):
            found[f"conditions.{name}"] = _SET
    for name, constitution in new.study.constitutions.items():
        for field, value in vars(constitution).items():
            if value != getattr(old.study.constitutions[name], field):
                found[f"{name}.{field}"] = _SET
    return found
