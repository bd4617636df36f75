"""`caravan price`: what is shown, what is taken, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from caravan.embedded.kept_tables import kept_tables
from caravan.failures import BadInput, PlatformUnavailable
from caravan.main import app

HEADER = "provider,region,kind,instance,vcpu,memory_gb,price_hour,price_gb_month,price_date,price_source\n"
LIST = (
    HEADER
    + "aws,eu-central-1,linux,m7i.large,2,8,0.09,,2026-10-01,contract\n"
    + "aws,eu-central-1,storage,,,,,0.08,2026-10-01,contract\n"
)


def run(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CARAVAN_DATA_DIR", str(tmp_path))
    (tmp_path / "mine.csv").write_text(LIST)
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    def read(*arguments: str) -> Any:
        run("price", *arguments, "--json")
        return json.loads(capsys.readouterr().out)

    return read


def test_what_is_shipped_is_shown_with_day_and_source_by_provider_and_region(folder: Path, said: Any) -> None:
    rows = said("show")["prices"]
    assert {row["provider"] for row in rows} == {"aws", "azure", "google"}
    assert all(row["from"] <= row["to"] and row["sources"] and row["prices"] for row in rows)
    listed = said("show", "aws", "us-east-1")["prices"]
    assert {"linux", "storage"} <= {row["kind"] for row in listed}
    assert all(row["price"] > 0 and row["price_date"] and row["price_source"] for row in listed)


def test_a_list_of_ones_own_is_shown_over_what_is_shipped_and_waits_for_a_platform(
    folder: Path, said: Any
) -> None:
    told = said("refresh", str(folder / "mine.csv"))
    assert (told["prices"], told["written"], told["in_force"]) == (2, True, None)
    own = [row for row in said("show", "aws", "eu-central-1")["prices"] if row["own"]]
    assert [(row["kind"], row["price"], row["price_date"], row["price_source"]) for row in own] == [
        ("linux", 0.09, "2026-10-01", "contract"),
        ("storage", 0.08, "2026-10-01", "contract"),
    ]
    ((name, rows),) = kept_tables([folder])
    assert name == "prices"
    assert json.loads(rows["aws/eu-central-1/linux/m7i.large"])["price_hour"] == 0.09
    assert said("withdraw", "--yes")["withdrawn"]
    assert kept_tables([folder]) == []


def test_a_dry_run_keeps_nothing(folder: Path, said: Any) -> None:
    assert said("refresh", str(folder / "mine.csv"), "--dry-run")["written"] is False
    assert kept_tables([folder]) == []


def test_json_is_taken_as_the_platform_answers_it(folder: Path, said: Any) -> None:
    key = "google/europe-west3/storage"
    facts = {"price_gb_month": 0.1, "price_date": "2026-10-01"}
    for body in ({key: facts}, {"name": "prices", "rows": {key: json.dumps(facts)}}):
        (folder / "mine.json").write_text(json.dumps(body))
        assert said("refresh", str(folder / "mine.json"))["prices"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADER, "holds no prices"),
        ("a,b\n1,2\n", "'a' is none of provider"),
        ("provider,region,kind\n", "lacks the column 'price_date'"),
        (LIST + LIST.splitlines()[1], "stands there twice"),
        (
            HEADER + "aws,eu-central-1,linux,m7i.large,2,8,dear,,2026-10-01,x\n",
            "price_hour is no number: 'dear'",
        ),
        (HEADER + "aws,eu-central-1,linux,m7i.large,2,8,0,,2026-10-01,x\n", "price_hour is not above 0"),
        (HEADER + "aws,eu-central-1,linux,m7i.large,2,8,0.1,,,x\n", "needs a price_date"),
        (HEADER + "aws,eu-centrl-1,linux,m7i.large,2,8,0.1,,2026-10-01,x\n", "no region of aws"),
        (HEADER + "ibm,x,linux,m,2,8,0.1,,2026-10-01,x\n", "no provider that we know"),
        (HEADER + "aws,eu-central-1,linux,,2,8,0.1,,2026-10-01,x\n", "is none; write provider/region"),
        (HEADER + "aws,eu-central-1\n", "not as many cells"),
        ("{", "is no JSON"),
        ('{"rows": {"aws/eu-central-1/storage": 7}}', "holds no facts"),
    ],
)
def test_a_list_that_can_not_be_used_is_refused_whole(content: str, words: str, folder: Path) -> None:
    (folder / "bad.csv").write_text(content)
    with pytest.raises(BadInput, match=words) as caught:
        run("price", "refresh", str(folder / "bad.csv"))
    assert str(caught.value).endswith("Nothing was changed.")
    assert kept_tables([folder]) == []


def test_an_unknown_place_names_those_there_are(folder: Path) -> None:
    with pytest.raises(BadInput, match="no prices of ibm; there are those of aws, azure, google"):
        run("price", "show", "ibm")
    with pytest.raises(BadInput, match=r"no prices of azure nowhere; there are those of .*eastus"):
        run("price", "show", "azure", "nowhere")


def test_a_kept_list_that_is_broken_keeps_the_platform_from_starting_with_words(folder: Path) -> None:
    (folder / "prices.json").write_text("{}")
    with pytest.raises(PlatformUnavailable, match=r"holds no prices\. Refresh it again, or delete"):
        kept_tables([folder])
