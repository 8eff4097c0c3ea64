"""What replaying a record promises whatever the bytes: properties, on small simulated rounds."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.record_cases import Play

from daccord.audit import decide_record, readable
from daccord.errors import IntegrityError
from daccord.formats.decisions import decision_document
from daccord.record import decode, encode, from_leaf, seal
from daccord.record._canonical import DEPTH, LARGEST, encode_by_reference
from daccord.record.keys import LocalSigner
from daccord.record.log import entry_hash
from daccord.record.payloads import KINDS, TABLES, media_type
from daccord.record.state import Outcome, Replay, conclude
from daccord.record.state._text import csv_line, csv_rows

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST - 2, LARGEST + 2) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def allowed(value: object, depth: int = DEPTH) -> bool:
    """What canonical JSON of the record may say, spelt out."""
    if isinstance(value, list | dict):
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and all(allowed(part, depth - 1) for part in parts)
    return value is None or isinstance(value, bool | str) or (isinstance(value, int) and abs(value) <= LARGEST)


class TestCanonical:
    @given(VALUES)
    def test_the_fast_encoder_writes_what_the_reference_writes(self, value):
        if allowed(value):
            assert encode(value) == encode_by_reference(value)
        else:
            with pytest.raises(ValueError):
                encode(value)

    @given(VALUES, st.booleans(), st.booleans(), st.sampled_from([None, 1]))
    def test_decoding_takes_what_the_reference_gives_back(self, value, ascii_, sort, indent):
        data = json.dumps(value, ensure_ascii=ascii_, sort_keys=sort, indent=indent, separators=(",", ":")).encode()
        sound = allowed(value) and encode_by_reference(value) == data
        try:
            assert decode(data) == value
            assert sound
        except IntegrityError:
            assert not sound

    @pytest.mark.parametrize("deep", [DEPTH, DEPTH + 1])
    @pytest.mark.parametrize("ends", ["[]", '{"":}'])
    def test_nesting_ends_at_its_limit(self, deep, ends):
        half = len(ends) // 2 if ends == "[]" else 4
        data = (ends[:half] * deep + ("" if ends == "[]" else "1") + ends[half:] * deep).encode()
        if deep <= DEPTH:
            decode(data)
        else:
            with pytest.raises(IntegrityError, match="deep"):
                decode(data)

    def test_brackets_in_text_are_no_nesting(self):
        assert decode(b'"' + b"[{" * 40 + b'"') == "[{" * 40


class TestLines:
    @given(st.lists(st.text('a\u00e9,";\r\n ', max_size=4), min_size=1, max_size=4).filter(lambda cells: cells != [""]))
    def test_a_line_quotes_what_it_must_and_is_read_back(self, cells):
        quoted = ['"' + cell.replace('"', '""') + '"' if {*cell} & {*',"\r\n'} else cell for cell in cells]
        assert csv_line(cells) == ",".join(quoted) + "\n"
        assert list(csv_rows(csv_line(cells), "a line")) == [cells]
        assert list(csv.reader(io.StringIO(csv_line(cells), newline=""))) == [cells]


# Whole rounds.

RECORD = json.loads((Path(__file__).parents[1] / "vectors" / "record.json").read_text(encoding="utf-8"))
LEAVES = [entry["leaf"].encode() for entry in RECORD["log"]]
OTHERS = LEAVES[[entry["kind"] for entry in RECORD["log"]].index("approval") + 2 :]
"""Entries of the second round."""

NAMES = (
    *(f"root {n}" for n in range(1, 5)), *(f"steward {n}" for n in range(1, 4)), *(f"trustee {n}" for n in range(1, 4)),
    *(f"issuer {name}" for name in "xyz"), *(f"juror {name}" for name in ("ada", "bo", "bo, new", "cy", "dora", "don")),
    "operator", "guardian 1", "m1",
)  # fmt: skip
SIGNERS = {
    signer.public.id: signer
    for signer in (LocalSigner(sha256(b"record vectors: " + name.encode()).digest()) for name in NAMES)
}
"""Key id → key of everybody in the vectors."""


def replayed(round_: str, leaves: list[bytes]) -> Replay:
    replay = Replay(round_)
    for leaf in leaves:
        replay.add(leaf)
    return replay


def what_counts(outcome: Outcome) -> tuple[object, ...]:
    """Everything but places in the log."""
    names = [tuple(entry.hash for entry in part) for part in (outcome.late, outcome.unopened, outcome.secret)]
    return (dict(outcome.public.bytes_of), outcome.counted, outcome.eligible, *names)


def paths(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where something stands in a payload."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, one in inner for path in paths(one, (*at, key)))]


def put(value: object, path: tuple[object, ...], new: object) -> object:
    """A payload with something else in a place; with nothing there if `new` is DROP."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and new is DROP:
        del copy[path[0]]
    else:
        copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


