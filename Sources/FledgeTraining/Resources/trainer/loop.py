"""The training loop: LoRA on the answer's tokens, with early stopping on held-back rows."""

import math
import signal
import time

import torch
from torch.nn.functional import cross_entropy

import batches
import checkpoint
from events import JobError, emit, log

EVALUATIONS_PER_EPOCH = 2
PATIENCE = 4
WARMUP_SHARE = 0.1
CLIP = 1.0
CHECKPOINT_SECONDS = 20


class Stopped(Exception):
    """SIGTERM came: the checkpoint is written."""


class Loop:
    def __init__(self, model, job, rows, validation, output, device, padding):
        self.model, self.rows, self.validation = model, rows, validation
        self.lora, self.limit = job["lora"], job["limitSeconds"]
        self.output, self.device, self.padding = output, device, padding
        self.parameters = {name: value for name, value in model.named_parameters() if value.requires_grad}
        self.optimizer = torch.optim.AdamW(
            self.parameters.values(), lr=self.lora["learningRate"], weight_decay=self.lora["weightDecay"]
        )
        self.per_epoch = math.ceil(len(rows) / self.lora["batchSize"])
        self.steps = self.per_epoch * self.lora["epochs"]
        self.warmup = max(1, round(self.steps * WARMUP_SHARE))
        self.every = max(1, self.per_epoch // EVALUATIONS_PER_EPOCH)
        self.step, self.tokens, self.elapsed_before = 0, 0, 0.0
        self.best, self.best_loss, self.without_gain = None, math.inf, 0
        self.is_stopping = False

    def run(self):
        signal.signal(signal.SIGTERM, self.on_signal)
        self.restore()
        self.started = self.saved = time.monotonic()
        self.window = []
        done = self.step >= self.steps or self.without_gain >= PATIENCE or self.elapsed() >= self.limit
        while not done:
            order = batches.ordered(self.rows, self.lora["batchSize"], self.lora["seed"], self.step // self.per_epoch)
            for batch in order[self.step % self.per_epoch :]:
                # Dropout draws from a generator that the step decides: a resumed run makes the same draws.
                torch.manual_seed(self.lora["seed"] * 1_000_003 + self.step)
                loss = self.learn([self.rows[index] for index in batch])
                done = self.after_step(loss)
                if done:
                    break
            done = done or self.step >= self.steps
        if self.best:
            self.assign(self.best)
        return self.step, self.elapsed()

    def learn(self, rows):
        ids, mask, positions, targets = batches.collate(rows, self.padding, self.device)
        for group in self.optimizer.param_groups:
            group["lr"] = self.lora["learningRate"] * self.rate()
        began = time.monotonic()
        self.model.train()
        loss = self.loss(ids, mask, positions, targets)
        if not torch.isfinite(loss):
            raise JobError("training.diverged", f"the loss is not finite at step {self.step}: lower the learning rate")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        count = int(mask.sum())
        self.tokens += count
        self.window = (self.window + [(count, time.monotonic() - began)])[-20:]
        return loss.item()

    def loss(self, ids, mask, positions, targets):
        """Logits are made only where there is a loss: the vocabulary is far wider than the model."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            inner = self.model.get_base_model()
            hidden = inner.model(input_ids=ids, attention_mask=mask).last_hidden_state
            logits = inner.lm_head(hidden.flatten(0, 1)[positions])
        return cross_entropy(logits.float(), targets)

    def rate(self):
        """Linear warm-up, then linear decay to a tenth."""
        if self.step < self.warmup:
            return (self.step + 1) / self.warmup
        return 1 - 0.9 * (self.step - self.warmup) / max(1, self.steps - self.warmup)

    def after_step(self, loss):
        self.step += 1
        validation = None
        if self.validation and (self.step % self.every == 0 or self.step == self.steps):
            validation = self.evaluate()
        self.report(loss, validation)
        is_late = self.elapsed() >= self.limit
        if is_late:
            log(f"the time limit of {self.limit} s is reached at step {self.step}")
        is_early = self.without_gain >= PATIENCE
        if is_early:
            log(f"no gain on the held-back rows in {PATIENCE} evaluations: stopping at step {self.step}")
        if self.is_stopping or time.monotonic() - self.saved >= CHECKPOINT_SECONDS:
            self.save()
        if self.is_stopping:
            raise Stopped()
        return is_late or is_early

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        total = count = 0
        size = self.lora["batchSize"] * 2
        rows = sorted(self.validation, key=lambda row: len(row[0]))
        for start in range(0, len(rows), size):
            ids, mask, positions, targets = batches.collate(rows[start : start + size], self.padding, self.device)
            total += self.loss(ids, mask, positions, targets).item() * len(targets)
            count += len(targets)
        loss = total / count
        if loss < self.best_loss - 1e-4:
            self.best_loss, self.without_gain = loss, 0
            self.best = {name: value.detach().clone() for name, value in self.parameters.items()}
        else:
            self.without_gain += 1
        return loss

    def report(self, loss, validation):
        seconds = sum(took for _, took in self.window)
        per_step = self.elapsed() / self.step
        fields = {"validationLoss": round(validation, 5)} if validation is not None else {}
        emit(
            "progress", step=self.step, steps=self.steps, epoch=round(self.step / self.per_epoch, 3), loss=round(loss, 5),
            tokensPerSecond=round(sum(count for count, _ in self.window) / max(seconds, 1e-9), 1),
            etaSeconds=round(min(per_step * (self.steps - self.step), self.limit - self.elapsed()), 1),
            elapsedSeconds=round(self.elapsed(), 2), **fields,
        )

    def elapsed(self):
        return self.elapsed_before + time.monotonic() - self.started

    def on_signal(self, *_):
        self.is_stopping = True

    def save(self):
        checkpoint.save(
            self.output,
            {
                "step": self.step, "tokens": self.tokens, "elapsed": self.elapsed(), "best": self.best,
                "best_loss": self.best_loss, "without_gain": self.without_gain,
                "parameters": {name: value.detach() for name, value in self.parameters.items()},
                "optimizer": self.optimizer.state_dict(),
            },
        )
        self.saved = time.monotonic()
        emit("checkpoint", step=self.step)

    def restore(self):
        state = checkpoint.load(self.output)
        if state is None:
            return
        self.assign(state["parameters"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.tokens, self.elapsed_before = state["step"], state["tokens"], state["elapsed"]
        self.best, self.best_loss, self.without_gain = state["best"], state["best_loss"], state["without_gain"]
        log(f"going on from step {self.step}")

    @torch.no_grad()
    def assign(self, values):
        for name, value in values.items():
            self.parameters[name].copy_(value)
