"""Exit 0 while a process of this container holds a connection to the message broker.

A worker opens no port, and one whose slots are all taken has no consumer: the connection is what always holds.
"""

import os
import sys
from urllib.parse import urlsplit

import psutil


def is_connected() -> bool:
    url = urlsplit(os.environ["CARAVAN_AMQP_URL"])
    port = url.port or (5671 if url.scheme == "amqps" else 5672)
    return any(
        connection.status == psutil.CONN_ESTABLISHED and connection.raddr and connection.raddr.port == port
        for connection in psutil.net_connections("tcp")
    )


if __name__ == "__main__":
    sys.exit(0 if is_connected() else 1)
