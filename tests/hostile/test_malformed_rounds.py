"""Whatever is wrong with a folder, reading it gives a round or an error with a place, and loses nothing silently."""

from __future__ import annotations

import pytest
from hypothesis import given

pytest.importorskip("pyarrow", reason="the extra `data` is not installed; `make test` installs it")

from tests.hostile.strategies import broken_folders

from daccord.formats._reading import check_files


@given(broken_folders())
def test_a_damaged_folder_is_a_round_or_a_list_of_problems(files: dict[str, bytes]) -> None:
    found, problems = check_files(files)
    assert (found is None) == bool(problems)
    for problem in problems:
        assert problem.file
        assert problem.message
        assert problem.remedy
    if found is not None:
        for said in found.judgments.values():
            assert all(0 <= judge < len(found.panel) for judge in said.comparisons.judge)
