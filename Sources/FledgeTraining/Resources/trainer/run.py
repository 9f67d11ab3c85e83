"""What every training run has in common, whatever its loss: a mixin before one of TRL's trainers.

TRL, transformers and accelerate train. Ours is here what they lack: the order of the batches, accumulation that halves when
memory runs out, evaluation and early stopping on held-back rows, the time limit, checkpoints that are whole, and the events.
"""

import json
import math
import os
import signal
import time

import torch
from safetensors.torch import load_file, save_file
from torch.optim.lr_scheduler import LambdaLR
from transformers import PrinterCallback, TrainerCallback

import batches
import checkpoint
from device import peak_memory
from events import IS_FIRST, JobError, Stopped, emit, log

EVALUATIONS_PER_EPOCH = 2
PATIENCE = 4
WARMUP_SHARE = 0.1
CLIP = 1.0
CHECKPOINT_SECONDS = 20
LEAST_GAIN = 1e-4


def arguments(job, output, device):
    """What TRL is told: it neither logs, evaluates nor saves by itself."""
    lora = job["lora"]
    return {
        "output_dir": output, "per_device_train_batch_size": lora["batchSize"], "num_train_epochs": lora["epochs"],
        "learning_rate": lora["learningRate"], "weight_decay": lora["weightDecay"], "max_grad_norm": CLIP,
        "bf16": device.precision == "bf16", "fp16": device.precision == "fp16", "use_cpu": device.type == "cpu",
        "gradient_checkpointing": lora["gradientCheckpointing"], "seed": lora["seed"] % (1 << 32), "logging_strategy": "no",
        "save_strategy": "no", "eval_strategy": "no", "report_to": "none", "disable_tqdm": True, "max_length": None,
        "logging_nan_inf_filter": False, "ddp_find_unused_parameters": False,
    }


class AfterStep(TrainerCallback):
    def __init__(self, run):
        self.run = run

    def on_step_end(self, args, state, control, **_):
        self.run.after_step(control)


