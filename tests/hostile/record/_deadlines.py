"""Attacks on time: the operator's clock, cut-off answers, promises that are not kept."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

from tests.hostile.record._records import Play, Record, honest, hostile

from daccord.audit import Cast, Pins
from daccord.record.log import Receipt, inclusion_proof

CAST, DAY = Cast(), 86_400


def closed(play: Play, time: int, *, checkpoint: str | None = None, phase: str = "judging") -> int:
    """A close whose checkpoint witnesses cosigned at a time."""
    note = play.head(time) if checkpoint is None else checkpoint
    return play.say("close", {"phase": phase, "checkpoint": note}, play.cast.operator)


@hostile("late")
def a_judgment_after_the_deadline() -> Record:
    """A judgment is taken in after the end of judging, with the operator's clock set back."""
    play = Play.judged()
    closed(play, play.terms.judging + 60)
    at = play.add(play.judgment("j1"))
    return play.decided(entry=at)


@hostile("late")
def a_contribution_after_the_deadline() -> Record:
    """A contribution of a donor comes after the end of judging."""
    play = Play.judged()
    closed(play, play.terms.judging + 60)
    value = {"donor": "d1", "seq": play.stage.number("d1"), "project": "birch", "amount": "5.00"}
    at = play.say("contribution", value, play.juror("d1"), play.cast.operator)
    return play.decided(entry=at)


@hostile("decision")
def judging_that_ends_too_late() -> Record:
    """The operator lets answers in after the deadline and closes behind them, when witnesses' clocks are too late."""
    play = Play.judged()
    play.add(play.judgment("j1"))
    closed(play, play.deadline + 1)
    document, found = play.decide()
    play.publish(document, found)
    record = play.shown()
    return replace(record, entry=result_place(play))


def result_place(play: Play) -> int:
    """Where the last result stands."""
    state = play.stage.replay.state
    assert state is not None
    return max(entry.place for entry in state.book.results.values())


@hostile("decision")
def judging_that_ends_too_early() -> Record:
    """The operator closes by a checkpoint of the day before, and so cuts off whoever answers on the last day."""
    play = Play.judged()
    closed(play, play.terms.judging - DAY)
    play.add(play.judgment("j1"))
    document, found = play.decide()
    play.publish(document, found)
    return replace(play.shown(), entry=result_place(play))


@hostile("decision")
def judging_that_never_ended() -> Record:
    """A result is published though nothing proves that judging ended."""
    play = Play.judged()
    document, found = play.decide()
    play.publish(document, found)
    return replace(play.shown(), entry=result_place(play))


@hostile("decision")
def a_close_whose_witnesses_are_no_quorum() -> Record:
    """Judging is closed by a checkpoint that one of three witnesses cosigned."""
    play = Play.judged()
    closed(play, 0, checkpoint=play.head(play.terms.judging + 60, [CAST.witnesses[0]]))
    document, found = play.decide()
    play.publish(document, found)
    return replace(play.shown(), entry=result_place(play))


@hostile("decision")
def one_witness_sets_its_clock_back() -> Record:
    """After the deadline one of three witnesses cosigns with a time before it; the others say what their clocks say."""
    play = Play.judged()
    play.add(play.judgment("j1"))
    late = play.head(play.deadline + 600, CAST.witnesses[1:])
    early = play.head(play.terms.judging + 60, CAST.witnesses[:1])
    lines = early.partition("\n\n")[2].splitlines(keepends=True)[1:]
    closed(play, 0, checkpoint=late + "".join(lines))
    document, found = play.decide()
    play.publish(document, found)
    return replace(play.shown(), entry=result_place(play))


@hostile("counts")
def one_witness_sets_its_clock_ahead() -> Record:
    """One of three witnesses cosigns in time with a time far ahead, to have the end of judging refused."""
    play = Play.judged()
    play.add(play.judgment("j1"))
    fair = play.head(play.terms.judging + 60, CAST.witnesses[1:])
    ahead = play.head(play.deadline + 10**6, CAST.witnesses[:1])
    lines = ahead.partition("\n\n")[2].splitlines(keepends=True)[1:]
    closed(play, 0, checkpoint=fair + "".join(lines))
    like = Play.judged()
    like.add(like.judgment("j1"))
    closed(like, like.terms.judging + 60)
    return play.decided(like=like.decided())


@hostile("entries")
def a_close_of_another_tree() -> list[Record]:
    """A close carries a checkpoint of another tree, of a larger one, or one that the log did not sign."""
    other = Play.judged()
    other.add(other.judgment("j2", ratio="7"))
    found = []
    for note in (
        other.head(other.terms.judging + 60),
        other.head(other.terms.judging + 60).replace("\n— rehearsal.example/log ", "\n— rehearsal.example/other "),
        "hello\n",
    ):
        play = Play.judged()
        play.add(play.judgment("j1"))
        found.append(play.shown(entry=closed(play, 0, checkpoint=note)))
    play = Play.judged()
    larger = Play.judged()
    larger.add(larger.judgment("j1"))
    larger.add(larger.judgment("j2"))
    found.append(play.shown(entry=closed(play, 0, checkpoint=larger.head(play.terms.judging + 60))))
    return found


@hostile("decision")
def answers_in_time_that_a_result_leaves_out() -> Record:
    """Behind the result a witnessed checkpoint of the deadline shows that more had been in time."""
    play = Play.judged()
    closed(play, play.terms.judging + 60)
    play.add(play.judgment("j1"))
    larger = play.head(play.terms.judging + 120)
    document, found = play.decide()
    play.publish(document, found)
    at = play.say("close", {"phase": "judging", "checkpoint": larger}, play.juror("j1"))
    return play.shown(entry=at)


