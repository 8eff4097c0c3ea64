"""Time, seals, results and payouts."""

from __future__ import annotations

import json
from typing import Any

from tests.hostile.record._records import NAMES, Play, Record, digest, honest, hostile

from daccord.audit import Pins
from daccord.record.log import entry_hash


def judged_otherwise(leaf_of: Any = None) -> tuple[Play, bytes]:
    """A judged round, and a judgment of j1 that is not in it."""
    play = Play.judged()
    return play, play.judgment("j1").leaf()


@hostile("late")
def a_judgment_after_the_close_with_the_clock_set_back() -> Record:
    """A judgment after the close; the operator signs a checkpoint with it, of which no witness says that it was in time."""
    play = Play.judged()
    play.close()
    at = play.add(play.judgment())
    for witnesses, time in (((), 1), (play.cast.witnesses[:1], 1), (play.cast.witnesses, play.deadline + 1)):
        note = play.head(time, witnesses)
        play.say("close", {"phase": "judging", "checkpoint": note}, play.cast.operator)
    return play.decided(entry=at)


@hostile("entries")
def a_close_of_another_tree_or_larger_than_the_log() -> list[Record]:
    """A close holds a checkpoint of another log's tree, of a larger one, or one that the log did not sign."""
    found = []
    for case in range(3):
        play = Play.judged()
        other = Play.judged()
        other.add(other.judgment())
        if case == 0:
            other.stage.leaves[20:22] = other.stage.leaves[21:19:-1]
            other.stage.leaves.pop()
        note = (other if case < 2 else play).head(play.deadline - 1)
        if case == 2:
            note = note.replace(f"— {play.cast.origin} ", "— nobody.example ")
        found.append(play.shown(entry=play.say("close", {"phase": "judging", "checkpoint": note}, play.cast.operator)))
    return found


@hostile("decision")
def an_early_close_cuts_off_whoever_comes_later() -> Record:
    """The operator ends judging with a checkpoint from long before the deadline."""
    play = Play.judged()
    play.stage.close("judging", play.terms.judging - 86_400)
    document, found = play.decide()
    play.publish(document, found)
    at = next(i for i, leaf in enumerate(play.stage.leaves) if b".result.v1+json" in leaf)
    return play.shown(entry=at)


@hostile("decision")
def an_answer_is_cut_off_and_a_later_close_proves_it() -> Record:
    """The result counts an earlier end, and a juror shows a later checkpoint that was cosigned in time."""
    play = Play.judged()
    play.stage.close("judging", play.terms.judging + 60)
    play.add(play.judgment())
    note = play.head(play.deadline - 1)
    document, found = play.decide()
    play.publish(document, found)
    return play.shown(entry=play.say("close", {"phase": "judging", "checkpoint": note}, play.juror("j1")))


@hostile("entries")
def a_promised_entry_is_dropped() -> Record:
    """The operator drops an entry that was promised; the juror kept the promise."""
    play, leaf = judged_otherwise()
    promise = play.promise(leaf, play.terms.judging).leaf()
    play.close()
    return play.decided(pins=Pins(promises=(promise,)))


@hostile("counts")
def a_dropped_entry_comes_in_by_a_complaint() -> Record:
    """The operator drops an entry that was promised; with a complaint it counts all the same."""
    from base64 import b64encode

    like, leaf = judged_otherwise()
    like.add(leaf)
    like.close()
    play = Play.judged()
    play.close()
    promise = play.promise(leaf, play.terms.judging).leaf()
    value = {"promise": b64encode(promise).decode(), "leaf": b64encode(leaf).decode()}
    play.say("complaint", value, play.juror("j1"))
    return play.decided(like=like.decided(), rewritten=True)


@hostile("entries")
def a_complaint_without_a_promise_of_the_operator() -> Record:
    """A juror signs the promise that a complaint holds."""
    from base64 import b64encode

    play, leaf = judged_otherwise()
    promise = play.promise(leaf, 1, play.juror("j1")).leaf()
    value = {"promise": b64encode(promise).decode(), "leaf": b64encode(leaf).decode()}
    return play.shown(entry=play.say("complaint", value, play.juror("j1")))


