"""What a witness does: it cosigns heads of logs it knows, and only growth."""

from daccord.record.witness._client import growth_request, read_answer
from daccord.record.witness._state import Answer, Seen, WitnessState, answer

__all__ = ["Answer", "Seen", "WitnessState", "answer", "growth_request", "read_answer"]
