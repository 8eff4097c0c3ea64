"""What models say, and what that is worth: voices, copies, leaks, rewards."""

from daccord.fusion.models._leaks import LeakReport, LeakTest, leak_tests
from daccord.fusion.models._rewards import RewardCluster, RewardShares, reward_shares
from daccord.fusion.models._voices import Voice, clusters, model_vectors, seen_by_voices, voices

__all__ = [
    "LeakReport",
    "LeakTest",
    "RewardCluster",
    "RewardShares",
    "Voice",
    "clusters",
    "leak_tests",
    "model_vectors",
    "reward_shares",
    "seen_by_voices",
    "voices",
]