DROP = object()
LIKELY = st.sampled_from(
    [DROP, None, True, 0, 1, -1, LARGEST, "", "0", "ada", "bo", "don", "m1", "x", "judging", "reveal", "void",
     "ratings", "ballots", "lists", "00" * 32, "ff" * 32, "AA==", "\ud7ff\ue000", "\U0001f333", [], [[]], {},
     {"a": "b"}]
)  # fmt: skip
SMALL = st.recursive(
    LIKELY.filter(lambda value: value is not DROP) | st.text(max_size=3) | st.integers(-LARGEST, LARGEST),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


class TestHostileEntries:
    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_a_payload_that_was_changed_and_signed_anew_never_breaks_replaying(self, data):
        place = data.draw(st.integers(0, len(LEAVES) - 1), label="place")
        round_ = data.draw(st.sampled_from(sorted(RECORD["rounds"])), label="round")
        envelope = from_leaf(LEAVES[place])
        value = envelope.value()
        for _ in range(data.draw(st.integers(1, 2))):
            path = data.draw(st.sampled_from(paths(value)), label="path")
            new = data.draw(LIKELY | SMALL, label="new")
            value = put(value, path, {} if new is DROP and not path else new)
            if not isinstance(value, dict):
                break
        kind = data.draw(
            st.sampled_from([envelope.payload_type] * 4 + [media_type(kind) for kind in KINDS]), label="type"
        )
        leaf = seal(kind, value, [SIGNERS[one.key] for one in envelope.signatures]).leaf()

        before = replayed(round_, LEAVES[:place])
        known = None if before.state is None else what_counts(conclude(before))
        if (fault := before.add(leaf)) is not None:
            assert (fault.place, fault.hash) == (place, entry_hash(leaf).hex())
            assert (None if before.state is None else what_counts(conclude(before))) == known
        for later in LEAVES[place + 1 :]:  # whatever it was, what follows is read
            before.add(later)
        if before.state is not None:
            conclude(before)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=40) | st.sampled_from(OTHERS)), max_size=8))
    def test_bytes_between_entries_change_nothing_of_what_counts(self, strewn):
        honest = LEAVES[: RECORD["rounds"]["open-2027"]["ends"]["judging"]]  # no checkpoint is among them
        mixed = list(honest)
        for at, leaf in sorted(strewn, key=lambda one: -one[0]):
            mixed.insert(at, leaf)
        found, plain = replayed("open-2027", mixed), replayed("open-2027", honest)
        assert what_counts(conclude(found)) == what_counts(conclude(plain))
        assert all(mixed[fault.place] not in honest for fault in found.faults)

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, len(LEAVES) - 1), st.integers(0, 400), st.integers(1, 255))
    def test_a_bit_that_flips_makes_an_entry_a_fault(self, place, at, mask):
        leaf = bytearray(LEAVES[place])
        leaf[at] ^= mask
        replay = replayed("sealed-2027", LEAVES[:place])
        passed = replay.passed_over
        assert replay.add(bytes(leaf)) is not None or replay.passed_over > passed


class TestFunctionOfTheLog:
    def test_the_same_entries_come_to_the_same(self):
        for round_ in RECORD["rounds"]:
            one, other = (replayed(round_, LEAVES) for _ in range(2))
            assert conclude(one) == conclude(other)

    @pytest.mark.parametrize("round_", RECORD["rounds"])
    def test_what_stands_behind_the_inputs_does_not_matter(self, round_):
        whole = replayed(round_, LEAVES)
        for size in range(len(LEAVES) + 1):
            part = replayed(round_, LEAVES[:size])
            if part.state is None:
                continue
            short, long = (conclude(one, inputs=size, void=()) for one in (part, whole))
            assert what_counts(short) == what_counts(long)


