"""docs/proof.md shows the statements the prover runs (`python -m tests.unit.docs.test_proof_document` writes it)."""

from pathlib import Path

from caravan_orchestrator.store.fold import REFOLD_DIFFERENCE
from caravan_orchestrator.store.proof import EFFECTS, INDEX, POINTERS, ROWS

DOCUMENT = Path(__file__).parents[3] / "docs" / "proof.md"

TEXT = f"""# The proof of a rollback, and the ledger

After a rollback these five statements say whether the state is the one before. Each stands alone: run them with
`psql` as the owner of the database, or as `caravan_app` after `set caravan.client = '<client_account_id>'`. The
code that rolls back does not compute its own proof: `loops/proving.py` runs the same statements afterwards and
stores what they said in `flow_rollbacks.data_integrity_check`.

`$1` is the id of the rollback, except in the second statement, where it is the id of the estate. A cascade is proved as
a whole: by the id of the rollback that was ordered, the statements go over its flow and every flow that went with it.

## 1. Pointers are those recorded at the phase's start

No row may come back.

```sql{POINTERS}```

## 2. The asset table equals a refold of everything that is active now

`missing` and `extra` must be 0. With `behind`, index or asset table have not caught up with what is active now, and the
statement says nothing yet: the proof is made when they have.

```sql{REFOLD_DIFFERENCE}```

## 3. Indexed rows are those of the manifest

`found` must equal `rows`, and `found_hash` must equal `index_hash`. The hash of a dataset is SHA-256 over the
SHA-256 of each row's line, rows by entity type and natural key in byte order; a line is the JSON array
`["<entity type>","<natural key>",<data>]` in UTF-8, `data` as it is stored.

```sql{INDEX}```

## 4. Every effect is settled

No row may come back.

```sql{EFFECTS}```

## 5. A selective version holds the rows that were asked for

No row may come back; none can where the rollback was not selective. The chosen keys' rows are those of the version
named in `plan.selection.before`, all others those of the one that was replaced, in every indexed dataset of the phase.

```sql{ROWS}```

## The ledger: each result once, each effect once

No row may come back from either, at any time.

```sql
-- A phase shows only the datasets of an attempt that succeeded, and no attempt was accepted twice.
select p.flow_id, p.name from flow_phases p join phase_attempts a on a.id = p.active_attempt_id
where a.status <> 'succeeded'
union all
select e.flow_id, e.phase from (
  select flow_id, data->>'phase' as phase, count(*) as times
  from flow_events where type = 'caravan.phase.completed' group by 1, 2) e
where e.times > (select count(*) from phase_attempts a
  where a.flow_id = e.flow_id and a.phase = e.phase and a.kind = 'execute' and a.status = 'succeeded')
```

```sql
-- Every unit that succeeded left exactly one effect behind; events of a flow are numbered without gaps.
select a.flow_id, a.unit_key from phase_attempts a
where a.kind = 'unit' and a.status = 'succeeded' and jsonb_array_length(a.receipts) <> 1
union all
select f.id, 'events' from migration_flows f
where f.event_sequence <> (select count(*) from flow_events e where e.flow_id = f.id)
```
"""


def test_the_document_shows_the_statements_that_are_run() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == TEXT


if __name__ == "__main__":
    DOCUMENT.write_text(TEXT, encoding="utf-8")
