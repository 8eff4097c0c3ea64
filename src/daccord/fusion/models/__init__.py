"""What models say, and what that is worth: voices, copies, leaks, rewards."""

from daccord.fusion.models._voices import Voice, model_vectors, voices

__all__ = ["Voice", "model_vectors", "voices"]
