"""Models that are made of the packaged one, each in a folder as Hugging Face's tools write it. Runs in the trainer's environment.

    python models.py merged WEIGHTS ADAPTER FOLDER     the weights with an adapter added to them
    python models.py truncated WEIGHTS FOLDER          the same model without half of its layers
"""

import json
import os
import shutil
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch  # noqa: E402
from peft import PeftModel  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

# What lies between learns least of what the others don't: the last layers write the answer.
KEPT_AT_END = 4


def merged(weights, adapter, folder):
    model = AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
    write(PeftModel.from_pretrained(model, adapter).merge_and_unload(), weights, folder)


def truncated(weights, folder):
    model = AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
    layers = model.model.layers
    half = len(layers) // 2
    model.model.layers = layers[: half - KEPT_AT_END].extend(layers[-KEPT_AT_END:])
    model.config.num_hidden_layers = len(model.model.layers)
    if getattr(model.config, "layer_types", None):
        model.config.layer_types = model.config.layer_types[:half]
    write(model, weights, folder)


def write(model, weights, folder):
    model.to(torch.bfloat16).save_pretrained(folder)
    for name in os.listdir(weights):
        if name.startswith(("tokenizer", "special_tokens", "chat_template", "vocab", "merges", "added_tokens")):
            shutil.copy(os.path.join(weights, name), folder)
    print(json.dumps({"layers": model.config.num_hidden_layers, "parameters": model.num_parameters()}))


if __name__ == "__main__":
    {"merged": merged, "truncated": truncated}[sys.argv[1]](*sys.argv[2:])
