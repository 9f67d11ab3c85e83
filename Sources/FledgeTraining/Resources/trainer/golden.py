"""Greedy answers to the golden prompts, constrained to the choices as the server's grammar constrains them."""

import torch

import chat


class Answerer:
    def __init__(self, model, tokenizer, device):
        self.model, self.tokenizer, self.device = model, tokenizer, device
        self.end = chat.end_of_turn(tokenizer)
        special = set(tokenizer.all_special_ids)
        self.by_text = {}
        for identifier in range(len(tokenizer)):
            if identifier not in special:
                self.by_text.setdefault(tokenizer.decode([identifier]), []).append(identifier)

    @torch.no_grad()
    def answer(self, prompt, limit):
        self.model.eval()
        ids = torch.tensor([chat.prompt_ids(self.tokenizer, prompt["messages"])], device=self.device)
        choices, answer, text, cache = prompt.get("choices"), [], "", None
        for _ in range(limit):
            with torch.autocast(self.device.type, dtype=torch.bfloat16):
                result = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache, logits = result.past_key_values, result.logits[0, -1].float()
            token = self.allowed(logits, text, choices)
            if token == self.end or token == self.tokenizer.eos_token_id:
                break
            # Decoded whole: a character may be spread over several tokens.
            answer.append(token)
            text = self.tokenizer.decode(answer)
            ids = torch.tensor([[token]], device=self.device)
        return text

    def allowed(self, logits, text, choices):
        """The best token that keeps the answer on the way to a choice; any token where there are no choices."""
        if not choices:
            return int(logits.argmax())
        identifiers = [self.end] if text in choices else []
        for choice in choices:
            rest = choice[len(text) :] if choice.startswith(text) else ""
            for length in range(1, len(rest) + 1):
                identifiers += self.by_text.get(rest[:length], [])
        identifiers = sorted(set(identifiers)) or [self.end]
        return identifiers[int(logits[identifiers].argmax())]
