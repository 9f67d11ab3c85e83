"""inspect-ai: scored model calls, per second and per CPU second, with its fast settings.

Reads one JSON object from the file that it is given: {"base_url", "model", "count", "connections"}
Writes one JSON object to standard output: {"finished", "seconds", "cpu_seconds"}

No display, no realtime log, no refreshed metrics, a log of its own format in a folder that is removed; as many samples and
connections at once as the task says.
"""

import json
import os
import resource
import sys
import tempfile
import time

ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ["OPENAI_API_KEY"] = "none"

from inspect_ai import Task, eval  # noqa: E402
from inspect_ai.dataset import MemoryDataset, Sample  # noqa: E402
from inspect_ai.model import GenerateConfig, get_model  # noqa: E402
from inspect_ai.scorer import match  # noqa: E402
from inspect_ai.solver import generate  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)


def evaluate(count):
    samples = [Sample(id=n, input=f"Message {n}: where is my invoice?", target="billing") for n in range(count)]
    model = get_model(
        f"openai/{task['model']}",
        base_url=task["base_url"],
        api_key="none",
        responses_api=False,
        config=GenerateConfig(temperature=0, max_tokens=8, max_connections=task["connections"]),
    )
    with tempfile.TemporaryDirectory() as folder:
        [log] = eval(
            Task(dataset=MemoryDataset(samples), solver=generate(), scorer=match()),
            model=model,
            display="none",
            log_dir=folder,
            log_format="eval",
            log_realtime=False,
            log_level="error",
            log_images=False,
            max_samples=task["connections"],
            score_display=False,
        )
        return sum(sample.scores["match"].value == "C" for sample in log.samples)


evaluate(20)
before = resource.getrusage(resource.RUSAGE_SELF)
start = time.perf_counter()
finished = evaluate(task["count"])
seconds = time.perf_counter() - start
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"finished": finished, "seconds": seconds, "cpu_seconds": cpu}), file=ANSWERS, flush=True)
