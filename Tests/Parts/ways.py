"""Whole ways of use cases on real models, through a daemon of their own: what the parts `free`, `student` and `folders` of `run` do."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from trials import Trials

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent / "workflows/data"
PATIENCE = 5400

FREE = """
import FledgeDSL

let townOfAddress = UseCase("town-of-address") {
    Purpose("Write the town and the state of a US postal address.")
    Owner("mailroom")
    Dataset("data.jsonl") {
        Input("address")
        Expected("town")
        Group(by: "place")
        Split(prototype: 60, holdout: 120, seed: 7)
    }
    Models { Model("smollm2-135m-instruct", at: .local) }
    PromptPrototype {
        Prompt("shown") {
            System("Write the town and the state of the address.")
            User("{{address}}")
            Demonstrations(6)
        }
        Decoding(temperature: 0, maxTokens: 24, stop: ["\\n"])
        Rounds(atMost: 1)
        Advance { NormalizedMatch(atLeast: 0.9); Or { Plateau(rounds: 1) } }
        Budget(calls: 400)
    }
    Validation {
        Require { NormalizedMatch(atLeast: 0.6, confidence: 0.95) }
        MissingAnswers(atMost: 0.5)  // a small model that is not tuned yet doesn't know where to end
    }
    FineTune {
        LoRA(rank: 8, alpha: 16, learningRate: 1e-3, epochs: 3)
        TrainingExamples(atLeast: 150)
        Limit(.minutes(60))
    }
    Production { Approval(.automatic) }
}
"""

FOLDER = """
import FledgeDSL

let NAME = UseCase("NAME") {
    Purpose("Say the tree that is named.")
    Owner("gardeners")
    Dataset("data.jsonl") {
        Input("text")
        Expected("tree")
        Split(prototype: 30, holdout: 60, seed: 7)
    }
    Models { Model("own", at: .local(weights: .huggingFace("WEIGHTS"))) }
    PromptPrototype {
        Prompt("plain") { User("{{text}}") }
        Decoding(temperature: 0, maxTokens: 8, choices: .labels)
        Rounds(atMost: 1)
        Advance { Accuracy(atLeast: 0.9); Or { Plateau(rounds: 1) } }
        Budget(calls: 200)
    }
    Validation { Require { Accuracy(atLeast: 0.7, confidence: 0.95) } }
    FineTune {
        LoRA(rank: 16, alpha: 32, learningRate: 1e-2, epochs: 8, layers: .all)
        TrainingExamples(atLeast: 100)
        Limit(.minutes(20))
    }
    Production { Approval(.automatic) }
}
"""

LABELS = "animal, artifact, body, feeling, food, location, person, plant, substance, time"
STUDENT = """
import FledgeDSL

