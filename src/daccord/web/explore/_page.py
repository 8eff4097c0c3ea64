"""The page: templates, and a content policy that lets in only the style and the script that stand in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from daccord.web.explore._fields import GROUPS, Field
from daccord.web.explore._form import Reading, written
from daccord.web.explore._run import Explorer, Run
from daccord.web.explore._view import changes, results, settings_changed

__all__ = ["POLICY", "page_of", "plain_page"]


@lru_cache(1)
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("daccord.web.explore"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["written"] = written
    return found


def _asset(name: str) -> str:
    return (resources.files("daccord.web.explore") / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


STYLE = _asset("explore.css")
SCRIPT = _asset("explore.js")
POLICY = (
    f"default-src 'none'; style-src {_digest(STYLE)}; script-src {_digest(SCRIPT)}; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of every answer: nothing from elsewhere, no inline code but ours."""


def page_of(
    explorer: Explorer,
    reading: Reading,
    *,
    run: Run | None = None,
    before: Run | None = None,
    own: Run | None = None,
    trouble: str = "",
    paths: Mapping[str, str],
) -> str:
    """The page.

    Args:
        explorer: The file and its form.
        reading: Of the query string: what was typed, and what is wrong with it.
        run: What came out; None if nothing was run.
        before: The run to compare with.
        own: The run of the file's own values.
        trouble: Why nothing was run though nothing is wrong with the fields, if so.
        paths: Addresses of the page's own routes: `page`, `best`, `file`, `progress`.
    """
    form, settings = explorer.form, reading.settings
    shown: dict[str, object] = {}
    links: dict[str, str] = {}
    compared: list[tuple[str, Run]] = []
    if run is not None and settings is not None:
        compared = _compared(run, before, own)
        link = form.link(settings)
        links = {
            "here": f"{paths['page']}?{link}",
            "best": f"{paths['best']}?{form.link(settings, before=settings)}",
            "even": f"{paths['page']}?{form.link(explorer.even(settings), before=settings)}",
            "none": f"{paths['page']}?{form.link(explorer.none(settings), before=settings)}",
            "file": f"{paths['file']}?{link}",
            "was": link,
        }
        shown = {
            **results(explorer, run),
            "compared": [(name, settings_changed(form.fields, settings, other.settings)) for name, other in compared],
            "changes": changes(run, tuple(other for _, other in compared)) if compared else [],
            "revalued": any(explorer.welfare(settings) != explorer.welfare(other.settings) for _, other in compared),
            "unpaired": any(
                settings[name] != other.settings[name] for _, other in compared for name in ("worlds", "seed")
            ),
        }
    return (
        _environment()
        .get_template("explore.html")
        .render(
            file=explorer.file,
            world=explorer.file.world,
            about=[" ".join(part.split()) for part in explorer.file.about.split("\n\n") if part.strip()],
            groups=[(key, title, _rows(key, form.fields)) for key, title in GROUPS.items() if key != "money"],
            money=_money_rows(explorer),
            reading=reading,
            total=_total(reading),
            budget=form.budget,
            digest=form.digest,
            shown=shown,
            links=links,
            trouble=trouble,
            paths=paths,
            style=STYLE,
            script=SCRIPT,
            step_count=explorer.steps,
            names={field.name: (f"f{i}", field.label) for i, field in enumerate(form.fields)},
        )
    )


def _compared(run: Run, before: Run | None, own: Run | None) -> list[tuple[str, Run]]:
    """Runs to compare with, each once, and none with itself."""
    found = []
    if before is not None and before.settings != run.settings:
        same = own is not None and before.settings == own.settings
        found.append(("the last run, with the file’s own values" if same else "the last run", before))
    if own is not None and own.settings not in {run.settings, *([before.settings] if before is not None else [])}:
        found.append(("the file’s own values", own))
    return found


def _rows(group: str, fields: tuple[Field, ...]) -> list[tuple[str, Field]]:
    """Ids that are safe in markup, and fields."""
    return [(f"f{i}", field) for i, field in enumerate(fields) if field.group == group]


def _money_rows(explorer: Explorer) -> list[tuple[str, tuple[str, Field] | None, tuple[str, Field]]]:
    """Technology, its money if it can be funded, its slowing."""
    by_name = {field.name: (f"f{i}", field) for i, field in enumerate(explorer.form.fields)}
    return [
        (technology.title or technology.id, by_name.get(f"money.{technology.id}"), by_name[f"slow.{technology.id}"])
        for technology in explorer.file.world.technologies
        if not technology.given
    ]


def _total(reading: Reading) -> float | None:
    """What the typed money comes to, if all of it is readable."""
    if reading.settings is None and any(name.startswith("money.") for name in reading.problems):
        return None
    try:
        return sum(float(text) for name, text in reading.texts.items() if name.startswith("money."))
    except ValueError:
        return None


def plain_page(title: str, text: str) -> str:
    """A page that says one thing."""
    return _environment().get_template("plain.html").render(title=title, text=text, style=STYLE)
