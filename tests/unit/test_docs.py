"""The documentation says what the code does: commands, rules, tested pages; no address ties it to a machine."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from daccord import allocation, fusion

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def script(path: str) -> ModuleType:
    """A file of the repository that is a script and not part of the package, imported."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def make_cli() -> ModuleType:
    return script("docs/_make_cli.py")


def test_cli_page_is_what_the_commands_say(make_cli: ModuleType) -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert page == make_cli.render(), "docs/cli.md is out of date: run `make docs`"


def test_every_command_option_and_argument_is_explained(make_cli: ModuleType) -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    missing = []
    for command, context in make_cli.commands(make_cli.cli, click.Context(make_cli.cli, info_name="daccord")):
        path = context.command_path
        if f"## `{path}`" not in page:
            missing.append(f"{path}: not in docs/cli.md")
        if not make_cli.help_of(command):
            missing.append(f"{path}: no help text")
        missing += [
            f"{path}: option {parameter.opts[0]} has no help text"
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.hidden and not parameter.help
        ]
        section = page.partition(f"## `{path}`\n")[2].partition("\n## ")[0]
        missing += [
            f"{path}: {name} is not in docs/cli.md"
            for parameter in command.params
            if not getattr(parameter, "hidden", False)
            for name in (parameter.opts if isinstance(parameter, click.Option) else [parameter.make_metavar(context)])
            if name not in section
        ]
    assert not missing, "\n".join(missing)


# --- rules as named objects -------------------------------------------------------------------------------------------


def registered_rules() -> Iterator[Any]:
    yield from fusion.FUSION_RULES.values()
    yield from getattr(allocation, "MONEY_RULES", {}).values()


def test_every_rule_has_a_page_and_says_what_it_assumes() -> None:
    rules = list(registered_rules())
    assert rules
    problems = []
    for rule in rules:
        page = DOCS / "methods" / f"{rule.name}.md"
        if not page.is_file():
            problems.append(f"{rule.name}: no page docs/methods/{page.name}")
        elif f"`{rule.name}`" not in page.read_text(encoding="utf-8"):
            problems.append(f"{rule.name}: docs/methods/{page.name} does not name the rule as `{rule.name}`")
        for field in dataclasses.fields(rule):
            value = getattr(rule, field.name)
            if isinstance(value, str) and not value.strip() and field.name != "sure":  # empty: it knows no intervals
                problems.append(f"{rule.name}: {field.name} is empty")
            if isinstance(value, tuple) and not (value and all(str(item).strip() for item in value)):
                problems.append(f"{rule.name}: {field.name} is empty")
    assert not problems, "\n".join(problems)


# --- pages whose commands are run -------------------------------------------------------------------------------------

TESTED = "<!-- tested -->"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXIT = re.compile(r"#\s*exit (\d+)\s*$")


@dataclass(frozen=True)
class Step:
    """One command of a page: what is typed, the exit code it announces, and the lines of output it shows."""

    line: str
    code: int
    shown: tuple[str, ...]


def steps(page: str) -> list[Step]:
    """The commands of all `console` blocks, in order.

    A command is a line that starts with `$ `; a `\\` at its end continues it. The lines below it up to the next
    command are output it shows, `…` or `...` standing for anything; `# exit 2` announces an exit code other than 0.
    """
    found: list[Step] = []
    for block in BLOCK.findall(page):
        current: str | None = None
        code, shown = 0, list[str]()
        for line in [*block.replace("\\\n", " ").splitlines(), "$ "]:
            announced = EXIT.search(line)
            if announced:
                code = int(announced[1])
                line = line[: announced.start()].rstrip()  # noqa: PLW2901 - the announcement is no part of the line
            if line.startswith("$"):
                if current is not None:
                    found.append(Step(current, code, tuple(shown)))
                current, code, shown = line[1:].strip(), int(announced[1]) if announced else 0, []
            elif line.strip() and current is not None:
                shown.append(line.rstrip())
    return found


