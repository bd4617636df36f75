"""No password, token or key gets past the mask, and ordinary text does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caravan_common.masking import mask_personal, mask_secrets, names_personal, names_secret


@pytest.mark.parametrize(
    "text",
    [
        "password: Hunter2!",
        "Password = 'Hunter2! and more'",
        'pwd="Hunter2!"',
        "PWD:Hunter2!",
        "root password is Hunter2!",
        "Passwort ist Hunter2!",
        "Kennwort: Hunter2!",
        "login sa pwd Hunter2!",
        '{"api_key": "Hunter2!"}',
        "client-secret => Hunter2!",
        "token -> Hunter2!",
        "postgres://app:Hunter2!@db.example/x",
        "Authorization: Bearer Hunter2!".replace("Hunter2!", "Hunter2.abcdefgh"),
        "DB_PASSWORD=Hunter2!",
        "Server=db;User Id=sa;Password=Hunter2!;",
        'unclosed password: "Hunter2!',
        "Default password for root user is Hunter2!",
        "Passwort für den Benutzer root lautet Hunter2!",
        "Kennwort von svc_jump: Hunter2!",
        "password of sa@db-01 = 'Hunter2! and more'",
        "Das Passwort lautet Hunter2!",
        "password=//Hunter2!",
        "Credentials: sa / Hunter2!",
        "Zugangsdaten: admin/Hunter2!",
        "Anmeldedaten = Hunter2!",
        "Login: admin / Hunter2!",
        "Passwort (root): Hunter2!",
        "Password – Hunter2!",
    ],
)
def test_a_secret_in_text_is_masked(text: str) -> None:
    masked = mask_secrets(text)

    assert "Hunter2" not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "ghp_abcdefghijklmnopqrstuvwxyz0123",
        "sk-abcdefghijklmnopqrstuvwxyz",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_keys_are_known_by_their_form(secret: str) -> None:
    assert mask_secrets(f"see {secret} there") == "see *** there"


@pytest.mark.parametrize(
    "text",
    [
        "password reset portal, runs on two servers",
        "Compass Spinning Pinball",
        "Password expires every 90 days",
        "secret santa application",
        "http://intranet.example:8080/start",
        "SAP PI, owner K. Mustermann, 16 GiB",
        "time 12:30:45, mac 00:50:56:aa:bb:cc",
        "password policy for all servers is strict",
        "it is kept under secret://shop/db",
        "Login: SSO / Kerberos, logins: 40/day",
        "login: https://portal.example/start1",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert mask_secrets(text) == text


@pytest.mark.parametrize(
    "name", ["password", "dbPassword", "db_pwd", "API-Key", "Kennwort", "secret", "sa.token", "Zugangsdaten"]
)
def test_a_field_named_for_a_secret_is_one(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name", ["compass", "hostname", "spinning_disks", "tokenizer", "primary_key", "passenger"]
)
def test_a_field_whose_name_only_contains_such_a_word_is_none(name: str) -> None:
    assert not names_secret(name)


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_secrets(text)

    assert mask_secrets(once) == once


@given(
    st.from_regex(r"[A-Za-z0-9!#$%&*+]{8,20}", fullmatch=True), st.sampled_from(["password", "pwd", "token"])
)
def test_whatever_follows_the_word_and_a_colon_is_masked(secret: str, word: str) -> None:
    assert secret not in mask_secrets(f"note {word}: {secret} end").replace("***", "")


@pytest.mark.parametrize(
    "name",
    [
        "business_owner",
        "Application Owner",
        "Ansprechpartner",
        "Contact E-Mail",
        "assignedTo",
        "Telefon",
        "user_name",
    ],
)
def test_a_field_that_tells_of_persons_is_known_by_its_name(name: str) -> None:
    assert names_personal(name)


@pytest.mark.parametrize(
    "name", ["name", "hostname", "user_count", "Ownership model", "Homeowners", "IP Address", "Personalized"]
)
def test_a_field_that_only_sounds_like_persons_is_left_alone(name: str) -> None:
    assert not names_personal(name)


def test_addresses_of_persons_are_masked_wherever_they_stand() -> None:
    assert mask_personal("ask ada.l@example.org (or bob@x-y.de).") == "ask *** (or ***)."
    assert mask_personal("root@ localhost, @home") == "root@ localhost, @home"
