"""Greedy answers to prompts, in batches, constrained to the choices as the server's grammar constrains them, and what a model
gives the tokens of an answer."""

import copy
import math
import os
from dataclasses import dataclass

import torch

BATCH = 16


@dataclass
class Reply:
    """An answer as text and as tokens, behind the tokens of its prompt. The token that ended the answer is the last of its
    own; one that was cut off has none."""

    text: str
    prompt: list
    answer: list


class Answerer:
    def __init__(self, model, template, device):
        self.model, self.template, self.tokenizer = model, template, template.tokenizer
        self.autocast, self.device = device.autocast, next(model.parameters()).device
        self.end = template.end
        self.ends = {self.end, self.tokenizer.eos_token_id}
        self.by_text = None

    def pieces(self):
        """Each token that is text, under what it adds to the text before it."""
        special = set(self.tokenizer.all_special_ids)
        # A token's text alone may lack the space that it stands for: it is read behind another one.
        anchor = self.tokenizer.encode("a", add_special_tokens=False)[-1]
        length = len(self.text([anchor]))
        by_text = {}
        for identifier in range(len(self.tokenizer)):
            if identifier not in special:
                by_text.setdefault(self.text([anchor, identifier])[length:], []).append(identifier)
        return by_text

    def text(self, identifiers):
        return self.tokenizer.decode(identifiers, clean_up_tokenization_spaces=False)

    def answers(self, prompts, limit):
        """The answers' texts in the prompts' order."""
        return [reply.text for reply in self.replies(prompts, limit)]

    def replies(self, prompts, limit):
        """The answers in the prompts' order. Prompts of like length are answered together, so that little is padding."""
        self.model.eval()
        encoded = [self.template.prompt_ids(prompt["messages"]) for prompt in prompts]
        order = sorted(range(len(prompts)), key=lambda index: (len(encoded[index]), index))
        # What all prompts begin with is read once: instructions are mostly longer than what they are about.
        shared = len(os.path.commonprefix(encoded)) if encoded else 0
        shared = min([shared] + [len(ids) - 1 for ids in encoded])
        beginning = self.read(encoded[0][:shared]) if shared > 0 else None
        # Not every architecture keeps what it has read in a form that several answers can go on from.
        if not hasattr(beginning, "batch_repeat_interleave"):
            beginning, shared = None, 0
        replies = [None] * len(prompts)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            cache = copy.deepcopy(beginning)
            if cache is not None:
                cache.batch_repeat_interleave(len(part))
            rest = [encoded[index][shared:] for index in part]
            made = self.batch(rest, [prompts[index].get("choices") for index in part], limit, cache, shared)
            for index, (text, answer) in zip(part, made):
                replies[index] = Reply(text, encoded[index], answer)
        return replies

    @torch.no_grad()
    def read(self, prompt):
        ids = torch.tensor([prompt], device=self.device)
        with self.autocast():
            return self.model(input_ids=ids, use_cache=True, logits_to_keep=1).past_key_values

    @torch.no_grad()
    def batch(self, prompts, choices, limit, cache, shared):
        """The texts and tokens of answers to prompts whose first `shared` tokens are in the cache."""
        longest = max(len(ids) for ids in prompts)
        # Padded on the left: every row's next token then stands in the same column.
        ids = torch.full((len(prompts), longest), self.end, dtype=torch.long)
        mask = torch.zeros((len(prompts), shared + longest), dtype=torch.long)
        mask[:, :shared] = 1
        for row, prompt in enumerate(prompts):
            ids[row, longest - len(prompt) :] = torch.tensor(prompt)
            mask[row, shared + longest - len(prompt) :] = 1
        ids, mask = ids.to(self.device), mask.to(self.device)
        positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, shared:]
        answers, texts = [[] for _ in prompts], [""] * len(prompts)
        last = [[] for _ in prompts]
        is_open = [True] * len(prompts)
        for _ in range(limit):
            with self.autocast():
                result = self.model(
                    input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True,
                    logits_to_keep=1,
                )
            cache, logits = result.past_key_values, result.logits[:, -1].float().cpu()
            tokens = []
            for row in range(len(prompts)):
                token = self.allowed(logits[row], texts[row], choices[row]) if is_open[row] else self.end
                if is_open[row] and token in self.ends:
                    is_open[row], last[row] = False, [token]
                if is_open[row]:
                    # Decoded whole: a character may be spread over several tokens.
                    answers[row].append(token)
                    texts[row] = self.text(answers[row])
                tokens.append([token])
            if not any(is_open):
                break
            ids = torch.tensor(tokens, device=self.device)
            mask = torch.cat([mask, torch.ones((len(prompts), 1), dtype=torch.long, device=self.device)], dim=1)
            positions = positions[:, -1:] + 1
        return [(text, answer + end) for text, answer, end in zip(texts, answers, last)]

    @torch.no_grad()
    def log_probabilities(self, reply):
        """What the model as it is now gives each token of the answer, in one pass; None where one is no finite number."""
        self.model.eval()
        count = len(reply.answer)
        ids = torch.tensor([reply.prompt + reply.answer], device=self.device)
        with self.autocast():
            logits = self.model(input_ids=ids, use_cache=False, logits_to_keep=count + 1).logits
        # The logits before each token. Not every architecture leaves out those that are not asked for.
        likely = torch.log_softmax(logits[0, -count - 1 : -1].float(), dim=-1)
        given = likely.gather(1, ids[0, -count:].unsqueeze(1).to(likely.device)).squeeze(1).tolist()
        return [round(value, 5) for value in given] if all(map(math.isfinite, given)) else None

    def allowed(self, logits, text, choices):
        """The best token that keeps the answer on the way to a choice; any token where there are no choices."""
        if not choices:
            return int(logits.argmax())
        if self.by_text is None:
            self.by_text = self.pieces()
        identifiers = [self.end] if text in choices else []
        for choice in choices:
            rest = choice[len(text) :] if choice.startswith(text) else ""
            for length in range(1, len(rest) + 1):
                identifiers += self.by_text.get(rest[:length], [])
        identifiers = sorted(set(identifiers)) or [self.end]
        return identifiers[int(logits[identifiers].argmax())]


def tuned_scores(answerer, replies, base):
    """The tuned model's answers as tokens, with what it gives them and what the base gives them.

    - base: a context in which the adapter does not count.
    """
    tuned = [answerer.log_probabilities(reply) for reply in replies]
    with base():
        plain = [answerer.log_probabilities(reply) for reply in replies]
    return [
        {"prompt": reply.prompt, "answer": reply.answer, "tuned": mine, "base": other} if mine and other else None
        for reply, mine, other in zip(replies, tuned, plain)
    ]


def base_scores(answerer, replies, base):
    """The base model's answers as tokens, with what it gives them; their prompts are those of the tuned model's."""
    with base():
        given = [answerer.log_probabilities(reply) for reply in replies]
    return [{"answer": reply.answer, "base": mine} if mine else None for reply, mine in zip(replies, given)]
