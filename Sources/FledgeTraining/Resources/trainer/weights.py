"""Base weights: a GGUF file, dequantised once and kept beside the other caches."""

import hashlib
import json
import os
import shutil
import tempfile

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from events import JobError, log


def check_digest(path, expected):
    """Refuses weights that are not the ones the job was made for."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise JobError("training.base_missing", f"the base weights cannot be read: {error.strerror}") from error
    if digest.hexdigest() != expected:
        raise JobError("training.base_changed", "the base weights are not the ones that the job names")


def load(path, sha256, cache):
    """The model in bf16, its tokenizer, and the chat template that the server uses too."""
    folder = os.path.join(cache, f"weights-{sha256[:16]}")
    if not os.path.exists(os.path.join(folder, "model.safetensors")):
        dequantise(path, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    config = AutoConfig.from_pretrained(folder)
    if config.model_type != "llama":
        raise JobError("training.architecture", f"models of type {config.model_type} cannot be converted for the server")
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    state = load_file(os.path.join(folder, "model.safetensors"))
    model.load_state_dict(state, strict=False, assign=True)
    model.tie_weights()
    # Buffers such as the rotary frequencies are computed, not stored.
    for module in model.modules():
        if hasattr(module, "inv_freq"):
            fresh = type(module)(config=config)
            module.inv_freq = fresh.inv_freq
            module.original_inv_freq = fresh.original_inv_freq
    missing = [name for name, tensor in model.state_dict(keep_vars=True).items() if tensor.is_meta]
    if missing:
        raise JobError("training.base_incomplete", f"the base weights lack {len(missing)} tensors, {missing[0]} among them")
    return model, tokenizer


def dequantise(path, folder):
    transformers.utils.logging.disable_progress_bar()
    log("dequantising the base weights (once)")
    source, name = os.path.split(path)
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=name)
    model = AutoModelForCausalLM.from_pretrained(source, gguf_file=name, dtype=torch.float32)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    partial = tempfile.mkdtemp(dir=os.path.dirname(folder))
    tokenizer.save_pretrained(partial)
    # transformers does not save a model that came from a GGUF file: its parts are written here.
    config = model.config.to_dict()
    config.pop("quantization_config", None)
    with open(os.path.join(partial, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)
    tied = "lm_head.weight" if model.config.tie_word_embeddings else None
    tensors = {key: value.to(torch.bfloat16).contiguous() for key, value in model.state_dict().items() if key != tied}
    save_file(tensors, os.path.join(partial, "model.safetensors"), metadata={"format": "pt"})
    try:
        os.rename(partial, folder)
    except OSError:
        # Another job was first.
        shutil.rmtree(partial)
