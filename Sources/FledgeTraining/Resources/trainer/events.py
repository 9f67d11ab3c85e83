"""What the trainer says: one JSON object a line on standard output."""

import errno
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


# Of what the system tells when something is short: memory, disk, files.
SHORTAGES = (errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN)


def may_pass(error):
    """Whether the same may succeed at another time, with more memory or room on the disk."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in SHORTAGES:
        return True
    # What torch and safetensors say, whose errors have no numbers.
    text = str(error)
    return type(error).__name__ == "OutOfMemoryError" or any(os.strerror(number) in text for number in SHORTAGES[:4]) or (
        isinstance(error, RuntimeError) and "allocate memory" in text
    )


def last_words(error):
    """In a line; for errors that say nothing of what is learnt."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:300]


class JobError(Exception):
    """A job that cannot be done as it was asked for: exit status 78."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Stopped(Exception):
    """SIGTERM came: the checkpoint is written."""
