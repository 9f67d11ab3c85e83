import unittest

import evaluation
import plan
from chat import Template
from events import JobError
from harness import TrainerCase, row, rows
from models import tokenizer
from rows import Rows, encode

SYSTEM = {"role": "system", "content": "Name the tree."}
USER = {"role": "user", "content": "a boat"}
CEDAR = {"role": "assistant", "content": "cedar"}


class Chat(unittest.TestCase):
    def test_the_end_of_turn_is_found_by_rendering(self):
        ends = {"chatml": "<|im_end|>", "llama3": "<|eot_id|>", "gemma": "<end_of_turn>", "mistral": "</s>", "thinking": "<|im_end|>"}
        for name, end in ends.items():
            with self.subTest(name):
                tokens = tokenizer(name)
                template = Template(tokens)
                self.assertEqual(tokens.decode(template.end_ids), end)
                encoded = encode(template, row("a boat", "cedar"))
                self.assertEqual(tokens.decode([encoded.ids[place] for place in encoded.learnt]).strip(), "cedar" + end)
                self.assertEqual(encoded.ids[: encoded.learnt[0]], template.prompt_ids([USER]))

    def test_an_empty_thought_is_in_the_prompt_in_training_as_in_answering(self):
        template = Template(tokenizer("thinking"))
        encoded = encode(template, row("a boat", "cedar"))
        prompt = template.tokenizer.decode(encoded.ids[: encoded.learnt[0]])
        self.assertTrue(prompt.endswith("<think>\n\n</think>\n\n"), prompt)
        self.assertEqual(prompt.count("<think>"), 1)

    def test_a_system_message_is_refused_where_the_template_refuses_it(self):
        for name in ("chatml", "llama3", "mistral", "thinking"):
            self.assertIn("Name the tree.", Template(tokenizer(name)).text([SYSTEM, USER], is_open=True))
        with self.assertRaises(JobError) as caught:
            Template(tokenizer("gemma")).prompt_ids([SYSTEM, USER])
        self.assertEqual(caught.exception.code, "training.template")
        self.assertNotIn("Name the tree.", str(caught.exception))

    def test_every_turn_is_learnt_where_the_row_says_so(self):
        turns = {"messages": [USER, CEDAR, {"role": "user", "content": "rain"}], "completion": "birch", "learnsTurns": True}
        for name in ("chatml", "llama3", "gemma", "mistral"):
            with self.subTest(name):
                template = Template(tokenizer(name))
                encoded = encode(template, turns)
                words = template.tokenizer.decode([encoded.ids[place] for place in encoded.learnt])
                end = template.tokenizer.decode(template.end_ids)
                self.assertEqual(words.replace(" ", ""), f"cedar{end}birch{end}")
                last = encode(template, {**turns, "learnsTurns": False})
                self.assertEqual(template.tokenizer.decode([last.ids[place] for place in last.learnt]).strip(), f"birch{end}")

    def test_a_template_that_rewrites_earlier_turns_cannot_learn_them(self):
        with self.assertRaises(JobError) as caught:
            encode(
                Template(tokenizer("thinking")),
                {"messages": [USER, CEDAR, USER], "completion": "birch", "learnsTurns": True},
            )
        self.assertEqual(caught.exception.code, "training.template")

    def test_a_row_that_is_too_long_loses_the_beginning_of_its_last_message(self):
        template = Template(tokenizer("chatml"))
        long = {"messages": [SYSTEM, {"role": "user", "content": "a boat " * 60 + "the end"}], "completion": "cedar"}
        lora = {"sequenceLength": 60, "tooLong": "truncate"}
        found = Rows(template, {"lora": lora, "rows": [long], "validationRows": [], "preferences": [], "validationPreferences": []})
        cut = found.of("rows")[0]
        text = template.tokenizer.decode(cut.ids)
        self.assertLessEqual(len(cut), 60)
        self.assertGreater(len(cut), 55)
        self.assertTrue("Name the tree." in text and "the end<|im_end|>" in text and "cedar<|im_end|>" in text, text)


class Scores(unittest.TestCase):
    def test_precision_and_recall_are_averaged_over_the_labels_that_occur(self):
        found = evaluation.scored(["a", "a", "b", "c"], ["a", "b", "b", "b"], ["a", "b", "c", "d"])
        self.assertEqual(found["metric"], 0.5)
        self.assertAlmostEqual(found["precision"], (1 + 1 / 3 + 0) / 3)
        self.assertAlmostEqual(found["recall"], (0.5 + 1 + 0) / 3)
        self.assertEqual(found["labels"]["b"], {"expected": 1, "answered": 3, "right": 1})
        self.assertEqual(evaluation.scored(["x y"], ["x y"]), {"metric": 1.0})


class Plans(TrainerCase):
    def plan(self, device, kind="qwen2", **lora):
        return self.go(self.job(kind, lora=lora), plan=True, device=device)

    def test_a_plan_counts_parameters_and_says_whether_the_job_fits(self):
        told = self.plan("H200:141").of("plan")[0]
        self.assertEqual((told["precision"], told["fits"], told["batchSize"]), ("bf16", True, 4))
        self.assertEqual(told["weightsBytes"], 2 * told["parameters"])
        # Two blocks, rank 2: q, k, v, o, gate, up and down.
        self.assertEqual(told["adapterParameters"], 2 * 2 * ((32 + 32) + 2 * (32 + 16) + (32 + 32) + 3 * (32 + 48)))
        small = self.plan("T4:0.02", sequenceLength=2048).of("plan")[0]
        self.assertEqual(small["precision"], "fp16")
        self.assertLess(small["batchSize"], 4)
        self.assertEqual(small["batchSize"] * small["gradientAccumulation"], 4)
        self.assertFalse(self.plan("T4:0.0001").of("plan")[0]["fits"])

    def test_checkpointing_and_quantising_take_less(self):
        plain, thrifty, quantised = (self.plan("H200:141", **more).of("plan")[0] for more in (
            {}, {"gradientCheckpointing": True}, {"quantised": "nf4"}))
        self.assertLess(thrifty["activationsBytes"], plain["activationsBytes"])
        self.assertLess(quantised["weightsBytes"], plain["weightsBytes"])

    def test_a_device_without_its_memory_is_refused(self):
        for device in (None, "H200", "H200:much", ":4"):
            done = self.plan(device)
            self.assertEqual((done.status, done.error["code"]), (78, "training.bad_device"))
