"""Damaged bytes before every parser of a record: a small run of `benchmarks/fuzz_record.py`, always the same.

The counts are printed (`pytest -rP`). The full run, a million inputs a parser, is in that script.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from daccord.errors import IntegrityError

INPUTS = 3_000


def _script() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
    try:
        import fuzz_record
    finally:
        del sys.path[0]
    return fuzz_record


SCRIPT = _script()


@pytest.mark.parametrize("name", SCRIPT.PARSERS)
def test_damaged_bytes_are_refused_in_one_way_or_written_as_they_were_read(name: str) -> None:
    run = SCRIPT.fuzz(name, INPUTS, seed=5)
    print(f"{name}: {run.value()}")  # noqa: T201 - the counts are what is asked for
    assert run.inputs == INPUTS
    assert run.accepted >= len(SCRIPT.PARSERS[name].examples)  # the examples themselves
    assert run.accepted < INPUTS / 2  # changes do damage
    assert len(run.refusals) > 2


def test_a_parser_that_breaks_a_rule_is_told() -> None:
    """The fuzzer finds an exception of another kind, other bytes, an input that takes too long."""

    def crashes(data: bytes) -> bytes:
        if b"\xff" in data:
            raise KeyError("not what a parser raises")
        return data

    def forgets(data: bytes) -> bytes:
        return data.replace(b"\n\n", b"\n")

    def lingers(data: bytes) -> bytes:
        for _ in range(40_000_000 if len(data) > 1_000 else 1):
            pass
        return data

    def refuses(data: bytes) -> bytes:
        raise IntegrityError("nothing will do")

    example = b"a line\n\nanother (simulated)\n" * 3
    for read, message in ((crashes, "KeyError"), (forgets, "written otherwise"), (lingers, "ms"), (refuses, None)):
        parser, chance, run = SCRIPT.Parser(read, (example,)), Random(1), SCRIPT.Run()

        def search(parser=parser, chance=chance, run=run) -> None:
            for _ in range(2_000):
                SCRIPT.feed(parser, SCRIPT.change(example, chance, parser), run)

        if message is None:
            search()
            assert run.accepted == 0
        else:
            with pytest.raises(SCRIPT.BrokenRuleError, match=message):
                search()
