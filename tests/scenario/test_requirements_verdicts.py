"""Requirements on verdicts, each shown in one small simulated round as its users meet it.

Round: six jurors of two communities rate five projects. `printer` raises a risk and waits for `lock` to be a prototype,
`loom` can take its place, `swarm` is found harmful, and `rumour` lies in the domain of information, where the two
communities disagree about it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from daccord.allocation import Verdict, allocate
from daccord.allocation.verdicts import reopened
from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats import load_round
from daccord.formats.decisions import read_decision
from daccord.formats.holds import holds_of
from daccord.fusion import MICRO
from daccord.pipeline import decide
from daccord.report import more_people
from daccord.report._more_people import with_people

JURORS = {f"{place}-{i}": place for place in ("north", "south") for i in range(5)}
PROJECTS = ("lamp", "printer", "loom", "swarm", "rumour", "lock")
BENEFIT = {"lamp": 8, "printer": 7, "loom": 7, "swarm": 8, "rumour": (9, 2), "lock": 6}
HARM = {"lamp": 1, "printer": 2, "loom": 1, "swarm": 9, "rumour": 1, "lock": 1}

ROUND = """
format = "daccord/round/1"
name = "Requirements (simulated)"
simulated = true
[goal]
statement = "Show what verdicts promise."
set_by = "The test's (simulated) assembly"
[budget]
amount = "100000.00"
currency = "EUR"
digits = 2
[criteria.benefit]
question = "How much does it help?"
rating = {{ low = 0, high = 10 }}
bar = {{ rating = 4 }}
[criteria.harm]
question = "How much could it harm?"
rating = {{ low = 0, high = 10 }}
limit = {{ rating = 5 }}
[rules]
hold_days = 180
{rules}
[[safeguards]]
condition = "No file is printed that the screening service has not passed"
accountable = "The safety officer of the team"
clawback = "All that was paid comes back"
due_days = 90
verified = "The operators of the service publish its log each month"
returns = 0.5
of = "paid"
event = "a file was printed that was not passed"
risks = ["leak"]
[[risks]]
id = "leak"
title = "Leaks from laboratories"
{constraints}
[communities]
north = "North (simulated)"
south = "South (simulated)"
"""

PROJECT_ROWS = """id,title,team,ask,cells,roles,requires,maturity,text
lamp,Safe lamps,Light,,atoms/micro/survive,,,deployed,
printer,Gene printer,Press,,atoms/micro/thrive,raises > leak,lock >= prototype,prototype,
loom,Gene loom,Weave,,atoms/micro/thrive,substitutes > printer,,prototype,
swarm,Drone swarm,Hive,,bits/cyber/survive,,,idea,
rumour,Rumour notes,Notes,,bits/info/survive,,,idea,
lock,Order lock,Keys,,bits/cyber/survive,makes_safe > printer,,idea,
"""


def _ratings(harm: dict[str, int], *, ask_harm: bool = True, of_lock: int = len(JURORS)) -> str:
    rows = ["juror,criterion,project,value"]
    for k, (juror, place) in enumerate(JURORS.items()):
        for project in PROJECTS:
            value = BENEFIT[project]
            told = value[place == "south"] if isinstance(value, tuple) else value
            if project != "lock" or k < of_lock:
                rows.append(f"{juror},benefit,{project},{min(10, told + k % 2)}")
            if ask_harm:
                rows.append(f"{juror},harm,{project},{max(0, harm[project] - k % 2)}")
    return "\n".join(rows) + "\n"


def _write(folder: Path, *, rules: str = "", constraints: str = "", harm: dict[str, int] | None = None) -> Path:
    folder.mkdir(parents=True)
    text = ROUND.format(rules=rules, constraints=constraints)
    (folder / "round.toml").write_text(text, encoding="utf-8")
    (folder / "projects.csv").write_text(PROJECT_ROWS, encoding="utf-8")
    judges = ["id,kind,community,family,conflicts", *(f"{one},person,{place},," for one, place in JURORS.items())]
    (folder / "judges.csv").write_text("\n".join(judges) + "\n", encoding="utf-8")
    (folder / "ratings.csv").write_text(_ratings(harm or HARM), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("verdicts") / "round")


@pytest.fixture(scope="module")
def decision(folder: Path):
    return decide(load_round(folder))


@pytest.fixture(scope="module")
def document(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("out")
    run("decide", str(folder), "--out", str(out), "--on", "2026-12-01")
    return read_decision(out / "decision.json"), out / "decision.json"


def run(*arguments: str) -> str:
    found = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def verdicts(document) -> dict:
    return {project["id"]: project["verdict"] for project in document["projects"]}


def codes(verdict) -> list[str]:
    return [reason["code"] for reason in verdict["reasons"]]


class TestEveryVerdictIsComplete:
    """Requirement 4: reason and probability; conditions with who answers and a clawback."""

    def test_labels_are_as_the_round_was_made(self, document):
        labels = {name: verdict["label"] for name, verdict in verdicts(document[0]).items()}
        assert labels == {
            "lamp": "accelerate",
            "printer": "with_safeguards",
            "loom": "accelerate",
            "swarm": "hold",
            "rumour": "unclear",
            "lock": "accelerate",
        }

    def test_no_item_leaves_without_its_fields(self, document):
        for name, verdict in verdicts(document[0]).items():
            assert verdict["reasons"], name
            assert verdict["would_change"] or verdict["nothing_changes"]
            assert verdict["probability"] is not None or verdict["label"] in ("unclear", "unrated")

    def test_conditions_are_terms_of_a_grant_agreement(self, document):
        printer = verdicts(document[0])["printer"]
        award = next(p["award"]["amount"] for p in document[0]["projects"] if p["id"] == "printer")
        own = printer["safeguards"][0]
        assert own["accountable"] == "The safety officer of the team"
        assert own["due_days"] == 90
        assert own["returns"] == {
            "share": 500_000,
            "of": "paid",
            "at_most": award // 2,
            "to": "the pot of the round",
            "event": "a file was printed that was not passed",
        }
        assert "50 % of what has been paid out, at most" in own["terms"]
        # Its own condition is for what raises the risk; the gate adds one of its own.
        assert len(printer["safeguards"]) == 2
        assert "Order lock" in printer["safeguards"][1]["condition"]

    def test_a_file_without_them_is_refused(self, document, tmp_path):
        for key, name in (("cost_of_delay", "swarm"), ("safeguards", "printer"), ("reasons", "lamp")):
            altered = json.loads(document[1].read_text(encoding="utf-8"))
            verdicts(altered)[name][key] = [] if key != "cost_of_delay" else ""
            file = tmp_path / f"{key}.json"
            file.write_text(json.dumps(altered), encoding="utf-8")
            with pytest.raises(InputError):
                read_decision(file)


class TestHolds:
    """Requirement 5: a hold states what delay costs and when it expires; on expiry the item reopens by itself."""

    def test_it_states_both_in_numbers(self, document, decision):
        swarm = verdicts(document[0])["swarm"]
        assert (swarm["reopens_after_days"], swarm["expires_on"]) == (180, "2027-05-30")
        delay = swarm["delay"]
        assert 0 < delay["low"] < delay["share"] < delay["high"]
        assert delay["forgone"] > 0
        assert "Had it been cleared" in swarm["cost_of_delay"]
        assert swarm["at_least"]
        # The same rule, run with the project among those that may be paid.
        round_ = decision.round
        cleared = decision.scores.with_project(decision.scores["swarm"].with_criterion("harm", above=0))
        again = allocate(round_.portfolio, cleared, round_.rules, round_.budget)
        assert again.award_of["swarm"].amount == delay["forgone"]

    @pytest.mark.parametrize("missing", [{"reopens_after_days": None}, {"cost_of_delay": ""}, {"delay": None}])
    def test_a_hold_without_either_is_refused_by_its_type(self, decision, missing):
        held = vars(decision.allocation.verdict_of["swarm"])
        with pytest.raises(ValueError, match="lacks"):
            Verdict(**held | missing)

    def test_it_stands_in_the_next_round_until_it_expires(self, document, tmp_path):
        """Nobody judges harm in the next round, so nothing but the calendar can open it."""
        next_round = _write(tmp_path / "next")
        (next_round / "ratings.csv").write_text(_ratings(HARM, ask_harm=False), encoding="utf-8")
        labels = {}
        for day in ("2027-05-29", "2027-05-30"):
            out = tmp_path / day
            run("decide", str(next_round), "--out", str(out), "--on", day, "--after", str(document[1]))
            labels[day] = verdicts(read_decision(out / "decision.json"))["swarm"]
        held, opened = labels.values()
        assert (held["label"], held["reopens_after_days"], held["expires_on"]) == ("hold", 1, "2027-05-30")
        assert codes(held)[0] == "earlier_hold"
        assert opened["label"] == "accelerate"
        assert "reopened" in codes(opened)

    def test_new_answers_open_it_before(self, document, tmp_path):
        next_round = _write(tmp_path / "judged", harm={**HARM, "swarm": 1})
        out = tmp_path / "out"
        run("decide", str(next_round), "--out", str(out), "--on", "2027-01-10", "--after", str(document[1]))
        swarm = verdicts(read_decision(out / "decision.json"))["swarm"]
        assert swarm["label"] == "accelerate"
        assert "hold_lifted" in codes(swarm)

    def test_the_calendar_is_a_pure_function(self, document):
        holds = holds_of(document[0])
        assert [hold.project for hold in holds] == ["swarm"]
        assert reopened(holds, "2027-05-29") == ((), holds)
        assert reopened(holds, "2027-05-30") == (holds, ())

    def test_without_days_nothing_is_taken_over(self, folder, document, tmp_path):
        found = CliRunner().invoke(cli, ["decide", str(folder), "--after", str(document[1]), "--out", str(tmp_path)])
        assert isinstance(found.exception, InputError)
        assert "decided_on" in str(found.exception)


class TestGates:
    """Requirement 7: money waits for a named maturity; a substitute is shown first; a timeline honours the gate."""

    def test_the_verdict_names_the_gate_and_shows_the_substitute_first(self, document):
        printer = verdicts(document[0])["printer"]
        assert printer["gates"] == [
            {
                "of": "lock",
                "maturity": "prototype",
                "role": "",
                "partners": ["lock"],
                "text": "Order lock is at least a prototype",
            }
        ]
        assert codes(printer)[0] == "substitute_first"
        assert printer["substitutes"] == ["loom"]
        assert "Gene loom" in printer["reasons"][0]["text"]

    def test_a_timeline_honours_it(self, folder, tmp_path, document):
        events = tmp_path / "events.csv"
        events.write_text("project,maturity,day,day_low,day_high\nlock,prototype,120,60,300\n", encoding="utf-8")
        course = json.loads(run("timeline", str(folder), "--events", str(events), "--json"))
        (release,) = course["releases"]
        award = next(p["award"]["amount"] for p in document[0]["projects"] if p["id"] == "printer")
        assert release["project"] == "printer"
        assert (release["early"], release["day"], release["late"]) == (60, 120, 300)
        paid = {(e["day"], e["amount"]) for e in course["entries"] if e["kind"] == "released"}
        assert (120, award) in paid
        assert all(e["day"] >= 120 for e in course["entries"] if e["project"] == "printer" and e["kind"] == "released")
        assert course["released"] == sum(p["award"]["amount"] for p in document[0]["projects"])
        never = json.loads(run("timeline", str(folder), "--json"))
        assert never["waiting"] == award
        assert "waits until" in run("timeline", str(folder))

    def test_wrong_events_are_all_named(self, folder, tmp_path):
        events = tmp_path / "events.csv"
        rows = ("project,maturity,day,date", "lok,prototype,1,", "lock,prototipe,1,", "lock,deployed,,2027-01-01")
        events.write_text("\n".join((*rows, "lock,idea,1.5,", "")), encoding="utf-8")
        found = CliRunner().invoke(cli, ["timeline", str(folder), "--events", str(events)])
        assert isinstance(found.exception, InputError)
        places = {(problem.row, problem.column) for problem in found.exception.problems}
        assert places == {(2, "project"), (3, "maturity"), (4, "date"), (5, "day")}


def test_extreme_benefit_stays_blocked_by_a_hard_constraint(tmp_path):
    """Requirement 12, and the story says that nothing would change it."""
    constraint = '[[constraints]]\nid = "no-leaks"\nversion = "3"\ntext = "Nothing that can leak."\nraises = ["leak"]\n'
    decided = decide(load_round(_write(tmp_path / "forbidden", constraints=constraint)))
    extreme = decided.scores["printer"].with_criterion("benefit", mean=20 * MICRO, above=MICRO)
    scores = decided.scores.with_project(extreme)
    round_ = decided.round
    verdict = allocate(round_.portfolio, scores, round_.rules, round_.budget).verdict_of["printer"]
    assert verdict.label == "hold"
    assert any("no-leaks, version 3" in reason.text for reason in verdict.reasons)
    assert verdict.reasons[0].code == "substitute_first"
    assert "No score lifts a hard constraint" in run("story", str(tmp_path / "forbidden"), "printer").replace("\n", " ")


class TestAgreement:
    """Requirement 17: decisions in the domain of information need every community; so do holds."""

    def test_a_project_that_one_community_rejects_is_not_cleared(self, document, decision):
        rumour = verdicts(document[0])["rumour"]
        assert codes(rumour)[0] == "groups_disagree"
        assert "“south”" in rumour["reasons"][0]["text"]
        above = decision.scores["rumour"].criteria["benefit"]
        assert above.above >= MICRO // 2
        assert above.communities["south"] < MICRO // 5 < above.communities["north"]
        first = rumour["would_change"][0]
        assert (first["code"], first["label"], first["to"]) == ("benefit:south", "accelerate", 200_000)

    def test_elsewhere_the_same_answers_clear_it(self, tmp_path):
        """The domain is what asks for agreement, and 0 asks for none."""
        loose = _write(tmp_path / "loose", rules="[rules.verdicts]\nagreement = 0.0")
        assert decide(load_round(loose)).allocation.verdict_of["rumour"].label == "accelerate"


class TestStories:
    """Requirement 45: one paragraph, backed by numbers, with a counterfactual that a rerun confirms."""

    def test_each_project_has_one_paragraph(self, folder):
        told = json.loads(run("story", str(folder), "--json"))["stories"]
        assert [one["project"] for one in told] == list(PROJECTS)
        for one in told:
            assert "\n" not in one["text"]
            assert any(character.isdigit() for character in one["text"])
            assert one["would_change"] or one["nothing_changes"]

    def test_the_printed_change_is_true(self, document, decision):
        """What the file says would change a verdict does, when the allocation is run with it."""
        round_ = decision.round
        tried = 0
        for name, verdict in verdicts(document[0]).items():
            for change in verdict["would_change"]:
                criterion, _, community = change["code"].partition(":")
                if change["to"] is None:
                    continue
                score = decision.scores[name]
                if community:
                    said = {**score.criteria[criterion].communities, community: change["to"]}
                    changed = score.with_criterion(criterion, communities=said)
                else:
                    changed = score.with_criterion(criterion, above=change["to"])
                after = allocate(
                    round_.portfolio, decision.scores.with_project(changed), round_.rules, round_.budget
                ).verdict_of[name]
                assert after.label == change["label"]
                tried += 1
        assert tried >= len(PROJECTS)

    def test_more_people_change_it_when_the_whole_round_is_decided_again(self, tmp_path):
        scarce = _write(tmp_path / "scarce")
        (scarce / "ratings.csv").write_text(_ratings(HARM, of_lock=3), encoding="utf-8")
        decision = decide(load_round(scarce))
        assert decision.allocation.verdict_of["lock"].label == "accelerate"
        found = more_people(decision, "lock")
        assert found is not None
        assert found.people is not None
        for people, label in ((found.people, found.label_after), (found.people - 1, "accelerate")):
            again = decide(with_people(decision.round, "lock", found.answer, people))
            assert again.allocation.verdict_of["lock"].label == label
        assert found.label_after != "accelerate"
        assert f"{found.people} more people" in found.text
        assert more_people(decision, "swarm") is None
