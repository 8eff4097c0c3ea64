"""Auditing: verifying a record step by step, deciding from one, and rehearsing one with made-up keys."""

from daccord.audit._cast import Cast
from daccord.audit._deciding import Readable, decide_record, readable
from daccord.audit._engine import engine, source_digest
from daccord.audit._rehearsal import Rehearsal, Terms, rehearse
from daccord.audit._stage import Stage
from daccord.audit._steps import STEPS, Step, Verification
from daccord.audit._verify import Chain, Pins, verify_record

__all__ = [
    "STEPS",
    "Cast",
    "Chain",
    "Pins",
    "Readable",
    "Rehearsal",
    "Stage",
    "Step",
    "Terms",
    "Verification",
    "decide_record",
    "engine",
    "readable",
    "rehearse",
    "source_digest",
    "verify_record",
]
