"""Batches of rows of like length, in an order that the seed decides."""

import random

import torch


def ordered(rows, batch_size, seed, epoch):
    """Sorted by length within shuffled pools, so that little is padding and the order still varies."""
    shuffler = random.Random(f"{seed}/{epoch}")
    order = list(range(len(rows)))
    shuffler.shuffle(order)
    pool = batch_size * 16
    batches = []
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=lambda index: len(rows[index][0]))
        batches += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    shuffler.shuffle(batches)
    return batches


def collate(rows, padding, device):
    """ids and mask of shape [rows, longest], and the positions whose next token is part of an answer."""
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), longest), padding, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    positions, targets = [], []
    for index, (row, prompt) in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
        for place in range(prompt - 1, len(row) - 1):
            positions.append(index * longest + place)
            targets.append(row[place + 1])
    return (
        ids.to(device),
        mask.to(device),
        torch.tensor(positions, device=device),
        torch.tensor(targets, device=device),
    )
