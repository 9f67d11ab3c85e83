"""Trains one LoRA adapter: python train.py JOB.json --output FOLDER --cache FOLDER

Standard output carries JSON lines (events.py). Exit status: 0 done, 75 try again (stopped with a checkpoint, or no
memory), 78 a job that cannot be done as asked, 1 anything else. SIGTERM ends the run after the current step's checkpoint;
the same command goes on from there. After the end of training it converts the adapter and answers the golden prompts again.
"""

import argparse
import json
import os
import sys
import time
import traceback

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Threads that spin at a barrier take the cores from whoever is to arrive there: ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

from events import STARTED, JobError, emit, log, phase  # noqa: E402

LONGEST_ROW = 2048


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job")
    parser.add_argument("--output", required=True)
    parser.add_argument("--cache", required=True)
    options = parser.parse_args()
    try:
        train(read_job(options.job), options)
        return 0
    except JobError as error:
        emit("error", code=error.code, message=str(error))
        return 78
    except MemoryError:
        emit("error", code="training.no_memory", message="there is not enough memory for this job")
        return 75
    except Exception as error:
        from loop import Stopped

        if isinstance(error, Stopped):
            log("stopped; the checkpoint is written")
            return 75
        traceback.print_exc()
        emit("error", code="training.crashed", message=f"{type(error).__name__}: see the trainer's log")
        return 1


def read_job(path):
    try:
        with open(path, encoding="utf-8") as file:
            job = json.load(file)
        lora = job["lora"]
        checks = {
            "rank": 1 <= lora["rank"] <= 512, "alpha": lora["alpha"] > 0, "dropout": 0 <= lora["dropout"] < 1,
            "learningRate": 0 < lora["learningRate"] < 1, "epochs": lora["epochs"] >= 1, "batchSize": lora["batchSize"] >= 1,
            "rows": len(job["rows"]) >= 1, "limitSeconds": job["limitSeconds"] > 0,
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError("training.bad_job", f"the job cannot be read: {error!r}") from error
    bad = [name for name, holds in checks.items() if not holds]
    if bad:
        raise JobError("training.bad_job", "out of range: " + ", ".join(bad))
    return job


def train(job, options):
    import torch
    from peft import LoraConfig, get_peft_model

    import adapter
    import checkpoint
    import weights
    from golden import Answerer

    phase("preparing")
    lora, base = job["lora"], job["baseWeights"]
    os.makedirs(options.output, exist_ok=True)
    weights.check_digest(base["path"], base["sha256"])
    model, tokenizer = weights.load(base["path"], base["sha256"], options.cache)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(lora["seed"])
    layers = model.config.num_hidden_layers
    first = layers // 2 if lora["layers"] == "upperHalf" else 0
    model = get_peft_model(
        model.to(device),
        LoraConfig(
            r=lora["rank"], lora_alpha=lora["alpha"], lora_dropout=lora["dropout"], target_modules=[name.split(".")[1] for name in adapter.NAMES],
            layers_to_transform=list(range(first, layers)), task_type="CAUSAL_LM",
        ),
    )
    trained = adapter.restore(model, options.output)
    if trained is None:
        trained = learn(model, tokenizer, job, options.output, device)
        adapter.note(trained, options.output)
    phase("converting")
    folder = adapter.write(model, lora, base["sha256"], options.output)
    phase("answering")
    log(f"trained {trained['steps']} steps in {trained['seconds']:.1f} s; answering {len(job['golden'])} prompts")
    answerer = Answerer(model, tokenizer, device)
    answers = answerer.answers(job["golden"], job["maximumTokens"])
    # What serving costs by itself is seen on the base model.
    with model.disable_adapter():
        base_answers = answerer.answers(job["golden"][: job.get("basePrompts") or 0], job["maximumTokens"])
    # All of this process's time, loading and answering included, and the training time of those that were stopped.
    emit(
        "done", adapterDirectory=folder, goldenAnswers=answers, baseAnswers=base_answers or None, steps=trained["steps"],
        seconds=round(trained["before"] + time.monotonic() - STARTED, 2),
    )
    checkpoint.remove(options.output)


def learn(model, tokenizer, job, output, device):
    """Trains, and returns steps, the seconds of training, and those before this process."""
    import chat
    from loop import Loop

    rows = chat.encode_all(tokenizer, job["rows"], LONGEST_ROW)
    validation = chat.encode_all(tokenizer, job["validationRows"], LONGEST_ROW)
    left_out = len(job["rows"]) + len(job["validationRows"]) - len(rows) - len(validation)
    if not rows:
        raise JobError("training.rows_too_long", f"every row is longer than {LONGEST_ROW} tokens")
    trainable = sum(value.numel() for value in model.parameters() if value.requires_grad)
    log(f"{len(rows)} rows, {len(validation)} held back, {left_out} too long; {trainable:,} parameters on {device.type}")
    padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else chat.end_of_turn(tokenizer)
    loop = Loop(model, job, rows, validation, output, device, padding)
    phase("training")
    steps, seconds = loop.run()
    return {"steps": steps, "seconds": seconds, "before": loop.elapsed_before}


if __name__ == "__main__":
    sys.exit(main())
