"""The page: self-contained, escaped, exact, accessible, and the same bytes every time."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import itertools
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from tests.unit.report_cases import big_decision, build_decision

from daccord.errors import ExternalError
from daccord.report import build_report
from daccord.report._figures import COLOURS, INK, PAPER, SHAPES, SYMBOLS
from daccord.report._rows import award_rows, csv_link
from daccord.report._summary import LIMIT, summary

VOID = {"meta", "link", "br", "img", "input", "hr"}
SVG_VOID = {"path", "line", "rect", "circle"}


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text inside them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.stack: list[str] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        if data.strip() and self.stack:
            self.words.append((self.stack[-1], data))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self):
        return re.sub(r"\s+", " ", " ".join(words for tag, words in self.words if tag not in ("style", "script")))


@pytest.fixture(scope="module")
def decision():
    return build_decision()


@pytest.fixture(scope="module")
def alternatives():
    return {"hierarchical / proportional": build_decision(rule="proportional")}


@pytest.fixture(scope="module")
def source(decision, alternatives):
    return build_report(decision, alternatives, {"bradley-terry": "there are no order-only answers"})


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


def test_the_markup_is_balanced_and_has_one_of_each_landmark(page):
    assert page.stack == []
    assert [len(page.all(tag)) for tag in ("h1", "main", "header", "footer", "nav")] == [1] * 5
    assert page.all("html") == [{"lang": "en"}]


def test_the_same_decision_gives_the_same_bytes(source, decision, alternatives):
    # Built in between, another page must leave no trace in counters of the chart library.
    build_report(build_decision(rule="proportional"))
    assert build_report(decision, alternatives, {"bradley-terry": "there are no order-only answers"}) == source


def test_nothing_is_asked_from_anywhere(source, page):
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "poster", "srcset"):
            value = attributes.get(name, "")
            assert value.startswith(("#", "data:")) or not value, (tag, value)
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", source)
    assert "@import" not in source
    assert "http" not in re.sub(r"http-equiv", "", source)


def test_the_content_policy_names_the_only_script(source, page):
    (script,) = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_every_anchor_leads_somewhere_and_ids_are_unique(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert targets <= set(ids)
    for _, attributes in page.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(attributes.get(name, "").split()) <= set(ids)


def test_headings_have_no_gaps(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_scopes(page):
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(th.get("scope") in ("row", "col") for th in page.all("th"))


def test_every_chart_has_a_text_alternative_words_and_its_data(source, page):
    drawings = page.all("svg")
    assert len(drawings) == 12  # six charts, wide and narrow
    for svg in drawings:
        assert svg["role"] == "img"
        assert "viewbox" in svg
        assert "width" not in svg
        title = re.search(rf'<title id="{svg["aria-labelledby"]}">(.+?)</title>', source)
        assert title is not None
        assert len(title[1]) > 60
    assert source.count("<summary>Data of this chart</summary>") == 6
    assert len(page.all("figcaption")) == len(page.all("figure")) == 6


def test_scrolling_regions_can_be_reached_by_keyboard_and_are_named(page):
    regions = [attributes for _, attributes in page.tags if attributes.get("class") == "scroll"]
    assert regions
    assert all(r["tabindex"] == "0" and r["role"] == "region" and r["aria-labelledby"] for r in regions)


def test_simulated_is_said_wherever_the_page_can_be_seen(source, page, decision):
    assert [a for _, a in page.tags if a.get("class") == "simulated"] == [{"class": "simulated", "role": "note"}]
    assert "SIMULATED" in page.text()
    assert re.search(r"<title>SIMULATED: ", source)
    assert "awards-simulated.csv" in source
    assert "simulated round" in summary(decision, {}, award_rows(decision))[0]
    real = build_report(build_decision(simulated=False))
    assert "simulated" not in Page(real).text().lower()
    assert not [a for _, a in Page(real).tags if a.get("class") == "simulated"]


def test_text_of_the_round_is_never_markup():
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}</title></style>"
    decision = build_decision(title=attack)
    round_ = replace(
        decision.round,
        name=attack,
        goal=replace(decision.round.goal, statement=attack, set_by=attack),
        notices=(attack,),
        digests={attack: attack},
    )
    source = build_report(replace(decision, round=round_, warnings=(attack,)), {}, {attack: attack})
    page = Page(source)
    assert page.stack == []
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert "49" not in re.findall(r"onerror=alert\(2\)&gt;&#34;&#39;&amp;(.{0,12})", source)
    assert html.escape("<script>alert(1)</script>") in source


def test_the_award_table_sums_to_the_pot(source, decision):
    table = re.search(r'<table class="awards".*?</table>', source, re.DOTALL)
    assert table is not None
    amounts = [int(float(x.replace(",", "")) * 100 + 0.5) for x in re.findall(r'">([\d,]+\.\d\d)</td>', table[0])]
    *awards, rest, total = amounts
    assert len(awards) == len(decision.round.portfolio)
    assert sum(awards) + rest == total == decision.round.budget.amount


def test_the_csv_holds_the_same_amounts_and_no_formula():
    decision = build_decision(title='=HYPERLINK("x"),@+-')
    rows = award_rows(decision)
    link = csv_link(decision, rows)
    table = list(csv.DictReader(io.StringIO(unquote(link.removeprefix("data:text/csv;charset=utf-8,")))))
    assert sum(int(row["award_minor_units"]) for row in table) == decision.round.budget.amount
    assert len(table) == len(rows) + 1
    cells = [cell for row in table for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    assert {row["simulated"] for row in table} == {"yes"}


def test_every_project_is_explained_and_linked(page, decision):
    text = page.text()
    articles = [a for _, a in page.tags if a.get("class") == "project"]
    assert len(articles) == len(decision.round.portfolio)
    links = {a["href"][1:] for a in page.all("a")}
    assert {article["id"] for article in articles} <= links
    for project in decision.round.portfolio:
        assert text.count(project.title) >= 2


def test_what_the_page_must_say(page):
    text = page.text().replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "Assembly of residents, 212 people",
        "400,000.00 USD",
        "daccord decide FOLDER",
        "a1" * 32,
        "hierarchical / proportional",
        "bradley-terry: there are no order-only answers",
        "No project at all: Physical abundance",
        "nobody judged one project: Open neural interface for speech loss",
        "heron-tuned (has seen answers: no weight)",
        "Above the alarm at 33 % of the explained prior: osprey",
        "conflict of interest",
        "they were widened by a factor of 1.12",
        "Nothing made to injure people.",
        "Returns diminish in the same way for all projects",
        "Its weight is",
    ):
        assert words in text, words


@pytest.mark.parametrize("rule", ["differential", "proportional"])
def test_the_summary_is_short_and_says_who_how_sure_and_what_could_change(rule, alternatives):
    decision = build_decision(rule=rule)
    paragraphs = summary(decision, alternatives, award_rows(decision))
    assert len(paragraphs) == 3
    assert sum(len(paragraph.split()) for paragraph in paragraphs) <= LIMIT
    assert "The largest awards go to" in paragraphs[0]
    assert "with a probability of 80 %" in paragraphs[1]
    assert "The closest call is Neighbourhood seed and tool banks" in paragraphs[2]


def test_the_summary_stays_short_with_very_long_titles(alternatives):
    decision = build_decision(title="A word or two " * 40)
    projects = tuple(replace(p, title=f"{p.title} " + "and so on " * 30) for p in decision.round.portfolio)
    decision = replace(
        decision, round=replace(decision.round, portfolio=replace(decision.round.portfolio, projects=projects))
    )
    paragraphs = summary(decision, alternatives, award_rows(decision))
    assert sum(len(paragraph.split()) for paragraph in paragraphs) <= LIMIT


def test_a_round_without_any_award_is_a_page_too():
    decision = build_decision()
    awards = tuple(replace(award, amount=0, weight=0) for award in decision.allocation.awards)
    nothing = replace(decision.allocation, awards=awards, unallocated=decision.round.budget.amount)
    intervals = tuple(replace(interval, low=0, high=0) for interval in decision.intervals)
    text = Page(build_report(replace(decision, allocation=nothing, intervals=intervals))).text()
    assert "none of 12 projects gets any of the 400,000" in text
    assert "No project gets money, so there is nothing to draw." in text


def test_ninety_eight_projects_stay_legible():
    decision = big_decision(98)
    source = build_report(decision)
    page = Page(source)
    assert len([a for _, a in page.tags if a.get("class") == "project"]) == 98
    funded = sum(award.amount > 0 for award in decision.allocation.awards)
    heights = {svg["id"]: float(svg["viewbox"].split()[3]) for svg in page.all("svg")}
    assert heights["chart-awards-wide"] >= 16 * funded
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', source)]
    assert min(sizes) >= 7
    assert "not classified in the domain cube" in page.text()


def _luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_and_never_colour_alone(source):
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)
    assert style is not None
    tokens = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style[1]))
    for name in ("ink", "soft", "link"):
        for ground in ("paper", "tint"):
            assert _contrast(tokens[name], tokens[ground]) >= 4.5
    assert tokens["ink"] == INK
    assert tokens["paper"] == PAPER
    assert all(_contrast(colour, PAPER) >= 3 for colour in COLOURS.values())
    for marks in (COLOURS, SHAPES, SYMBOLS):
        assert len(set(marks.values())) == 5
    # The darkest cell of the heat table: sky blue at 0.45 over the paper.
    mixed = [0.45 * sky + 0.55 * int(PAPER[k : k + 2], 16) for sky, k in ((86, 1), (180, 3), (233, 5))]
    darkest = "#" + "".join(f"{round(channel):02x}" for channel in mixed)
    assert _contrast(INK, darkest) >= 4.5


@pytest.mark.parametrize("library", ["jinja2", "altair", "vl_convert"])
def test_a_missing_extra_is_said_with_its_name(monkeypatch, library):
    decision = build_decision()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ExternalError, match=r"install daccord\[report\]"):
        build_report(decision)
