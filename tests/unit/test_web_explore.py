"""The explorer without a browser: what it reads, what it refuses, and that its numbers are the library's."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import sys
import threading
import time
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.errors import ExternalError, InputError
from daccord.formats.worlds import WorldFile, examples, missing_sources, read_world, source_of
from daccord.futures.lab import Conditions, Consortium, Constitution, Market, Pause, prepare, run
from daccord.futures.study import MEASURES, Study
from daccord.futures.world import (
    Risk,
    Role,
    Schedule,
    Technology,
    World,
    arrivals,
    budget_plan,
    draw,
    fixed,
    interval,
    live,
    nothing,
    share,
)
from daccord.web.explore import create_app, create_router, serve

pytest.importorskip("litestar", reason="the extra web is not installed")
testing = pytest.importorskip("litestar.testing")

from litestar import Litestar  # noqa: E402

from daccord.web.explore._app import app_of  # noqa: E402
from daccord.web.explore._desk import BusyError, Desk, SupersededError, Turn  # noqa: E402
from daccord.web.explore._fields import weight_name  # noqa: E402
from daccord.web.explore._form import Form, written  # noqa: E402
from daccord.web.explore._hazard import hazard_at  # noqa: E402
from daccord.web.explore._numbers import difference, mean, per_cent, plain, tail, told  # noqa: E402
from daccord.web.explore._run import Explorer  # noqa: E402
from daccord.web.explore._view import changes  # noqa: E402
from daccord.web.explore._weigh import order_of  # noqa: E402

HOME = "http://127.0.0.1"


WORLD = World(
    technologies=(
        Technology(
            "ai",
            {"ada": interval(5, 25), "ben": interval(10, 60)},
            never=share(0.02, 0.1),
            growth=interval(0.005, 0.03),
            transition=share(0.05, 0.3),
            elasticity=share(0.1, 0.4),
            spending=500.0,
            title='AI <"&',
        ),
        Technology("alignment", interval(5, 40), elasticity=share(0.3, 0.7), spending=1.0, title="Alignment"),
        Technology("biodefence", interval(4, 20), elasticity=share(0.3, 0.7), spending=10.0, general=True),
    ),
    risks=(
        Risk("takeover", interval(0.0005, 0.01), floor=share(0.1, 0.4)),
        Risk("unlisted", interval(0.0001, 0.002), listed=False),
    ),
    roles=(
        Role("source", "ai", "takeover"),
        Role("makes_safe", "alignment", "ai", share(0.3, 0.8), lead=interval(1, 5)),
        Role("defends", "biodefence", "unlisted", share(0.1, 0.4)),
    ),
    evaluators=("ada", "ben"),
    window=10.0,
    horizon=40.0,
    unit="million a year",
)
FOUR = {"nobody": Constitution(), "pause": Pause(), "consortium": Consortium(), "market": Market(coordination=0.2)}
FILE = WorldFile(
    "A made-up world",
    "For tests.",
    True,
    Study(
        WORLD,
        20.0,
        FOUR,
        Conditions(leak=0.03),
        weights={"welfare": 0.6, "agency": 0.4},
        seed=3,
        fundable=("alignment", "biodefence"),
    ),
    {"*": "assumption"},
)


@pytest.fixture(scope="module")
def explorer():
    return Explorer(FILE, 96, None)


@pytest.fixture(scope="module")
def client():
    with testing.TestClient(create_app(FILE, worlds=96), base_url=HOME) as client:
        yield client


class _Text(HTMLParser):
    """Text by id, attributes of inputs by name, and every tag."""

    def __init__(self, page):
        super().__init__()
        self.by_id, self.inputs, self.tags, self._open = {}, {}, [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append((tag, given))
        if tag in {"input", "select"} and "name" in given:
            self.inputs[given["name"]] = given
        if tag not in {"input", "meta", "link", "br"}:
            self._open.append((tag, given.get("id")))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for _, name in self._open:
            if name:
                self.by_id[name] = self.by_id.get(name, "") + data


def shown(answer):
    return _Text(answer.text)


def problem(page, name):
    return page.by_id.get(page.inputs[name]["id"] + "-fault", "")


# What the page is


def test_page_states_worlds_seed_model_and_fiction(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.text.count("96 worlds, seed 3. A model, not a forecast. The world is <strong>made up</strong>.") == 3
    assert "<title>FICTIONAL: A made-up world" in answer.text
    assert shown(answer).by_id["who-head"].endswith("Who decides")


def test_a_world_that_is_not_made_up_does_not_say_so():
    with testing.TestClient(create_app(replace(FILE, fictional=False), worlds=8), base_url=HOME) as client:
        text = client.get("/").text
    assert "FICTIONAL" not in text
    assert "A model, not a forecast." in text


def test_policy_lets_in_only_what_stands_in_the_page(client):
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    page = shown(answer)
    assert not [tag for tag, given in page.tags if any(name == "style" or name.startswith("on") for name in given)]
    addresses = [given[name] for _, given in page.tags for name in ("href", "src", "action") if name in given]
    assert {address[0] for address in addresses} <= {"/", "#", "d"}
    assert [address for address in addresses if address.startswith("d")] == ["data:,"]


@pytest.mark.parametrize("path", ["/", "/?gamma=x", "/none", "/progress"])
def test_every_answer_has_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_what_a_file_says_is_text_not_markup(client):
    assert "AI &lt;&#34;&amp;" in client.get("/").text
    assert 'AI <"&' not in client.get("/").text


def test_every_control_has_a_label_and_ids_are_unique(client):
    page = shown(client.get("/"))
    labels = {given["for"] for tag, given in page.tags if tag == "label"}
    controls = [given for given in page.inputs.values() if given.get("type") != "hidden"]
    assert len(controls) > 40
    assert all(given["id"] in labels for given in controls)
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert all(set(given["aria-describedby"].split()) <= set(ids) for given in controls)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""])
def test_other_hosts_are_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8321", "localhost", "[::1]:8321", "[::1]", "LOCALHOST:1"])
def test_this_machine_is_served(client, host):
    assert client.get("/progress", headers={"host": host}).status_code == 200


def test_a_host_given_explicitly_is_served():
    with testing.TestClient(create_app(FILE, worlds=8, hosts=["lab.example.org"]), base_url=HOME) as client:
        assert client.get("/progress", headers={"host": "lab.example.org:8321"}).status_code == 200
        assert client.get("/progress", headers={"host": "other.example.org"}).status_code == 421


def test_it_can_only_be_looked_at(client):
    assert client.post("/", content=b"gamma=1").status_code == 405
    assert client.get("/../etc/passwd").status_code == 404


def test_it_can_be_mounted_beside_other_pages():
    app = Litestar([create_router(FILE, "/worlds/first", worlds=64)], openapi_config=None)
    with testing.TestClient(app, base_url=HOME) as client:
        answer = client.get("/worlds/first")
        assert client.get("/worlds/first/progress").json() == {"done": 0, "of": 0}
    assert answer.headers["x-frame-options"] == "DENY"
    page = shown(answer)
    addresses = [given[name] for _, given in page.tags for name in ("href", "action") if name in given]
    assert all(address.startswith(("/worlds/first", "#", "data:,")) for address in addresses)


# What is refused


@pytest.mark.parametrize(
    ("query", "name", "words"),
    [
        ("gamma=", "gamma", "Give a number"),
        ("gamma=abc", "gamma", "Give a number from 0 to 5, with a point"),
        ("gamma=nan", "gamma", "Give a number"),
        ("gamma=inf", "gamma", "Give a number"),
        ("gamma=1e999", "gamma", "outside 0 to 5"),
        ("gamma=1e99", "gamma", "outside"),
        ("gamma=-1", "gamma", "outside 0 to 5"),
        ("gamma=1_0", "gamma", "Give a number"),
        ("gamma=1,5", "gamma", "Give a number"),
        ("gamma=+1", "gamma", "Give a number"),  # a plus sign in an address is a blank
        ("gamma=%D9%A1", "gamma", "Give a number"),
        ("gamma=0x10", "gamma", "Give a number"),
        ("gamma=" + "9" * 400, "gamma", "Give a number"),
        ("gamma=1&gamma=2", "gamma", "given twice"),
        ("actors=2.5", "actors", "whole number"),
        ("actors=0", "actors", "outside 1 to 20"),
        ("actors=1000000000", "actors", "outside"),
        ("worlds=100000", "worlds", "outside 64 to 96"),
        ("seed=-1", "seed", "whole number"),
        ("who=everyone", "who", "Choose one of: all, living"),
        ("exempt=1", "exempt", "Choose one of: no, yes"),
        ("leak=1.01", "leak", "outside 0 to 1"),
        ("slow.ai=1.5", "slow.ai", "outside"),
        ("money.alignment=20.1", "money.alignment", "more than the whole budget of 20"),
        ("money.alignment=-1", "money.alignment", "outside"),
        ("weight.welfare=-0.1", "weight.welfare", "outside"),
    ],
)
def test_a_bad_number_is_refused_at_its_field(client, query, name, words):
    answer = client.get(f"/?{query}")
    page = shown(answer)
    assert answer.status_code == 400
    assert words in problem(page, name)
    assert page.inputs[name]["aria-invalid"] == "true"
    assert [other for other in page.inputs if problem_or_none(page, other)] == [name]
    assert page.by_id["none-head"] == "Nothing was run"
    assert "worlds, seed" not in answer.text


def problem_or_none(page, name):
    return problem(page, name) if page.inputs[name].get("type") != "hidden" else ""


@pytest.mark.parametrize(
    ("query", "where", "words"),
    [
        ("money.alignment=15&money.biodefence=6", "money-fault", "The parts come to 21 million a year, more than the"),
        ("&".join(f"{weight_name(name)}=0" for name in MEASURES), "weights-fault", "All weights are 0"),
        ("money.ai=1", "page-fault", "There is no setting 'money.ai'"),
        ("__proto__=1", "page-fault", "There is no setting"),
        ("<script>alert(1)</script>=1", "page-fault", "There is no setting '<script>"),
        ("gamma=%ff", "page-fault", "cannot be read"),
        ("&".join(f"x{i}=1" for i in range(500)), "page-fault", "cannot be read"),
        ("x=" + "a" * 30_000, "page-fault", "longer than"),
        ("was=gamma%3Dabc", "page-fault", "cannot be read"),
        ("was=was%3Dgamma", "page-fault", "cannot be read"),
        ("was=", "page-fault", "cannot be read"),
    ],
)
def test_what_does_not_belong_to_one_field_is_refused_too(client, query, where, words):
    answer = client.get("/?" + query)
    assert answer.status_code == 400
    assert words in shown(answer).by_id[where]
    assert "<script>alert" not in answer.text
    assert client.get("/best?" + query).status_code == 400


def test_settings_that_do_not_go_together_are_refused_in_words():
    rich = replace(WORLD.technologies[1], lift=fixed(800.0))
    world = replace(WORLD, technologies=(WORLD.technologies[0], rich, WORLD.technologies[2]))
    file = replace(FILE, study=replace(FILE.study, world=world))
    with testing.TestClient(create_app(file, worlds=8), base_url=HOME) as client:
        assert client.get("/").status_code == 200
        answer = client.get("/?gamma=0")
    assert answer.status_code == 400
    assert "These settings do not go together: welfare is not finite" in answer.text


def test_a_link_of_another_version_of_the_file_says_so(client, explorer):
    link = explorer.form.link(explorer.form.own)
    assert "another version" not in client.get(f"/?{link}").text
    assert "another version" in client.get(f"/?{link.replace('file=' + FILE.digest[:12], 'file=000000000000')}").text


# Links


def _values(form):
    def one(field):
        if field.kind == "choice":
            return st.sampled_from(sorted(field.choices))
        if field.kind == "whole":
            return st.integers(int(field.low), int(field.high))
        top = form.budget / 3 if field.name.startswith("money.") else field.high
        return st.floats(field.low, top, allow_subnormal=False)

    return st.fixed_dictionaries({field.name: one(field) for field in form.fields})


_FORM = Explorer(FILE, 96, None).form


@given(_values(_FORM))
@settings(max_examples=30, deadline=None)
def test_a_link_holds_all_settings(values):
    values |= {"weight.welfare": 1.0}
    wanted = _FORM.own.changed(values)
    reading = _FORM.read(_FORM.link(wanted, before=_FORM.own))
    assert reading.problems == {}
    assert reading.settings == wanted
    assert reading.before == _FORM.own
    assert not reading.stale


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_query_is_read_or_refused(query):
    reading = _FORM.read(query)
    assert (reading.settings is None) == bool(reading.problems)


def test_the_form_sends_all_of_its_fields_and_the_last_run(client, explorer):
    page = shown(client.get("/?gamma=1.5"))
    assert set(page.inputs) == {field.name for field in explorer.form.fields} | {"file", "was"}
    assert page.inputs["gamma"]["value"] == "1.5"
    was = explorer.form.read(page.inputs["was"]["value"])
    assert was.settings == explorer.form.own.changed({"gamma": 1.5})


# Numbers


def test_money_starts_at_the_planners_split_within_the_budget(explorer):
    money = explorer.form.own.among("money.")
    assert set(money) == {"alignment", "biodefence"}
    assert 19 < sum(money.values()) <= 20
    draws = draw(WORLD, 512, 9)
    worth = [
        live(draws, budget_plan(WORLD, np.array(split)), gradient=False).welfare.mean()
        for split in ([0.0, money["alignment"], money["biodefence"]], [0.0, 10.0, 10.0], [0.0, 0.0, 20.0])
    ]
    assert worth[0] >= max(worth[1:]) - 0.01


def test_figures_are_those_of_the_library(client, explorer):
    own = explorer.form.own.changed({"gamma": 1.5, "money.alignment": 12.0, "money.biodefence": 3.0, "slow.ai": 0.2})
    text = client.get("/?" + explorer.form.link(own)).text
    values = replace(WORLD.welfare, gamma=1.5)
    draws, money = draw(WORLD, 96, 3), np.array([0.0, 12.0, 3.0])
    plan = Schedule(np.array([10.0]), money[None, :], np.array([[0.2, 0.0, 0.0]]))
    outcome, without = live(draws, plan, values), live(draws, nothing(WORLD), values)
    gain = outcome.welfare - without.welfare
    assert f"<dd>{told(mean(gain), sign=True)}</dd>" in text
    assert f"<dd>{per_cent(outcome.catastrophe.mean())}</dd>" in text
    worth = outcome.money[:, 0, 1] * 365.25
    assert told(mean(worth), sign=True) in text
    stage = prepare(WORLD, 96, 3, planned=money, care=FILE.study.care, welfare=values)
    for name, constitution in FOUR.items():
        assert told(mean(run(stage, constitution, FILE.study.conditions).welfare)) in text, name


def test_conditions_reach_the_constitutions_they_are_about(explorer):
    own = explorer.form.own
    assert explorer.constitutions(own) == FOUR
    new = explorer.constitutions(own.changed({"coordination": 0.7, "exempt": "yes", "soft": "no"}))
    assert new["market"] == Market(coordination=0.7)
    assert new["pause"] == Pause(exempt=True, signers=0)  # it had a coordination of its own
    assert new["consortium"] is FOUR["consortium"]
    use = explorer.conditions(own.changed({"leak": 0.5, "actors": 7, "dictator": 0.1}))
    assert use == replace(FILE.study.conditions, leak=0.5, actors=7, dictator=0.1)


def test_scale_factors_move_the_world(explorer):
    own = explorer.run(explorer.form.own, Turn()).steer
    late = explorer.run(explorer.form.own.changed({"world.arrival": 2.0}), Turn()).steer
    came = np.isfinite(own.without.arrivals.time)
    assert late.without.arrivals.time[came] == pytest.approx(2.0 * own.without.arrivals.time[came])
    risky = explorer.run(explorer.form.own.changed({"world.hazard": 3.0}), Turn()).steer
    assert risky.hazard[0] == pytest.approx(3 * own.hazard[0])
    safe = explorer.run(explorer.form.own.changed({"world.transition": 0.1}), Turn()).steer
    assert safe.outcome.catastrophe.mean() < own.outcome.catastrophe.mean()
    good = explorer.run(explorer.form.own.changed({"world.efficacy": 5.0}), Turn()).steer
    assert good.outcome.catastrophe.mean() < own.outcome.catastrophe.mean()


def test_presets(client, explorer):
    own = explorer.form.own.changed({"slow.ai": 0.3})
    assert explorer.even(own).among("money.") == {"alignment": 10.0, "biodefence": 10.0}
    none = explorer.none(own)
    assert not any(none.among("money.").values())
    assert not any(none.among("slow.").values())
    assert "nothing to gain or lose yet" in client.get("/?" + explorer.form.link(none)).text
    answer = client.get("/best?" + explorer.form.link(none), follow_redirects=False)
    assert answer.status_code == 303
    found = explorer.form.read(answer.headers["location"].partition("?")[2])
    assert found.settings.among("money.") == explorer.form.own.among("money.")
    assert found.before == none


def test_differences_between_runs_are_paired(explorer):
    own = explorer.run(explorer.form.own, Turn())
    new = explorer.run(explorer.form.own.changed({"money.alignment": 0.0, "money.biodefence": 20.0}), Turn())
    moved = {change.label: change.cells[0][1] for change in changes(new, (own,))}
    apart = new.results["market"].welfare - own.results["market"].welfare
    error = apart.std(ddof=1) / np.sqrt(96)
    assert moved["Welfare: market"] == told(mean(apart), sign=True)
    assert error < 0.8 * np.hypot(mean(new.results["market"].welfare).error, mean(own.results["market"].welfare).error)
    other = explorer.run(explorer.form.own.changed({"seed": 4}), Turn())
    unpaired = {change.label: change.cells[0][1] for change in changes(other, (own,))}
    both = difference(mean(other.results["market"].welfare), mean(own.results["market"].welfare), paired=False)
    assert unpaired["Welfare: market"] == told(both, sign=True)


def test_what_changed_is_shown_against_the_last_run_and_the_file(client, explorer):
    first = explorer.form.own.changed({"gamma": 1.0})
    second = first.changed({"leak": 0.2, "who": "living"})
    text = client.get("/?" + explorer.form.link(second, before=first)).text
    assert 'Against the last run: <span class="chip">Who counts: all people, also those not yet born → only' in text
    assert "Leak, a year: 0.03 → 0.2" in text
    assert 'Against the file’s own values: <span class="chip">Curvature γ: 2 → 1</span>' in text
    assert "not the same kind of years" in text
    alone = client.get("/?" + explorer.form.link(explorer.form.own)).text
    assert "What changed" not in alone


def test_the_same_settings_are_not_run_again(explorer):
    explorer.run(explorer.form.own, Turn())
    before = explorer._play.cache_info().misses
    explorer.run(explorer.form.own, Turn())
    explorer.run(explorer.form.own.changed({"weight.agency": 0.9}), Turn())
    assert explorer._play.cache_info().misses == before


def test_large_files_get_fewer_worlds():
    many = tuple(Technology(f"t{k}", interval(3, 30), transition=fixed(0.05 if k < 5 else 0.0)) for k in range(24))
    study = replace(FILE.study, world=World(many, horizon=100.0), budget=0.0, fundable=None)
    assert 64 <= Explorer(replace(FILE, study=study), 512, 1).form.own["worlds"] < 512


def test_hazards_integrate_to_the_kernels():
    draws = draw(
        replace(WORLD, technologies=tuple(replace(t, transition=fixed(0.0)) for t in WORLD.technologies)), 40, 5
    )
    time = arrivals(draws, nothing(draws.world)).time
    years = (np.arange(8000) + 0.5) * (WORLD.horizon / 8000)
    found = sum(hazard_at(draws, time, year).sum(axis=1) for year in years) * (WORLD.horizon / 8000)
    assert found == pytest.approx(live(draws, nothing(draws.world)).lived.hazard_sum, rel=2e-3)


def test_the_tails_error_is_that_of_resampled_worlds():
    rng = np.random.default_rng(4)
    values = rng.beta(1, 8, 600)
    found = tail(values)
    again = [tail(rng.choice(values, 600)).value for _ in range(600)]
    assert found.value == pytest.approx(np.sort(values)[-30:].mean())
    assert found.parts.mean() == pytest.approx(found.value)
    assert found.error == pytest.approx(np.std(again), rel=0.2)


def test_the_order_is_that_of_the_readers_weights(client, explorer):
    found = explorer.run(explorer.form.own, Turn())
    summaries = {name: result.summary() for name, result in found.results.items()}
    for measure, sign in (("welfare", -1), ("catastrophe", 1), ("agency", -1)):
        weights = {weight_name(name): float(name == measure) for name in MEASURES}
        order = order_of(summaries, {measure: 3.0})
        assert list(order.names) == sorted(summaries, key=lambda name: (sign * summaries[name][measure], name))
        assert order.scores[order.names[0]] == pytest.approx(1.0)
        text = client.get("/?" + explorer.form.link(explorer.form.own.changed(weights))).text
        assert f"Under your weights “{order.names[0]}” comes first" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-1e-15, "0"), (-0.5, "−0.500"), (1234.5, "1,234"), (0.00012, "0.000120"), (float("inf"), "never")],
)
def test_numbers_in_words(value, text):
    assert plain(value) == text


def test_numbers_have_the_digits_of_their_errors():
    assert told(mean(np.array([1.0, 2.0, 3.0]))).replace("\xa0", " ") == "2.00 ± 0.58"
    assert written(0.1) == "0.1"
    assert written(20.0) == "20"


# As a world file


def test_settings_can_be_taken_away_as_a_world_file(client, explorer):
    new = {"gamma": 1.5, "leak": 0.2, "exempt": "yes", "world.arrival": 2.0, "who": "living", "weight.cvar": 0.5}
    own = explorer.form.own.changed(new | {"money.alignment": 5.0, "slow.ai": 0.25})
    answer = client.get("/world.toml?" + explorer.form.link(own))
    assert answer.headers["content-disposition"] == 'attachment; filename="world.toml"'
    assert answer.headers["content-type"] == "application/toml; charset=utf-8"
    found = read_world(answer.content, "world.toml")
    assert found.study.conditions.leak == 0.2
    assert found.world.welfare.person_affecting
    assert found.study.constitutions["pause"] == Pause(exempt=True)
    assert found.study.weights == {"welfare": 0.6, "cvar": 0.5, "agency": 0.4}
    assert source_of(found, "conditions.leak") == source_of(found, "pause.exempt") == "assumption, set in the explorer"
    assert source_of(found, "arrival:ai") == "evaluators; times 2, set in the explorer"
    assert source_of(found, "arrival:alignment") == "assumption; times 2, set in the explorer"
    assert source_of(found, "hazard:takeover") == "assumption"
    assert missing_sources(found) == ()
    assert "alignment 5" in found.notes["explorer money"]
    assert "ai 0.25" in found.notes["explorer money"]
    assert "Curvature γ: 2 → 1.5" in found.notes["explorer"]
    again = Explorer(found, 96, None)
    here = again.form.own.changed(
        {"money.alignment": 5.0, "slow.ai": 0.25, "money.biodefence": own["money.biodefence"]}
    )
    first, second = explorer.run(own, Turn()), again.run(here, Turn())
    assert np.array_equal(first.steer.outcome.welfare, second.steer.outcome.welfare)
    assert np.array_equal(first.results["pause"].welfare, second.results["pause"].welfare)


@pytest.mark.parametrize("name", ["small", "dacc"])
def test_examples_open(name):
    file = read_world(examples()[name].text.encode(), f"{name}.toml")
    with testing.TestClient(create_app(file, worlds=64), base_url=HOME) as client:
        answer = client.get("/?gamma=1&leak=0.1")
        assert answer.status_code == 200
        assert "64 worlds, seed" in answer.text
        taken = read_world(client.get("/world.toml").content, "world.toml")
    assert replace(taken, notes=file.notes) == replace(file, study=replace(file.study, weights=taken.study.weights))


def test_what_comes_by_itself_is_neither_funded_nor_slowed():
    technologies = (*WORLD.technologies, Technology("flood", interval(5, 50), given=True, title="A flood"))
    file = replace(FILE, study=replace(FILE.study, world=replace(WORLD, technologies=technologies), fundable=None))
    names = {field.name for field in Explorer(file, 8, None).form.fields}
    assert {"money.ai", "slow.ai"} <= names
    assert not {"money.flood", "slow.flood"} & names
    with testing.TestClient(create_app(file, worlds=8), base_url=HOME) as client:
        text = client.get("/").text
    assert text.count("A flood") == 1
    assert 'A flood <span class="faint">comes by itself</span>' in text


# Turns


def until(met):
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_one_at_a_time_and_a_newer_question_replaces_an_older():
    desk, seen, started, go = Desk(1, 4), [], threading.Event(), threading.Event()

    def first():
        try:
            with desk.turn("ada") as turn:
                started.set()
                go.wait(10)
                turn.step()
                seen.append("first done")
        except SupersededError:
            seen.append("first gave up")

    def waiting():
        try:
            with desk.turn("ada"):
                seen.append("second ran")
        except SupersededError:
            seen.append("second gave up")

    def last():
        with desk.turn("ada") as turn:
            turn.step()
            seen.append("third ran")

    threads = [threading.Thread(target=first), threading.Thread(target=waiting), threading.Thread(target=last)]
    threads[0].start()
    assert started.wait(10)
    threads[1].start()
    until(lambda: desk._waiting == 1)
    threads[2].start()
    threads[1].join(10)
    assert seen == ["second gave up"]
    go.set()
    for thread in threads:
        thread.join(10)
    assert seen == ["second gave up", "first gave up", "third ran"]
    assert desk._latest == {}
    assert desk.progress("ada") == (0, 0)


def test_the_queue_has_an_end():
    desk, go = Desk(1, 2), threading.Event()

    def hold():
        with desk.turn():
            go.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: desk._waiting == 2)
    with pytest.raises(BusyError), desk.turn("eve"):
        pass
    assert "eve" not in desk._latest
    go.set()
    for thread in threads:
        thread.join(10)
    with desk.turn() as turn:
        turn.step()


def test_two_questions_at_once_get_their_own_answers(explorer):
    app = app_of(FILE, 64, None, ())
    links = ["/?gamma=0.7", "/?gamma=2.7"]
    with testing.TestClient(app, base_url=HOME) as client:
        alone = [client.get(link).text for link in links]
    with testing.TestClient(app_of(FILE, 64, None, ()), base_url=HOME) as client:
        together = [""] * 2

        def ask(i):
            together[i] = client.get(links[i], headers={"x-daccord-reader": str(i)}).text

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert together == alone


# Serving


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_other_addresses_are_refused_unless_named(host):
    with pytest.raises(InputError, match="can be reached from other machines"):
        serve(FILE, host, worlds=8)


def test_a_port_that_is_taken_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ExternalError, match="use another port"):
        serve(FILE, port=taken.getsockname()[1], worlds=8)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "litestar", None)
    for name in [name for name in sys.modules if name.startswith("daccord.web.explore._")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ExternalError, match=r"needs litestar.*install daccord\[web\]"):
        create_app(FILE)
    with pytest.raises(ExternalError, match=r"install daccord\[web\]"):
        serve(FILE)


def test_a_form_is_made_of_fields_with_names_of_their_own(explorer):
    names = [field.name for field in explorer.form.fields]
    assert len(names) == len(set(names))
    assert Form(explorer.form.fields, 20.0, "", "").link(explorer.form.own).count("file=") == 0
