"""Where a model's adapter goes: every linear layer of its decoder blocks, found in the model itself."""

import torch
from transformers.pytorch_utils import Conv1D

from events import JobError

LINEAR = (torch.nn.Linear, Conv1D)


def blocks(model):
    """(the blocks' own name, their number): the list of as many modules as the configuration has layers."""
    count = model.config.get_text_config().num_hidden_layers
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.ModuleList) and len(module) == count:
            return name, count
    raise JobError("training.architecture", f"no list of {count} decoder blocks is found in {type(model).__name__}")


def linear(model):
    """(block, name within the block, module) of every linear layer in the blocks."""
    name, _ = blocks(model)
    for place, module in model.named_modules():
        if isinstance(module, LINEAR) and place.startswith(name + "."):
            index, inner = place[len(name) + 1 :].split(".", 1)
            yield int(index), inner, module


def first_block(model, layers):
    return blocks(model)[1] // 2 if layers == "upperHalf" else 0


def configuration(model, lora):
    from peft import LoraConfig

    name, count = blocks(model)
    targets = sorted({inner.rsplit(".", 1)[-1] for _, inner, _ in linear(model)})
    if not targets:
        raise JobError("training.architecture", f"{type(model).__name__} has no linear layers that an adapter could go to")
    return LoraConfig(
        r=lora["rank"], lora_alpha=lora["alpha"], lora_dropout=lora["dropout"], target_modules=targets,
        layers_to_transform=list(range(first_block(model, lora["layers"]), count)), layers_pattern=name.rsplit(".", 1)[-1],
        task_type="CAUSAL_LM",
    )


class Positions:
    """Has the model's head make logits only where there is a loss: the vocabulary is far wider than the model.

    The rest of the model's forward pass is its own, whatever it does to its logits.
    """

    def __init__(self, model):
        self.wanted = None
        model.get_output_embeddings().register_forward_pre_hook(self.select)

    def select(self, _, arguments):
        if self.wanted is None:
            return None
        hidden, *rest = arguments
        return (hidden.flatten(0, 1)[self.wanted].unsqueeze(0), *rest)

    def logits(self, model, inputs, positions):
        """Of shape [positions, vocabulary]."""
        self.wanted = positions
        try:
            return model(**inputs, use_cache=False).logits[0]
        finally:
            self.wanted = None
