"""How good a fusion is: on people it has not heard, under bad jurors, in its intervals."""

from daccord.fusion.checks._held_out_scores import HeldOutReport, MethodScore, held_out_scores, score_methods

__all__ = ["HeldOutReport", "MethodScore", "held_out_scores", "score_methods"]
