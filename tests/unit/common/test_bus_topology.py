"""Names and arguments as they stand on the broker: a change here needs a new version suffix."""

from caravan_common.bus import (
    DEAD,
    EXCHANGES,
    HEARTBEATS,
    REPLIES,
    cancel_queue,
    command_queue,
    command_route,
    event_route,
)


def test_the_exchanges_are_these() -> None:
    assert {exchange.name: exchange.kind.value for exchange in EXCHANGES} == {
        "caravan.commands": "direct",
        "caravan.replies": "direct",
        "caravan.heartbeats": "direct",
        "caravan.events": "topic",
        "caravan.cancels": "fanout",
        "caravan.dead": "direct",
    }


def test_queues_are_named_after_what_they_serve() -> None:
    assert command_queue("discovery", 2).name == "caravan.discovery.v2.commands.v1"
    assert cancel_queue("discovery", "w1").name == "caravan.discovery.cancels.w1"
    assert (REPLIES.name, HEARTBEATS.name) == (
        "caravan.orchestrator.replies.v1",
        "caravan.orchestrator.heartbeats.v1",
    )
    assert DEAD.name == "caravan.orchestrator.dead.v1"


def test_a_shared_queue_is_quorum_limited_and_dead_letters_at_least_once_under_its_own_name() -> None:
    assert command_queue("discovery", 1).arguments() == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "caravan.dead",
        "x-dead-letter-routing-key": "caravan.discovery.v1.commands.v1",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def test_the_dead_letter_queue_drops_nothing_and_leads_nowhere() -> None:
    assert DEAD.arguments() == {"x-queue-type": "quorum", "x-delivery-limit": 2147483647}
    assert DEAD.dead_letter_route is None


def test_a_cancel_queue_is_classic_and_exclusive() -> None:
    queue = cancel_queue("discovery", "w1")
    assert queue.exclusive
    assert queue.arguments() == {"x-queue-type": "classic"}


def test_a_namespace_stands_before_every_name_in_the_arguments() -> None:
    arguments = REPLIES.arguments("t1.")
    assert arguments["x-dead-letter-exchange"] == "t1.caravan.dead"
    assert arguments["x-dead-letter-routing-key"] == "t1.caravan.orchestrator.replies.v1"


def test_a_command_goes_to_the_queue_of_its_flow_type_and_major() -> None:
    assert command_route("discovery", 1) in command_queue("discovery", 1).bindings
    assert command_route("discovery", 2) not in command_queue("discovery", 1).bindings


def test_an_event_is_routed_by_its_type() -> None:
    assert event_route("caravan.flow.completed") == ("caravan.events", "caravan.flow.completed")
