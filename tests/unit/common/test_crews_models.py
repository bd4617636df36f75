"""Which model, what it costs, and the meter that lets a call through or not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from caravan_common.contracts import Budget, Usage
from caravan_common.crews import LlmSettings
from caravan_common.crews.calling import CallFailed
from caravan_common.crews.metered import metered_llm
from caravan_common.crews.metering import CallRefused, Meter, Price, estimate_tokens
from caravan_common.crews.models import _llm_arguments, make_llm, price_of
from caravan_common.settings import SettingsAreInvalid
from tests.support.scripted_model import ScriptedModel

REAL = LlmSettings(llm="test/model", llm_retries=0)
HELLO = [{"role": "user", "content": "hello " * 50}]


def ignore(_usage: tuple[Usage, ...]) -> None:
    pass


def test_the_default_model_is_offline_and_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARAVAN_LLM", raising=False)
    settings = LlmSettings()

    assert make_llm(settings).model == "offline"
    assert price_of(settings) == Price(0, 0)


def test_settings_come_from_the_environment_and_hide_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_LLM", "openai/gpt-4o-mini")
    monkeypatch.setenv("CARAVAN_LLM_API_KEY", "sk-very-secret")
    monkeypatch.setenv("CARAVAN_LLM_BASE_URL", "http://models.example/v1")
    settings = LlmSettings()

    assert (settings.llm, settings.llm_base_url) == ("openai/gpt-4o-mini", "http://models.example/v1")
    assert "very-secret" not in repr(settings)


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a compose file passes on what is not set: a base URL of nothing would make another server of the provider."""
    monkeypatch.setenv("CARAVAN_LLM", "openai/gpt-4o-mini")
    for name in ("BASE_URL", "API_KEY", "RETRIES", "TIMEOUT_SECONDS", "PROMPT_PRICE"):
        monkeypatch.setenv(f"CARAVAN_LLM_{name}", "")
    settings = LlmSettings.load()

    assert (settings.llm_base_url, settings.llm_api_key, settings.llm_retries) == (None, None, 2)
    assert "max_completion_tokens" in _llm_arguments(settings)


def test_a_wrong_one_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_LLM_RETRIES", "some")
    with pytest.raises(SettingsAreInvalid, match=r"^CARAVAN_LLM_RETRIES: input should be a valid integer"):
        LlmSettings.load()


def test_prices_come_from_the_catalogue_unless_they_are_set() -> None:
    listed = price_of(LlmSettings(llm="openai/gpt-4o-mini"))
    own = price_of(LlmSettings(llm="openai/gpt-4o-mini", llm_prompt_price=1.0, llm_completion_price=3.0))

    assert listed is not None
    assert 0 < listed.prompt < listed.completion < 1e-5
    assert own == Price(1e-6, 3e-6)


def test_a_model_that_no_catalogue_knows_has_no_price() -> None:
    assert price_of(LlmSettings(llm="nobody/unheard-of")) is None


def test_the_meter_reports_cumulative_usage_after_each_call() -> None:
    reports: list[tuple[Usage, ...]] = []
    meter = Meter(Budget(tokens=100_000), Price(1e-6, 2e-6), on_usage=reports.append)
    meter.record("m", "v1", 100, 10)
    meter.record("m", "v1", 50, 5)
    meter.record("m", "v2", 1, 1)

    assert [usage.calls for (usage,) in reports] == [1, 2, 3]
    [usage] = reports[-1]
    assert (usage.prompt_tokens, usage.completion_tokens, usage.prompt_version) == (151, 16, "v1+v2")
    assert usage.cost_usd == pytest.approx(151e-6 + 32e-6)


def test_the_meter_refuses_what_would_not_fit() -> None:
    meter = Meter(Budget(tokens=1000), None, on_usage=ignore)
    meter.admit("m", None, 500, 500)
    meter.record("m", None, 500, 1)

    with pytest.raises(CallRefused, match="budget was spent"):
        meter.admit("m", None, 500, 500)


def test_a_closed_meter_lets_nothing_through() -> None:
    meter = Meter(Budget(tokens=1000), None, on_usage=ignore)
    meter.close("the crew took too long")

    with pytest.raises(CallRefused, match="too long"):
        meter.admit("m", None, 1, 1)


def test_tokens_are_those_of_the_provider_where_it_reports_them() -> None:
    reported = {"prompt_tokens": 77, "completion_tokens": 11, "total_tokens": 88}
    meter = Meter(Budget(tokens=100_000), None, on_usage=ignore)
    metered_llm(ScriptedModel("yes", usage=reported)(REAL), meter, REAL).call(HELLO)

    assert (meter.usage[0].prompt_tokens, meter.usage[0].completion_tokens) == (77, 11)


def test_tokens_are_estimated_where_the_provider_reports_none() -> None:
    meter = Meter(Budget(tokens=100_000), None, on_usage=ignore)
    metered_llm(ScriptedModel("yes")(REAL), meter, REAL).call(HELLO)

    assert meter.usage[0].prompt_tokens == estimate_tokens(HELLO) >= 75
    assert meter.usage[0].completion_tokens > 0


def test_a_failed_call_is_counted_with_its_prompt() -> None:
    meter = Meter(Budget(tokens=100_000), None, on_usage=ignore)
    with pytest.raises(CallFailed):
        metered_llm(ScriptedModel(ConnectionError("gone"))(REAL), meter, REAL).call(HELLO)

    assert (meter.usage[0].calls, meter.usage[0].completion_tokens) == (1, 0)
    assert meter.usage[0].prompt_tokens > 0
    assert meter.failure == "ConnectionError"


def test_the_offline_model_spends_no_tokens() -> None:
    offline = LlmSettings(llm="offline")
    meter = Meter(Budget(), None, on_usage=ignore)
    metered_llm(ScriptedModel("yes")(offline), meter, offline).call(HELLO)

    assert meter.usage == (Usage(model="offline", prompt_version="", calls=1),)


@pytest.fixture
def model_server() -> Iterator[tuple[str, list[Any]]]:
    """A local server that speaks enough of OpenAI's protocol, and the requests it got."""
    requests: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path, self.headers["Authorization"], body))
            answer = {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": [
                    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}
                ],
                "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
            }
            payload = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", requests
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_compatible_server_is_asked_at_its_address_with_key_and_limit(
    model_server: tuple[str, list[Any]],
) -> None:
    url, requests = model_server
    settings = LlmSettings(
        llm="openai/own-model",
        llm_base_url=url,
        llm_api_key=SecretStr("sk-own"),
        llm_answer_tokens=300,
    )
    meter = Meter(Budget(tokens=100_000), None, on_usage=ignore)
    answer = metered_llm(make_llm(settings), meter, settings).call([{"role": "user", "content": "hello"}])

    [(path, authorization, body)] = requests
    assert answer == "ok"
    assert (path, authorization, body["model"], body["max_tokens"]) == (
        "/v1/chat/completions",
        "Bearer sk-own",
        "own-model",
        300,
    )
    assert (meter.usage[0].prompt_tokens, meter.usage[0].completion_tokens) == (5, 2)
