"""Checkpoints: everything that a later process needs to go on as if nothing had happened."""

import json
import os
import shutil

import torch
from safetensors.torch import load_file

NAME = "checkpoint"


def place(folder, write):
    """Atomic: a checkpoint is whole or not there. `write` fills the folder that it is given."""
    partial = os.path.join(folder, f"{NAME}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial)
    write(partial)
    for name in os.listdir(partial):
        with open(os.path.join(partial, name), "rb") as file:
            os.fsync(file.fileno())
    whole, before = os.path.join(folder, NAME), os.path.join(folder, f"{NAME}.before")
    # A folder cannot take another's place in one step: the one before stays until the new one is there.
    shutil.rmtree(before, ignore_errors=True)
    if os.path.exists(whole):
        os.rename(whole, before)
    os.rename(partial, whole)
    shutil.rmtree(before, ignore_errors=True)


def find(folder):
    """The newest checkpoint's folder and what the run noted there, or None; one that cannot be read counts as none."""
    for name in (NAME, f"{NAME}.before"):
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            continue
        try:
            with open(os.path.join(path, "run.json"), encoding="utf-8") as file:
                noted = json.load(file)
            load_file(os.path.join(path, "adapter_model.safetensors"))
            torch.load(os.path.join(path, "optimizer.pt"), weights_only=True)
            return path, noted
        except Exception:  # a torn disk block, a version change: training starts over
            shutil.rmtree(path + ".unreadable", ignore_errors=True)
            shutil.move(path, path + ".unreadable")
    return None


def remove(folder):
    """After the end of a job nobody goes on from it, and a sweep would leave one for every trial."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name != NAME and not name.startswith(f"{NAME}."):
            continue
        # Those of an earlier version are files.
        if os.path.isdir(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.remove(path)
