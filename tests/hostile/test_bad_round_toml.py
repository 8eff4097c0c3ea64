"""Defects of round.toml, one a test: file, row, dotted key, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.round_cases import BASE, assert_at, edited, refused, the_problem

FILE = "round.toml"


def row_of(text: str) -> int:
    """Line of the base on which a text stands."""
    return next(i for i, line in enumerate(BASE[FILE].split("\n"), start=1) if text in line)


def test_no_goal(tmp_path: Path) -> None:
    goal = '[goal]\nstatement = "Be safer."\nset_by = "the council"\n'
    assert_at(the_problem(tmp_path, edited(FILE, goal, "")), FILE, None, "goal", "people set the goal")


def test_goal_without_who_set_it(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, 'set_by = "the council"\n', ""))
    assert_at(problem, FILE, row_of("[goal]"), "goal.set_by", "missing")


def test_goal_of_spaces(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, '"Be safer."', '"   "'))
    assert_at(problem, FILE, row_of("statement"), "goal.statement", "empty")


def test_goal_date_is_no_date(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, 'set_by = "the council"', 'set_by = "x"\ndate = "soon"'))
    assert_at(problem, FILE, row_of("set_by") + 1, "goal.date", "2026-11-01")


def test_unreadable_toml_names_the_line(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "digits = 2", "digits = = 2"))
    assert_at(problem, FILE, row_of("digits"), None, "not valid TOML")


def test_toml_that_ends_in_the_middle(tmp_path: Path) -> None:
    text = 'format = "daccord/round/1"\nname = "x'
    assert_at(the_problem(tmp_path, {FILE: text}), FILE, 2, None, "not valid TOML")


def test_key_twice(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "digits = 2", "digits = 2\ndigits = 3"))
    assert_at(problem, FILE, row_of("digits") + 1, None, "not valid TOML")


def test_toml_nested_without_end(tmp_path: Path) -> None:
    problem = refused(tmp_path, {FILE: "x = " + "[" * 20_000})[0]
    assert problem.file == FILE


def test_number_of_ten_thousand_digits(tmp_path: Path) -> None:
    problem = refused(tmp_path, edited(FILE, "digits = 2", "digits = " + "9" * 10_000))[0]
    assert problem.file == FILE


def test_misspelled_key(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "simulated = true", "simulatd = true"))
    assert_at(problem, FILE, 3, "simulatd", "did you mean simulated?")


def test_misspelled_key_deep_inside(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "[communities]", "[rules.money]\ncautoin = 1.0\n\n[communities]"))
    assert_at(problem, FILE, row_of("[communities]") + 1, "rules.money.cautoin", "did you mean caution?")


def test_unknown_table(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "[communities]", "[zzz]\n[communities]"))
    assert_at(problem, FILE, row_of("[communities]"), "zzz", "no key")


@pytest.mark.parametrize("version", ['"daccord/round/2"', '"x"', "1"])
def test_other_format(tmp_path: Path, version: str) -> None:
    problem = the_problem(tmp_path, edited(FILE, '"daccord/round/1"', version))
    assert_at(problem, FILE, 1, "format", "daccord/round/1")


def test_no_format(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, 'format = "daccord/round/1"\n', ""))
    assert_at(problem, FILE, None, "format", "missing")


def test_amount_is_a_float(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, '"1000.00"', "1000.0"))
    assert_at(problem, FILE, row_of("amount"), "budget.amount", "float", '"1000"')


def test_no_money(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, '"1000.00"', '"0.00"'))
    assert_at(problem, FILE, row_of("amount"), "budget.amount", "above zero")


@pytest.mark.parametrize("amount", ['"-5"', '"1,000"', '"1e6"', '"1000.005"', '"lots"', '""', '"٣"', "-5"])
def test_amount_is_none(tmp_path: Path, amount: str) -> None:
    problem = the_problem(tmp_path, edited(FILE, '"1000.00"', amount))
    assert_at(problem, FILE, row_of("amount"), "budget.amount", "1250.00")


def test_amount_beyond_all_money(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, '"1000.00"', f'"{10**40}"'))
    assert_at(problem, FILE, row_of("amount"), "budget.amount", "too large")


@pytest.mark.parametrize("digits", ["-1", "19", "2.0", '"2"', "true"])
def test_digits_of_the_currency(tmp_path: Path, digits: str) -> None:
    problem = the_problem(tmp_path, edited(FILE, "digits = 2", f"digits = {digits}"))
    assert_at(problem, FILE, row_of("digits"), "budget.digits")


def test_benefit_is_not_asked(tmp_path: Path) -> None:
    problems = refused(tmp_path, edited(FILE, "[criteria.benefit]", "[criteria.need]"))
    assert_at(problems[0], FILE, row_of("[criteria.benefit]"), "criteria.benefit", "missing")
    assert any(problem.file == "comparisons.csv" and problem.column == "criterion" for problem in problems)


def test_misspelled_criterion(tmp_path: Path) -> None:
    problems = refused(tmp_path, edited(FILE, "[criteria.harm]", "[criteria.harms]"))
    assert_at(problems[0], FILE, row_of("[criteria.harm]"), "criteria.harms", "did you mean harm?")


def test_bar_of_harm_is_called_limit(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "limit = { times_typical", "bar = { times_typical"))
    assert_at(problem, FILE, row_of("limit"), "criteria.harm.bar", "call it limit")


def test_limit_of_benefit_is_called_bar(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "bar = { rating", "limit = { rating"))
    assert_at(problem, FILE, row_of("bar"), "criteria.benefit.limit", "call it bar")


def test_bar_on_two_scales(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "bar = { rating = 4 }", "bar = { rating = 4, times_typical = 1 }"))
    assert_at(problem, FILE, row_of("bar"), "criteria.benefit.bar", "one of the two")


def test_bar_off_the_scale(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "bar = { rating = 4 }", "bar = { rating = 11 }"))
    assert_at(problem, FILE, row_of("bar"), "criteria.benefit.bar", "0 to 10")


def test_bar_without_scale(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "limit = { times_typical = 2.0 }", "limit = { rating = 2.0 }"))
    assert_at(problem, FILE, row_of("limit"), "criteria.harm.limit", "no rating scale")


def test_scale_upside_down(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "{ low = 0, high = 10 }", "{ low = 10, high = 0 }"))
    assert_at(problem, FILE, row_of("rating = { low"), "criteria.benefit.rating", "below high")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_scale_without_end(tmp_path: Path, value: str) -> None:
    problem = the_problem(tmp_path, edited(FILE, "{ low = 0, high = 10 }", f"{{ low = 0, high = {value} }}"))
    assert_at(problem, FILE, row_of("rating = { low"), "criteria.benefit.rating.high", "finite")


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("rules", "hold_days", "0"),
        ("rules", "hold_days", "1.5"),
        ("rules", "fusion", "7"),
        ("rules.evidence", "min_jurors", "0"),
        ("rules.verdicts", "accelerate", "1.5"),
        ("rules.verdicts", "hold", '"half"'),
        ("rules.money", "basis", '"median"'),
        ("rules.money", "team_cap", "0"),
        ("rules.money", "saturation", "-1"),
        ("rules.money", "minimum", "0.5"),
        ("rules.money", "minimum", '"2000"'),
        ("rules.models", "family_cap", "2"),
    ],
)
def test_rule_out_of_range(tmp_path: Path, table: str, key: str, value: str) -> None:
    problem = the_problem(tmp_path, edited(FILE, "[communities]", f"[{table}]\n{key} = {value}\n[communities]"))
    assert_at(problem, FILE, row_of("[communities]") + 1, f"{table}.{key}")


def test_floor_of_an_unknown_cell(tmp_path: Path) -> None:
    text = '[rules.money.floors]\n"bits/cyber/survives" = 0.1\n[communities]'
    problem = the_problem(tmp_path, edited(FILE, "[communities]", text))
    assert_at(problem, FILE, row_of("[communities]") + 1, "rules.money.floors", "did you mean 'bits/cyber/survive'?")


def test_floors_above_the_pot(tmp_path: Path) -> None:
    text = "[rules.money.floors]\n'bits/cyber/survive' = 0.6\nbci = 0.5\n[communities]"
    problem = the_problem(tmp_path, edited(FILE, "[communities]", text))
    assert_at(problem, FILE, row_of("[communities]"), "rules.money.floors", "more than the pot")


def test_override_without_reason(tmp_path: Path) -> None:
    text = '[rules.models.override]\nby = "ann"\n[communities]'
    problem = the_problem(tmp_path, edited(FILE, "[communities]", text))
    assert_at(problem, FILE, row_of("[communities]"), "rules.models.override.reason", "missing")


def test_constraint_names_an_unknown_project(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, 'projects = ["beta"]', 'projects = ["bta"]'))
    assert_at(problem, FILE, row_of("projects ="), "constraints.projects", "did you mean 'beta'?")


def test_constraint_names_an_unknown_risk(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, 'raises = ["plague"]', 'raises = ["plagues"]'))
    assert_at(problem, FILE, row_of("raises ="), "constraints.raises", "did you mean 'plague'?")


def test_constraint_without_version(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, 'version = "1"\n', ""))
    assert_at(problem, FILE, row_of("[[constraints]]"), "constraints.version", "missing")


def test_safeguard_that_nobody_answers_for(tmp_path: Path) -> None:
    text = '[[safeguards]]\ncondition = "x"\nclawback = "y"\n[[risks]]'
    problem = the_problem(tmp_path, edited(FILE, "[[risks]]", text))
    assert_at(problem, FILE, row_of("[[risks]]"), "safeguards.accountable", "missing")


def test_risk_twice(tmp_path: Path) -> None:
    text = '[[risks]]\nid = "plague"\ntitle = "Again"\n[communities]'
    problem = the_problem(tmp_path, edited(FILE, "[communities]", text))
    assert_at(problem, FILE, row_of("[communities]") + 1, "risks.id", "defined already")


def test_communities_that_differ_in_case(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, 'eth = "Ethereum"', 'eth = "Ethereum"\nETH = "Ether"'))
    assert_at(problem, FILE, row_of("eth =") + 1, "communities", "differ only in case")


def test_escape_sequence_in_the_name(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "Base (simulated)", "\\u001b[31mBase (simulated)"))
    assert_at(problem, FILE, 2, "name", "control character")


@pytest.mark.parametrize("value", ["-1", "1.0", '"x"', "true", str(2**64)])
def test_seed(tmp_path: Path, value: str) -> None:
    problem = the_problem(tmp_path, edited(FILE, "simulated = true", f"simulated = true\nseed = {value}"))
    assert_at(problem, FILE, 4, "seed")


@pytest.mark.parametrize("value", ["0", "1", "nan", '"x"'])
def test_floor_of_lists(tmp_path: Path, value: str) -> None:
    problem = the_problem(tmp_path, edited(FILE, "[communities]", f"[lists]\nfloor = {value}\n[communities]"))
    assert_at(problem, FILE, row_of("[communities]") + 1, "lists.floor")


def test_list_where_a_table_is_expected(tmp_path: Path) -> None:
    problems = refused(tmp_path, edited(FILE, '[goal]\nstatement = "Be safer."\nset_by = "the council"\n', ""))
    assert problems[0].column == "goal"
    problems = refused(tmp_path, edited(FILE, 'name = "Base (simulated)"', 'name = "x"\nlists = []'))
    assert_at(problems[0], FILE, 3, "lists", "write a table")


def test_errors_in_different_tables_are_all_reported(tmp_path: Path) -> None:
    text = BASE[FILE].replace("Be safer.", "").replace('"1000.00"', '"x"').replace("times_typical = 2.0", "typical = 2")
    problems = refused(tmp_path, {FILE: text})
    assert {problem.column for problem in problems} >= {
        "goal.statement",
        "budget.amount",
        "criteria.harm.limit.typical",
    }


def test_a_key_after_a_text_of_several_lines_keeps_its_row(tmp_path: Path) -> None:
    text = 'name = """\nBase\ndigits = 3\n(simulated)"""\nseeed = 1'
    problem = the_problem(tmp_path, edited(FILE, 'name = "Base (simulated)"', text))
    assert_at(problem, FILE, 6, "seeed", "did you mean seed?")