@hostile("counts")
def a_larger_checkpoint_in_time_brings_answers_in() -> Record:
    """The operator closes early in the window; a juror shows a larger checkpoint of it, and the answer counts."""
    play = Play.judged()
    closed(play, play.terms.judging + 60)
    play.add(play.judgment("j1"))
    play.say("close", {"phase": "judging", "checkpoint": play.head(play.terms.judging + 120)}, play.juror("j1"))
    like = Play.judged()
    like.add(like.judgment("j1"))
    closed(like, like.terms.judging + 60)
    return play.decided(like=like.decided())


@hostile("late")
def a_vote_at_the_last_second_and_one_behind_it() -> Record:
    """A juror votes anew at the last second, and once more behind the close: the one in time counts."""
    play = Play.judged()
    play.add(play.judgment("j1", ratio="9"))
    closed(play, play.terms.judging + 60)
    at = play.add(play.judgment("j1", ratio="3"))
    like = Play.judged()
    like.add(like.judgment("j1", ratio="9"))
    closed(like, like.terms.judging + 60)
    return play.decided(like=like.decided(), entry=at)


@hostile("entries")
def an_older_vote_after_a_newer_one() -> Record:
    """The operator holds a vote back and adds it behind a newer one of the same juror, to have the older one count."""
    play = Play.judged()
    old, new = play.judgment("j1", ratio="3"), play.judgment("j1", ratio="9")
    play.add(new)
    return play.shown(entry=play.add(old))


def _promised(play: Play, received: int) -> tuple[bytes, dict[str, str]]:
    leaf = play.judgment("j1").leaf()
    promise = play.promise(leaf, received)
    return leaf, {"promise": b64encode(promise.leaf()).decode(), "leaf": b64encode(leaf).decode()}


@hostile("counts")
def an_answer_is_promised_and_withheld() -> Record:
    """The operator promises to take an answer in, and does not; another juror brings it in after the close."""
    play = Play.judged()
    _, value = _promised(play, play.terms.judging - 5)
    closed(play, play.terms.judging + 60)
    play.say("complaint", value, play.juror("j2"))
    like = Play.judged()
    like.add(like.judgment("j1"))
    closed(like, like.terms.judging + 60)
    return play.decided(like=like.decided())


@hostile("late")
def an_answer_that_was_received_too_late_is_brought_in() -> Record:
    """A complaint is about an answer that the operator received after the deadline."""
    play = Play.judged()
    _, value = _promised(play, play.deadline + 1)
    closed(play, play.terms.judging + 60)
    at = play.say("complaint", value, play.juror("j2"))
    return play.decided(entry=at)


@hostile("nothing")
def a_complaint_about_what_is_there() -> Record:
    """A complaint brings in an answer that the log has already, to have it count twice or anew."""
    play = Play.judged()
    closed(play, play.terms.judging + 60)
    state = play.stage.replay.state
    assert state is not None
    leaf = play.stage.leaves[state.book.answers[0].entry.place]
    promise = play.promise(leaf, play.terms.judging - 5)
    value = {"promise": b64encode(promise.leaf()).decode(), "leaf": b64encode(leaf).decode()}
    play.say("complaint", value, play.juror("j2"))
    return play.decided()


@hostile("entries")
def a_complaint_with_a_promise_that_nobody_gave() -> list[Record]:
    """A juror makes up a promise, or uses one about another entry, to bring in what came too late."""
    found = []
    for way in ("by a juror", "about another"):
        play = Play.judged()
        closed(play, play.terms.judging + 60)
        leaf, other = play.judgment("j1").leaf(), play.judgment("j1", ratio="2").leaf()
        signer = play.juror("j2") if way == "by a juror" else play.cast.operator
        promise = play.promise(other if way == "about another" else leaf, play.terms.judging - 5, signer)
        value = {"promise": b64encode(promise.leaf()).decode(), "leaf": b64encode(leaf).decode()}
        found.append(play.shown(entry=play.say("complaint", value, play.juror("j2"))))
    return found


@hostile("entries")
def a_promise_that_is_not_kept() -> Record:
    """An auditor holds a promise about an entry that the log does not have."""
    play = Play.judged()
    promise = play.promise(play.judgment("j1").leaf(), play.terms.judging - 5)
    closed(play, play.terms.judging + 60)
    return play.decided(pins=Pins(promises=[promise.leaf()]))


@hostile("entries")
def a_receipt_for_what_was_cut_off() -> Record:
    """An auditor holds a receipt, witnessed in time, for an entry that the close leaves out."""
    play = Play.judged()
    closed(play, play.terms.judging + 60)
    envelope = play.judgment("j1")
    at = play.add(envelope)
    size = len(play.stage.leaves)
    proof = inclusion_proof(at, size, play.stage.tree.subtree)
    receipt = Receipt(at, proof, play.head(play.terms.judging + 120).encode())
    return play.decided(pins=Pins(receipts=[(envelope.leaf(), receipt.encode())]), entry=at)


@hostile("entries")
def a_receipt_for_what_was_taken_out() -> Record:
    """An auditor holds a receipt for an entry that the log shows no more."""
    play = Play.judged()
    envelope = play.judgment("j1")
    at = play.add(envelope)
    size = len(play.stage.leaves)
    proof = inclusion_proof(at, size, play.stage.tree.subtree)
    receipt = Receipt(at, proof, play.head(play.terms.judging - 60).encode())
    return honest().with_(pins=Pins(receipts=[(envelope.leaf(), receipt.encode())]))
