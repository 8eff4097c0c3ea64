"""The simulated example of `deep`, decided as its operator would; its page's figures."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path

import pytest

from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.pipeline import Decision, decide
from daccord.report import explain_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decide(load_round(ROOT / "examples" / "deep"))


def test_page():
    failed, tried = doctest.testfile(str(ROOT / "docs/methods/deep.md"), module_relative=False, encoding="utf-8")
    assert tried > 10
    assert failed == 0


def test_what_nobody_judged_is_paid_through_those_who_use_it(decision: Decision):
    assert decision.round.simulated
    paid = {award.project: award.amount for award in decision.allocation.awards}
    assert sum(paid.values()) + decision.allocation.unallocated == 20_000_000
    assert paid["crypto-core"] > 0
    assert decision.scores["crypto-core"].criteria["benefit"].judgments == 0
    assert paid["build-chain"] == 1_500_000  # its ask
    assert paid["vendor-blob"] == 0


def test_credit_stops_at_the_hold_and_the_rest_is_accounted_for(decision: Decision):
    certificate = decision.allocation.certificate
    stopped = float(certificate["credit that stopped, minor units"])
    cut = int(certificate["cut by asks, team caps and the minimum, minor units"])
    assert certificate["circles"] == "1"
    assert decision.allocation.unallocated == -(-stopped // 1) + cut
    begins = [int(text.split(",")[0]) for name, text in certificate.items() if name.endswith("is kept")]
    assert sum(begins) == 20_000_000
    assert any("vendor-blob" in warning for warning in decision.warnings)


def test_explanation_tells_paths(decision: Decision):
    text = " ".join(explain_project(decision, "build-chain").paragraphs)
    assert "air-alarm → sensor-driver 40 % → build-chain 20 %" in text
    assert "25 % to parser-kit" in text
    assert "vendor-blob, which may not be funded" in " ".join(explain_project(decision, "air-alarm").paragraphs)


def test_round_is_written_as_it_was_read(decision: Decision, tmp_path: Path):
    write_round(decision.round, tmp_path / "copy")
    assert load_round(tmp_path / "copy").inputs.dependencies == decision.round.inputs.dependencies


def test_round_without_graph_is_refused(decision: Decision):
    inputs = replace(decision.round.inputs, dependencies=())
    with pytest.raises(InputError, match=r"add dependencies\.csv"):
        decide(replace(decision.round, inputs=inputs))
