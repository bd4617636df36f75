"""Every environment variable of a Caravan process, typed. Documented for people in docs/operating.md."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from caravan_common.secret_references import is_reference, resolve

T = TypeVar("T")


class SettingsAreInvalid(ValueError):
    """One sentence: the variable and what is wrong with it, not its value, which may hold a secret."""


class Settings(BaseSettings):
    """Read from CARAVAN_*; an empty variable counts as absent. A process needs only those of its own part.

    Addresses with a password in them may be references (`secret_references`). The model's key stays one here: it is
    resolved in the child that calls the model.
    """

    model_config = SettingsConfigDict(
        env_prefix="CARAVAN_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: str | None = Field(default=None, repr=False, pattern=r"^postgres(ql)?(\+\w+)?://")
    """PostgreSQL as role caravan_app."""
    database_dispatch_url: str | None = Field(default=None, repr=False, pattern=r"^postgres(ql)?(\+\w+)?://")
    """The same database as role caravan_dispatch."""
    database_owner_url: str | None = Field(default=None, repr=False, pattern=r"^postgres(ql)?(\+\w+)?://")
    """The same database as its owner; for migrations only."""
    amqp_url: str | None = Field(default=None, repr=False, pattern=r"^amqps?://")
    """RabbitMQ, with user and virtual host; the in-process bus when absent."""
    artifacts_url: str | None = Field(default=None, pattern=r"^(file|s3|gs|az)://")
    """Root of the artifact store; a folder below data_dir when absent."""
    data_dir: Path | None = None
    """Where the embedded platform keeps its database and artifacts; a temporary folder when absent."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Of the gateway; 0 takes any free one."""
    drain_seconds: float = Field(default=2.0, ge=0, le=60)
    """How long a gateway told to stop still answers, while /health/ready tells load balancers to look elsewhere."""
    lease_seconds: float = Field(default=20.0, ge=1)
    """How long a silent worker keeps its attempt."""
    slots: int = Field(default=2, ge=1)
    """Attempts a worker runs at the same time, each in a child process."""
    llm: str = "offline"
    """`offline`, or `provider/model` as CrewAI names it."""
    llm_base_url: str | None = None
    llm_api_key: SecretStr | None = None
    llm_budget_tokens: int = Field(default=100_000, ge=0)
    """What models may use of a flow whose configuration names no `budget_tokens`; 0 keeps them out."""
    rate_limit: float = Field(default=200.0, ge=0)
    """Requests a second that one subject may send to a gateway, twice as many at once after a rest; 0: any number."""
    cors_origins: str = Field(default="", pattern=r"^(https?://[^\s,/*]+(,\s*https?://[^\s,/*]+)*)?$")
    """Origins of browsers that may ask the gateway, comma-separated; none when empty."""
    jwks_url: str | None = Field(default=None, pattern=r"^https?://")
    """Keys of the identity provider; a local key when absent."""
    jwt_audience: str = "caravan"
    jwt_issuer: str | None = None
    """The `iss` that the identity provider's tokens must have; any when absent."""
    announce: Literal["open", "mapped"] = "mapped"
    """Which broker users may announce flow types: any, or only those that the deployment mapped to them."""
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT", pattern=r"^https?://"
    )
    """Traces and metrics go there by OTLP over HTTP; nowhere when absent."""

    @field_validator("database_url", "database_dispatch_url", "database_owner_url", "amqp_url", mode="before")
    @classmethod
    def _resolved(cls, value: Any) -> Any:
        return resolve(value) if is_reference(value) else value

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """From the environment, `overrides` winning. Raises SettingsAreInvalid."""
        return read_plainly(lambda: cls(**overrides))


def read_plainly(read: Callable[[], T]) -> T:
    """What `read` makes of the environment. Raises SettingsAreInvalid instead of pydantic's own words."""
    try:
        return read()
    except ValidationError as error:
        raise SettingsAreInvalid(
            " ".join(_sentence(fault["loc"], fault["msg"]) for fault in error.errors())
        ) from None


def _sentence(where: tuple[int | str, ...], what: str) -> str:
    name = str(where[0]) if where else "settings"
    variable = name if name.isupper() else f"CARAVAN_{name.upper()}"
    what = what.removeprefix("Value error, ").removesuffix(".")
    return f"{variable}: {what[0].lower()}{what[1:]}."
