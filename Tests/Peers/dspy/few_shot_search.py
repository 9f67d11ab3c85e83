"""DSPy's few-shot search with random search, on splits and a model server that somebody else chose.

Reads one JSON object from the file that it is given:
  {"base_url", "api_key", "model", "instruction", "labels", "prototype": [{"text", "label"}], "holdout": [...],
   "programs", "demonstrations", "seed", "threads"}
Writes one JSON object to standard output:
  {"calls": model calls of the search, "prototype_score", "right": [true, …] in the holdout's order}

The model answers by a JSON schema whose only values are the labels, so that a small model is not failed for its format.
"""

import json
import os
import random
import sys
import tempfile
import threading
from typing import Literal

# Nothing is cached between runs: every call is counted.
os.environ["DSPY_CACHEDIR"] = tempfile.mkdtemp()
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import dspy  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)


class CountedModel(dspy.LM):
    """Counts requests, and says that the server takes a schema, which no catalogue knows of a local one."""

    calls = 0
    lock = threading.Lock()
    supports_response_schema = True
    supported_params = {"temperature", "max_tokens", "response_format"}

    def forward(self, *arguments, **options):
        with CountedModel.lock:
            CountedModel.calls += 1
        return super().forward(*arguments, **options)


dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
model = CountedModel(
    f"openai/{task['model']}", api_base=task["base_url"], api_key=task["api_key"], temperature=0, max_tokens=32, num_retries=3
)
dspy.configure(lm=model, adapter=dspy.JSONAdapter())

signature = dspy.Signature(
    {
        "text": (str, dspy.InputField()),
        "label": (Literal[tuple(task["labels"])], dspy.OutputField()),
    },
    task["instruction"],
)


def examples(rows):
    return [dspy.Example(text=row["text"], label=row["label"]).with_inputs("text") for row in rows]


def is_right(example, prediction, trace=None):
    return getattr(prediction, "label", None) == example.label


# The same cut as DSPy's documentation makes: a part to draw demonstrations from, the rest to score programs on.
prototype = examples(task["prototype"])
random.Random(task["seed"]).shuffle(prototype)
cut = max(task["demonstrations"] * 2, len(prototype) // 3)
search = dspy.BootstrapFewShotWithRandomSearch(
    metric=is_right,
    max_bootstrapped_demos=max(1, task["demonstrations"] // 2),
    max_labeled_demos=task["demonstrations"],
    num_candidate_programs=task["programs"],
    num_threads=task["threads"],
)
best = search.compile(dspy.Predict(signature), trainset=prototype[:cut], valset=prototype[cut:])
spent = CountedModel.calls

evaluate = dspy.Evaluate(devset=examples(task["holdout"]), metric=is_right, num_threads=task["threads"])
result = evaluate(best)
right = [bool(score) for _, _, score in result.results]
scores = [candidate["score"] for candidate in best.candidate_programs]
print(
    json.dumps({"calls": spent, "prototype_score": max(scores) / 100, "right": right}),
    file=ANSWERS,
    flush=True,
)