class Run:
    def begin(self, job, rows, held_back, output, device, before=0, steps=None, stage="rows", judge=None):
        """To be called after TRL's own initialiser. `before` steps of `steps` belong to stages before this one."""
        self.job, self.rows, self.held_back, self.output, self.where = job, rows, held_back, output, device
        self.lora, self.limit, self.stage, self.judge = job["lora"], job["limitSeconds"], stage, judge
        self.step_size = self.lora["batchSize"] * self.lora["gradientAccumulation"]
        self.parts = self.lora["gradientAccumulation"]
        self.per_epoch = math.ceil(len(rows) / self.step_size)
        self.own_steps = self.per_epoch * self.lora["epochs"]
        self.before, self.steps = before, steps or self.own_steps
        self.every = max(1, self.per_epoch // EVALUATIONS_PER_EPOCH)
        self.trained = {name: value for name, value in self.model.named_parameters() if value.requires_grad}
        self.elapsed_before, self.without_gain = 0.0, 0
        self.best, self.best_loss, self.best_metric = None, math.inf, -math.inf
        self.is_stopping, self.window = False, []
        self.remove_callback(PrinterCallback)
        self.add_callback(AfterStep(self))

    def go(self, elapsed=0.0):
        """Trains, going on from a checkpoint where there is one, and leaves the best weights in the model."""
        signal.signal(signal.SIGTERM, self.on_signal)
        self.elapsed_before = elapsed
        folder, step = self.restored()
        self.started = self.saved = time.monotonic()
        if not (step >= self.own_steps or self.without_gain >= PATIENCE or self.elapsed() >= self.limit):
            self.train(resume_from_checkpoint=folder)
        elif folder:
            self._load_from_checkpoint(folder)
            self.state.global_step = step
        if self.is_stopping:
            raise Stopped()
        if self.best:
            self.assign(self.best)
        return self.state.global_step, self.elapsed()

    # What TRL and transformers ask for.

    def get_train_dataloader(self):
        return batches.loader(self.rows, self.step_size, self.lora["seed"], lambda: self.state.global_step // self.per_epoch)

    def create_scheduler(self, num_training_steps, optimizer=None):
        """Linear warm-up, then linear decay to a tenth."""
        warmup = max(1, round(num_training_steps * WARMUP_SHARE))

        def rate(step):
            if step < warmup:
                return (step + 1) / warmup
            return 1 - 0.9 * (step - warmup) / max(1, num_training_steps - warmup)

        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, rate)
        self._created_lr_scheduler = True
        return self.lr_scheduler

    def _get_num_items_in_batch(self, *_):
        return None

    def floating_point_ops(self, _):
        return 0

    def training_step(self, model, inputs, num_items_in_batch=None):
        """One optimizer step's rows, in as many parts as accumulation asks for; each row weighs the same, whatever its part."""
        model.train()
        began = time.monotonic()
        try:
            loss = self.learn(model, inputs)
        except torch.OutOfMemoryError as error:
            self.halve(error)
            model.zero_grad()
            loss = self.learn(model, inputs)
        self.loss = loss.item()
        if not math.isfinite(self.loss):
            raise JobError("training.diverged", f"the loss is not finite at step {self.state.global_step}: lower the learning rate")
        self.window = (self.window + [(sum(map(len, inputs)), time.monotonic() - began)])[-20:]
        return loss

    def learn(self, model, rows):
        # Dropout draws from a generator that the step decides: a resumed run makes the same draws.
        torch.manual_seed(self.lora["seed"] * 1_000_003 + self.state.global_step)
        ranks, rank = self.accelerator.num_processes, self.accelerator.process_index
        whole = sum(row.weight for row in rows)
        # A process without a row takes part in the exchange of gradients all the same.
        own = rows[rank::ranks] or rows[:1]
        share = ranks if rank < len(rows) else 0
        size = math.ceil(len(own) / min(self.parts, len(own)))
        parts = [own[start : start + size] for start in range(0, len(own), size)]
        total = torch.zeros((), device=self.args.device)
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1
            with self.accelerator.no_sync(model) if not is_last else torch.enable_grad():
                with self.compute_loss_context_manager():
                    loss = self.compute_loss(model, part) * (share / whole)
                self.accelerator.backward(loss)
            total += loss.detach()
        return self.accelerator.reduce(total, "mean") if ranks > 1 else total

    def halve(self, error):
        """The first time that memory runs out, steps are taken in twice as many parts."""
        ranks = self.accelerator.num_processes
        if self.parts > self.lora["gradientAccumulation"] or self.step_size < 2 * self.parts or ranks > 1:
            raise JobError(
                "training.out_of_memory",
                f"the device's memory does not hold {max(1, self.step_size // self.parts)} rows at once: lower batchSize or "
                "sequenceLength, or set gradientCheckpointing or quantised",
            ) from error
        self.parts *= 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        log(f"the device's memory ran out: steps are taken in {self.parts} parts from now on")
        emit("batch", batchSize=math.ceil(self.step_size / self.parts), gradientAccumulation=self.parts)

    # After every step.

    def after_step(self, control):
        step = self.state.global_step
        seen = None
        if self.held_back and (step % self.every == 0 or step == self.own_steps):
            seen = self.evaluate()
        self.report(seen)
        is_late, self.is_stopping = self.agreed(self.elapsed() >= self.limit, self.is_stopping)
        if is_late:
            log(f"the time limit of {self.limit} s is reached at step {self.before + step}")
        is_early = self.without_gain >= PATIENCE
        if is_early:
            log(f"no gain on the held-back rows in {PATIENCE} evaluations: stopping at step {self.before + step}")
        if self.is_stopping or time.monotonic() - self.saved >= CHECKPOINT_SECONDS:
            self.save()
        control.should_training_stop |= self.is_stopping or is_late or is_early

    def agreed(self, *flags):
        """What any of the processes has seen, all of them do."""
        if self.accelerator.num_processes == 1:
            return flags
        seen = torch.tensor([float(flag) for flag in flags], device=self.args.device)
        return [bool(flag) for flag in self.accelerator.reduce(seen, "sum").tolist()]

    @torch.no_grad()
    def evaluate(self):
        """The loss of the held-back rows, and how well they are answered where the job says by what to judge."""
        self.model.eval()
        total = count = 0
        size = self.lora["batchSize"] * 2
        rows = sorted(self.held_back, key=len)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            with self.compute_loss_context_manager():
                total += self.compute_loss(self.model, part).item()
            count += sum(row.weight for row in part)
        seen = {"validationLoss": total / count}
        if self.judge:
            seen |= self.judge()
        self.weigh(seen["validationLoss"], seen.get("metric"))
        return seen

    def weigh(self, loss, metric):
        """A higher metric is better, and a lower loss where the metric is the same."""
        metric = -math.inf if metric is None else metric
        if metric > self.best_metric or (metric == self.best_metric and loss < self.best_loss - LEAST_GAIN):
            self.best_metric, self.best_loss, self.without_gain = metric, loss, 0
            self.best = {name: value.detach().clone() for name, value in self.trained.items()}
        else:
            self.without_gain += 1

    def report(self, seen):
        step = self.state.global_step
        seconds = sum(took for _, took in self.window)
        per_step = self.elapsed() / (self.before + step)
        fields = {name: round(value, 5) if isinstance(value, float) else value for name, value in (seen or {}).items()}
        emit(
            "progress", step=self.before + step, steps=self.steps, epoch=round(step / self.per_epoch, 3), loss=round(self.loss, 5),
            tokensPerSecond=round(sum(count for count, _ in self.window) / max(seconds, 1e-9), 1),
            etaSeconds=round(max(0.0, min(per_step * (self.steps - self.before - step), self.limit - self.elapsed())), 1),
            elapsedSeconds=round(self.elapsed(), 2), peakMemoryBytes=peak_memory(), **fields,
        )

    def elapsed(self):
        return self.elapsed_before + time.monotonic() - self.started

    def on_signal(self, *_):
        self.is_stopping = True

    # Checkpoints.

    def save(self):
        if IS_FIRST:
            checkpoint.place(self.output, self.write)
        self.accelerator.wait_for_everyone()
        self.saved = time.monotonic()
        emit("checkpoint", step=self.before + self.state.global_step)

    def write(self, folder):
        self.model.save_pretrained(folder, selected_adapters=["default"])
        self._save_optimizer_and_scheduler(folder)
        self._save_scaler(folder)
        self.state.save_to_json(os.path.join(folder, "trainer_state.json"))
        if self.best:
            save_file({name: value.contiguous() for name, value in self.best.items()}, os.path.join(folder, "best.safetensors"))
        noted = {
            "stage": self.stage, "step": self.state.global_step, "elapsed": self.elapsed(), "withoutGain": self.without_gain,
            "bestLoss": self.best_loss, "bestMetric": self.best_metric, "parts": self.parts,
        }
        with open(os.path.join(folder, "run.json"), "w", encoding="utf-8") as file:
            json.dump(noted, file)

    def restored(self):
        """The checkpoint's folder and step, with what the run noted there taken over; (None, 0) where there is none."""
        found = checkpoint.find(self.output)
        if found is None or found[1]["stage"] != self.stage:
            return None, 0
        folder, noted = found
        self.elapsed_before, self.without_gain = noted["elapsed"], noted["withoutGain"]
        self.best_loss, self.best_metric, self.parts = noted["bestLoss"], noted["bestMetric"], noted["parts"]
        best = os.path.join(folder, "best.safetensors")
        if os.path.exists(best):
            self.best = load_file(best, device=str(self.args.device))
        log(f"going on from step {self.before + noted['step']}")
        return folder, noted["step"]

    @torch.no_grad()
    def assign(self, values):
        for name, value in values.items():
            self.trained[name].copy_(value)
