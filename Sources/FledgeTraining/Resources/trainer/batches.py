"""Batches of rows of like length, in an order that the seed decides."""

import random

import torch
from torch.utils.data import DataLoader


def ordered(rows, batch_size, seed, epoch):
    """Sorted by length within shuffled pools, so that little is padding and the order still varies."""
    shuffler = random.Random(f"{seed}/{epoch}")
    order = list(range(len(rows)))
    shuffler.shuffle(order)
    pool = batch_size * 16
    batches = []
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=lambda index: len(rows[index]))
        batches += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    shuffler.shuffle(batches)
    return batches


class Batches:
    """The batch sampler: `epoch` says which epoch is asked for, so that a resumed run sees the same order."""

    def __init__(self, rows, batch_size, seed, epoch):
        self.rows, self.batch_size, self.seed, self.epoch = rows, batch_size, seed, epoch

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __iter__(self):
        return iter(ordered(self.rows, self.batch_size, self.seed, self.epoch()))


def loader(rows, batch_size, seed, epoch):
    """Batches as lists of rows: what a step does with them, it decides by itself."""
    return DataLoader(rows, batch_sampler=Batches(rows, batch_size, seed, epoch), collate_fn=list)


def collate(rows, padding, device):
    """ids and mask of shape [rows, longest], and the positions whose next token is learnt."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), padding, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row.ids)
        mask[index, : len(row)] = 1
    return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}, *learnt(rows, longest, device)


def learnt(rows, longest, device):
    """In rows or packs of `longest` tokens each, laid end to end: the positions whose next token is learnt, and those tokens."""
    positions, targets = [], []
    for index, row in enumerate(rows):
        positions += [index * longest + place - 1 for place in row.learnt]
        targets += [row.ids[place] for place in row.learnt]
    return torch.tensor(positions, device=device), torch.tensor(targets, device=device)


class Pack:
    """Several rows as one sequence; each begins at position 0, by which the model tells them apart."""

    def __init__(self, rows):
        self.ids, self.positions, self.learnt, self.weight = [], [], [], 0
        for row in rows:
            self.learnt += [len(self.ids) + place for place in row.learnt]
            self.ids += row.ids
            self.positions += range(len(row))
            self.weight += len(row.learnt)

    def __len__(self):
        return len(self.ids)


def packed(rows, limit):
    """The longest rows first, each into the fullest pack that still takes it."""
    packs = []
    for row in sorted(rows, key=len, reverse=True):
        fitting = [pack for pack in packs if pack[0] + len(row) <= limit]
        if fitting:
            pack = max(fitting, key=lambda pack: pack[0])
        else:
            pack = [0, []]
            packs.append(pack)
        pack[0] += len(row)
        pack[1].append(row)
    return [Pack(rows) for _, rows in packs]


def collate_packed(packs, padding, device):
    """As `collate`, without a mask: where the position is 0 another row begins, and the padding is a row of its own."""
    longest = max(len(pack) for pack in packs)
    ids = torch.full((len(packs), longest), padding, dtype=torch.long)
    places = torch.zeros((len(packs), longest), dtype=torch.long)
    for index, pack in enumerate(packs):
        ids[index, : len(pack)] = torch.tensor(pack.ids)
        places[index, : len(pack)] = torch.tensor(pack.positions)
        places[index, len(pack) :] = torch.arange(longest - len(pack))
    return {"input_ids": ids.to(device), "position_ids": places.to(device)}, *learnt(packs, longest, device)
