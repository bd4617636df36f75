"""Which model judges (CARAVAN_LLM), at which price. CrewAI only inside functions."""

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from caravan_common.crews.environment import preload
from caravan_common.crews.metering import Price
from caravan_common.secret_references import is_reference, resolve
from caravan_common.settings import read_plainly

if TYPE_CHECKING:
    from crewai import BaseLLM

OFFLINE = "offline"

# A batch may need two calls; a call that hangs must end by itself before the batch's time is over.
_CALL_SHARE = 0.45

# How CrewAI's providers call the limit of an answer; all others say max_tokens.
_ANSWER_LIMIT = {
    "openai": "max_completion_tokens",
    "gemini": "max_output_tokens",
    "google": "max_output_tokens",
}
# These take no timeout and would send it to the service as an unknown parameter.
_WITHOUT_TIMEOUT = frozenset({"gemini", "google", "bedrock", "aws", "snowflake"})


class LlmSettings(BaseSettings):
    """From CARAVAN_LLM and CARAVAN_LLM_*. `llm` is `offline` or `provider/model` as CrewAI writes it.

    `llm_api_key` may be a reference, which is resolved when a model is made: in the child of the attempt that asks it.
    `llm_base_url` with `openai/…` is a server that speaks OpenAI's protocol. Prices are USD per million
    tokens; unset, those of the catalogue in the installed CrewAI hold. `llm_timeout_seconds` is for a batch with its
    repetitions; `llm_retries`: how often a call that failed in passing is repeated. An empty variable counts as absent:
    a compose file passes on what is not set.
    """

    model_config = SettingsConfigDict(
        env_prefix="CARAVAN_", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    llm: str = OFFLINE
    llm_base_url: str | None = None
    llm_api_key: SecretStr | None = None
    llm_timeout_seconds: float = Field(default=120.0, gt=0)
    llm_retries: int = Field(default=2, ge=0)
    llm_answer_tokens: int = Field(default=4096, ge=256)
    llm_batch_cases: int = Field(default=20, ge=1)
    llm_batch_characters: int = Field(default=24_000, ge=2_000)
    llm_prompt_price: float | None = Field(default=None, ge=0)
    llm_completion_price: float | None = Field(default=None, ge=0)

    @property
    def is_offline(self) -> bool:
        return self.llm == OFFLINE

    @classmethod
    def load(cls) -> Self:
        """From the environment. Raises SettingsAreInvalid."""
        return read_plainly(cls)


def price_of(settings: LlmSettings) -> Price | None:
    """USD per token: as set, else as in the catalogue CrewAI carries, else None. Offline costs nothing."""
    if settings.is_offline:
        return Price(0.0, 0.0)
    if settings.llm_prompt_price is not None and settings.llm_completion_price is not None:
        return Price(settings.llm_prompt_price / 1e6, settings.llm_completion_price / 1e6)
    catalogue = _price_catalogue()
    entry = catalogue.get(settings.llm) or catalogue.get(settings.llm.partition("/")[2]) or {}
    prompt, completion = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    return Price(float(prompt), float(completion)) if prompt is not None and completion is not None else None


@cache
def _price_catalogue() -> dict[str, Any]:
    preload()
    path = files("crewai.llms") / "litellm_catalog" / "model_prices_and_context_window.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def make_llm(settings: LlmSettings) -> "BaseLLM":
    """The model of the settings. Raises SecretIsMissing, and CrewAI's ImportError without its provider's package."""
    preload()
    if settings.is_offline:
        from caravan_common.crews.offline import offline_llm

        return offline_llm()
    from crewai import LLM

    return LLM(model=settings.llm, **_llm_arguments(settings))


def _llm_arguments(settings: LlmSettings) -> dict[str, Any]:
    provider = settings.llm.partition("/")[0].lower()
    compatible = settings.llm_base_url is not None
    limit = "max_tokens" if compatible else _ANSWER_LIMIT.get(provider, "max_tokens")
    arguments: dict[str, Any] = {limit: settings.llm_answer_tokens}
    if provider not in _WITHOUT_TIMEOUT:
        # No retries inside the provider (calling.py has them): each call must pass the meter.
        arguments |= {"timeout": settings.llm_timeout_seconds * _CALL_SHARE, "max_retries": 0}
    if settings.llm_base_url is not None:
        arguments["base_url"] = settings.llm_base_url
    if settings.llm_api_key is not None:
        key = settings.llm_api_key.get_secret_value()
        arguments["api_key"] = resolve(key) if is_reference(key) else key
    return arguments
