"""References to secrets: resolved where they are used, and told by what they name alone."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from caravan_common.crews.models import LlmSettings, _llm_arguments
from caravan_common.secret_references import SecretIsMissing, resolve
from caravan_common.settings import Settings, SettingsAreInvalid

MARKER = "marker-7f3a"
ADDRESS = f"amqp://caravan:{MARKER}@broker/caravan"


def test_a_secret_is_read_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN_NAME", MARKER)
    assert resolve("secret://env/OWN_NAME") == MARKER
    kept = tmp_path / "secret"
    for written in (MARKER, f"{MARKER}\n", f"{MARKER}\r\n"):
        kept.write_text(written, newline="")
        assert resolve(f"secret://file{kept}") == MARKER


@pytest.mark.parametrize(
    "reference",
    [
        "secret://env/NO_SUCH_NAME",
        "secret://env/no name",
        "secret://env/",
        "secret://file/no/such/file",
        "secret://file/",
        "secret://file/etc",
        "secret://file/a\0b",
        "secret://vault/name",
        "secret://",
        "secret:///etc/passwd",
    ],
)
def test_a_reference_that_leads_nowhere_is_named(reference: str) -> None:
    with pytest.raises(SecretIsMissing) as caught:
        resolve(reference)
    assert str(caught.value).startswith(reference)


def test_what_is_no_secret_by_its_size_or_bytes_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    for content in (b"", b"x" * 100_000, b"\xff\xfe"):
        kept.write_bytes(content)
        with pytest.raises(SecretIsMissing):
            resolve(f"secret://file{kept}")


def test_settings_take_references_for_addresses_with_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "amqp"
    kept.write_text(ADDRESS)
    monkeypatch.setenv("CARAVAN_AMQP_URL", f"secret://file{kept}")
    settings = Settings.load()
    assert settings.amqp_url == ADDRESS
    assert MARKER not in repr(settings)


def test_settings_say_which_secret_is_missing_and_never_what_one_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARAVAN_AMQP_URL", "secret://file/no/such/file")
    with pytest.raises(
        SettingsAreInvalid, match=r"^CARAVAN_AMQP_URL: secret://file/no/such/file can't be read"
    ):
        Settings.load()
    kept = tmp_path / "amqp"
    kept.write_text(f"http://caravan:{MARKER}@broker")
    monkeypatch.setenv("CARAVAN_AMQP_URL", f"secret://file{kept}")
    with pytest.raises(SettingsAreInvalid) as caught:
        Settings.load()
    assert MARKER not in str(caught.value)


def test_a_models_key_is_resolved_when_the_model_is_made_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CARAVAN_LLM_API_KEY", "secret://env/PROVIDER_KEY")
    settings = LlmSettings(llm="openai/some-model")
    assert settings.llm_api_key == SecretStr("secret://env/PROVIDER_KEY")
    with pytest.raises(SecretIsMissing):
        _llm_arguments(settings)
    monkeypatch.setenv("PROVIDER_KEY", MARKER)
    assert _llm_arguments(settings)["api_key"] == MARKER
    assert MARKER not in repr(settings)
