"""The job's file: what has to be there, and what the numbers may be."""

import json

from events import JobError

QUANTISED = ("nf4", "int8")
TOO_LONG = ("leaveOut", "refuse", "truncate")
# What a job of an earlier version leaves out.
DEFAULTS = {
    "layers": "all", "sequenceLength": 2048, "tooLong": "leaveOut", "quantised": None, "gradientCheckpointing": False,
    "gradientAccumulation": 1, "packing": False, "beta": 0.1,
}


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            job = json.load(file)
        lora = job["lora"]
        for name, value in DEFAULTS.items():
            if lora.get(name) is None:
                lora[name] = value
        for name in ("rows", "validationRows", "preferences", "validationPreferences", "golden"):
            if job.get(name) is None:
                job[name] = []
        checks = {
            "rank": 1 <= lora["rank"] <= 512, "alpha": lora["alpha"] > 0, "dropout": 0 <= lora["dropout"] < 1,
            "learningRate": 0 < lora["learningRate"] < 1, "epochs": lora["epochs"] >= 1, "batchSize": lora["batchSize"] >= 1,
            "layers": lora["layers"] in ("all", "upperHalf"), "sequenceLength": 16 <= lora["sequenceLength"] <= 1 << 20,
            "tooLong": lora["tooLong"] in TOO_LONG, "quantised": lora["quantised"] in (None, *QUANTISED),
            "gradientAccumulation": 1 <= lora["gradientAccumulation"] <= 1024, "beta": 0 < lora["beta"] <= 10,
            "rows": len(job["rows"]) + len(job["preferences"]) >= 1, "limitSeconds": job["limitSeconds"] > 0,
            "evaluation": is_evaluation(job.get("evaluation")),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError("training.bad_job", f"the job cannot be read: {error!r}") from error
    bad = [name for name, holds in checks.items() if not holds]
    if bad:
        raise JobError("training.bad_job", "out of range: " + ", ".join(bad))
    return job


def is_evaluation(evaluation):
    """Absent, {"choices": [...]} or {"kind": "exact"}."""
    if evaluation is None:
        return True
    choices = evaluation.get("choices")
    return evaluation.get("kind") == "exact" or (isinstance(choices, list) and len(choices) >= 2)
