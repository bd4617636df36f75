"""A whole dataset is masked as each of its rows would be."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.veiled_frames import persons_in_frame, veiled_frame

TEXTS = st.one_of(st.none(), st.sampled_from(["", "web-01", "Ada", "ask ada@example.org", "x@y", "***"]))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "natural_key": st.text(max_size=3),
            "attribute": st.sampled_from([None, "name", "business_owner", "Ansprechpartner"]),
            "subject": st.sampled_from([None, "host:a#technical_owner", "host:a#name", "host:a"]),
            "business_owner": TEXTS,
            "decided_by": TEXTS,
            "old": TEXTS,
            "winner": TEXTS,
            "losers": st.one_of(st.none(), st.lists(TEXTS, max_size=2)),
            "note": TEXTS,
            "custom_attributes": st.sampled_from(
                [None, '{"Ansprechpartner": "Ada", "Rack": "r1"}', "{ada@example.org"]
            ),
            "source": st.fixed_dictionaries({"file": TEXTS, "contact": TEXTS}),
            "count": st.integers(0, 3),
        }
    ),
    max_size=6,
)
SCHEMA = {
    **dict.fromkeys(
        ("natural_key", "attribute", "subject", "business_owner", "decided_by", "old", "winner"), pl.String
    ),
    "losers": pl.List(pl.String),
    "note": pl.String,
    "custom_attributes": pl.String,
    "source": pl.Struct({"file": pl.String, "contact": pl.String}),
    "count": pl.Int64,
}


@given(ROWS)
def test_a_frame_is_masked_as_its_rows_are(rows: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA)
    shown = veiled_frame(frame)
    assert shown.schema == frame.schema
    assert shown.to_dicts() == [veiled(row) for row in frame.to_dicts()]


def test_what_tells_of_persons_is_named_by_column_and_by_what_rows_are_about() -> None:
    frame = pl.DataFrame(
        {
            "business_owner": ["Ada", None],
            "technical_owner": [None, None],
            "attribute": ["Ansprechpartner", "name"],
            "old": ["Ada", "web"],
        },
        schema_overrides={"technical_owner": pl.String},
    )
    assert persons_in_frame(frame) == {"business_owner", "Ansprechpartner"}
    assert persons_in_frame(frame.clear()) == set()
