"""Learning answers: TRL's SFTTrainer, with logits only where there is a loss."""

import torch
from datasets import Dataset
from torch.nn.functional import cross_entropy
from trl import SFTConfig, SFTTrainer

import batches
from events import JobError
from modules import Positions
from run import Run, arguments


class SupervisedTrainer(Run, SFTTrainer):
    def __init__(self, model, tokenizer, template, job, rows, held_back, output, device, **more):
        SFTTrainer.__init__(
            self, model=model, processing_class=tokenizer, data_collator=list,
            train_dataset=Dataset.from_dict({"input_ids": [row.ids for row in rows]}),
            args=SFTConfig(**arguments(job, output, device), dataset_kwargs={"skip_prepare_dataset": True}),
        )
        self.padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else template.end
        self.positions = Positions(model)
        self.is_packed = job["lora"]["packing"]
        if self.is_packed:
            self.check_packing(rows)
            rows = batches.packed(rows, job["lora"]["sequenceLength"])
        self.begin(job, rows, held_back, output, device, **more)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The rows' loss, summed over the tokens that are learnt."""
        collate = batches.collate_packed if isinstance(inputs[0], batches.Pack) else batches.collate
        inputs, positions, targets = collate(inputs, self.padding, self.args.device)
        logits = self.positions.logits(model, inputs, positions)
        return cross_entropy(logits.float(), targets, reduction="sum")

    @torch.no_grad()
    def check_packing(self, rows):
        """A row has to be read the same, whatever it is packed with: not every architecture keeps them apart."""
        rows = rows[:2] if len(rows) > 1 else rows * 2
        self.model.eval()
        with self.compute_loss_context_manager():
            alone = sum(self.compute_loss(self.model, [row]).item() for row in rows)
            together = self.compute_loss(self.model, [batches.Pack(rows)]).item()
        if abs(alone - together) > 0.02 * max(1.0, abs(alone)):
            raise JobError("training.packing", "the model does not keep packed rows apart: leave packing out")
