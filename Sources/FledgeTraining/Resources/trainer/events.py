"""What the trainer says: one JSON object a line on standard output."""

import json
import os
import sys
import time

STARTED = time.monotonic()
# Of several processes that train together, the first one speaks.
IS_FIRST = int(os.environ.get("RANK", "0")) == 0
stream = sys.stdout


def claim_output():
    """Standard output is for events alone: what libraries print goes to standard error."""
    global stream
    sys.stdout.flush()
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)


def emit(event, **fields):
    if IS_FIRST:
        print(json.dumps({"event": event, **fields}, ensure_ascii=False), file=stream, flush=True)


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


class Stopped(Exception):
    """SIGTERM came: the checkpoint is written."""
