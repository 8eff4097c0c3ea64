"""The rules of docs/spec/record.md, one by one, as replaying keeps them; the records are simulated."""

from __future__ import annotations

from base64 import b64encode

import pytest
from tests.unit.record_cases import BENEFIT, DEADLINE, GRACE, HARM, Play

from daccord.audit import Stage
from daccord.record.log import entry_hash
from daccord.record.payloads import TABLES
from daccord.record.root import Role, next_root
from daccord.record.state import Replay, conclude

CEDAR = {"criterion": "benefit", "project": "cedar"}
SUBJECTS = {
    "comparisons": {"criterion": "benefit", "a": "alder", "b": "birch"},
    "ratings": BENEFIT,
    "rankings": {"criterion": "benefit", "ranking": "r1"},
    "roles": {"project": "alder", "kind": "lowers", "target": "fire", "horizon": ""},
    "values": {"project": "alder"},
    "ballots": {},
    "metric-weights": {"metric": "users"},
}


def refused(play: Play, message: str, *, step: str = "entries", lifted: bool = True) -> None:
    """The last entry is at fault."""
    fault = play.last
    assert fault is not None
    assert message in fault.message
    assert (fault.step, fault.lifted) == (step, lifted)


class TestJurors:
    def test_one_issuer_binds_one_juror_once(self):
        play = Play()
        play.bind("ada", "a")
        play.bind("ada", "a", nullifier="11" * 32)
        refused(play, "has bound 'ada' before")

    def test_other_issuers_bind_to_the_key_in_force(self):
        play = Play()
        play.bind("ada", "a")
        play.stage.say("rekey", {"juror": "ada", "key": play.cast.key("new").public.hex}, play.cast.key("ada"),
                       play.cast.key("new"))  # fmt: skip
        play.bind("ada", "b")
        refused(play, "bound to another key")
        play.bind("ada", "b", key="new")
        assert play.last is None

    def test_a_nullifier_stands_for_one_juror_whichever_issuer_wrote_it(self):
        play = Play()
        play.bind("ada", "a", nullifier="11" * 32)
        play.bind("ada", "b", nullifier="11" * 32)
        assert play.last is None
        play.bind("bo", "b", nullifier="11" * 32)
        refused(play, "nullifier stands for another")

    def test_a_key_is_one_jurors(self):
        play = Play()
        play.bind("ada")
        play.bind("bo", key="ada")
        refused(play, "key is another person's")

    def test_a_key_that_was_somebodys_stays_theirs(self):
        play = Play()
        play.bind("ada")
        play.stage.say("rekey", {"juror": "ada", "key": play.cast.key("new").public.hex}, play.cast.key("ada"),
                       play.cast.key("new"))  # fmt: skip
        play.bind("bo", key="ada")
        refused(play, "key is another person's")

    @pytest.mark.parametrize("issuers", ["a", "ab"])
    def test_eligible_is_whom_enough_issuers_bound(self, issuers):
        play = Play(bindings=2)
        play.bind("ada", *issuers)
        play.rate("ada", "7")
        assert (play.ratings() == [("ada", "7")]) == (issuers == "ab")

    def test_a_binding_that_came_late_does_not_make_eligible(self):
        play = Play(bindings=2)
        play.bind("ada", "a")
        play.rate("ada", "7")
        play.end()
        late = play.bind("ada", "b")
        assert play.outcome().eligible == frozenset()
        assert [entry.hash for entry in play.outcome().late] == [late]

    def test_bindings_of_an_issuer_who_was_removed_do_not_count(self):
        play = Play()
        play.bind("ada", "a")
        play.bind("bo", "a", "b")
        play.rate("ada", "7")
        play.rate("bo", "8")
        play.correct("remove-issuer", issuer="issuer-a")
        assert play.ratings() == [("bo", "8")]

    def test_who_answers_was_bound_before(self):
        play = Play()
        play.rate("ada", "7")
        refused(play, "no issuer has bound 'ada'")

    def test_a_new_key_holds_from_its_place_on(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", "1")
        play.rate("ada", "2", key="new")
        refused(play, "is not one of the juror")
        play.stage.say("rekey", {"juror": "ada", "key": play.cast.key("new").public.hex}, play.cast.key("ada"),
                       play.cast.key("new"))  # fmt: skip
        play.rate("ada", "3", key="new")
        assert play.ratings() == [("ada", "3")]
        play.rate("ada", "4")
        refused(play, "is not one of the juror")

    def test_voters_and_donors_are_bound_and_do_not_judge(self):
        play = Play()
        play.bind("don")
        play.judge("don", "ballots", {}, {"project": "alder", "points": "3"})
        play.give("don", "alder", "5.00")
        assert not play.faults
        play.rate("don", "7")
        refused(play, "no juror")

    def test_jurors_vote_too_and_do_not_give(self):
        play = Play()
        play.bind("ada")
        play.judge("ada", "ballots", {}, {"project": "alder"})
        assert play.last is None
        play.give("ada", "alder", "5.00")
        refused(play, "is a juror")

    def test_who_is_not_listed_enrols_only_where_that_is_open(self):
        person = {"community": "north", "conflicts": ""}
        play = Play()
        play.bind("eve", person=person)
        play.rate("eve", "7")
        assert play.ratings() == [("eve", "7")]
        closed = Play(enrolment="listed")
        closed.bind("eve", person=person)
        refused(closed, "no open enrolment")

    def test_whom_the_manifest_lists_no_binding_describes(self):
        play = Play()
        play.bind("ada", person={"community": "south", "conflicts": ""})
        refused(play, "stands in judges.csv")

    def test_the_jurors_key_is_not_the_issuers_own(self):
        play = Play()
        issuer = play.cast.key("issuer issuer-a")
        value = {"issuer": "issuer-a", "juror": "ada", "key": issuer.public.hex, "nullifier": "11" * 32}
        play.stage.say("binding", {**value, "statement": "00" * 32, "person": None}, issuer)
        refused(play, "issuer's own key")

    def test_a_model_is_no_person(self):
        play = Play()
        play.bind("m1")
        refused(play, "a model of the manifest")

    def test_a_key_that_was_revoked_signs_no_more_and_what_it_signed_counts(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", "7")
        name = play.cast.key("ada").public.id
        play.stage.say("revocation", {"key": name, "reason": "lost"}, play.cast.key("ada"))
        play.rate("ada", "8")
        refused(play, "was revoked by entry")
        assert play.ratings() == [("ada", "7")]


class TestAnswers:
    def test_numbers_grow_over_judgments_and_contributions_together(self):
        play = Play()
        play.bind("don")
        play.judge("don", "ballots", {}, {"project": "alder"}, seq=5)
        play.give("don", "alder", "1.00")  # number 0
        refused(play, "number 0 of 'don' does not follow number 5")
        play.judge("don", "ballots", {}, {"project": "alder"}, seq=5)
        assert play.last is None  # the same bytes again
        play.judge("don", "ballots", {}, {"project": "birch"}, seq=5)
        refused(play, "does not follow")

    def test_a_faulty_entry_uses_no_number(self):
        play = Play()
        play.bind("ada")
        play.judge("ada", "ratings", {"project": "alder"}, seq=9)
        refused(play, "the subject of ratings")
        play.rate("ada", "7", seq=3)
        assert play.ratings() == [("ada", "7")]

    @pytest.mark.parametrize("table", TABLES)
    def test_each_table_has_its_subject_and_rows(self, table):
        play, subject, about = Play(), SUBJECTS[table], TABLES[table]
        play.bind("ada")
        row = dict.fromkeys(about.answer, "1")
        play.judge("ada", table, subject, row)
        play.judge("ada", table, subject, {})
        assert not play.faults
        play.judge("ada", table, subject | {"more": ""}, row)
        refused(play, f"the subject of {table}")
        play.judge("ada", table, subject, row | {"more": ""})
        refused(play, f"a row of {table}")
        play.judge("ada", table, subject, *[{}] * (about.most + 1))
        refused(play, f"at most {about.most} rows")
        play.judge("ada", table, subject, *[{}] * about.most)
        assert play.last is None

    @pytest.mark.parametrize("cell", ["1\n", "1\r", "\r\n"])
    def test_cells_have_no_line_ends(self, cell):
        play = Play()
        play.bind("ada")
        play.rate("ada", cell)
        refused(play, "line end")
        play.rate("ada", "1", BENEFIT | {"project": cell})
        refused(play, "line end")

    def test_a_pair_stands_in_the_order_of_its_utf_8_bytes(self):
        play, first, second = Play(), "\ufb33", "\U0001f333"  # the other way about in UTF-16
        play.bind("ada")
        play.judge("ada", "comparisons", {"criterion": "benefit", "a": first, "b": second})
        assert play.last is None
        play.judge("ada", "comparisons", {"criterion": "benefit", "a": second, "b": first})
        refused(play, "a stands before b")
        play.judge("ada", "comparisons", {"criterion": "benefit", "a": first, "b": first})
        refused(play, "a stands before b")

    def test_the_last_answer_to_a_subject_counts(self):
        play = Play()
        play.bind("ada")
        for value in "123":
            play.rate("ada", value)
        play.rate("ada", "9", CEDAR)
        assert play.ratings() == [("ada", "3"), ("ada", "9")]

    def test_no_rows_withdraw(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", "7")
        play.rate("ada", None)
        assert play.outcome().counted == 0
        assert "ratings.csv" not in play.outcome().public.bytes_of

    def test_a_table_that_was_taken_over_unsigned_takes_no_signed_answers(self):
        play = Play(
            files={"ratings.csv": "juror,criterion,project,value\nada,benefit,alder,1\n"}, unsigned=["ratings.csv"]
        )
        play.bind("ada")
        play.rate("ada", "7")
        refused(play, "taken over unsigned")
        play.list("m1", "ratings", "juror,criterion,project,value\nm1,benefit,alder,1\n")
        refused(play, "taken over unsigned")
        play.judge("ada", "ballots", {}, {"project": "alder"})
        assert play.last is None

    def test_the_last_list_of_a_model_and_table_counts_if_it_is_in_time(self):
        play = Play()
        play.list("m1", "lists", "project,weight\nalder,1\n")
        play.list("m1", "lists", "project,weight\nbirch,1\n")
        play.list("m1", "ratings", "juror,criterion,project,value\nm1,benefit,alder,1\n")
        play.end()
        play.list("m1", "lists", "project,weight\ncedar,1\n")
        assert play.file("lists/m1.csv") == "project,weight\nbirch,1\n"
        assert play.outcome().counted == 2
        assert len(play.outcome().late) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "juror,criterion,project,value\nada,benefit,alder,1\n",
            "criterion,project,value\nbenefit,alder,1\n",
            "juror,juror\nm1,m1\n",
            "juror,score\nm1,1\n",
            "juror,value\nm1\n",
            'juror,value\nm1,"1\n2"\n',
            'juror,value\nm1,"1"2\n',
            "",
        ],
    )
    def test_a_models_file_is_a_table_of_its_own_rows(self, text):
        play = Play()
        play.list("m1", "ratings", text)
        assert play.last is not None

    def test_another_prompt_is_a_fault(self):
        play = Play()
        play.list("m1", "lists", "project,weight\nalder,1\n", prompt="11" * 32)
        refused(play, "another prompt")

    def test_all_contributions_count(self):
        play = Play()
        play.bind("don")
        play.give("don", "alder", "1.00")
        play.give("don", "alder", "2.00")
        assert play.file("contributions.csv") == "donor,project,amount\ndon,alder,1.00\ndon,alder,2.00\n"

    def test_what_is_secret_does_not_stand_in_the_clear(self):
        play = Play(secret=("harm",))
        play.bind("ada")
        play.rate("ada", "7", HARM)
        refused(play, "secret do not stand in the log in the clear")
        play.judge("ada", "roles", SUBJECTS["roles"] | {"kind": "raises"})
        refused(play, "secret do not stand in the log in the clear")
        play.judge("ada", "roles", SUBJECTS["roles"])
        assert play.last is None

    def test_sealed_ballots_take_no_judgment(self):
        play = Play(sealed=True)
        play.bind("ada")
        play.rate("ada", "7")
        refused(play, "ballots are sealed")


class TestSealedAnswers:
    def test_a_reveal_in_time_counts_in_the_commits_place(self):
        play = Play(sealed=True)
        play.bind("ada")
        first, second = play.commit("ada", "1"), play.commit("ada", "2")
        play.over()
        play.reveal("ada", *second)
        play.reveal("ada", *first)
        assert play.ratings() == [("ada", "2")]

    def test_an_answer_that_is_not_opened_leaves_the_one_before(self):
        play = Play(sealed=True)
        play.bind("ada")
        first, second = play.commit("ada", "1"), play.commit("ada", "2")
        play.over()
        play.reveal("ada", *first)
        assert play.ratings() == [("ada", "1")]
        assert [entry.hash for entry in play.outcome().unopened] == [second[0]]

    def test_of_several_reveals_in_time_the_first_that_is_not_void_is_taken(self):
        play = Play(sealed=True)
        play.bind("ada")
        name, opening = play.commit("ada", "1")
        play.over()
        first = play.reveal("ada", name, opening)
        rekeyed = {"juror": "ada", "key": play.cast.key("new").public.hex}
        play.stage.say("rekey", rekeyed, play.cast.key("ada"), play.cast.key("new"))
        value = {**play.stage.replay.state.book.commits[name].revealed[0][0].payload.value}
        second = play.stage.say("reveal", value, play.cast.key("new"))
        assert not play.faults
        play.void(first)
        assert play.ratings() == [("ada", "1")]
        play.void(second)
        assert play.ratings() == []

    def test_a_share_that_is_void_may_be_given_once_more(self):
        play = Play(sealed=True)
        play.bind("ada")
        (name, _), (other, _) = play.commit("ada", "1"), play.commit("ada", "2", CEDAR)
        play.over()
        first = play.share(1, name)
        play.share(2, name)
        play.void(first)
        assert play.ratings() == []
        play.share(1, name, other)
        assert play.ratings() == [("ada", "1")]

    def test_a_late_reveal_does_not_open(self):
        play = Play(sealed=True)
        play.bind("ada")
        commit = play.commit("ada", "1")
        play.over()
        play.end("reveal")
        play.reveal("ada", *commit)
        assert play.ratings() == []
        assert len(play.outcome().late) == 1

    @pytest.mark.parametrize("trustees", [(1,), (1, 2), (2, 3), (1, 2, 3)])
    def test_as_many_shares_as_it_takes_open(self, trustees):
        play = Play(sealed=True)
        play.bind("ada")
        name, _ = play.commit("ada", "1")
        play.over()
        for trustee in trustees:
            play.share(trustee, name)
        assert not play.faults
        assert play.ratings() == ([("ada", "1")] if len(trustees) > 1 else [])

    @pytest.mark.parametrize("revealed", [True, False])
    def test_a_commit_that_is_not_sound_never_counts(self, revealed):
        play = Play(sealed=True)
        play.bind("ada")
        name, opening = play.commit("ada", "1", broken=True)
        play.over()
        if revealed:
            play.reveal("ada", name, opening)
        play.share(1, name)
        play.share(2, name)
        assert not play.faults
        assert play.ratings() == []
        assert [entry.hash for entry in play.outcome().unopened] == [name]

    @pytest.mark.parametrize("opener", ["reveal", "share"])
    def test_nothing_is_opened_before_judging_is_over(self, opener):
        play = Play(sealed=True)
        play.bind("ada")
        name, opening = play.commit("ada", "1")
        play.end()  # accepted, and a larger one might still be
        if opener == "reveal":
            play.reveal("ada", name, opening)
        else:
            play.share(1, name)
        refused(play, "judging is over", step="openings")

    def test_openings_of_somebody_who_is_no_juror_are_not_opened(self):
        play = Play(sealed=True)
        play.bind("don")
        name, opening = play.commit("don", "1")
        play.over()
        play.reveal("don", name, opening)
        refused(play, "no juror", step="openings")
        play.share(1, name)
        play.share(2, name)
        assert play.last is None
        assert [entry.hash for entry in play.outcome().unopened] == [name]

    def test_a_secret_answer_under_an_open_seal_is_not_opened(self):
        play = Play(sealed=True, secret=("harm",))
        play.bind("ada")
        name, opening = play.commit("ada", "1", HARM)
        play.over()
        play.reveal("ada", name, opening)
        refused(play, "in the clear", step="openings")
        play.share(1, name)
        play.share(2, name)
        assert [entry.hash for entry in play.outcome().unopened] == [name]

    def test_secret_commits_are_opened_by_trustees_alone(self):
        play = Play(secret=("harm",))
        play.bind("ada")
        play.rate("ada", "5")
        name, opening = play.commit("ada", "1", HARM, secret=True)
        play.over()
        play.reveal("ada", name, opening)
        refused(play, "never opened in the log", step="openings")
        found = play.outcome(openings={name: opening})
        assert [entry.hash for entry in found.secret] == [name]
        assert found.public.bytes_of["ratings.csv"] == b"juror,criterion,project,value\nada,benefit,alder,5\n"
        assert found.files.bytes_of["ratings.csv"].endswith(b"ada,harm,alder,1\n")
        assert found.counted == 1

    def test_the_last_attestation_counts(self):
        play = Play(secret=("harm",))
        for digit in "12":
            play.stage.say("attestation", {"commits": [], "secret": digit * 64}, *play.cast.role("trustee", 2))
        assert play.outcome().attestation.payload["secret"] == "2" * 64
        play.void(play.outcome().attestation.hash)
        assert play.outcome().attestation.payload["secret"] == "1" * 64


class TestTime:
    def answered(self, **how) -> Play:
        play = Play(**how)
        play.bind("ada")
        play.rate("ada", "1")
        return play

    def test_what_stands_behind_the_end_is_late_and_no_fault(self):
        play = self.answered()
        play.end()
        play.rate("ada", "2")
        assert play.last is None
        assert play.ratings() == [("ada", "1")]
        assert len(play.outcome().late) == 1

    def test_late_is_named_whoever_it_is_by(self):
        play = self.answered(bindings=2)  # so nobody is eligible
        play.end()
        late = play.rate("ada", "2")
        assert [entry.hash for entry in play.outcome().late] == [late]

    @pytest.mark.parametrize("after", [-1, 0, GRACE, GRACE + 1])
    def test_an_end_is_cosigned_from_the_deadline_to_the_end_of_grace(self, after):
        play = self.answered()
        play.end(after=after)
        end = len(play.stage.leaves) - 1
        assert play.last is None
        assert play.outcome().ends["judging"] == (end if after in (0, GRACE) else None)

    def test_the_end_is_the_largest_size_that_was_accepted(self):
        play = self.answered()
        play.end(after=0)
        play.rate("ada", "2")
        play.end(after=GRACE)
        play.rate("ada", "3")
        assert play.ratings() == [("ada", "2")]

    def test_a_checkpoint_without_a_quorum_has_no_effect(self):
        play = self.answered()
        play.end(witnesses=["witness.example/0"])
        assert play.last is None
        assert play.outcome().ends["judging"] is None

    def test_the_time_of_a_quorum_is_that_of_its_last_witness(self):
        play = self.answered()
        early = play.stage.checkpoint(DEADLINE, ["witness.example/0"]).decode()
        line = play.stage.checkpoint(DEADLINE + GRACE + 1, ["witness.example/1"]).decode().splitlines()[-1]
        value = {"phase": "judging", "checkpoint": early + line + "\n"}
        play.stage.say("close", value, play.cast.operator)
        assert play.last is None
        assert play.outcome().ends["judging"] is None

    def test_without_witnesses_every_checkpoint_is_accepted(self):
        play = self.answered(quorum=0)
        play.end(after=-1_000_000, witnesses=[])
        assert play.outcome().ends["judging"] == len(play.stage.leaves) - 1

    def test_jurors_may_close(self):
        play = self.answered()
        note = play.stage.checkpoint(DEADLINE).decode()
        play.stage.say("close", {"phase": "judging", "checkpoint": note}, play.cast.key("ada"))
        assert play.last is None
        play.stage.say("close", {"phase": "judging", "checkpoint": note}, play.cast.key("bo"))
        assert play.last is not None

    def test_a_close_behind_the_results_tree_does_not_end_the_phase(self):
        play = self.answered()
        size = len(play.stage.leaves)
        play.end()
        assert play.outcome(inputs=size).ends["judging"] is None

    def test_what_was_withheld_counts_at_the_complaints_place(self):
        play = self.answered()
        withheld = play.judgment("ada", "ratings", BENEFIT, {"value": "5"})
        play.end()
        play.complain("ada", withheld, DEADLINE + GRACE)
        assert play.last is None
        assert play.ratings() == [("ada", "5")]

    def test_what_was_received_too_late_counts_if_the_complaint_is_in_time(self):
        play = self.answered()
        withheld = play.judgment("ada", "ratings", BENEFIT, {"value": "5"})
        play.complain("ada", withheld, DEADLINE + GRACE + 1)
        play.end()
        assert play.ratings() == [("ada", "5")]

    def test_what_was_received_too_late_is_late(self):
        play = self.answered()
        withheld = play.judgment("ada", "ratings", BENEFIT, {"value": "5"})
        play.end()
        play.complain("ada", withheld, DEADLINE + GRACE + 1)
        assert play.ratings() == [("ada", "1")]
        assert len(play.outcome().late) == 1

    def test_a_complaint_about_an_entry_that_stands_in_the_log_has_no_effect(self):
        play = self.answered()
        late = play.judgment("ada", "ratings", BENEFIT, {"value": "5"})
        play.end()
        play.stage.append(late)
        play.complain("ada", late, DEADLINE)
        assert play.last is None
        assert play.ratings() == [("ada", "1")]

    def test_what_a_complaint_brought_in_has_no_effect_a_second_time(self):
        play = self.answered()
        withheld = play.judgment("ada", "ratings", BENEFIT, {"value": "5"})
        play.complain("ada", withheld, DEADLINE)
        play.rate("ada", "6")
        play.stage.append(withheld)
        assert play.last is None
        assert play.ratings() == [("ada", "6")]

    def test_voiding_a_complaint_voids_what_it_brought_in(self):
        play = self.answered()
        complaint = play.complain("ada", play.judgment("ada", "ratings", BENEFIT, {"value": "5"}), DEADLINE)
        play.void(complaint)
        assert play.ratings() == [("ada", "1")]

    def test_an_operator_who_was_replaced_is_bound_by_promises(self):
        play = self.answered()
        withheld = play.judgment("ada", "ratings", BENEFIT, {"value": "5"})
        promise = play.promise(withheld, DEADLINE)
        cast = play.cast
        old, new = cast.root, cast.key("operator 2").public
        keys = {name: key for name, key in old.keys.items() if name != cast.operator.public.id} | {new.id: new}
        roles = {**old.roles, "operator": Role(frozenset({new.id}), 1)}
        play.stage.append(next_root(old, keys, roles, cast.role("root", 2))[1])
        assert play.last is None
        value = {"promise": b64encode(promise).decode(), "leaf": b64encode(withheld.leaf()).decode()}
        play.stage.say("complaint", value, cast.key("ada"))
        assert play.last is None
        assert play.ratings() == [("ada", "5")]
        play.give("ada", "alder", "1")
        assert play.last is not None  # the old operator confirms nothing any more


class TestInterventions:
    def test_what_is_void_is_as_if_it_were_not_there(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", "1")
        play.void(play.rate("ada", "2"))
        assert play.ratings() == [("ada", "1")]

    def test_numbers_keys_and_nullifiers_stay_used(self):
        play = Play()
        entry = play.bind("ada", nullifier="11" * 32)
        play.void(entry, play.rate("ada", "2", seq=7))
        play.rate("ada", "3", seq=7)
        refused(play, "does not follow number 7")
        play.bind("bo", nullifier="11" * 32)
        refused(play, "nullifier")
        play.bind("bo", key="ada")
        refused(play, "key is another")
        assert play.outcome().eligible == frozenset()

    def test_rows_of_entries_are_added(self):
        play, row = Play(), {"kind": "note", "project": "alder", "amount": "", "reason": "a, b", "by": "stewards"}
        play.correct("entry", row=row)
        assert play.file("entries.csv") == 'kind,project,amount,reason,by\nnote,alder,,"a, b",stewards\n'

    def test_it_counts_only_in_the_results_tree(self):
        play = Play()
        play.bind("ada")
        entry = play.rate("ada", "1")
        size = len(play.stage.leaves)
        play.void(entry)
        assert play.ratings(inputs=size) == [("ada", "1")]

    def test_the_first_of_those_with_one_payload_counts(self):
        play, row = Play(), {"kind": "note", "project": "", "amount": "", "reason": "x", "by": ""}
        play.correct("entry", row=row)
        play.correct("entry", row=row, stewards=3)
        assert play.last is None
        assert play.file("entries.csv").count("note") == 1

    def test_it_takes_the_stewards_threshold(self):
        play = Play()
        play.correct("entry", row=None, stewards=1)
        assert not play.last.lifted


class TestFaults:
    @pytest.mark.parametrize("leaf", [b"", b"{}", b"\xff", b"[" * 40_000])
    def test_bytes_that_are_no_envelope_cannot_be_voided(self, leaf):
        play = Play()
        play.stage.append(leaf)
        assert not play.last.lifted

    def test_an_envelope_of_another_log_cannot_be_voided(self):
        play = Play()
        play.stage.say("approval", {"result": "00" * 32, "origin": "other.example"}, play.cast.key("steward 1"))
        refused(play, "of another log", lifted=False)

    @pytest.mark.parametrize("kind", ["root", "manifest", "piece", "intervention"])
    def test_what_others_stand_on_cannot_be_voided(self, kind):
        play = Play()
        play.stage.say(kind, {}, play.cast.operator)
        assert not play.last.lifted

    def test_an_entry_that_stands_in_the_log_already_has_no_effect(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", "1")
        leaf = play.stage.leaves[-1]
        play.rate("ada", "2")
        play.stage.append(leaf)
        assert play.last is None
        assert play.ratings() == [("ada", "2")]

    def test_bytes_that_are_wrong_are_wrong_each_time(self):
        play = Play()
        play.stage.append(b"x")
        play.stage.append(b"x")
        assert len(play.faults) == 2

    def test_a_round_without_a_manifest_is_a_fault(self):
        play = Play()
        play.stage.say("approval", {"result": "00" * 32, "round": "other"}, play.cast.key("steward 1"))
        refused(play, "has no manifest before it")

    def test_other_rounds_are_passed_over(self):
        play = Play()
        play.bind("ada")
        replay = Replay("another")
        for leaf in play.stage.leaves:
            replay.add(leaf)
        assert (replay.faults, replay.state, replay.passed_over) == ([], None, 2)

    def test_offering_an_entry_at_fault_changes_nothing(self):
        play = Play()
        strict = Stage(play.cast, "small", strict=True)
        with pytest.raises(Exception, match="does not begin with root"):
            strict.append(play.stage.leaves[1])
        assert strict.replay.size == 0


class TestFiles:
    def test_columns_that_no_row_fills_are_left_out_in_the_tables_order(self):
        play = Play()
        play.bind("ada")
        play.judge("ada", "ratings", BENEFIT, {"high": "9", "value": "", "low": "7"})
        assert play.file("ratings.csv") == "juror,criterion,project,low,high\nada,benefit,alder,7,9\n"

    def test_subjects_always_stand(self):
        play = Play()
        play.bind("ada")
        play.judge("ada", "rankings", {"criterion": "", "ranking": ""}, {})
        assert play.file("rankings.csv") == "juror,criterion,ranking\nada,,\n"

    def test_cells_are_quoted_only_where_they_must_be(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", ' a "b"\t, é\u2028;')
        assert play.file("ratings.csv").endswith('alder," a ""b""\t, é\u2028;"\n')

    def test_models_rows_follow_in_the_order_of_their_ids(self):
        play = Play()
        play.bind("ada")
        play.list("m2", "ratings", "juror,criterion,project,value\nm2,benefit,alder,2\n")
        play.list("m1", "ratings", "value,juror,criterion,project\r\n1,m1,benefit,alder\r\n\r\n")
        play.rate("ada", "9")
        assert play.file("ratings.csv") == (
            "juror,criterion,project,value\nada,benefit,alder,9\nm1,benefit,alder,1\nm2,benefit,alder,2\n"
        )

    def test_a_models_list_is_named_by_its_id_percent_encoded(self):
        key = Play().cast.key("m1").public.hex
        judges = "id,kind\n../é ~x,model\n"
        play = Play(files={"judges.csv": judges}, models={"../é ~x": {"key": key, "model": "x", "prompt": "00" * 32}})
        value = {"model": "../é ~x", "seq": 0, "table": "lists", "prompt": "00" * 32, **play.stage.pieces("project\n")}
        play.stage.say("list", value, play.cast.key("m1"))
        assert play.file("lists/%2E.%2F%C3%A9%20~x.csv") == "project\n"

    def test_who_enrolled_stands_under_the_manifests_header(self):
        judges = "\ufeffid, kind ,conflicts,family,community\r\nada,person,,,\r\nm1,model,,one,\r\nm2,model,,one,"
        play = Play(files={"judges.csv": judges}, bindings=1)
        for who in ("zoe", "eve"):
            play.bind(who, person={"community": who[0], "conflicts": "x,y"})
        assert play.file("judges.csv") == judges + '\nzoe,person,"x,y",,z\neve,person,"x,y",,e\n'

    def test_who_enrolled_stands_in_the_order_of_the_first_binding_that_counts(self):
        play = Play()
        person = {"community": "", "conflicts": ""}
        play.bind("zoe", "a", person=person)
        play.bind("eve", "b", person=person)
        play.bind("zoe", "b", person=person)
        play.correct("remove-issuer", issuer="issuer-a")
        assert play.file("judges.csv").splitlines()[-2:] == ["eve,person,,", "zoe,person,,"]

    def test_entries_of_the_manifest_stay(self):
        play = Play(files={"entries.csv": "kind,project,amount,reason,by\nnote,x,,y,z\n"})
        play.correct("entry", row={"kind": "k", "project": "p", "amount": "a", "reason": "r", "by": "b"})
        assert play.file("entries.csv") == "kind,project,amount,reason,by\nnote,x,,y,z\nk,p,a,r,b\n"

    def test_a_line_leads_to_its_entry(self):
        play = Play()
        play.bind("ada")
        first = play.rate("ada", "1")
        second = play.rate("ada", "2", CEDAR)
        files = play.outcome().files
        assert files.entry_of("ratings.csv", 2) == (first,)
        assert files.entry_of("ratings.csv", 3) == (second,)
        assert files.entry_of("ratings.csv", None) == (first, second)
        assert files.entry_of("ratings.csv", 1) == (first, second)  # the header follows from all of them
        assert files.entry_of("judges.csv", 2) == ()


class TestResult:
    def test_its_tree_says_what_is_input(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", "1")
        size = len(play.stage.leaves)
        play.rate("ada", "2")
        play.result(size)
        assert play.outcome().inputs == size
        assert play.ratings() == [("ada", "1")]

    def test_what_it_calls_void_does_not_count(self):
        play = Play()
        play.bind("ada")
        play.rate("ada", "1")
        wrong = play.rate("ada", "2")
        play.result(void=[wrong])
        assert play.ratings() == [("ada", "1")]

    def test_it_is_in_force_when_as_many_stewards_as_it_takes_approved(self):
        play = Play()
        result = play.result()
        play.approve(result, 1)
        play.stage.say("approval", {"result": result}, play.cast.key("steward 1"))
        assert not play.outcome().in_force
        play.approve(result, 3)
        assert play.outcome().in_force

    def test_the_last_one_in_force_counts(self):
        play = Play()
        first, second = play.result(counted=1), play.result(counted=2)
        play.approve(second, 1, 2)
        play.approve(first, 1, 2)
        third = play.result(counted=3)
        play.approve(third, 1)
        assert play.outcome().result.hash == first

    def test_a_result_that_stewards_void_does_not_count(self):
        play = Play()
        first, second = play.result(counted=1), play.result(counted=2)
        play.approve(first, 1, 2)
        play.approve(second, 1, 2)
        play.void(second)
        assert play.outcome().result.hash == first

    def test_a_tree_that_is_not_the_logs_is_a_fault(self):
        play = Play()
        play.result(tree={"root": "00" * 32, "size": 3})
        refused(play, "is not the log's")


def test_a_log_without_a_manifest_comes_to_nothing():
    replay = Replay()
    with pytest.raises(Exception, match="no manifest"):
        conclude(replay)


def test_an_entry_is_found_by_its_hash():
    play = Play()
    play.bind("ada")
    withheld = play.judgment("ada", "ratings", BENEFIT, {"value": "5"})
    complaint = play.complain("ada", withheld, DEADLINE)
    replay = play.stage.replay
    assert replay.holds(bytes.fromhex(complaint)) == replay.holds(entry_hash(withheld.leaf())) == replay.size - 1
    assert replay.holds(bytes(32)) is None
