"""Figures of methods: value of information, a robustness benchmark, sensitivity."""

from __future__ import annotations

import math

import numpy as np

from daccord.futures.anchors.figures._figure import Anchor, Figure
from daccord.futures.anchors.information import normal_evpi, sample_evppi
from daccord.futures.anchors.lake import Lake
from daccord.futures.anchors.sensitivity import ishigami, ishigami_indices, sobol_indices

__all__ = ["anchors"]

_DRAWS = 50_000
_SEED = 20_260_101


def _information() -> tuple[Figure, ...]:
    random = np.random.Generator(np.random.Philox(_SEED))
    first, second = random.normal(1.0, 1.0, _DRAWS), random.normal(0.0, 2.0, _DRAWS)
    benefits = np.stack([first - second, np.zeros(_DRAWS)], axis=1)
    # Four standard errors: what perfect information adds to a draw has a deviation below 1, so 4/√50,000 < 0.02.
    return (
        Figure("EVPI", "0.4798107", normal_evpi(1.0, math.sqrt(5.0))),
        Figure("EVPPI(p₁)", "0.0833155", normal_evpi(1.0, 1.0)),
        Figure("EVPPI(p₂)", "0.3955931", normal_evpi(1.0, 2.0)),
        Figure("EVPPI(p₁) by splines, 50,000 draws", "0.0833155", sample_evppi(benefits, first), 0.02),
        Figure("EVPPI(p₂) by splines", "0.3955931", sample_evppi(benefits, second), 0.02),
        Figure("EVPPI(p₁, p₂) by splines: EVPI", "0.4798107", sample_evppi(benefits, first, second), 0.02),
    )


def _lake() -> tuple[Figure, ...]:
    lake = Lake()
    rows = {
        0.0: ("0.0547", "0", "1"),
        0.02: ("0.1429", "0.3470", "1"),
        0.04: ("2.0751", "0.6939", "0.23"),
        0.05: ("2.1114", "0.8674", "0.16"),
        0.1: ("2.2835", "1.7348", "0.07"),
    }
    figures = [Figure("tipping point", "0.544540", lake.tipping_point)]
    for emission, texts in rows.items():
        run = lake.run(np.full(100, emission), np.full(100, 0.02))
        for name, text, value in zip(
            ("largest pollution", "utility", "share of years below the tipping point"),
            texts,
            (run.most, run.utility, run.reliability),
            strict=True,
        ):
            figures.append(Figure(f"emission {emission}: {name}", text, value))
    return tuple(figures)


def _sobol() -> tuple[Figure, ...]:
    exact = ishigami_indices()
    estimate = sobol_indices(lambda unit: ishigami((2 * unit - 1) * np.pi), 3, doublings=13, seed=_SEED)
    printed = ("0.3139", "0.4424", "0"), ("0.5576", "0.4424", "0.2437")
    figures = []
    for label, indices, tolerance in (("", exact, None), (", estimated from 40,960 runs", estimate, 0.01)):
        for name, texts, values in zip("ST", printed, (indices.alone, indices.total), strict=True):
            for k, (text, value) in enumerate(zip(texts, values, strict=True)):
                figures.append(Figure(f"{name}{'₁₂₃'[k]}{label}", text, value, tolerance))
    return tuple(figures)


def anchors() -> tuple[Anchor, ...]:
    """V1–V2, L1, I1."""
    return (
        Anchor(
            "V1",
            "Value of information: the chemotherapy example",
            "tests of the R package voi",
            "read",
            (),
            "Not reproduced. The printed values (EVPI 368.6051; EVPPI 262.1109 for one question, 333.45 for two) "
            "belong to a sample that comes with the R package and is not part of this program. An earlier trial on "
            "that sample, outside this program, gave 368.6051, 262.08 and 334.45 with splines like those used here. "
            "They depend on the sample: another version of the package's tests prints other numbers.",
        ),
        Anchor(
            "V2",
            "Value of information: a normal linear model",
            "vignette of the R package voi",
            "read",
            _information(),
            "p₁ ~ N(1, 1), p₂ ~ N(0, 2²). The estimates from a sample have a sampling error of the printed tolerance.",
        ),
        Anchor(
            "L1",
            "The shallow lake without chance",
            "the lake problem as in the EMA workbench and Rhodium; table from an earlier trial",
            "derived",
            _lake(),
            "b = 0.42, q = 2, inflow 0.02, 100 years counted from year 0. With a 101st year utility differs in the "
            "third place.",
        ),
        Anchor(
            "I1",
            "Sobol indices of Ishigami's function, a = 7, b = 0.1",
            "Ishigami, Homma (1990); closed form",
            "derived",
            _sobol(),
        ),
    )
