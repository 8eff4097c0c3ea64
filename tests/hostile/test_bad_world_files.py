"""World files that are wrong: each fault is named with its key and what to do, all at once, and nothing is coerced."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.errors import InputError, Problem
from daccord.formats.worlds import examples, load_world, read_world

SMALL = examples()["small"].text

EDITS = [
    # what is replaced, by what, dotted key, part of the message, part of the remedy
    ('format = "daccord-world-1"', "", None, "format is missing", "daccord-world-1"),
    ('format = "daccord-world-1"', 'format = "daccord-world-9"', "format", "not a format", "update daccord"),
    ('format = "daccord-world-1"', "format = 1", "format", "not a format", "daccord-world-1"),
    ("fictional = true", "fictional = 1", "fictional", "neither true nor false", "without quotes"),
    ("fictional = true", 'fictional = "yes"', "fictional", "neither true nor false", "without quotes"),
    ("fictional = true", "", None, "fictional is missing", "add it"),
    ('title = "A small world, made up"', "", None, "title is missing", "add it"),
    ('title = "A small world, made up"', 'title = "a\\u0000b"', "title", "control character", "remove it"),
    ("budget = 20.0", "bugdet = 20.0", "money.bugdet", "no key", "did you mean budget"),
    ("budget = 20.0", 'budget = "20"', "money.budget", "not a finite number", "without quotes"),
    ("budget = 20.0", "budget = nan", "money.budget", "not a finite number", "write a number"),
    ("budget = 20.0", "budget = inf", "money.budget", "not a finite number", "write a number"),
    ("budget = 20.0", "budget = true", "money.budget", "not a finite number", "write a number"),
    ("budget = 20.0", "budget = -1.0", "money.budget", "no budget", "at least 0"),
    ('fundable = ["alignment", "clean-air"]', 'fundable = ["alinment"]', "money.fundable", "no technology",
     "did you mean alignment"),
    ('fundable = ["alignment", "clean-air"]', 'fundable = "alignment"', "money.fundable", "no list", "write a list"),
    ("window = 10.0", "window = 0.0", "time.window", "0 < window", "change one"),
    ("horizon = 60.0", "horizon = 5.0", "time.window", "0 < window", "change one"),
    ("progress = 0.5", "progress = 2.0", "correlation.progress", "no correlation", "−1 to 1"),
    ("gamma = 2.0 #", "gamma = -1.0 #", "values.gamma", "no value", "finite number"),
    ("life = 6.0", "life = 0.0", "values.life", "worth nothing", "positive"),
    ("crowding = 0.2", "crowding = 2.0", "technologies.ai.crowding", "no share", "0 to 1"),
    ("factor = 0.7", "factor = 7.0", "technologies.ai.factor", "no correlation", "−1 to 1"),
    ("lead = [1, 5]", "lead = 0", "roles.2", "lead time of 0", "small positive"),
    ('technology = "alignment"\ntarget = "clean-air"', 'technology = "ai"\ntarget = "ai"', "roles.4", "for itself",
     "remove the role"),
    ("worlds = 128", "worlds = 9007199254740991", "study.worlds", "more than fits", "1,000,000"),
    ("actors = 10", "actors = 100000", "study.conditions.actors", "too many", "1,000"),
    ("actors = 10", 'machine = "alinment"', "study.conditions.machine", "no technology", "did you mean alignment"),
    ("actors = 10", "labs = 3", "study.conditions.labs", "no table", "key = value"),
    ("actors = 10", "labs = { safety_return = 1.0 }", "study.conditions.labs", "performance_return is missing", "add"),
    ("actors = 10", "labs = { safety_return = -1.0, performance_return = 1.0 }", "study.conditions.labs", "above 0",
     "change the labs"),
    ("welfare = 0.6", "welfare = nan", "study.weights", "no weight", "finite"),
    ("scenarios = 8", "scenarios = 1", "study.scenarios", "ways of valuing", "at least 2"),
    ("person_affecting = false", "person_affecting = 0", "values.person_affecting", "neither", "true or false"),
    ("[evaluators.ben]", "[evaluators.low]", "evaluators.low", "word of beliefs", "another name"),
    ('weight = 1.0\ntitle = "Ben', 'weight = -1.0\ntitle = "Ben', "evaluators.ben.weight", "no weight", "at least 0"),
    ("arrival = { ada = [4, 20], ben = [10, 60] }", "arrival = { ada = [4, 20] }", "technologies.ai.arrival",
     "ben did not answer", "every evaluator"),
    ("arrival = { ada = [4, 20], ben = [10, 60] }", "arrival = { ada = [4, 20], bem = [10, 60] }",
     "technologies.ai.arrival.bem", "neither an evaluator", "did you mean ben"),
    ("arrival = { ada = [4, 20], ben = [10, 60] }", "arrival = [20, 4]", "technologies.ai.arrival", "no interval",
     "low ≤ high"),
    ("arrival = { ada = [4, 20], ben = [10, 60] }", "arrival = [0, 4]", "technologies.ai.arrival", "positive ends",
     "shape"),
    ("arrival = { ada = [4, 20], ben = [10, 60] }", "arrival = [4]", "technologies.ai.arrival", "no belief",
     "[low, high]"),
    ("arrival = { ada = [4, 20], ben = [10, 60] }", 'arrival = "soon"', "technologies.ai.arrival", "no belief",
     "[low, high]"),
    ("arrival = { ada = [4, 20], ben = [10, 60] }", "", "technologies.ai", "arrival is missing", "add it"),
    ("never = [0.01, 0.1]", "never = [0.0, 0.1]", "technologies.ai.never", "inside (0, 1)", "fixed"),
    ("never = [0.01, 0.1]", "never = 1.5", "technologies.ai.never", "leaves 0", "another interval"),
    ("never = [0.01, 0.1]", 'never = { low = 0.1, high = 0.2, shape = "bell" }', "technologies.ai.never.shape",
     "no shape", "log, share"),
    ("spending = 500.0", "spending = [1, 2]", "technologies.ai.spending", "not a finite number", "write a number"),
    ("spending = 500.0", "spending = 0.0", "technologies.ai.spending", "must be positive", "money a year"),
    ("elasticity = [0.1, 0.4]", "elastisity = [0.1, 0.4]", "technologies.ai.elastisity", "no key", "elasticity"),
    ("[technologies.alignment]", '[technologies."alignment "]', "technologies.alignment ", "no name", "short name"),
    ("hazard = [0.0001, 0.002]", "hazard = [-1, 0.002]", "risks.unlisted.hazard", "positive ends", "shape"),
    ('kind = "source"', 'kind = "sauce"', "roles.1.kind", "no kind", "did you mean source"),
    ('kind = "source"', "kind = 3", "roles.1.kind", "no text", "double quotes"),
    ('technology = "ai"\ntarget = "takeover"', 'technology = "ai"\ntarget = "war"', "roles.1", "no risk", ""),
    ('technology = "ai"\ntarget = "takeover"', 'technology = "ai"', "roles.1", "target is missing", "add it"),
    ("lead = [1, 5]", "delay = [1, 5]", "roles.2.delay", "means nothing for makes_safe", "remove it"),
    ("strength = [0.3, 0.8]", "strength = [0.3, 1.8]", "roles.2.strength", "inside (0, 1)", "fixed"),
    ("general = true\n", "", "roles", "general", "mark it"),
    ("delay = 0.0", "strength = 0.5", "roles.4.strength", "means nothing for requires", "remove it"),
    ('"*" = "assumption, invented for this example"', '"*" = 3', "sources.*", "no text", "double quotes"),
    ("scenarios = 8", "scenarios = 0", "study.scenarios", "too few", "at least 1"),
    ("scenarios = 8", "scenarios = 2.5", "study.scenarios", "whole number", "without quotes"),
    ("scenarios = 8", "scenarios = -1", "study.scenarios", "whole number", ""),
    ("seed = 1\n", "seed = 99999999999999999999\n", "study.seed", "whole number", ""),
    ("care = 0.5", "care = 1.5", "study.care", "no share", "0 to 1"),
    ("actors = 10", "actors = 10.5", "study.conditions.actors", "whole number", ""),
    ("leak = 0.02", "leak = 2", "study.conditions.leak", "not a share", "0 to 1"),
    ("leak = 0.02", "leek = 0.02", "study.conditions.leek", "no key", "did you mean leak"),
    ('kind = "market"', "", "study.constitutions.market", "kind is missing", "one of none"),
    ('kind = "market"', 'kind = "markt"', "study.constitutions.market.kind", "no constitution", "did you mean market"),
    ("supermajority = 0.7", "supermajority = 7", "study.constitutions.consortium.supermajority", "",
     "1"),
    ("supermajority = 0.7", "majority = 0.7", "study.constitutions.consortium.majority", "no key", "supermajority"),
    ("leak = [0.0, 0.05]", "leek = [0.0, 0.05]", "study.classes.1", "no factor", "leak"),
    ("leak = [0.0, 0.05]", "leak = [0.05, 0.0]", "leak", "no interval", "low ≤ high"),
    ("leak = [0.0, 0.05]", "leak = [0.0, 5.0]", "study.classes.1.ranges.leak", "not a share", "0 to 1"),
    ('"consortium.trust" = [0.3, 1.0] }\n\n[[study.classes]]', '"magic.trust" = [0.3, 1.0] }\n\n[[study.classes]]',
     "study.classes.1", "no constitution", "market"),
    ('name = "leaky"', 'name = "tight"', "classes", "twice", "name of its own"),
    ('measure = "agency"', 'measure = "agencie"', "goals", "", "agency"),
    ("welfare = 0.6", "wellfare = 0.6", "weights", "not measured", "welfare"),
    ("welfare = 0.6", "welfare = -0.6", "study.weights", "no weight", "at least 0"),
    ("welfare = 0.6", 'welfare = "much"', "study.weights.welfare", "not a finite number", "without quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "column", "message", "remedy"), EDITS, ids=range(len(EDITS)))
def test_every_fault_is_named(old: str, new: str, column: str | None, message: str, remedy: str) -> None:
    assert old in SMALL
    with pytest.raises(InputError) as caught:
        read_world(SMALL.replace(old, new, 1).encode(), "bad.toml")
    found = [
        problem
        for problem in caught.value.problems
        if (column is None or column in (problem.column or ""))
        and message in problem.message
        and remedy in problem.remedy
    ]
    assert found, [str(problem) for problem in caught.value.problems]
    assert all(problem.file == "bad.toml" for problem in caught.value.problems)
    assert all(problem.remedy for problem in found)
    if new and column is not None and "\n" not in old and column.count("."):
        line = SMALL[: SMALL.index(old)].count("\n") + 1
        assert found[0].row is not None
        assert abs(found[0].row - line) <= 6  # the line, or the header of its table


def test_all_faults_at_once() -> None:
    """Faults of the file, of the world and of the study, whether found by reading or by asking what makes sense."""
    edits = {
        "budget = 20.0": 'budget = "x"',
        "elasticity = [0.1, 0.4]": "elastisity = 1",
        "never = [0.01, 0.1]": "never = 1.5",
        'target = "takeover"': 'target = "war"',
        "care = 0.5": "care = 5.0",
        '"*" = "assumption': '"*" = " " # ',
        'measure = "agency"': 'measure = "agencie"',
    }
    text = SMALL
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(InputError) as caught:
        read_world(text.encode())
    assert {
        "money.budget",
        "technologies.ai.elastisity",
        "technologies.ai.never",
        "roles.1",
        "study.care",
        "sources.*",
        "study.goals",
    } == {problem.column for problem in caught.value.problems}
    with pytest.raises(InputError) as caught:  # a study that cannot be read whole tells what was found in it
        read_world(text.replace("leak = 0.02", "leek = 1").encode())
    assert {"money.budget", "technologies.ai.never", "study.conditions.leek"} <= {
        problem.column for problem in caught.value.problems
    }


def test_weights_below_zero_are_refused_even_if_equal() -> None:
    for weight, told in (("-1.0", "no weight"), ("0.0", "all weights are 0")):
        with pytest.raises(InputError, match=told):
            read_world(SMALL.replace("weight = 1.0", f"weight = {weight}").encode())


def test_too_many_entries_are_refused_at_once() -> None:
    many = "".join(f"[technologies.t{i}]\narrival = 1\n" for i in range(5_001))
    with pytest.raises(InputError) as caught:
        read_world(many.encode())
    assert "5,001 entries" in caught.value.diagnostics()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"title = ", "TOML"),
        (b"a = 1\na = 2", "TOML"),
        (b"", "empty"),
        (b"[money]", "missing"),
        (b"technologies = 3\nroles = {}\nstudy = 1\nevaluators = []", "no table"),
        (b"x = " + b"[" * 5000 + b"]" * 5000, "nested"),
    ],
)
def test_bytes_that_are_no_world(data: bytes, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read_world(data)
    assert what in " ".join(str(problem) for problem in caught.value.problems)


def test_files_that_are_none(tmp_path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_world(tmp_path / "none.toml")
    with pytest.raises(InputError, match="folder"):
        load_world(tmp_path)
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="1,000,000"):
        load_world(large)


LINES = SMALL.splitlines()
HUGE = "9" * 400
VALUES = (HUGE, "1", "-1", "0", "[]", "{}", '""', "true", "nan", "[1, 2]", "{ mean = 1 }", "{ ada = 1, ben = 2 }",
          "1e300", "[[1]]", "1979-05-27")  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broken_files_are_refused_in_words_or_read(data: st.DataObject) -> None:
    """Whatever is cut, doubled or overwritten: a world or an InputError, never another exception."""
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "double", "value", "swap"]))
        if kind == "drop":
            lines[place] = ""
        elif kind == "double":
            lines.insert(place, lines[place])
        elif kind == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[place], lines[other] = lines[other], lines[place]
        else:
            value = data.draw(st.sampled_from(VALUES))
            lines[place] = re.sub(r"= .*", f"= {value}", lines[place])
    problems: tuple[Problem, ...] | None = None
    try:
        read_world("\n".join(lines).encode())
    except InputError as error:
        problems = error.problems
    assert problems is None or all(problem.message for problem in problems)
