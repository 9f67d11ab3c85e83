"""One process for each GPU, started by accelerate."""

import os
import signal
import subprocess
import sys

import events

# Says to a process that it is one of several, and starts none itself.
WORKER = "FLEDGE_TRAINER_WORKER"


def is_worker():
    return WORKER in os.environ


def run(processes, command, output):
    """Runs the same job in so many processes and returns its exit status, which the first of them writes down."""
    status = os.path.join(output, "status")
    if os.path.exists(status):
        os.remove(status)
    launcher = [
        sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(processes), "--num_machines", "1",
        "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0", *command,
    ]
    child = subprocess.Popen(launcher, env={**os.environ, WORKER: "1"}, stdout=events.stream)
    signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGTERM))
    child.wait()
    try:
        with open(status, encoding="utf-8") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 1


def note(status, output):
    with open(os.path.join(output, "status"), "w", encoding="utf-8") as file:
        file.write(str(status))
