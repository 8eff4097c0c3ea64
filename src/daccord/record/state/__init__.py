"""Replaying a record: from the bytes of a log to the state of a round, and to the files it is decided from."""

from daccord.record.state._book import Answer, Close, Commit, Entry, Fault, Given, ListedAnswers
from daccord.record.state._files import Files
from daccord.record.state._history import TreeHistory
from daccord.record.state._keys import KeyRing, check_signers
from daccord.record.state._outcome import Outcome, conclude
from daccord.record.state._people import People, Person
from daccord.record.state._replay import Replay
from daccord.record.state._round import RoundState

__all__ = [
    "Answer",
    "Close",
    "Commit",
    "Entry",
    "Fault",
    "Files",
    "Given",
    "KeyRing",
    "ListedAnswers",
    "Outcome",
    "People",
    "Person",
    "Replay",
    "RoundState",
    "TreeHistory",
    "check_signers",
    "conclude",
]
