"""Learning which of two answers is better: TRL's DPOTrainer. The reference is the model as it was when this began."""

from datasets import Dataset
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from run import Run, arguments


class PreferenceTrainer(Run, DPOTrainer):
    def __init__(self, model, tokenizer, template, job, rows, held_back, output, device, **more):
        padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else template.end
        self.pad = DataCollatorForPreference(pad_token_id=padding)
        DPOTrainer.__init__(
            self, model=model, processing_class=tokenizer, data_collator=list,
            train_dataset=Dataset.from_list([self.fields(row) for row in rows]),
            args=DPOConfig(**arguments(job, output, device), beta=job["lora"]["beta"], disable_dropout=False),
        )
        self.begin(job, rows, held_back, output, device, stage="preferences", **more)

    def _prepare_dataset(self, dataset, *_):
        """The rows are token ids already."""
        return dataset

    @staticmethod
    def fields(row):
        return {"prompt_ids": row.prompt, "chosen_ids": row.chosen, "rejected_ids": row.rejected}

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The pairs' loss, summed."""
        padded = self._prepare_inputs(self.pad([self.fields(row) for row in inputs]))
        loss = DPOTrainer.compute_loss(self, model, padded)
        # What TRL would average when it logs is not asked for, and would grow with every step.
        self._metrics["train"].clear()
        self._metrics["eval"].clear()
        return loss * len(inputs)

    def go(self, elapsed=0.0):
        try:
            return super().go(elapsed)
        finally:
            if "ref" in self.model.peft_config:
                self.model.delete_adapter("ref")