@hostile("entries")
def a_second_manifest() -> Record:
    """The manifest is replaced after opening, with the signatures of stewards."""
    play = Play.judged()
    return play.shown(entry=play.say("manifest", play.manifest(bindings=2), *play.stewards()))


@hostile("entries")
def a_manifest_by_too_few_stewards() -> Record:
    """The manifest is signed by one steward where it takes two."""
    play = Play()
    play.stage.begin()
    return play.shown(entry=play.say("manifest", play.manifest(), *play.stewards(1)))


@hostile("nothing")
def nobody_reveals() -> Record:
    """In a sealed round no juror reveals: the trustees open, and the same follows."""
    play = Play("sealed", silent=1)
    play.open()
    play.bind_all()
    play.judge()
    play.close()
    return play.decided()


@hostile("openings")
def openings_before_judging_is_over() -> list[Record]:
    """Jurors reveal, or trustees give shares, before judging is over."""
    found = []
    for act in ("reveal", "share"):
        play = Play.judged("sealed")
        play.stage.close("judging", play.terms.judging + 60)
        at = play.place + 1
        getattr(play, act)()
        found.append(play.shown(entry=at))
    return found


@hostile("openings")
def a_reveal_that_does_not_match() -> list[Record]:
    """A juror reveals another answer than the one committed to, or another juror's commit."""
    found = []
    for changed in ({"rows": [{"winner": "elm", "ratio": "9"}]}, {"salt": "00" * 32}, {"juror": "j3"}, {"seq": 77}):
        play = Play.judged("sealed")
        play.stage.close("judging", play.terms.judging + 60)
        play.stage.close("judging", play.deadline + 60)
        play.reveal()
        reveal = next(
            json.loads(commit.revealed[0][0].payload.envelope.payload)
            for commit in play.stage.replay.state.book.commits.values()
            if commit.revealed and commit.juror == "j2"
        )
        who = changed.get("juror", "j2")
        found.append(play.shown(entry=play.say("reveal", {**reveal, **changed}, play.juror(who))))
    return found


@hostile("unopened")
def a_commitment_is_copied() -> Record:
    """A juror hands in another juror's sealed answer as the own one."""
    play = Play.judged("sealed")
    other = next(iter(play.stage.replay.state.book.commits.values())).entry.payload.value
    value = {name: other[name] for name in ("secret", "commitment", "ciphertext", "shares")}
    at = play.say("commit", {"juror": "j2", "seq": play.stage.number("j2"), **value}, play.juror("j2"))
    play.close()
    return play.decided(entry=at, kind="sealed")


@hostile("unopened")
def fewer_trustees_than_it_takes() -> Record:
    """One juror does not reveal, and one trustee answers where it takes two: the answer does not count, and is named."""
    play = Play.judged("sealed")
    at = play.add_commit = None
    play.answer(play.said("j1"))
    at = play.place
    like = Play.judged("sealed")
    like.close()
    like_record = like.decided()
    play.stage.close("judging", play.terms.judging + 60)
    play.stage.close("judging", play.deadline + 60)
    last, play._revealed = play._revealed[-1], play._revealed[:-1]
    del last
    play._keeps_silent = lambda who: False  # type: ignore[method-assign]
    play.reveal()
    play.stage.close("reveal", play.terms.judging + 7 * 86_400 + 60)
    play.share(1)
    return play.decided(entry=at, like=like_record, rewritten=True)


@hostile("openings")
def a_wrong_share() -> Record:
    """A trustee gives a share that is not the one in the commit."""
    play = Play.judged("sealed")
    play.stage.close("judging", play.terms.judging + 60)
    play.stage.close("judging", play.deadline + 60)
    name, commit = next(iter(play.stage.replay.state.book.commits.items()))
    trustee = play.cast.key("trustee 1")
    index = next(one.index for one in commit.sealed.shares if one.trustee == trustee.public.id)
    value = {"shares": [{"commit": name, "index": index, "share": "00" * 48}]}
    return play.shown(entry=play.say("share", value, trustee))