let glossByStudent = UseCase("gloss-by-student") {
    Purpose("Name the kind of thing that a word stands for, as a larger model does, at a fifth of its price.")
    Owner("lexicography")
    Dataset("data.jsonl") {
        Input("gloss")
        Expected("category")
        Group(by: "lemma")
        Split(prototype: 60, holdout: 200, seed: 7)
    }
    Models {
        Model("teacher", at: .local(weights: .huggingFace("TEACHER")),
              price: .perMillionTokens(prompt: .cents(100), completion: .cents(100)))
        Model("student", at: .local(weights: .huggingFace("STUDENT")),
              price: .perMillionTokens(prompt: .cents(20), completion: .cents(20)))
    }
    PromptPrototype {
        Prompt("plain") {
            System("You name the category of a word from its dictionary gloss. Answer with one of: LABELS.")
            User("{{gloss}}")
        }
        Decoding(temperature: 0, maxTokens: 8, choices: .labels)
        Rounds(atMost: 1)
        Advance { Accuracy(atLeast: 0.6); Or { Plateau(rounds: 1) } }
        Budget(calls: 400)
    }
    Validation {
        Require {
            Accuracy(atLeast: 0.6, confidence: 0.95)
            CostPerThousandCalls(atMost: .cents(3))
        }
    }
    FineTune {
        Tuned("student")
        Teacher("teacher")
        LoRA(rank: 16, alpha: 32, learningRate: 1e-3, epochs: 3, layers: .all)
        TrainingExamples(atLeast: 200, atMost: 600)
        Limit(.minutes(60))
    }
    Production { Approval(.automatic) }
}
"""


class Daemon:
    """A daemon with a state of its own."""

    def __init__(self, programs):
        self.programs = programs
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="fledge-ways-"))
        self.environment = dict(
            os.environ, FLEDGE_STATE_DIR=str(self.work / "state"), FLEDGE_SOCKET=str(self.work / "fledged.sock"), NO_COLOR="1")
        for name in ("FLEDGE_DATABASE_URL", "FLEDGE_LISTEN", "FLEDGE_SERVER"):
            self.environment.pop(name, None)

    def __enter__(self):
        self.fledge("daemon", "start")
        return self

    def __exit__(self, *_):
        subprocess.run([self.programs / "fledge", "daemon", "stop"], env=self.environment, stdin=subprocess.DEVNULL)
        shutil.rmtree(self.work, ignore_errors=True)

    def fledge(self, *words, may_fail=False):
        done = subprocess.run(
            [self.programs / "fledge", *words], env=self.environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
        if done.returncode != 0 and not may_fail:
            raise RuntimeError(f"fledge {words[0]} exits with {done.returncode}: {done.stderr or done.stdout}")
        return done.stdout

    def ends(self, name, definition, rows):
        """Applies the definition with its data, and waits until the use case is live or blocked. - Returns: what explain tells."""
        folder = self.work / name
        folder.mkdir()
        (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (folder / f"{name}.swift").write_text(definition)
        self.fledge("apply", str(folder / f"{name}.swift"))
        began, said = time.monotonic(), None
        while time.monotonic() - began < PATIENCE:
            time.sleep(2)
            facts = json.loads(self.fledge("explain", name, "--output", "json"))
            state = facts["status"]["state"]
            if state.get("block") or state["activity"] == "live":
                return facts
            if (stage := (state["stage"], state["activity"])) != said:
                said = stage
                print(f"{name}: {': '.join(stage)} ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
        raise RuntimeError(f"{name} has not ended after {PATIENCE} s")


def rows_of(name):
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text().splitlines()]


def free(programs, prepared, work):
    """A use case whose answers are free text: tuned, through the golden check, and promoted or refused on its gate."""
    trials = Trials()
    rows = [
        {**row, "town": ", ".join([row["place"].rsplit(", ", 1)[0].title(), row["state"]])}
        for row in rows_of("address-state") if row["place"].endswith(", " + row["state"].lower())
    ]
    with Daemon(programs) as daemon:
        facts = daemon.ends("town-of-address", FREE, rows)
        jobs = json.loads(daemon.fledge("jobs", "town-of-address", "--output", "json"))
    judged(trials, facts, jobs)
    return trials


def student(programs, prepared, work):
    """Search on a large model, its answers as lessons, and a small model that learns them, both judged by one gate."""
    trials = Trials()
    folders = {name: work / name for name in ("teacher", "student")}
    rows = rows_of("lexical-category")
    made(prepared, folders, rows, work)
    text = STUDENT.replace("LABELS", LABELS)
    for name, folder in folders.items():
        text = text.replace(name.upper(), str(folder))
    with Daemon(programs) as daemon:
        facts = daemon.ends("gloss-by-student", text, [row for place, row in enumerate(rows) if place % TAUGHT])
        jobs = json.loads(daemon.fledge("jobs", "gloss-by-student", "--output", "json"))
        experiments = json.loads(daemon.fledge("experiments", "gloss-by-student", "--output", "json"))
    lessons = [item for item in experiments if item["purpose"] == "teacher"]
    seen = "; ".join(f"right on {item['score']:.3f} of {item['samples']} examples" for item in lessons)
    trials.check("the teacher answers the training examples, once", len(lessons) == 1, seen or "nothing")
    for item in experiments:
        if item["purpose"] != "teacher":
            print(f"        {item['purpose']} of {item['name']} on {item['model']}: {item['score']:.3f} of {item['samples']}")
    judged(trials, facts, jobs)
    return trials


def folders(programs, prepared, work):
    """Small models with random weights, as folders of the hub: from prompts to the gate, and nothing knows their names."""
    trials = Trials()
    script = HERE.parent / "FledgeTrainingTests/Fixtures/served.py"
    rows = [
        {"text": f"{adjective} {place} {number} {tree}", "tree": tree}
        for number in range(10) for adjective in ("old", "small", "green") for place in ("by the mill", "in town")
        for tree in ("alder", "birch", "cedar", "maple")
    ]
    for kind in ("llama", "qwen2", "gemma"):
        print(f"        {kind}", flush=True)
        folder = work / f"random-{kind}"
        make(folder, lambda new: python(prepared, script, new, kind, prepared["weights"]))
        text = FOLDER.replace("NAME", f"random{kind}").replace("WEIGHTS", str(folder))
        with Daemon(programs) as daemon:
            facts = daemon.ends(f"random{kind}", text, rows)
            jobs = json.loads(daemon.fledge("jobs", f"random{kind}", "--output", "json"))
        judged(trials, facts, jobs)
    return trials


def judged(trials, facts, jobs):
    """What has to hold of a use case that was tuned: trained, compared with its server, judged, and promoted or refused."""
    done = [job for job in jobs if job["state"] == "finished"]
    trials.check("an adapter is trained, and its server answers as its trainer does", len(done) == 1, f"{len(jobs)} jobs")
    for gate in facts["gates"]:
        seen = "; ".join(
            f"{item['verdict']} at {item.get('value'):.3f}, at least {item.get('lower') or 0:.3f}" for item in gate["criteria"])
        print(f"        gate of {gate['candidateName']}: {gate['verdict']} ({seen})", flush=True)
    last = facts["gates"][-1] if facts["gates"] else {"candidateName": "no candidate", "verdict": "none"}
    state = facts["status"]["state"]
    trials.check("its gate judges the tuned model", last["candidateName"].endswith("+lora"), last["candidateName"])
    is_live = state["activity"] == "live"
    kinds = [decision["kind"] for decision in facts["decisions"]]
    # What passed before goes on where the tuned model does not.
    trials.check(
        "it is promoted where a gate passes, and refused where none does",
        bool(facts["gates"]) and is_live == any(gate["verdict"] == "passed" for gate in facts["gates"]),
        f"{'live' if is_live else state['block']['code']}, decided: {', '.join(kinds)}")


# Each third row taught the teacher, and the use case sees the others. Who read the file from its start would miss categories.
TAUGHT = 3


def made(prepared, folders, rows, work):
    """The teacher: the packaged model with what it learnt from other rows merged in. The student: half of its layers."""
    script, weights = HERE / "models.py", prepared["weights"]
    make(folders["student"], lambda new: python(prepared, script, "truncated", weights, new))
    make(folders["teacher"], lambda new: python(prepared, script, "merged", weights, taught(prepared, rows, work), new))


def taught(prepared, rows, work):
    """Trains the teacher's adapter. - Returns: its folder."""
    job, output = work / "teacher.json", work / "teacher-job"
    job.write_text(json.dumps({
        "baseWeights": prepared["base"], "limitSeconds": 3600, "maximumTokens": 8, "golden": [], "validationRows": [],
        "lora": {
            "rank": 16, "alpha": 32, "dropout": 0.0, "learningRate": 1e-3, "epochs": 3, "batchSize": 8, "weightDecay": 0.01,
            "seed": 7, "layers": "all",
        },
        "rows": [
            {"messages": [
                {"role": "system", "content": "You name the category of a word from its dictionary gloss. Answer with one of: "
                 + LABELS + "."},
                {"role": "user", "content": row["gloss"]},
            ], "completion": row["category"]}
            for row in rows[::TAUGHT]
        ],
    }))
    python(prepared, prepared["trainer"], job, "--output", output, "--cache", prepared["cache"])
    return output / "adapter"


def make(folder, write):
    """A folder that is there is whole."""
    if folder.exists():
        return
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    write(new)
    new.rename(folder)


def python(prepared, *words):
    subprocess.run([prepared["python"], "-B", *words], check=True, stdout=sys.stderr)
