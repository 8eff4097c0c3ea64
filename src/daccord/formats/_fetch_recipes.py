"""What can be fetched: public files, each pinned to a commit and to its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

__all__ = ["RECIPES", "Recipe", "SourceFile"]

_HOST = "https://raw.githubusercontent.com"

_MIT = "MIT (LICENSE in the repository)"
_MIT_JURY = (
    "MIT (LICENSE in the repository); the jury's answers were published for contestants, without a licence of their own"
)
_NONE = "none in the repository: read it, do not pass it on"


@dataclass(frozen=True)
class SourceFile:
    """A published file.

    Attributes:
        path: Where it lies in the fetched folder, with slashes.
        repository: `owner/name` on GitHub.
        source: Its path there.
        commit: 40 hexadecimal digits.
        licence: As stated where it was found.
        size: Bytes.
        sha256: Of its bytes, hexadecimal.
        mirror_only: True if these bytes are not those at the source; the file is then taken from a mirror or left out.
    """

    path: str
    repository: str
    source: str
    commit: str
    licence: str
    size: int
    sha256: str
    mirror_only: bool = False

    @property
    def url(self) -> str:
        """Where it was published."""
        return f"{_HOST}/{self.repository}/{self.commit}/{quote(self.source)}"


@dataclass(frozen=True)
class Recipe:
    """A set of files that belong together.

    Attributes:
        name: As one asks for it.
        title: For people.
        files: What it consists of.
    """

    name: str
    title: str
    files: tuple[SourceFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def _files(
    repository: str,
    commit: str,
    licence: str,
    rows: tuple[tuple[str, str, int, str], ...],
    *,
    mirror_only: bool = False,
) -> tuple[SourceFile, ...]:
    """Files of one repository at one commit, from rows of path, source, size and SHA-256."""
    return tuple(
        SourceFile(path, repository, source, commit, licence, size, sha256, mirror_only)
        for path, source, size, sha256 in rows
    )


_GG24 = Recipe(
    "deepfunding-gg24",
    "Deep Funding GG24, level 1",
    (
        *_files(
            "jrk101/deepfunding-level1-contribution-model",
            "269be914bfbd09da21a2af49d55a2e5b662503ac",
            _MIT_JURY,
            (
                (
                    "human/pairwise_data.csv",
                    "data/pairwise_data.csv",
                    25_310,
                    "7df69a70fdabe9508b0588abe945c3bb192629946f63b734c5a4b333ad71b1fb",
                ),
                (
                    "items/repos_to_predict.csv",
                    "data/repos_to_predict.csv",
                    4_924,
                    "789e6063e8a2c57772c4c92418efc8516edc3544ae9e2056664155004be3f41b",
                ),
                (
                    "ai/llm_comparisons_v7.csv",
                    "data/llm_comparisons_v7.csv",
                    1_075_677,
                    "8c8b23ea84777554977630ee5ad3b6a23b244a571f675b03c24c7a1a4a4c6852",
                ),
                (
                    "ai/llm_comparisons_grok_fix.csv",
                    "data/llm_comparisons_grok_fix.csv",
                    1_127,
                    "4b236f25b6d04f3d105e3ba3e53119ffb009b3cb16a1ce767d7ef7e908c8e816",
                ),
            ),
        ),
        *_files(
            "davidgasquez/gg24-deepfunding-market-weights",
            "9230df63e14ec311cfdaaaadc06c7c6842a9653f",
            _MIT,
            (
                (
                    "ai/arbitron_runs/20251022103108.csv",
                    "data/phase_2/runs/20251022103108.csv",
                    3_424_638,
                    "fd38410ae326a1595dd1be4ac46d30c6fddae13f95dec5f87b1ddac50b6d65ec",
                ),
                (
                    "ai/arbitron_runs/20251023081111.csv",
                    "data/phase_2/runs/20251023081111.csv",
                    1_440_446,
                    "e02f2b99b56270458ce38e312f8582d4052dc279dd35b553e66b3eaeaf6986e4",
                ),
                (
                    "ai/arbitron_runs/20251023101554.csv",
                    "data/phase_2/runs/20251023101554.csv",
                    114_986,
                    "fc0f8bf3ac6022a085c8990e28374ea8d2bdf05b8feea8e8d726e172dd0b15a9",
                ),
                (
                    "ai/arbitron_weights/bradley-terry.csv",
                    "data/phase_2/weights/bradley-terry.csv",
                    6_350,
                    "47a2fb23de9ca08fe78590e9ba20b8c0de9212c13bdb677d1e7ffd925cca3dac",
                ),
                (
                    "ai/arbitron_weights/colley.csv",
                    "data/phase_2/weights/colley.csv",
                    5_632,
                    "ae733ad469b4bb0ea1baa49aeee5af9eac858f164ff87e0814fccdedb0751498",
                ),
                (
                    "ai/arbitron_weights/elo.csv",
                    "data/phase_2/weights/elo.csv",
                    5_342,
                    "8b73d7d5edea95570fbf134a1611a8df113da5cda4a75e0f9d8a24ff73a8c2e7",
                ),
                (
                    "ai/arbitron_weights/huber-log.csv",
                    "data/phase_2/weights/huber-log.csv",
                    5_910,
                    "e2aeae19bc7d33c0ff009abcf9d6ac8fa80fa5f3b8c143025703e48b8cae6698",
                ),
                (
                    "ai/arbitron_weights/pagerank.csv",
                    "data/phase_2/weights/pagerank.csv",
                    5_854,
                    "40c436fc0a5c16b52edc38521db0e9377a5e17f8efabd0bb9c26da213e0cdbc6",
                ),
                (
                    "ai/arbitron_weights/rank-centrality.csv",
                    "data/phase_2/weights/rank-centrality.csv",
                    6_595,
                    "ecea779dd73cae5ce2826aefaabb2448bf5a37e3660e978789b63282d6b42a31",
                ),
                (
                    "items/repository_context.json",
                    "data/phase_2/repository_context.json",
                    23_159,
                    "5620993cde6e40cad2d48e336ac9fd5747353a9468c8ab3fc78fbd4a4ed68496",
                ),
            ),
        ),
        *_files(
            "3078024889/GG24-DeepFunding-Level1-Model",
            "da977723e3d5ff8b6256cbf2b604f58ee0129e3c",
            _NONE,
            (
                (
                    "contestants/3078024889.csv",
                    "submission_blended_70prior_30pr.csv",
                    6_205,
                    "1aa03c67985838b7f924a0867fe586dd0baf93b5cad41b61425ce268f11ccf7b",
                ),
            ),
        ),
        *_files(
            "Collins2003/GG24-DeepFunding",
            "d053e21f8afa0f777b21a53d919fbcb9dba996aa",
            _NONE,
            (
                (
                    "contestants/Collins2003.csv",
                    "level1_submission_best.csv",
                    6_890,
                    "12c485004d13807ea075e2ea00f64ffbb3305d2115e100e75061df4f2e931034",
                ),
            ),
            mirror_only=True,  # the numbers are those of the source, typed over: the bytes differ
        ),
        *_files(
            "REXREUS/GG-24-Deep-Funding",
            "703eba77820c4c8375275d51ff2c103b07e7dad8",
            _MIT,
            (
                (
                    "contestants/l1-predictions_example.csv",
                    "data/level 1/l1-predictions.csv",
                    6_878,
                    "e2f21ed2826a71735b5a1fc997c587b597ba95833d14645ec624e233aeafe712",
                ),
            ),
        ),
    ),
)

_TRIAL = Recipe(
    "deepfunding-trial",
    "Deep Funding trial 2025",
    (
        *_files(
            "jrk101/deepfunding-level1-contribution-model",
            "269be914bfbd09da21a2af49d55a2e5b662503ac",
            _MIT_JURY,
            (
                (
                    "human/train_627_with_reasoning.csv",
                    "data/train.csv",
                    244_113,
                    "6aa7a53559df1b7532cc3c6b3a2949bcda8369fa2a26e530e9c4f86e5c4d1809",
                ),
            ),
        ),
        *_files(
            "davidgasquez/deepfunding-trial-data-analysis",
            "7cbcc61ff8a8d45a6ab4986d770f5eaab12e8b00",
            _NONE,
            (
                (
                    "human/pairs_593.csv",
                    "data/pairs.csv",
                    76_710,
                    "d58ef4a0c748bb55e9e660caddd73943639c361f3026e1d2ecaaa21b4e8c1738",
                ),
                (
                    "ai/arbitron.csv",
                    "data/models/arbitron.csv",
                    2_926,
                    "e24fddbed91a33e57785d571e8fd1e22fb98e7e2a241d3ec0e8083dce60c8c57",
                ),
                (
                    "ai/composite_model.csv",
                    "data/models/composite_model.csv",
                    2_423,
                    "11153ad274f33b904a98ceb5d4fe802feaf51a789fc6ff61fc1263d9efe4d631",
                ),
                (
                    "ai/final_seer_weights.csv",
                    "data/models/final_seer_weights.csv",
                    3_136,
                    "6f8bda1d053689b0d990866aaa95d6fd265d3c372b0c22ba1150ea0590f02fcf",
                ),
                (
                    "published/all_methods.csv",
                    "data/repo_weights/all_methods.csv",
                    23_667,
                    "1dac0ffd05417b3e877c75bc52175e4ccd7d3b28625e10046db21f6cc0215238",
                ),
            ),
        ),
        *_files(
            "AswinWebDev/Deep-Funding-L1",
            "705bcd549b05bcfdf58e40d0d0c795f994a5fad8",
            _NONE,
            (
                (
                    "human/private_leaderboard_keys.csv",
                    "dataset/private_leaderboard.csv",
                    27_005,
                    "ecdb592026c31926424aedbfa0467203894e221a1f1551bebea2e6f7605000ea",
                ),
                (
                    "human/train_407_public.csv",
                    "dataset/train.csv",
                    157_526,
                    "a6205be197f8dfb2ad099a5e83fb026d5a5db84d5cec36dc17d9c5f0c3d36207",
                ),
                (
                    "ai/aswin_submission_phase5.csv",
                    "submission_phase5_20251006_161734.csv",
                    3_142,
                    "efec40c076d4b7bd9d818e11b6cc21b847d6d2c540207c52f0e8e476de9f6137",
                ),
            ),
        ),
        *_files(
            "tosoham/deepfunding",
            "8f4ad46712badde06f2d21e9a117fc9bdfc563d9",
            "Apache-2.0 (LICENSE in the repository)",
            (
                (
                    "human/train_180_first_release.csv",
                    "dataset/train.csv",
                    72_990,
                    "89de9344e4d871e52e1c63782bdf87479d707b377dbf420ed326d8f029087f1f",
                ),
            ),
        ),
    ),
)

RECIPES: Final[Mapping[str, Recipe]] = MappingProxyType({recipe.name: recipe for recipe in (_GG24, _TRIAL)})
"""Name → recipe."""
