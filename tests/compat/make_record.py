"""Write a record by the version of daccord that is here, to be verified by all later ones.

    .venv/bin/python tests/compat/make_record.py

It goes to `tests/compat/<version>/`: `open` is a round whose answers stand in the open, with a model, enrolled people,
a correction and contributions; `sealed` one with sealed ballots and secret answers on harm. People, projects, models
and keys are invented. See README.md beside.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import daccord
from daccord.audit import Cast, Rehearsal, Terms, Verification, verify_record

HERE = Path(__file__).parent

ROUND = """\
format = "daccord/round/1"
name = "Kept for later versions (simulated)"
simulated = true
seed = 11

[goal]
statement = "Be safer."
set_by = "the council (simulated)"

[budget]
amount = "9000.00"
currency = "USD"
digits = 2

[criteria.benefit]
question = "Which is better?"
rating = { low = 0, high = 10 }
HARM
[communities]
north = "North (simulated)"
south = "South (simulated)"

[families]
one = "One (simulated)"

[rules.evidence]
min_judgments = 2
min_jurors = 2

[rules.verdicts]
pays = "not_held"
"""
HARM = """
[criteria.harm]
question = "Which is worse?"
rating = { low = 0, high = 10 }
limit = { times_typical = 4.0 }
"""
PROJECTS = ("alder", "birch", "cedar", "dogwood")
JURORS = ("j1", "j2", "j3", "j4")


def round_files(*, harm: bool) -> dict[str, bytes]:
    """A round folder of 4 projects, 4 jurors, a model and 2 donors."""
    projects = ["id,title,team,ask,text"]
    projects += [f"{name},{name.title()},Team {name},{3000 - 200 * i}.00,simulated" for i, name in enumerate(PROJECTS)]
    judges = ["id,kind,community,family,conflicts"]
    judges += [f"{name},person,{('north', 'south')[i % 2]},," for i, name in enumerate(JURORS)]
    judges += ["m1,model,,one,"]
    comparisons, ratings = ["juror,criterion,a,b,winner,ratio"], ["juror,criterion,project,value"]
    for i, who in enumerate(JURORS):
        for k in range(2):
            a, b = sorted((PROJECTS[(i + k) % 4], PROJECTS[(i + k + 1) % 4]))
            comparisons.append(f"{who},benefit,{a},{b},{a},{1.5 + 0.5 * k + 0.1 * i:.1f}")
        ratings.append(f"{who},benefit,{PROJECTS[i]},{5 + i % 4}")
        if harm:
            a, b = sorted((PROJECTS[i], PROJECTS[(i + 2) % 4]))
            comparisons.append(f"{who},harm,{a},{b},{b},{1.2 + 0.1 * i:.1f}")
    comparisons.append("m1,benefit,alder,dogwood,alder,2.0")
    texts = {
        "round.toml": ROUND.replace("HARM", HARM if harm else ""),
        "projects.csv": "\n".join([*projects, ""]),
        "judges.csv": "\n".join([*judges, ""]),
        "comparisons.csv": "\n".join([*comparisons, ""]),
        "ratings.csv": "\n".join([*ratings, ""]),
    }
    if not harm:
        texts["contributions.csv"] = "donor,project,amount\nd1,birch,5.00\nd2,cedar,7.50\n"
    return {name: text.encode() for name, text in texts.items()}


def open_round() -> tuple[Rehearsal, bytes]:
    """With a juror who enrols, an answer that is replaced, one that stewards void, and one that comes too late."""
    play = Rehearsal(round_files(harm=False), Cast(seed="compat"), Terms("kept-open"))
    stage, cast = play.stage, play.cast
    play.open(enrolment="open")
    play.bind_all()
    play.bind("e1", "issuer-b", person={"community": "south", "conflicts": ""})
    play.judge()

    def rate(who: str, project: str, value: str) -> str:
        said = {"subject": {"criterion": "benefit", "project": project}, "rows": [{"value": value}]}
        return stage.say(
            "judgment",
            {"juror": who, "seq": stage.number(who), "table": "ratings", **said},
            cast.key(f"juror {who}"),
        )

    rate("e1", "alder", "8")
    rate("j1", "alder", "6")
    wrong = rate("j2", "birch", "1")
    stage.close("judging", play.terms.judging + 60)
    rate("j3", "cedar", "0")
    correction = {"action": "void", "entries": [wrong], "issuer": None, "row": None, "reason": "signed under duress"}
    stage.say("intervention", correction, *cast.role("steward", 2))
    document, found = play.decide()
    play.publish(document, found)
    return play, play.end()


def sealed_round() -> tuple[Rehearsal, bytes]:
    """With reveals, shares of those who keep silent, and secret answers that trustees attest."""
    play = Rehearsal(round_files(harm=True), Cast(seed="compat"), Terms("kept-sealed", sealed=True))
    play.open()
    play.bind_all()
    play.judge()
    play.close()
    document, found = play.decide()
    play.publish(document, found)
    return play, play.end()


def write(folder: Path) -> None:
    """Write the exported logs, and beside them what they come to."""
    expected = {}
    for name, (play, note) in {"open": open_round(), "sealed": sealed_round()}.items():
        with tempfile.TemporaryDirectory() as scratch:
            (folder / name).mkdir(parents=True)
            play.stage.write(Path(scratch) / "log.sqlite", folder / name, note)
        found = verify_record(folder / name)
        if not found.ok:
            sys.exit(f"{name}: {found.failed}")
        expected[name] = {**said_of(found), "awards": dict(found.awards)}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


def said_of(found: Verification) -> dict[str, Any]:
    """What of a verification must never change."""
    value = found.value()
    return {
        name: value[name] for name in ("round", "size", "root", "ended", "counted", "late", "void", "unopened", "files")
    }


def main() -> None:
    """Write the folder of this version."""
    target = HERE / daccord.__version__
    if target.exists():
        sys.exit(f"{target} is there; a record that was released stays as it is")
    write(target)


if __name__ == "__main__":
    main()