# What counts of what people say, against the rule in a few lines.

PEOPLE = ("ada", "bo", "cy")
SUBJECTS = tuple({"criterion": "benefit", "project": name} for name in ("alder", "birch"))
SAID = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(SUBJECTS), st.sampled_from(["1", "2", "3", None])), max_size=12
)
"""Who rates what how; None takes an answer back."""


def bound(**how: object) -> Play:
    """A round in which everybody is bound."""
    play = Play(**how)
    for who in PEOPLE:
        play.bind(who)
    return play


def last_answers(said: list[tuple[str, dict[str, str], str | None]]) -> set[tuple[str, str, str]]:
    """The rule: of a juror's answers on a subject the last one counts, unless it takes back."""
    last = {(who, subject["project"]): value for who, subject, value in said}
    return {(who, project, value) for (who, project), value in last.items() if value is not None}


def counted(outcome: Outcome) -> set[tuple[str, str, str]]:
    return {(one.juror, one.subject[1], row["value"]) for one in outcome.answers for row in one.rows}


class TestWhatCounts:
    @settings(max_examples=40, deadline=None)
    @given(SAID, st.booleans())
    def test_the_last_answer_counts_however_people_come_in_turn(self, said, late):
        play = bound()
        for who, subject, value in said:
            play.rate(who, value, subject)
        if late:
            play.end()
            for who in PEOPLE:
                play.rate(who, "9", SUBJECTS[0])
        found = play.outcome()
        assert not play.faults
        assert counted(found) == last_answers(said)
        assert len(found.late) == (len(PEOPLE) if late else 0)
        places = [one.entry.place for one in found.answers]
        assert places == sorted(places)

    @settings(max_examples=25, deadline=None)
    @given(SAID, st.data())
    def test_an_entry_that_is_void_is_as_if_it_were_not_there(self, said, data):
        play = bound()
        entries = [play.rate(who, value, subject) for who, subject, value in said]
        gone = data.draw(st.sets(st.integers(0, len(said) - 1)) if said else st.just(set()))
        play.void(*{entries[i] for i in gone})
        left = [one for i, one in enumerate(said) if i not in gone]
        other = bound()
        for who, subject, value in left:
            other.rate(who, value, subject)
        assert counted(play.outcome()) == last_answers(left)
        assert play.outcome().public.bytes_of == other.outcome().public.bytes_of

    @settings(max_examples=8, deadline=None)
    @given(
        st.lists(st.tuples(st.sampled_from(PEOPLE[:2]), st.sampled_from(SUBJECTS), st.sampled_from("12")), max_size=4),
        st.data(),
    )
    def test_sealed_answers_count_by_whoever_opens_them_in_the_order_they_were_given(self, said, data):
        play = bound(sealed=True)
        commits = [play.commit(who, value, subject) for who, subject, value in said]
        ways = [data.draw(st.sampled_from(["reveal", "shares", "one share"])) for _ in said]
        play.over()
        for i in data.draw(st.permutations(range(len(said)))):
            (name, opening), who = commits[i], said[i][0]
            if ways[i] == "reveal":
                play.reveal(who, name, opening)
            else:
                for trustee in data.draw(st.permutations([1, 2, 3]))[: 2 if ways[i] == "shares" else 1]:
                    play.share(trustee, name)
        opened = [one for one, way in zip(said, ways, strict=True) if way != "one share"]
        assert not play.faults
        assert counted(play.outcome()) == last_answers(opened)
        assert len(play.outcome().unopened) == len(said) - len(opened)


NASTY = (
    "", "0", "2.5", "-1", "nan", "1e999", "9" * 400, "alder", "birch", "benefit", "ada", "bo", "BO", "m1",
    " alder", "Alder",
    "\x00", "\t", "a,b", '"', "\U0001f333", "\ufeff", "\u202e", "raises", "lowers", "../x", "1,5", "\u0663",
    "\x1b[0m", "\u2028",
    "\x0b", "\x1c", "\x85", "1_000", "+1", "north", "alder;birch", "2027-01-01T00:00:00Z",
)  # fmt: skip
HONEST = {
    "comparisons": ({"criterion": "benefit", "a": "alder", "b": "birch"}, {"winner": "alder", "ratio": "2.0"}),
    "ratings": ({"criterion": "benefit", "project": "alder"}, {"value": "5"}),
    "rankings": (
        {"criterion": "benefit", "ranking": "r"},
        {"project": "alder", "place": "1"},
        {"project": "birch", "place": "2"},
    ),
    "ballots": ({}, {"project": "alder", "points": "1"}),
    "metric-weights": ({"metric": "users"}, {"weight": "1"}),
}
"""Table → subject and rows of an answer that is sound in the round below."""


