"""What a job learns, one after the other: its rows, then its preferences."""

import math
import os

from peft import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import checkpoint
import evaluation
from batches import packed
from events import IS_FIRST, log, phase
from rows import Rows


def learn(model, tokenizer, template, job, output, device, answerer):
    """Trains, and returns steps, the seconds of training, and those before this process."""
    rows = Rows(template, job)
    learnt, held_back, left_out = rows.tell()
    trainable = sum(value.numel() for value in model.parameters() if value.requires_grad)
    log(f"{learnt} rows, {held_back} held back, {left_out} too long; {trainable:,} parameters on {device.type}")
    phase("training")
    both = [("rows", "validationRows"), ("preferences", "validationPreferences")]
    stages = [(name, held) for name, held in both if rows.of(name)]
    counts = [steps(rows.of(name), job["lora"], name) for name, _ in stages]
    found = checkpoint.find(output)
    total, seconds, before = 0, 0.0, found[1]["elapsed"] if found else 0.0
    first_done = os.path.join(output, "rows.safetensors")
    for place, (name, held) in enumerate(stages):
        if place + 1 < len(stages) and os.path.exists(first_done):
            set_peft_model_state_dict(model, load_file(first_done))
            with safe_open(first_done, "pt") as file:
                noted = file.metadata()
            total, seconds = int(noted["steps"]), float(noted["seconds"])
            before = max(before, seconds)
            continue
        trainer = made(name, model, tokenizer, template, job, rows, held, output, device, answerer, total, sum(counts))
        done, seconds = trainer.go(seconds)
        model = trainer.accelerator.unwrap_model(trainer.model_wrapped, keep_fp32_wrapper=False)
        # Else the next trainer would take the model for one that is wrapped already, and learn without autocast.
        model._is_accelerate_prepared = False
        total += done
        if place + 1 < len(stages) and IS_FIRST:
            noted = {"steps": str(total), "seconds": str(seconds)}
            save_file(get_peft_model_state_dict(model), first_done + ".partial", metadata=noted)
            os.replace(first_done + ".partial", first_done)
            checkpoint.remove(output)
    return {"steps": total, "seconds": seconds, "before": before}


def steps(rows, lora, name):
    if name == "rows" and lora["packing"]:
        rows = packed(rows, lora["sequenceLength"])
    return math.ceil(len(rows) / (lora["batchSize"] * lora["gradientAccumulation"])) * lora["epochs"]


def made(name, model, tokenizer, template, job, rows, held, output, device, answerer, before, total):
    arguments = (model, tokenizer, template, job, rows.of(name), rows.of(held), output, device)
    if name == "preferences":
        from preferences import PreferenceTrainer

        return PreferenceTrainer(*arguments, before=before, steps=total)
    from supervised import SupervisedTrainer

    judge = None
    if rows.of(held):
        if job.get("evaluation"):
            judge = evaluation.judge(answerer, rows.sources(held), job["evaluation"], job["maximumTokens"])
        else:
            log(
                "the loss on the held-back rows says when to stop, not the metric: answers alone do not tell it, or may be "
                "too long to be asked for while training"
            )
    return SupervisedTrainer(*arguments, before=before, steps=total, judge=judge)
