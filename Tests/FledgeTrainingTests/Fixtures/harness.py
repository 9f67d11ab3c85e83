"""Runs whole jobs of the trainer in this process and reads what it says."""

import argparse
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import events
import run
import train
import weights

MODELS = os.environ["FLEDGE_MODELS"]

LABELS = ["alder", "birch", "cedar"]


def row(text, answer, system=None, **more):
    messages = [{"role": "user", "content": text}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    return {"messages": messages, "completion": answer, **more}


def rows(count, answer="cedar"):
    return [row(f"thing {number} a boat", answer) for number in range(count)]


class Outcome:
    def __init__(self, status, said):
        self.status = status
        self.events = [json.loads(line) for line in said.splitlines()]

    def of(self, name):
        return [event for event in self.events if event["event"] == name]

    @property
    def error(self):
        return self.of("error")[-1] if self.of("error") else {"code": None, "message": ""}

    @property
    def progress(self):
        return self.of("progress")

    @property
    def adapter(self):
        return self.of("done")[-1]["adapterDirectory"]


class TrainerCase(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        before = run.CHECKPOINT_SECONDS
        self.addCleanup(lambda: setattr(run, "CHECKPOINT_SECONDS", before))

    def base(self, kind):
        return {"path": os.path.join(MODELS, kind), "sha256": weights.digest(os.path.join(MODELS, kind))}

    def job(self, kind="qwen2", learnt=None, held_back=(), base=None, **more):
        lora = {
            "rank": 2, "alpha": 4, "dropout": 0.1, "learningRate": 0.01, "epochs": 1, "batchSize": 4, "weightDecay": 0.01,
            "seed": 3, "layers": "all", **more.pop("lora", {}),
        }
        return {
            "baseWeights": base or self.base(kind), "lora": lora, "limitSeconds": 600, "maximumTokens": 4, "golden": [],
            "rows": rows(12) if learnt is None else learnt, "validationRows": list(held_back), **more,
        }

    def written(self, job):
        path = os.path.join(self.folder, "job.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(job, file)
        return path

    def process(self, path, output, *options):
        """Runs the job as the daemon does."""
        command = [sys.executable, "-B", train.__file__, path, "--output", output, "--cache", os.path.join(self.folder, "cache"), *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        return Outcome(done.returncode, done.stdout)

    def go(self, job, output="output", stop_at=None, **options):
        """Runs the job; `stop_at` sends the process SIGTERM when that step is told."""
        path = self.written(job)
        settings = {"converter": None, "processes": None, "prepare": False, "plan": False, "device": None, **options}
        stream = Stream(stop_at)
        events.stream = stream
        status = train.ending(
            argparse.Namespace(
                job=path, output=os.path.join(self.folder, output), cache=os.path.join(self.folder, "cache"), **settings
            )
        )
        return Outcome(status, stream.getvalue())


class Stream(io.StringIO):
    def __init__(self, stop_at):
        super().__init__()
        self.stop_at = stop_at

    def write(self, text):
        if self.stop_at is not None and f'"progress", "step": {self.stop_at},' in text:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)