def run_page(page: str, folder: Path) -> list[str]:
    """Run a page's commands in a folder, in order; what went otherwise than the page says."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    launcher = "import sys; from daccord.cli.main import main; sys.argv[0] = 'daccord'; main()"
    for step in steps(page):
        words = shlex.split(step.line)
        target = None
        if len(words) > 2 and words[-2] == ">":
            words, target = words[:-2], words[-1]
        if words[:1] != ["daccord"] or set(words) & {"|", "&&", ";", ">", ">>"}:
            return [f"$ {step.line}: a console block of a tested page runs `daccord` alone; use a `sh` block"]
        command = [sys.executable, "-c", launcher, *words[1:]]
        done = subprocess.run(
            command, cwd=folder, env=environment, check=False, capture_output=True, text=True, encoding="utf-8"
        )
        if target is not None:
            (folder / target).write_text(done.stdout, encoding="utf-8")
        said = done.stderr if target is not None else done.stdout + done.stderr
        if done.returncode != step.code:
            return [f"$ {step.line}: exit code {done.returncode} instead of {step.code}\n{said}"]
        lines = {line.strip() for line in said.splitlines()}
        for shown in step.shown:
            parts = [re.escape(part) for part in re.split(r"…|\.\.\.", shown.strip())]
            if not any(re.fullmatch(".*".join(parts), line) for line in (lines or {""})):
                return [f"$ {step.line}: the page shows a line that the command does not print: {shown}\n{said}"]
    return []


def pages_to_run() -> list[Path]:
    pages = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [page for page in pages if page.read_text(encoding="utf-8").startswith(TESTED)]


@pytest.mark.parametrize("page", pages_to_run(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_of_page_run(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert steps(text), "the page asks to be tested but holds no `console` block with a command"
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    problems = run_page(text, tmp_path)
    assert not problems, "\n".join(problems)


def test_page_runner_notices_what_differs(tmp_path: Path) -> None:
    def console(*lines: str) -> str:
        return "\n".join(["```console", *lines, "```", ""])

    assert run_page(console("$ daccord --version", "daccord, version …"), tmp_path) == []
    assert run_page(console("$ daccord --nonsense", "# exit 2"), tmp_path) == []
    assert run_page(console("$ daccord --nonsense  # exit 2"), tmp_path) == []
    assert run_page(console("$ daccord \\", "  --version > version.txt"), tmp_path) == []
    assert (tmp_path / "version.txt").read_text().startswith("daccord, version")
    assert "exit code 2 instead of 0" in run_page(console("$ daccord --nonsense"), tmp_path)[0]
    assert "exit code 0 instead of 2" in run_page(console("$ daccord --version", "# exit 2"), tmp_path)[0]
    assert "does not print" in run_page(console("$ daccord --version", "something else"), tmp_path)[0]
    assert "use a `sh` block" in run_page(console("$ ls"), tmp_path)[0]
    assert "use a `sh` block" in run_page(console("$ daccord --version | wc"), tmp_path)[0]


# --- addresses --------------------------------------------------------------------------------------------------------

# Written in pieces, so that this file does not name what it looks for.
HOSTS = re.compile(
    "|".join(
        r"\.".join(parts)
        for parts in (
            ("pypi", "org"),
            ("python" + "hosted", "org"),
            ("anaconda", "org"),
            ("npmjs", "(?:org|com)"),
            ("yarnpkg", "com"),
            ("crates", "io"),
            ("golang", "org"),
            ("rubygems", "org"),
            ("deb", "debian", "org"),
            ("archive", "ubuntu", "com"),
        )
    )
)
MACHINE = re.compile(rf"(?<![\w.~-])/(?:{'work'}|{'root'}|{'home'}/\w+|{'Users'}/\w+)/")
ISSUE = re.compile(r"(?:^|[\s(\[])(?:#|GH-)\d{1,5}\b(?!;)", re.MULTILINE)


def repository_files() -> list[Path]:
    """Text files that git knows or would take in."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of the project's files")
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """A file's text; empty for files that are no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def matches(pattern: re.Pattern[str], files: dict[str, str]) -> list[str]:
    """file, line and text of every match."""
    return [
        f"{name}, line {text.count(chr(10), 0, match.start()) + 1}: {match[0].strip()}"
        for name, text in files.items()
        for match in pattern.finditer(text)
    ]


def test_no_file_names_a_registry_or_this_machine_or_an_issue() -> None:
    blanked = script("scripts/check_links.py").blanked
    files = {path.relative_to(ROOT).as_posix(): text_of(path) for path in repository_files()}
    assert {"pyproject.toml", "Makefile", "docs/ARCHITECTURE.md"} <= set(files)
    pages = {name: blanked(text) for name, text in files.items() if name.endswith(".md")}
    found = matches(HOSTS, files) + matches(MACHINE, files) + matches(ISSUE, pages)
    assert not found, "\n".join(found)


def test_address_patterns_find_what_they_should() -> None:
    # In pieces here too: this file is among those that are searched.
    work, pypi = "/work" + "/main", "pypi" + ".org"
    assert matches(MACHINE, {"a": f"see {work}/x"}) == [f"a, line 1: {work[:6]}"]
    assert matches(MACHINE, {"a": f"see https://example.org{work}/x and out{work}/y"}) == []
    assert matches(HOSTS, {"a": f"one\nhttps://{pypi}/simple"}) == [f"a, line 2: {pypi}"]
    assert matches(ISSUE, {"a": "fixed (#12), and #7"}) == ["a, line 1: (#12", "a, line 1: #7"]
    assert matches(ISSUE, {"a": "# 12 things\n[x](page.md#1-one) &#160; colour:#123456"}) == []


# --- links ------------------------------------------------------------------------------------------------------------


def test_link_checker_finds_dead_links(tmp_path: Path) -> None:
    checker = script("scripts/check_links.py")
    (tmp_path / "there.md").write_text("# A *title*, with `code`\n\n# Twice\n\n# Twice\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md) [b](there.md#a-title-with-code) [c](there.md#twice-1) [w](https://example.org/nowhere)\n"
        "`[code](none.md)`\n\n```text\n[code](none.md)\n```\n\n[d](none.md)\n[e](there.md#none) [f](../../out.md)\n",
        encoding="utf-8",
    )
    assert checker.problems_of(page, tmp_path) == [
        "page.md, line 8: none.md does not exist",
        "page.md, line 9: there.md#none: there.md has no heading #none",
        "page.md, line 9: ../../out.md leads out of the repository",
    ]
