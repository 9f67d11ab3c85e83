"""Checkpoints: everything that a later process needs to go on as if nothing had happened."""

import os
import shutil

import torch


def save(folder, state):
    """Atomic: a checkpoint is whole or not there."""
    os.makedirs(folder, exist_ok=True)
    partial = os.path.join(folder, "checkpoint.partial")
    torch.save(state, partial)
    with open(partial, "rb") as file:
        os.fsync(file.fileno())
    os.replace(partial, os.path.join(folder, "checkpoint.pt"))


def load(folder):
    """The state, or None; one that cannot be read counts as none."""
    path = os.path.join(folder, "checkpoint.pt")
    if not os.path.exists(path):
        return None
    try:
        return torch.load(path, weights_only=True)
    except Exception:  # a torn disk block, a version change: training starts over
        shutil.move(path, path + ".unreadable")
        return None


def remove(folder):
    """After the end of a job nobody goes on from it, and a sweep would leave one for every trial."""
    try:
        os.remove(os.path.join(folder, "checkpoint.pt"))
    except FileNotFoundError:
        pass