@st.composite
def hostile_answers(draw: st.DrawFn) -> list[tuple[str, dict[str, str], list[dict[str, str]]]]:
    """Answers with anything in their cells."""
    found = []
    for table in draw(st.lists(st.sampled_from(sorted(TABLES)), min_size=1, max_size=3)):
        about = TABLES[table]
        good = {name: value for part in HONEST.get(table, ()) for name, value in part.items()}
        cell = {name: st.sampled_from((*NASTY, *([good[name]] * 40 if name in good else ()))) for name in about.columns}
        subject = {name: draw(cell[name]) for name in about.subject}
        if table == "comparisons":
            subject["a"], subject["b"] = sorted((subject["a"], subject["b"]), key=str.encode)
        rows = st.fixed_dictionaries({}, optional={name: cell[name] for name in about.answer})
        found.append((table, subject, draw(st.lists(rows, max_size=min(3, about.most)))))
    return found


@settings(max_examples=80, deadline=None)
@given(
    hostile_answers(),
    st.sampled_from([one for one in NASTY if one and one not in PEOPLE]),
    st.sampled_from(NASTY),
    st.sampled_from(NASTY),
)
def test_nobody_s_answers_put_out_those_of_others(answers, name, community, amount):
    play = round_of_three()
    honest = [(who, table, *said) for who in PEOPLE[:2] for table, said in HONEST.items()]
    kept = {play.judge(*one) for one in honest}
    for table, subject, rows in answers:
        play.judge("cy", table, subject, *rows)
    play.bind(name, person={"community": community, "conflicts": name})
    play.judge(name, "ballots", {}, {"project": "alder", "points": "1"})
    for donor in ("don", name.swapcase()):
        play.bind(donor)
        play.give(donor, name, amount or "1")
    found = readable(play.stage.replay)
    assert not kept & set(found.void)
    assert kept <= {one.entry.hash for one in found.outcome.answers}


ROUND = """\
format = "daccord/round/1"
name = "Permuted (simulated)"
simulated = true
seed = 3
[goal]
statement = "Be safer."
set_by = "the council (simulated)"
[budget]
amount = "6000.00"
currency = "USD"
digits = 2
[criteria.benefit]
question = "Which is better?"
rating = { low = 0, high = 10 }
[communities]
north = "North (simulated)"
[rules]
fusion = "least-squares"
[rules.evidence]
min_judgments = 1
min_jurors = 1
[rules.verdicts]
pays = "not_held"
"""


def round_of_three() -> Play:
    """A round of three projects and three jurors."""
    names = ("alder", "birch", "cedar")
    projects = "".join(f"{name},{name},Team {name},{3000 + 100 * i}.00,x\n" for i, name in enumerate(names))
    play = Play(
        files={
            "round.toml": ROUND,
            "projects.csv": "id,title,team,ask,text\n" + projects,
            "judges.csv": "id,kind,community\nada,person,north\nbo,person,north\ncy,person,north\n",
        },
        models={},
    )
    for who in PEOPLE:
        play.bind(who)
    return play


def money(order: list[int]) -> dict[str, int]:
    """Awards of a round of six comparisons that stand in the log in some order."""
    play, names = round_of_three(), ("alder", "birch", "cedar")
    for number in order:
        k, i = divmod(number, 2)
        who, a, b, ratio = PEOPLE[k], names[i], names[i + 1], f"{1.1 + 0.7 * i + 0.2 * k:.1f}"
        play.judge(who, "comparisons", {"criterion": "benefit", "a": a, "b": b}, {"winner": a, "ratio": ratio})
    play.end()
    document = decision_document(decide_record(readable(play.stage.replay)))
    return {project["id"]: project["award"]["amount"] for project in document["projects"]}


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_in_which_jurors_come_moves_no_money(order):
    awards = money(order)
    assert awards == money(list(range(6)))
    assert len(set(awards.values())) == 3
