"""A small valid round folder (simulated), and helpers that break it in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from daccord.errors import InputError, Problem
from daccord.formats import load_round

BASE: dict[str, str] = {
    "round.toml": """\
format = "daccord/round/1"
name = "Base (simulated)"
simulated = true

[goal]
statement = "Be safer."
set_by = "the council"

[budget]
amount = "1000.00"
currency = "USD"
digits = 2

[criteria.benefit]
question = "Which is better?"
rating = { low = 0, high = 10 }
bar = { rating = 4 }

[criteria.harm]
question = "Which is worse?"
limit = { times_typical = 2.0 }

[[constraints]]
id = "none"
version = "1"
text = "Nothing of that kind."
projects = ["beta"]
raises = ["plague"]

[[risks]]
id = "plague"
title = "A plague"

[communities]
eth = "Ethereum"

[families]
acme = "Acme"
""",
    "projects.csv": """\
id,title,team,ask,cells,roles,requires,maturity,text
alpha,Alpha,Red,500,bits/cyber/survive,defends > plague,,deployed,First
beta,Beta,Blue,,bits/cyber/survive:0.7; bits/info/survive:0.3,,alpha,idea,Second
gamma,Gamma,Blue,20.50,,makes_safe > beta,,,Third
""",
    "judges.csv": """\
id,kind,community,family,conflicts,exposure
ann,person,eth,,,
ben,person,,,Red; beta,
bot,model,,acme,,blind
""",
    "comparisons.csv": """\
juror,criterion,a,b,winner,ratio,time
ann,benefit,alpha,beta,alpha,2,2026-11-01T10:00:00Z
ben,benefit,beta,gamma,tie,,
bot,harm,alpha,gamma,gamma,,
""",
    "ratings.csv": """\
juror,criterion,project,value,low,high,time
ann,benefit,alpha,7,6,8.5,
ben,benefit,beta,3,,,
""",
    "lists/bot.csv": """\
project,weight
alpha,0.5
beta,0.3
gamma,0.2
""",
    "contributions.csv": """\
donor,project,amount,currency
dora,alpha,5.00,USD
""",
}


def edited(file: str, old: str, new: str) -> dict[str, str | bytes | None]:
    """The base's file with one passage replaced."""
    assert BASE[file].count(old) == 1, f"{old!r} must stand once in {file}"
    return {file: BASE[file].replace(old, new)}


def added(file: str, *rows: str) -> dict[str, str | bytes | None]:
    """The base's file with rows at its end."""
    return {file: BASE[file] + "\n".join(rows) + "\n"}


def build(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    """Write the base with some files replaced, added, or (None) left out."""
    for name, content in {**BASE, **(changes or {})}.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def refused(folder: Path, changes: dict[str, str | bytes | None]) -> tuple[Problem, ...]:
    """The problems for which the changed round is refused; each must say what to do."""
    with pytest.raises(InputError) as caught:
        load_round(build(folder, changes))
    for problem in caught.value.problems:
        assert problem.message
        assert problem.remedy, f"no remedy: {problem}"
    return caught.value.problems


def the_problem(folder: Path, changes: dict[str, str | bytes | None]) -> Problem:
    """The one problem for which the changed round is refused."""
    problems = refused(folder, changes)
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def assert_at(problem: Problem, file: str, row: int | None, column: str | None, *words: str) -> None:
    """Check where a problem is, and that message or remedy contain these words."""
    assert (problem.file, problem.row, problem.column) == (file, row, column), str(problem)
    for word in words:
        assert word in f"{problem.message} {problem.remedy}", f"{word!r} not in: {problem}"
