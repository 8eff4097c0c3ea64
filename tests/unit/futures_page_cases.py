"""A small fictional world, planned and compared quickly: what tests of the page are made of."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.unit.study_cases import pieces_of, study_of

from daccord.formats.worlds import WorldFile, examples, read_world
from daccord.futures.planner import Plan, Settings, plan
from daccord.futures.study import Comparison, Goal, Split, compare

QUICK = Settings(starts=2, worlds=128, polish=256, fresh=256, steps=40)
NASTY = '<b>Ada & Ben\'s "world"</b></script><script>alert(1)</script>'


@cache
def small_file() -> WorldFile:
    return read_world(examples()["small"].text.encode())


@cache
def small_plan() -> Plan:
    file = small_file()
    return plan(file.world, file.budget, seed=1, fundable=file.fundable, settings=QUICK)


@cache
def made_up() -> tuple[WorldFile, Comparison]:
    """A comparison of pieces made up so that one boundary is there: the consortium is better where little leaks."""
    study = replace(study_of(60, weights={"welfare": 0.6, "agency": 0.4}), goals=(Goal("catastrophe", at_most=0.6),))
    pieces = pieces_of(study, lambda f, _: [60.0, 64.0 - 20 * f["leak"], 62.0, 61.0], noise=0.2)
    splits = [
        Split(group.name, name, 70.0, 62.0, {"error": 1.0, "leak": -0.5}, {"error": 0.1, "leak": 0.1})
        for group in study.classes
        for name in study.constitutions
    ]
    file = replace(small_file(), study=study, title="Made-up pieces")
    return file, compare(study, pieces, splits)
