"""What a job tells of its golden answers' tokens."""

import math
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

import golden
from chat import Template
from harness import LABELS, MODELS, TrainerCase, rows

KINDS = ("llama", "qwen2", "qwen3", "gemma", "mistral", "gpt2")


def prompts(count, choices=None):
    return [{"messages": one["messages"], "choices": choices} for one in rows(count)]


class Golden(TrainerCase):
    def answered(self, kind="qwen2", asked=None, **more):
        more = {"basePrompts": 3, "maximumTokens": 6, "lora": {"epochs": 4}, **more}
        done = self.go(self.job(kind, golden=asked or prompts(4), **more), output=f"{kind}-{len(os.listdir(self.folder))}")
        self.assertEqual(done.status, 0, done.events)
        return done

    def test_each_of_the_first_answers_has_its_tokens_and_what_the_models_give_them(self):
        for kind in KINDS:
            for choices in (None, LABELS):
                with self.subTest(kind=kind, choices=choices):
                    done = self.answered(kind, prompts(4, choices))
                    said, folder = done.of("done")[0], os.path.join(MODELS, kind)
                    tokenizer = AutoTokenizer.from_pretrained(folder)
                    template = Template(tokenizer)
                    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
                    model = PeftModel.from_pretrained(model, done.adapter).eval()
                    self.assertEqual((len(said["goldenScores"]), len(said["baseScores"])), (3, 3))
                    for place, (tuned, base) in enumerate(zip(said["goldenScores"], said["baseScores"])):
                        self.assertEqual(tuned["prompt"], template.prompt_ids(prompts(4)[place]["messages"]))
                        for ids, text in ((tuned["answer"], said["goldenAnswers"][place]), (base["answer"], said["baseAnswers"][place])):
                            ended = ids[-1] in {template.end, tokenizer.eos_token_id}
                            self.assertTrue(ended or len(ids) == 6)
                            self.assertEqual(tokenizer.decode(ids[:-1] if ended else ids, clean_up_tokenization_spaces=False), text)
                        self.near(self.given(model, tuned["prompt"], tuned["answer"]), tuned["tuned"])
                        with model.disable_adapter():
                            self.near(self.given(model, tuned["prompt"], tuned["answer"]), tuned["base"])
                            self.near(self.given(model, tuned["prompt"], base["answer"]), base["base"])
                        self.assertNotEqual(tuned["tuned"], tuned["base"])

    def near(self, these, those):
        self.assertEqual(len(these), len(those))
        for one, other in zip(these, those):
            self.assertAlmostEqual(one, other, delta=0.08)

    @torch.no_grad()
    def given(self, model, prompt, answer):
        """Token by token, each behind those before it."""
        values = []
        for place, token in enumerate(answer):
            logits = model(input_ids=torch.tensor([prompt + answer[:place]])).logits[0, -1].float()
            values.append(float(torch.log_softmax(logits, dim=-1)[token]))
        return values

    def test_an_answer_that_is_cut_off_ends_without_an_end(self):
        done = self.answered(maximumTokens=1).of("done")[0]
        tokenizer = AutoTokenizer.from_pretrained(os.path.join(MODELS, "qwen2"))
        for text, scores in zip(done["goldenAnswers"], done["goldenScores"]):
            self.assertEqual(len(scores["answer"]), 1)
            self.assertEqual(scores["answer"][0] == Template(tokenizer).end, text == "")

    def test_a_job_that_asks_the_base_nothing_scores_nothing(self):
        for count in (None, 0):
            done = self.answered(basePrompts=count).of("done")[0]
            self.assertEqual((done["goldenScores"], done["baseScores"]), (None, None))
            self.assertEqual(len(done["goldenAnswers"]), 4)

    def test_answering_again_gives_scores_too(self):
        job = self.job(golden=prompts(2), basePrompts=2)
        first, again = self.go(job).of("done")[0], self.go(job).of("done")[0]
        self.assertEqual(again["steps"], first["steps"])
        for name in ("goldenScores", "baseScores"):
            for these, those in zip(first[name], again[name]):
                self.assertEqual(these["answer"], those["answer"])
                self.near(these["base"], those["base"])

    def test_what_is_no_number_is_not_told(self):
        reply = golden.Reply("x", [1, 2], [3, 4])

        class Broken:
            device = torch.device("cpu")

            def __call__(self, input_ids, **_):
                logits = torch.zeros((1, input_ids.shape[1], 8))
                logits[0, -2, 0] = math.nan
                return type("Result", (), {"logits": logits})()

            def eval(self):
                pass

        answerer = golden.Answerer.__new__(golden.Answerer)
        answerer.model, answerer.device = Broken(), torch.device("cpu")
        answerer.autocast = torch.no_grad
        self.assertIsNone(answerer.log_probabilities(reply))
        self.assertEqual(golden.base_scores(answerer, [reply], torch.no_grad), [None])
        self.assertEqual(golden.tuned_scores(answerer, [reply], torch.no_grad), [None])
