"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "daccord", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "daccord"))

ROOT = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Where real rounds lie that nobody here wrote; they are read, never copied."""
    return Path(os.environ.get("DACCORD_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a visible skip."""
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip("no shared data: set DACCORD_DATA to the folder of real rounds")
    return folder


@pytest.fixture(scope="session")
def gg24(shared_data: Path) -> Path:
    """Deep Funding GG24 level 1: 98 repositories, human and AI comparisons, weight lists."""
    return shared_data / "deepfunding-gg24-l1"


@pytest.fixture(scope="session")
def trial(shared_data: Path) -> Path:
    """Deep Funding trial 2025: comparisons with juror ids, published weights."""
    return shared_data / "deepfunding-trial-2025"
