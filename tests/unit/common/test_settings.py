"""The environment becomes typed settings, or one sentence that says what is wrong."""

import pytest

from caravan_common.settings import Settings, SettingsAreInvalid


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CARAVAN_{name.upper()}", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)


def test_without_any_variable_the_defaults_hold() -> None:
    settings = Settings.load()
    assert (settings.port, settings.lease_seconds, settings.llm) == (8080, 20.0, "offline")
    assert settings.amqp_url is None
    assert settings.announce == "mapped"
    assert settings.llm_budget_tokens == 100_000


def test_variables_are_read_with_the_prefix_and_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_PORT", "9000")
    monkeypatch.setenv("CARAVAN_AMQP_URL", "amqp://user:hidden@host/vhost")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    settings = Settings.load()
    assert (settings.port, settings.amqp_url) == (9000, "amqp://user:hidden@host/vhost")
    assert settings.otel_exporter_otlp_endpoint == "http://collector:4318"


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_PORT", "")
    assert Settings.load().port == 8080


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_PORT", "9000")
    assert Settings.load(port=1234).port == 1234


def test_a_wrong_value_is_told_in_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CARAVAN_LEASE_SECONDS", "soon")
    with pytest.raises(
        SettingsAreInvalid, match=r"^CARAVAN_LEASE_SECONDS: input should be a valid number[^.]*\.$"
    ):
        Settings.load()


def test_a_wrong_address_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_AMQP_URL", "http://user:hidden@host")
    with pytest.raises(SettingsAreInvalid) as caught:
        Settings.load()
    assert str(caught.value).startswith("CARAVAN_AMQP_URL: ")
    assert "hidden" not in str(caught.value)


def test_no_password_or_key_is_printed() -> None:
    settings = Settings.load(
        amqp_url="amqp://user:hidden@host/",
        database_url="postgresql://user:hidden@host/db",
        llm_api_key="hidden",
    )
    assert "hidden" not in repr(settings)
