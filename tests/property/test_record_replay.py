"""What replaying a record promises whatever the bytes: properties, on small simulated rounds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import IntegrityError
from daccord.record import decode, encode
from daccord.record._canonical import DEPTH, LARGEST, encode_by_reference

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST - 2, LARGEST + 2) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def allowed(value: object, depth: int = DEPTH) -> bool:
    """What canonical JSON of the record may say, spelt out."""
    if isinstance(value, list | dict):
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and all(allowed(part, depth - 1) for part in parts)
    return value is None or isinstance(value, bool | str) or (isinstance(value, int) and abs(value) <= LARGEST)


class TestCanonical:
    @given(VALUES)
    def test_the_fast_encoder_writes_what_the_reference_writes(self, value):
        if allowed(value):
            assert encode(value) == encode_by_reference(value)
        else:
            with pytest.raises(ValueError):
                encode(value)

    @given(VALUES, st.booleans(), st.booleans(), st.sampled_from([None, 1]))
    def test_decoding_takes_what_the_reference_gives_back(self, value, ascii_, sort, indent):
        data = json.dumps(value, ensure_ascii=ascii_, sort_keys=sort, indent=indent, separators=(",", ":")).encode()
        sound = allowed(value) and encode_by_reference(value) == data
        try:
            assert decode(data) == value
            assert sound
        except IntegrityError:
            assert not sound

    @pytest.mark.parametrize("deep", [DEPTH, DEPTH + 1])
    @pytest.mark.parametrize("ends", ["[]", '{"":}'])
    def test_nesting_ends_at_its_limit(self, deep, ends):
        half = len(ends) // 2 if ends == "[]" else 4
        data = (ends[:half] * deep + ("" if ends == "[]" else "1") + ends[half:] * deep).encode()
        if deep <= DEPTH:
            decode(data)
        else:
            with pytest.raises(IntegrityError, match="deep"):
                decode(data)

    def test_brackets_in_text_are_no_nesting(self):
        assert decode(b'"' + b"[{" * 40 + b'"') == "[{" * 40
