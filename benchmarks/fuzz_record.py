"""Feed damaged bytes to the parsers of a record, and count what comes out; all examples are simulated.

    nice -n 19 python benchmarks/fuzz_record.py [--inputs 1000000] [--only PARSER …] [--seed 1] [--guided] [--json]

An input is an example with one to eight changes: bits, bytes and pieces of lines are changed, doubled, left out and put
elsewhere; canonical JSON and the payload inside an envelope are also changed as values and encoded again, so that what
lies behind the first check is reached. An input whose refusal reads otherwise than all before becomes an example.

A parser may only refuse with `IntegrityError`, and gives back the bytes of what it accepts. An input may take 50
milliseconds of processor time; one that seems to take longer is measured again. The first input that breaks a rule is
written out, and the exit code is 1.

`--guided` has the inputs chosen by the code that they reach (libFuzzer, by `atheris`, which is to be installed for it);
the changes above are then half of those it tries.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

if "--guided" in sys.argv:
    import atheris

    with atheris.instrument_imports(include=["daccord.record"], enable_loader_override=False):
        from _record_parsers import PARSERS, Parser
else:
    from _record_parsers import PARSERS, Parser

from daccord.errors import IntegrityError
from daccord.record import decode, encode

MILLISECONDS = 50
LONGEST = 1 << 16
_EXAMPLES = 1_000
_DETAIL = re.compile(r"'(?:[^'\\]|\\.)*'|\"[^\"]*\"|[0-9a-f]{16,}|[0-9][0-9,]*")
_NUMBERS = (0, 1, 2, 255, 256, 300, 2**53, 2**63 - 1, 2**63)
_VALUES: tuple[Any, ...] = (None, True, 0, -1, 2**53 - 1, "", "x" * 300, "\U0001f600", [], {}, [[]], "\n", "é")


class BrokenRuleError(Exception):
    """A parser broke a rule."""


@dataclass
class Run:
    """What came out of a parser."""

    inputs: int = 0
    accepted: int = 0
    slowest: float = 0.0
    refusals: Counter[str] = field(default_factory=Counter)

    def value(self) -> dict[str, Any]:
        """As printed."""
        return {
            "inputs": self.inputs,
            "accepted": self.accepted,
            "kinds_of_refusals": len(self.refusals),
            "slowest_ms": round(self.slowest * 1e3, 3),
        }


def feed(parser: Parser, data: bytes, run: Run) -> bool:
    """Give bytes to a parser; whether the outcome is of a new kind.

    Raises:
        BrokenRuleError: It broke a rule.
    """
    begin = time.thread_time()
    outcome = ""
    try:
        again = parser.read(data)
    except IntegrityError as error:
        outcome = _DETAIL.sub("…", str(error))[:200]
    except Exception as error:
        raise BrokenRuleError(f"{type(error).__name__}: {error}") from error
    else:
        if again not in (None, data):
            raise BrokenRuleError(f"what was read is written otherwise: {again!r}")
    took = time.thread_time() - begin
    if took * 1e3 > MILLISECONDS:  # the collector of garbage and a cold cache count once
        took = min(_again(parser, data) for _ in range(3))
        if took * 1e3 > MILLISECONDS:
            raise BrokenRuleError(f"it took {took * 1e3:.0f} ms")
    run.inputs += 1
    run.accepted += not outcome
    run.slowest = max(run.slowest, took)
    run.refusals[outcome] += 1
    return run.refusals[outcome] == 1


def _again(parser: Parser, data: bytes) -> float:
    begin = time.thread_time()
    with suppress(IntegrityError):
        parser.read(data)
    return time.thread_time() - begin


def _in_value(value: Any, chance: Random) -> Any:  # noqa: ANN401 - JSON
    """The same with one place in it changed."""
    inside = isinstance(value, dict | list) and value and chance.random() < 0.85
    if not inside:
        if isinstance(value, str) and value and chance.random() < 0.6:
            at = chance.randrange(len(value))
            return value[:at] + chance.choice(("", "0", "Z", "é", "=", value[:at], "\n")) + value[at + 1 :]
        if type(value) is int and chance.random() < 0.6:
            return max(-(2**53) + 1, min(2**53 - 1, value + chance.choice((-1, 1, 2**31, -value, -2 * value))))
        return chance.choice(_VALUES)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        way = chance.random()
        if way < 0.6:
            return [*value[:at], _in_value(value[at], chance), *value[at + 1 :]]
        return value[:at] + value[at + 1 :] if way < 0.8 else [*value[:at], value[at], *value[at:]]
    key = chance.choice(list(value))
    way = chance.random()
    rest = {name: one for name, one in value.items() if name != key}
    if way < 0.7:
        return {**value, key: _in_value(value[key], chance)}
    return rest if way < 0.85 else {**rest, chance.choice((key + "x", key.upper(), "")): value[key]}


def _as_value(data: bytes, chance: Random) -> bytes:
    """Changed as what it says; as bytes if that is not JSON."""
    try:
        value = decode(data)
    except IntegrityError:
        return data
    try:
        if isinstance(value, dict) and isinstance(value.get("payload"), str) and chance.random() < 0.8:
            inner = decode(b64decode(value["payload"], validate=True))
            changed = encode(_in_value(inner, chance))
            return encode({**value, "payload": b64encode(changed).decode()})
        return encode(_in_value(value, chance))
    except (IntegrityError, ValueError):
        return data


def _as_bytes(data: bytes, chance: Random, parser: Parser) -> bytes:
    """One change of bytes, pieces or lines."""
    at = chance.randrange(len(data) + 1)
    to = min(len(data), at + (1 << chance.randrange(9)))
    way = chance.randrange(9)
    if way == 0 and at < len(data):
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if way == 1:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    if way == 2:
        return data[:at] + data[to:]
    if way == 3:
        return data[:to] + data[at:to] * chance.choice((1, 1, 2, 50)) + data[to:]
    if way == 4 and parser.words:
        return data[:at] + chance.choice(parser.words) + data[at if chance.random() < 0.5 else to :]
    if way == 5:
        lines = data.splitlines(keepends=True) or [b""]
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], chance.choice((lines[one], b"", lines[other]))
        return b"".join(lines)
    if way == 6:
        other_data = chance.choice(parser.examples)
        return data[:at] + other_data[chance.randrange(len(other_data) + 1) :]
    if way == 7:
        return data[:at]
    numbers = list(re.finditer(rb"[0-9]+", data[:4096]))
    if numbers:
        found = chance.choice(numbers)
        other = chance.choice((*_NUMBERS, chance.getrandbits(64)))
        return data[: found.start()] + chance.choice((b"", b"0", b"-")) + b"%d" % other + data[found.end() :]
    return data


def change(data: bytes, chance: Random, parser: Parser) -> bytes:
    """An input made from another one."""
    for _ in range(1 << chance.randrange(4)):
        said = data[:1] == b"{" and chance.random() < 0.4
        data = _as_value(data, chance) if said else _as_bytes(data, chance, parser)
    return data[:LONGEST]


def fuzz(name: str, inputs: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Run:
    """Feed a parser; raises `BrokenRuleError`, whose note is the input."""
    parser, chance, run = PARSERS[name], Random(f"{name} {seed}"), Run()
    examples = list(parser.examples)
    for number in range(inputs):
        data = examples[number] if number < len(parser.examples) else change(chance.choice(examples), chance, parser)
        try:
            new = feed(parser, data, run)
        except BrokenRuleError as error:
            error.add_note(repr(data))
            raise
        if new and len(examples) < _EXAMPLES and len(data) < 8_192:
            examples.append(data)
        if number % 100_000 == 99_999:
            tell(f"{name}: {number + 1:,}")
    return run


def guided(name: str, inputs: int, seed: int) -> None:
    """Let libFuzzer choose; does not return."""
    parser, run = PARSERS[name], Run()

    def one(data: bytes) -> None:
        feed(parser, data, run)
        if run.inputs == inputs:
            print(json.dumps({"parser": name, **run.value()}), flush=True)

    def mutate(data: bytes, most: int, number: int) -> bytes:
        if number & 1:
            return atheris.Mutate(data, len(data))
        return change(data, Random(number), parser)[:most]

    with tempfile.TemporaryDirectory() as folder:
        for number, example in enumerate(parser.examples):
            (Path(folder) / str(number)).write_bytes(example)
        flags = [f"-runs={inputs}", f"-seed={seed}", f"-max_len={LONGEST}", "-timeout=5", folder]
        atheris.Setup([sys.argv[0], *flags], one, custom_mutator=mutate)
        atheris.Fuzz()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--inputs", type=int, default=1_000_000, help="for each parser")
    arguments.add_argument("--only", nargs="+", choices=PARSERS, default=list(PARSERS), metavar="PARSER")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--guided", action="store_true")
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    if options.guided and len(options.only) == 1:
        guided(options.only[0], options.inputs, options.seed)
    failed = 0
    for name in options.only:
        if options.guided:  # libFuzzer ends its process
            again = [sys.executable, __file__, "--guided", "--inputs", str(options.inputs), "--only", name]
            failed |= subprocess.run([*again, "--seed", str(options.seed)], check=False).returncode
            continue
        try:
            run = fuzz(name, options.inputs, options.seed, lambda text: print(text, file=sys.stderr))
        except BrokenRuleError as error:
            print(f"{name}: {error}\n{error.__notes__[0]}")
            failed = 1
            continue
        print(json.dumps({"parser": name, **run.value()}) if options.json else f"{name:24} {run.value()}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
