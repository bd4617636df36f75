"""Waits for nothing while it is imported."""

import threading

threading.Event().wait()
