"""What the trainer says: one JSON object a line on standard output."""

import json
import sys
import time

STARTED = time.monotonic()


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


def log(message):
    emit("log", message=f"[{time.monotonic() - STARTED:7.1f} s] {message}")


def phase(name):
    """What the run is at: preparing, training, converting or answering."""
    emit("phase", phase=name)


class JobError(Exception):
    """A job that cannot be done as it was asked for: exit status 78."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
