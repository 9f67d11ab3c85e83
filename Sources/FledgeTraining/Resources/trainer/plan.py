"""What a job would take on a device, from the model's configuration alone: no weights are read.

The bytes are an estimate: weights and adapter are counted; activations are those that the backward pass of a decoder block
needs where attention keeps no matrix of scores; logits are those of the answers.
"""

import os

import torch
from transformers import AutoConfig, AutoModelForCausalLM

import modules
from events import JobError, emit

GIB = 1 << 30
# Of a device's memory, what its runtime, kernels and fragments take.
RESERVED = 0.1
BYTES = {None: 2.0, "int8": 1.0, "nf4": 0.53}
# GPUs that are sold by these names do not compute in bf16.
WITHOUT_BF16 = ("V100", "T4", "P100", "P40", "RTX 20", "GTX", "TITAN")
WITHOUT_FP16 = ("P40", "GTX 10")


def tell(job, device, cache):
    name, memory, count = parsed(device)
    lora = job["lora"]
    model = skeleton(configuration(job["baseWeights"], cache))
    precision = precision_of(name)
    width = 4 if precision == "fp32" else 2
    found = sizes(model, lora, width)
    step = lora["batchSize"] * lora["gradientAccumulation"]
    usable = memory * (1 - RESERVED)
    fixed = found["weightsBytes"] + found["adapterBytes"] + found["optimizerBytes"]
    batch = min(lora["batchSize"], -(-step // count))
    while batch > 1 and fixed + activations(model, job, batch, width) > usable:
        batch = -(-batch // 2)
    active = activations(model, job, batch, width)
    total = fixed + active
    emit(
        "plan", device=name, memoryBytes=int(memory), devices=count, precision=precision, **found, activationsBytes=active,
        totalBytes=total, fits=total <= usable, batchSize=batch, gradientAccumulation=-(-step // (batch * count)),
        sequenceLength=lora["sequenceLength"], quantised=lora["quantised"], gradientCheckpointing=lora["gradientCheckpointing"],
    )


def parsed(device):
    """NAME:GiB, or NAME:GiB:COUNT."""
    try:
        name, *numbers = (device or "").rsplit(":", 2) if (device or "").count(":") > 1 else (device or "").rsplit(":", 1)
        memory = float(numbers[0]) * GIB
        count = int(numbers[1]) if len(numbers) > 1 else 1
        if not name or memory <= 0 or count < 1:
            raise ValueError
    except (ValueError, IndexError) as error:
        raise JobError("training.bad_device", "a device is named as NAME:GiB, as in --device \"H200:141\"") from error
    return name, memory, count


def precision_of(name):
    upper = name.upper()
    if any(part in upper for part in WITHOUT_FP16):
        return "fp32"
    return "fp16" if any(part in upper for part in WITHOUT_BF16) else "bf16"


def configuration(base, cache):
    try:
        if os.path.isdir(base["path"]):
            return AutoConfig.from_pretrained(base["path"])
        done = os.path.join(cache or "", f"weights-{base['sha256'][:16]}")
        if cache and os.path.exists(os.path.join(done, "config.json")):
            return AutoConfig.from_pretrained(done)
        source, name = os.path.split(base["path"])
        return AutoConfig.from_pretrained(source, gguf_file=name)
    except (OSError, ValueError, KeyError) as error:
        raise JobError("training.base_incomplete", f"the model's configuration cannot be read ({type(error).__name__})") from error


def skeleton(config):
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(config)


def sizes(model, lora, width):
    linear = list(modules.linear(model))
    parameters = model.num_parameters()
    in_blocks = sum(module.weight.numel() for _, _, module in linear)
    first = modules.first_block(model, lora["layers"])
    adapter = sum(lora["rank"] * sum(module.weight.shape) for block, _, module in linear if block >= first)
    # Only the blocks' linear layers are quantised.
    weights = in_blocks * (BYTES[lora["quantised"]] if lora["quantised"] else width) + (parameters - in_blocks) * width
    return {
        "parameters": parameters, "adapterParameters": adapter, "weightsBytes": int(weights),
        # Values and gradients in fp32, and the two moments of AdamW.
        "adapterBytes": adapter * 8, "optimizerBytes": adapter * 8,
    }


def activations(model, job, batch, width):
    config = model.config.get_text_config()
    tokens = batch * job["lora"]["sequenceLength"]
    count = config.num_hidden_layers
    per_block = {}
    for block, _, module in modules.linear(model):
        # A linear layer keeps its input; what follows it keeps its output.
        per_block[block] = per_block.get(block, 0) + sum(module.weight.shape)
    # Norms and residual sums keep four more of the hidden state's width.
    kept = [tokens * width * (per_block.get(block, 0) + 4 * config.hidden_size) for block in range(count)]
    if job["lora"]["gradientCheckpointing"]:
        kept = [tokens * width * config.hidden_size * count, max(kept)]
    answered = min(tokens, batch * max(1, job.get("maximumTokens") or 1))
    return int(sum(kept) + answered * config.vocab_size * (4 + 4 + width))
