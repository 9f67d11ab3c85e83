"""One process for each GPU, started by accelerate."""

import os
import signal
import subprocess
import sys


def is_worker():
    return "RANK" in os.environ


def run(processes, device, command, output):
    """Runs the same job in so many processes and returns its exit status, which the first of them writes down."""
    status = os.path.join(output, "status")
    if os.path.exists(status):
        os.remove(status)
    kind = ["--multi_gpu"] if device == "cuda" else ["--cpu"]
    launcher = [
        sys.executable, "-m", "accelerate.commands.launch", *kind, "--num_processes", str(processes), "--num_machines", "1",
        "--mixed_precision", "no", "--dynamo_backend", "no", *command,
    ]
    child = subprocess.Popen(launcher, start_new_session=False)
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
