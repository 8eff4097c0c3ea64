"""`daccord rules`: every rule a round can name, and what it says of itself."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from daccord.allocation import MONEY_RULES
from daccord.cli.rules import rules
from daccord.errors import InputError
from daccord.fusion import FUSION_RULES


def run(*arguments: str) -> str:
    done = CliRunner(env={"COLUMNS": "100"}).invoke(rules, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_every_rule_is_listed_with_its_title_and_whether_it_knows_intervals() -> None:
    lines = run().splitlines()
    for rule in (*FUSION_RULES.values(), *MONEY_RULES.values()):
        (line,) = [line for line in lines if line.startswith(f"{rule.name}  ")]
        assert rule.title in line
    for rule in FUSION_RULES.values():
        (line,) = [line for line in lines if line.startswith(f"{rule.name}  ")]
        assert ("  yes  " if rule.sure else "  no  ") in line
        assert rule.reads[0] in line
    assert max(map(len, lines)) <= 110


@pytest.mark.parametrize("name", [*FUSION_RULES, *MONEY_RULES])
def test_a_rule_says_what_it_assumes_and_how_it_goes_wrong(name: str) -> None:
    rule = FUSION_RULES.get(name) or MONEY_RULES[name]
    said = " ".join(run(name).split())
    for text in (rule.title, rule.model, *rule.assumptions, *rule.failure_modes, rule.source):
        assert " ".join(text.split()) in said
    if name in FUSION_RULES:
        assert f"Reads: {', '.join(FUSION_RULES[name].reads)}" in said
        assert (FUSION_RULES[name].sure or "no intervals of its own") in said


def test_json_holds_all_rules_or_the_one_that_is_named() -> None:
    found = json.loads(run("--json"))["rules"]
    assert {(rule["kind"], rule["name"]) for rule in found} == {
        *(("fusion", name) for name in FUSION_RULES),
        *(("money", name) for name in MONEY_RULES),
    }
    (one,) = json.loads(run("elo", "--json"))["rules"]
    assert one["reads"] == list(FUSION_RULES["elo"].reads)
    assert one["failure_modes"] == list(FUSION_RULES["elo"].failure_modes)


def test_an_unknown_name_is_bad_input_that_names_the_others() -> None:
    with pytest.raises(InputError, match="no rule is called 'wisdom'") as caught:
        CliRunner().invoke(rules, ["wisdom"], catch_exceptions=False)
    assert caught.value.exit_code == 2
    assert "hierarchical" in str(caught.value)
