"""Attacks on sealed answers: copied, opened too early, otherwise than they were given, or not at all."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from tests.hostile.record._deadlines import closed
from tests.hostile.record._records import Play, Record, hostile

from daccord.audit import Cast
from daccord.record.log import entry_hash
from daccord.record.sealed import Context, decode_opening, encode_opening, open_share, seal_opening

CAST = Cast()


def commit(play: Play, who: str = "j1", to: Cast | None = None, **said: Any) -> tuple[int, bytes]:
    """A commit to an answer, to the round's trustees if not told otherwise; and its opening."""
    value: dict[str, Any] = {**play.answering(who), **said}
    place = {"origin": play.cast.origin, "round": play.stage.round, "manifest": play.stage.manifest}
    opening = encode_opening({**value, **place, "salt": sha256(f"salt {value['seq']} {who}".encode()).hexdigest()})
    context = Context(play.cast.origin, play.stage.round, play.stage.manifest, who, value["seq"])
    sealed = seal_opening(opening, context, (to or play.cast).trustee_keys, play.cast.trustees[1])
    kept = {"juror": who, "seq": value["seq"], "secret": False, **sealed.value()}
    return play.say("commit", kept, play.juror(who)), opening


def revealing(play: Play, at: int, opening: bytes, who: str = "j1", **changed: Any) -> int:
    """A reveal of a commit."""
    said = {name: one for name, one in decode_opening(opening).items() if name not in ("origin", "round", "manifest")}
    value = {**said, "commit": _hash(play, at), **changed}
    return play.say("reveal", value, play.juror(who))


def _hash(play: Play, at: int) -> str:
    return entry_hash(play.stage.leaves[at]).hex()


def over(play: Play) -> None:
    """Judging ends, and a time behind it is proven."""
    closed(play, play.terms.judging + 60)
    closed(play, play.deadline + 60)


def ended(play: Play) -> None:
    """Revealing ends too."""
    closed(play, play.terms.judging + 7 * 86_400 + 60, phase="reveal")


@hostile("entries")
def an_open_judgment_in_a_sealed_round() -> Record:
    """In a round with sealed ballots a juror answers in the open, to be followed."""
    play = Play.judged("sealed")
    return play.shown(entry=play.add(play.judgment("j1")))


@hostile("entries")
def a_sealed_answer_in_an_open_round() -> Record:
    """In a round with open ballots a juror commits, to open or not as it suits."""
    play = Play.judged("secret")
    at, _ = commit(play)
    return play.shown(entry=at)


@hostile("openings")
def a_reveal_before_judging_is_over() -> list[Record]:
    """A commit is revealed before the end of judging, or behind a close that a larger one may follow."""
    found = []
    for times in ([], [60]):
        play = Play.judged("sealed")
        at, opening = commit(play)
        for time in times:
            closed(play, play.terms.judging + time)
        found.append(play.shown(entry=revealing(play, at, opening)))
    return found


def shares(play: Play, at: int, trustee: int = 1, **changed: Any) -> int:
    """A trustee's share of one commit."""
    state = play.stage.replay.state
    assert state is not None
    one = state.book.commits[_hash(play, at)]
    key = play.cast.key(f"trustee {trustee}")
    share = open_share(one.sealed, key.public.id, play.cast.trustee_secret(trustee), one.context)
    index = next(part.index for part in one.sealed.shares if part.trustee == key.public.id)
    value = {"commit": _hash(play, at), "index": index, "share": share.hex(), **changed}
    return play.say("share", {"shares": [value]}, key)


@hostile("openings")
def trustees_open_early() -> list[Record]:
    """Trustees publish shares of sealed answers before judging is over."""
    found = []
    for times in ([], [60]):
        play = Play.judged("sealed")
        at, _ = commit(play)
        for time in times:
            closed(play, play.terms.judging + time)
        found.append(play.shown(entry=shares(play, at)))
    return found


@hostile("openings")
def a_wrong_share() -> list[Record]:
    """A trustee publishes a share that is wrong, another trustee's, of no commit, or cut."""
    found = []
    for changed in ({"share": "00" * 48}, {"index": 9}, {"commit": "0" * 64}, {"share": "ab"}):
        play = Play.judged("sealed")
        at, _ = commit(play)
        over(play)
        found.append(play.shown(entry=shares(play, at, **changed)))
    return found


@hostile("openings")
def a_reveal_that_does_not_match() -> list[Record]:
    """A juror reveals another answer, another salt, another juror's commit, or under another number."""
    found = []
    for changed in ({"rows": [{"winner": "alder", "ratio": "2"}]}, {"salt": "1" * 64}, {"seq": 99}):
        play = Play.judged("sealed")
        at, opening = commit(play)
        over(play)
        found.append(play.shown(entry=revealing(play, at, opening, **changed)))
    play = Play.judged("sealed")
    at, opening = commit(play)
    over(play)
    found.append(play.shown(entry=revealing(play, at, opening, "j2", juror="j2")))
    return found


@hostile("unopened")
def a_commit_copied_from_another_juror() -> Record:
    """A juror hands in another's commit as an own one, to vote alike without knowing how."""
    play = Play.judged("sealed")
    at, _ = commit(play, "j1")
    state = play.stage.replay.state
    assert state is not None
    sealed = state.book.commits[_hash(play, at)].sealed
    value = {"juror": "j2", "seq": play.stage.number("j2"), "secret": False, **sealed.value()}
    copied = play.say("commit", value, play.juror("j2"))
    play.close()
    return play.decided(entry=copied, rewritten=True, like=_with_vote("j1"))


