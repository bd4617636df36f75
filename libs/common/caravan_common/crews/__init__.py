"""Crews judge contested cases among closed options; rules stand wherever they can't.

Importing this package does not import CrewAI; judging does.
"""

from caravan_common.crews._cases import Case, Facts, Judgement, Judges, Option, Verdict
from caravan_common.crews.definition import CrewNotUsable, crew_from_yaml
from caravan_common.crews.environment import HomeNotWritable, preload, prepare_environment
from caravan_common.crews.models import LlmSettings
from caravan_common.crews.runner import CrewRunner
from caravan_common.masking import mask_secrets, names_secret

__all__ = [
    "Case",
    "CrewNotUsable",
    "CrewRunner",
    "Facts",
    "HomeNotWritable",
    "Judgement",
    "Judges",
    "LlmSettings",
    "Option",
    "Verdict",
    "crew_from_yaml",
    "mask_secrets",
    "names_secret",
    "preload",
    "prepare_environment",
]
