"""The schema `running`: what loops claim across tenants. No business data except message bodies."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
    text,
)

from caravan_orchestrator.store.tables._columns import (
    RUNNING,
    created,
    identifier,
    json,
    key,
    metadata,
    moment,
    number,
    words,
)

outbox = Table(
    "outbox",
    metadata,
    key(),
    identifier("client_account_id", comment="whose message it is: fairness between clients"),
    identifier("flow_id"),
    identifier("attempt_id", nullable=True, comment="set on commands: at most one row per attempt is out"),
    number("epoch", "epoch of the command", default=0),
    words("kind", "command, cancel or event"),
    words("exchange", "where it is published"),
    words("routing_key", "for commands, the worker queue: the window is counted by it"),
    words("type", "message type"),
    words("body", "the message as JSON, as it is sent"),
    words("traceparent", "trace context to be put back before publishing", required=False),
    moment("claimed_until", "a relay is publishing it; after this another may", nullable=True),
    moment("sent_at", "the broker confirmed it; a command stays until its attempt ends", nullable=True),
    created(),
    Index(
        "ix_outbox_unsent", "routing_key", "client_account_id", "id", postgresql_where=text("sent_at is null")
    ),
    Index("ix_outbox_out", "routing_key", postgresql_where=text("sent_at is not null")),
    Index(None, "attempt_id"),
    Index(None, "flow_id"),
    schema=RUNNING,
)

inbox = Table(
    "inbox",
    metadata,
    identifier(
        "message_id", primary_key=True, comment="of a message that was taken in: a repeat has no effect"
    ),
    moment("received_at", "when; old ones are pruned", nullable=False, server_default=text("now()")),
    Index(None, "received_at"),
    schema=RUNNING,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    key(),
    words("queue", "queue it died in"),
    words("reason", "rejected, delivery_limit, expired"),
    words("error_group", "what makes dead letters alike"),
    words("error", required=False),
    words("type"),
    words("message_id", required=False),
    identifier("attempt_id", nullable=True),
    identifier("flow_id", nullable=True),
    identifier("client_account_id", nullable=True),
    json("headers"),
    Column("body", LargeBinary, nullable=False),
    words("status", "parked, replayed, discarded", default="parked"),
    created(),
    moment("replayed_at", nullable=True),
    words("said_by", "broker user that published it, as the broker verified", required=False),
    words(
        "subject",
        "what its sender repeats by itself, and who that is; null for what is said once",
        required=False,
    ),
    number("repeats", "how often the like came again while this was parked"),
    moment("repeated_at", "when the like came last", nullable=True),
    Index(None, "status", "error_group"),
    Index(
        "uq_dead_letters_queue_subject",
        "queue",
        "subject",
        unique=True,
        postgresql_where=text("status = 'parked' and subject is not null"),
    ),
    schema=RUNNING,
)

due = Table(
    "due",
    metadata,
    Column(
        "kind", words("kind").type, primary_key=True, comment="wakeup, lease, index, fold, rollback, collect"
    ),
    identifier("id", primary_key=True, comment="flow, attempt, dataset, estate or rollback"),
    identifier("flow_id"),
    identifier("client_account_id"),
    identifier("engagement_id"),
    moment("at", "when to look at it, by the database's clock", nullable=True),
    Column("lease_at", Double, nullable=True, comment="for leases: when it runs out, by the lease clock"),
    Column("lease_seconds", Double, nullable=True, comment="how much a heartbeat adds to the lease clock"),
    number("generation", "rises when asked again while being worked on"),
    Index("ix_due_at", "kind", "at", postgresql_where=text("at is not null")),
    Index("ix_due_lease_at", "lease_at", postgresql_where=text("lease_at is not null")),
    schema=RUNNING,
)

attempt_tenants = Table(
    "attempt_tenants",
    metadata,
    identifier("attempt_id", primary_key=True),
    identifier("flow_id"),
    identifier("client_account_id"),
    identifier("engagement_id"),
    words("flow_type", "whose broker user may reply"),
    words("traceparent", "trace that every run of the attempt goes on with", required=False),
    Index(None, "flow_id"),
    schema=RUNNING,
)

lease_clock = Table(
    "lease_clock",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true"), comment="there is one row"),
    Column(
        "value",
        Double,
        nullable=False,
        server_default=text("0"),
        comment="seconds the platform has been alive",
    ),
    moment("ticked_at", "when it last advanced", nullable=False, server_default=text("now()")),
    schema=RUNNING,
)

collection = Table(
    "collection",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true"), comment="there is one row"),
    identifier(
        "upto", comment="runs of attempts up to this one (ids rise with time) were looked at, or are due"
    ),
    schema=RUNNING,
)

audit_heads = Table(
    "audit_heads",
    metadata,
    identifier("chain_id", primary_key=True, comment="the flow, or the engagement for its own chain"),
    identifier("client_account_id"),
    number("sequence", "number of the newest row", default=None),
    words("head", "hash of the newest row"),
    number("sealed", "newest number a seal has covered"),
    Index("ix_audit_heads_unsealed", "chain_id", postgresql_where=text("sealed < sequence")),
    schema=RUNNING,
)

audit_seals = Table(
    "audit_seals",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    json("heads", "chain → [sequence, hash] of every chain that grew since the seal before"),
    words("previous", "hash of the seal before; empty for the first"),
    words("hash", "SHA-256 over previous and the canonical JSON of heads"),
    created(),
    schema=RUNNING,
)

platform = Table(
    "platform",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true"), comment="there is one row"),
    identifier(
        "id",
        server_default=text("gen_random_uuid()"),
        comment="of this database, for as long as it lives; a restored one has another",
    ),
    identifier(
        "store_id",
        nullable=True,
        comment="mark of its artifact store, from the first start on",
    ),
    identifier(
        "cursor_key",
        server_default=text("gen_random_uuid()"),
        comment="secret: what gateways seal cursors with",
    ),
    schema=RUNNING,
)

clients = Table(
    "clients",
    metadata,
    identifier(
        "client_account_id",
        primary_key=True,
        comment="ids only, for what goes through all clients one by one",
    ),
    schema=RUNNING,
)

platform_audit = Table(
    "platform_audit",
    metadata,
    key(),
    Column("sequence", BigInteger, nullable=False, comment="position in the one chain, from 1"),
    words("actor"),
    words("action"),
    words("subject"),
    json("details"),
    moment("at", nullable=False),
    words("previous", "hash of the row before; empty for the first"),
    words("hash", "SHA-256 over previous and this row's canonical JSON"),
    UniqueConstraint("sequence"),
    schema=RUNNING,
)