@hostile("entries")
def an_answer_in_the_open_in_a_sealed_round() -> Record:
    """A judgment stands in the clear in a round whose ballots are sealed."""
    play = Play.opened("sealed")
    return play.shown(entry=play.add(play.judgment()))


@hostile("entries")
def a_secret_answer_in_the_open() -> Record:
    """An answer on harm, which is secret, stands in the clear."""
    play = Play.judged("secret")
    value = play.answering("j1", subject={"criterion": "harm", "a": "alder", "b": "elm"})
    return play.shown(entry=play.say("judgment", value, play.juror("j1")))


def published(kind: str, change: Any, **changed: Any) -> Record:
    """The honest round with a decision file that was changed; stewards approved it unseen."""
    play = Play.judged(kind)
    play.close()
    document, found = play.decide()
    change(document)
    play.publish(document, found, **changed)
    at = next(i for i, leaf in enumerate(play.stage.leaves) if b".result.v1+json" in leaf)
    return play.shown(entry=at)


def _score(document: dict[str, Any], units: int) -> None:
    document["projects"][1]["share"] += units


def _award(document: dict[str, Any]) -> None:
    document["projects"][0]["award"]["amount"] -= 1
    document["projects"][1]["award"]["amount"] += 1


def _verdict(document: dict[str, Any]) -> None:
    document["projects"][0]["verdict"]["label"] = "hold"


@hostile("decision")
def a_published_share_is_moved_by_two_units() -> Record:
    """A published share is moved by two units of its last digit."""
    return published("open", lambda one: _score(one, 2))


@hostile("decision")
def an_award_is_moved_by_one_unit() -> Record:
    """One unit of money is moved from one project to another."""
    return published("open", _award)


@hostile("decision")
def a_verdict_is_changed() -> Record:
    """A project's verdict is changed."""
    return published("open", _verdict)


@hostile("decision")
def a_result_that_counts_otherwise() -> list[Record]:
    """A result says another number of answers, other files, or calls a sound entry void."""
    return [published("open", lambda _: None, **one) for one in ({"counted": 27}, {"files": "00" * 32})]


@hostile("decision")
def a_result_that_nobody_approved() -> list[Record]:
    """A result is approved by nobody, or by one steward twice."""
    found = []
    for times in (0, 2):
        play = Play.judged()
        play.close()
        document, readable = play.decide()
        play.result(document, readable)
        at = play.place
        name = entry_hash(play.stage.leaves[-1]).hex()
        for _ in range(times):
            play.say("approval", {"result": name}, *play.stewards(1))
        found.append(play.shown(entry=at))
    return found


@hostile("entries")
def a_result_of_another_tree() -> list[Record]:
    """A result names a root that is not the log's, or more entries than there are."""
    found = []
    for tree in ({"root": "00" * 32, "size": 20}, {"root": "00" * 32, "size": 9_999}):
        play = Play.judged()
        play.close()
        document, readable = play.decide()
        play.result(document, readable, tree=tree)
        found.append(play.shown(entry=play.place))
    return found


@hostile("decision")
def another_wheel() -> Record:
    """The wheel that a verifier has is not the one that the manifest names."""
    return honest().with_(pins=Pins(wheel=b"another wheel"))


@hostile("openings")
def a_secret_answer_is_left_out_of_the_attestation() -> Record:
    """Trustees attest all secret answers but one."""
    play = Play.judged("secret")
    play.close()
    at = min(i for i, leaf in enumerate(play.stage.leaves) if b".commit.v1+json" in leaf)
    document, found = play.decide()
    commits = sorted(entry.hash for entry in found.outcome.secret)
    kept = [name for name in commits if name != entry_hash(play.stage.leaves[at]).hex()]
    value = {"commits": kept, "secret": digest(b"anything")}
    play.say("attestation", value, *play.cast.role("trustee", play.cast.trustees[1]))
    play.publish(document, found)
    return play.shown(entry=at)


assert NAMES
