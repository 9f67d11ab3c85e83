"""TRL: a plain SFTTrainer script with a PEFT LoRA, on a training job of Fledge's.

Reads one JSON object from the file that it is given: {"job": a job as Fledge's trainer reads it, "weights": the folder of
the dequantised base weights}
Writes one JSON object to standard output: {"seconds", "tokens", "validation_loss", "cpu_seconds"}

The same weights in the same precision, the same rows, LoRA places, learning rate, schedule, batches and evaluations. What is
left to the script is what a plain one leaves to TRL: the order of the rows, how they are padded, where logits are made.
"""

import json
import math
import os
import resource
import sys
import tempfile
import time

ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# As Fledge's trainer has it: threads that spin long take the cores from others on a busy machine.
os.environ["OMP_WAIT_POLICY"] = "passive"
os.environ["GOMP_SPINCOUNT"] = "1000"

import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from peft import LoraConfig  # noqa: E402
from torch.nn.functional import cross_entropy  # noqa: E402
from torch.optim.lr_scheduler import LambdaLR  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402
from trl import SFTConfig, SFTTrainer  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)
with open(task["job"], encoding="utf-8") as file:
    job = json.load(file)
lora = job["lora"]

tokenizer = AutoTokenizer.from_pretrained(task["weights"])
if tokenizer.pad_token is None:
    tokenizer.pad_token = "<|im_end|>"


def computes_in_bf16():
    """As Fledge's trainer decides it: where bf16 is only imitated, both train in fp32."""
    if torch.cuda.is_available():
        return True
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = {flag for line in file if line.startswith(("flags", "Features")) for flag in line.split(":", 1)[1].split()}
    return bool(flags & {"avx512_bf16", "amx_bf16", "avx_ne_convert", "bf16"})


bf16 = computes_in_bf16()
model = AutoModelForCausalLM.from_pretrained(task["weights"], dtype=torch.bfloat16 if bf16 else torch.float32)


def dataset(rows):
    return Dataset.from_list(
        [
            {"prompt": row["messages"], "completion": [{"role": "assistant", "content": row["completion"]}]}
            for row in rows
        ]
    )


per_epoch = math.ceil(len(job["rows"]) / lora["batchSize"])
steps = per_epoch * lora["epochs"]
layers = model.config.num_hidden_layers
warmup = max(1, round(steps * 0.1))


class SameSchedule(SFTTrainer):
    """Warms up and decays as Fledge's trainer does: to a tenth, where TRL's linear schedule goes down to nothing."""

    def create_scheduler(self, num_training_steps, optimizer=None):
        def rate(step):
            if step < warmup:
                return (step + 1) / warmup
            return 1 - 0.9 * (step - warmup) / max(1, num_training_steps - warmup)

        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, rate)
        return self.lr_scheduler


with tempfile.TemporaryDirectory() as folder:
    trainer = SameSchedule(
        model=model,
        processing_class=tokenizer,
        train_dataset=dataset(job["rows"]),
        eval_dataset=dataset(job["validationRows"]),
        peft_config=LoraConfig(
            r=lora["rank"],
            lora_alpha=lora["alpha"],
            lora_dropout=lora["dropout"],
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
            layers_to_transform=list(range(layers // 2 if lora["layers"] == "upperHalf" else 0, layers)),
            task_type="CAUSAL_LM",
        ),
        args=SFTConfig(
            output_dir=folder,
            per_device_train_batch_size=lora["batchSize"],
            per_device_eval_batch_size=lora["batchSize"] * 2,
            num_train_epochs=lora["epochs"],
            learning_rate=lora["learningRate"],
            weight_decay=lora["weightDecay"],
            max_grad_norm=1.0,
            bf16=bf16,
            use_cpu=not torch.cuda.is_available(),
            gradient_checkpointing=False,
            completion_only_loss=True,
            packing=False,
            max_length=2048,
            eval_strategy="steps",
            eval_steps=max(1, per_epoch // 2),
            logging_steps=10,
            save_strategy="no",
            report_to="none",
            seed=lora["seed"],
            dataloader_num_workers=0,
            disable_tqdm=True,
        ),
    )
    start = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)


def ids_of(row):
    prompt = tokenizer.apply_chat_template(row["messages"], add_generation_prompt=True, tokenize=True, return_dict=False)
    answer = tokenizer.encode(row["completion"], add_special_tokens=False)
    return prompt, answer + [tokenizer.convert_tokens_to_ids("<|im_end|>")]


# Both are judged by the same loss: over the tokens of all held-back answers, the end of the turn among them.
trainer.model.eval()
total = count = 0
with torch.no_grad(), torch.autocast("cuda" if torch.cuda.is_available() else "cpu", dtype=torch.bfloat16, enabled=bf16):
    for row in job["validationRows"]:
        prompt, answer = ids_of(row)
        logits = trainer.model(input_ids=torch.tensor([prompt + answer], device=trainer.model.device)).logits
        wanted = torch.tensor(answer, device=logits.device)
        loss = cross_entropy(logits[0, len(prompt) - 1 : -1].float(), wanted, reduction="sum")
        total += loss.item()
        count += len(answer)
tokens = lora["epochs"] * sum(len(prompt) + len(answer) for prompt, answer in map(ids_of, job["rows"]))
# All of this process, loading included.
cpu = after.ru_utime + after.ru_stime
print(
    json.dumps({"seconds": seconds, "tokens": tokens, "validation_loss": total / count, "cpu_seconds": cpu}),
    file=ANSWERS,
    flush=True,
)
