"""What tests need around them: a broker, a database, private copies of both that may be broken, and waiting."""

from tests.support.broker import Broker, choose_broker
from tests.support.postgres import Database, choose_postgres
from tests.support.private_broker import PrivateBroker
from tests.support.private_postgres import PrivatePostgres
from tests.support.waiting import eventually, wait_until

__all__ = [
    "Broker",
    "Database",
    "PrivateBroker",
    "PrivatePostgres",
    "choose_broker",
    "choose_postgres",
    "eventually",
    "wait_until",
]
