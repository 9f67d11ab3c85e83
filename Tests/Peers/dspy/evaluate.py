"""DSPy: scored model calls of `dspy.Evaluate`, per second and per CPU second.

Reads one JSON object from the file that it is given: {"base_url", "model", "count", "connections"}
Writes one JSON object to standard output: {"finished", "seconds", "cpu_seconds"}

Nothing is cached, nothing is displayed; the server's answer is in the form that the chat adapter asks for, so that no call
is made twice.
"""

import json
import os
import resource
import sys
import tempfile
import time

os.environ["DSPY_CACHEDIR"] = tempfile.mkdtemp()
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import dspy  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)

dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
dspy.configure(
    lm=dspy.LM(f"openai/{task['model']}", api_base=task["base_url"], api_key="none", temperature=0, max_tokens=8),
    adapter=dspy.ChatAdapter(),
)


def is_right(example, prediction, trace=None):
    return prediction.label == example.label


def evaluate(count):
    rows = [
        dspy.Example(text=f"Message {n}: where is my invoice?", label="billing").with_inputs("text") for n in range(count)
    ]
    run = dspy.Evaluate(
        devset=rows, metric=is_right, num_threads=task["connections"], display_progress=False, display_table=False
    )
    return sum(bool(score) for _, _, score in run(dspy.Predict("text -> label")).results)


evaluate(20)
before = resource.getrusage(resource.RUSAGE_SELF)
start = time.perf_counter()
finished = evaluate(task["count"])
seconds = time.perf_counter() - start
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"finished": finished, "seconds": seconds, "cpu_seconds": cpu}), file=ANSWERS, flush=True)