def _with_vote(*who: str) -> Record:
    """A sealed round in which these vote once more; trustees open it, as nobody reveals."""
    play = Play.judged("sealed")
    for name in who:
        commit(play, name)
    play.close()
    return play.decided()


@hostile("counts")
def a_juror_who_reveals_only_what_suits() -> Record:
    """A juror does not reveal, once it is seen that others voted otherwise: trustees open, and it counts."""
    play = Play.judged("sealed")
    at, opening = commit(play, "j2")
    over(play)
    play.reveal()
    ended(play)
    play.share()
    like = Play.judged("sealed")
    at, opening = commit(like, "j2")
    over(like)
    like.reveal()
    revealing(like, at, opening, "j2")
    ended(like)
    like.share()
    return play.decided(like=like.decided())


@hostile("counts")
def nobody_reveals() -> Record:
    """All jurors keep silent, to void the round: two of three trustees open all of it."""
    play = Play.judged("sealed")
    over(play)
    ended(play)
    play.share()
    return play.decided()


@hostile("unopened")
def too_few_trustees_answer() -> Record:
    """A juror keeps silent and one trustee fewer than it takes answers: the commit stays closed and is named."""
    play = Play.judged("sealed")
    at, _ = commit(play, "j2")
    over(play)
    play.terms = replace(play.terms, silent=0)
    play.reveal()
    ended(play)
    shares(play, at, 1)
    return play.decided(entry=at)


@hostile("late")
def a_reveal_after_its_deadline() -> Record:
    """A juror reveals after the end of revealing, when all others' votes are known; trustees opened it before."""
    play = Play.judged("sealed")
    at, opening = commit(play, "j2")
    over(play)
    play.terms = replace(play.terms, silent=0)
    play.reveal()
    ended(play)
    shares(play, at, 1)
    shares(play, at, 3)
    late = revealing(play, at, opening, "j2")
    return play.decided(entry=late, rewritten=True, like=_with_vote("j2"))


@hostile("void")
def a_value_out_of_range_under_a_seal() -> Record:
    """A sealed ballot holds a ratio that the rules do not take: it is void when it is opened."""
    play = Play.judged("sealed")
    at, _ = commit(play, "j2", rows=[{"winner": "elm", "ratio": "-5"}])
    play.close()
    return play.decided(entry=at)


@hostile("unopened")
def an_answer_on_nothing_under_a_seal() -> Record:
    """A sealed ballot holds no table that there is: opened, it is no answer."""
    play = Play.judged("sealed")
    at, _ = commit(play, "j2", table="weights")
    play.close()
    return play.decided(entry=at)


@hostile("entries")
def a_commit_to_other_trustees() -> Record:
    """A commit is sealed to the juror's own friends instead of the round's trustees."""
    play = Play.judged("sealed")
    at, _ = commit(play, to=Cast(seed="friends"))
    return play.shown(entry=at)


@hostile("entries")
def an_answer_on_harm_in_the_open() -> Record:
    """An answer on harm, which is secret, is handed in to be read by all."""
    play = Play.judged("secret")
    value = play.answering("j1", subject={"criterion": "harm", "a": "alder", "b": "elm"})
    return play.shown(entry=play.say("judgment", value, play.juror("j1")))


@hostile("openings")
def trustees_leave_a_secret_answer_out() -> Record:
    """The trustees attest harm from all secret answers but one."""
    play = Play.judged("secret")
    play.close()
    document, found = play.decide()
    state = play.stage.replay.state
    assert state is not None
    attested = state.book.attestations[-1].payload
    left = attested["commits"][0]
    play.say("attestation", {"commits": attested["commits"][1:], "secret": attested["secret"]}, *_trustees(play))
    play.publish(document, found)
    return play.shown(entry=state.book.commits[left].entry.place)


def _trustees(play: Play, count: int = 2) -> list[Any]:
    return list(play.cast.role("trustee", count))


@hostile("void")
def a_value_out_of_range_among_secret_answers() -> Record:
    """A juror's secret answer on harm is one that the rules do not take: trustees attest it as void."""
    play = Play.judged("secret")
    play.answer(play.said("j2", criterion="harm", ratio="-5"))
    at = play.place
    play.close()
    return play.decided(entry=at)


@hostile("openings")
def a_secret_answer_called_void_and_not_attested() -> Record:
    """The operator calls a secret answer void, and the trustees attest harm without it."""
    play = Play.judged("secret")
    play.close()
    document, found = play.decide()
    state = play.stage.replay.state
    assert state is not None
    attested = state.book.attestations[-1].payload
    left = attested["commits"][0]
    play.say("attestation", {"commits": attested["commits"][1:], "secret": attested["secret"]}, *_trustees(play))
    play.publish(document, found, void=[left])
    return play.shown(entry=state.book.commits[left].entry.place)


@hostile("openings")
def harm_attested_by_too_few_trustees() -> Record:
    """One trustee attests what two have to."""
    play = Play.judged("secret")
    play.close()
    value = {"commits": [], "secret": "0" * 64}
    return play.shown(entry=play.say("attestation", value, *_trustees(play, 1)))


@hostile("decision")
def harm_that_is_not_as_attested() -> Record:
    """The operator publishes a lower level of harm than the trustees attest."""
    play = Play.judged("secret")
    play.close()
    document, found = play.decide()
    for project in document["projects"]:
        if "harm" in project["scores"]:
            project["scores"]["harm"]["judgments"] += 1
            break
    play.publish(document, found)
    state = play.stage.replay.state
    assert state is not None
    return play.shown(entry=state.book.attestations[-1].place)
