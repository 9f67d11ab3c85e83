"""Conversations as token ids, through the tokenizer's own chat template."""

from events import JobError

# Stands for an assistant's words where it is looked at what the template puts around them.
PROBE = "fledgeprobe"
# Answers are wanted, not thoughts: in training as in answering. A template that knows no such word passes over it.
WORDS = {"enable_thinking": False}


class Template:
    def __init__(self, tokenizer):
        if not tokenizer.chat_template:
            raise JobError(
                "training.no_template",
                "the tokenizer has no chat template: add one (chat_template.jinja, or chat_template in tokenizer_config.json), "
                "or take the instruction-tuned version of the model",
            )
        self.tokenizer = tokenizer
        self.end_ids = self.find_end()
        self.end = self.end_ids[-1]

    def text(self, messages, is_open=False):
        """The conversation as the template writes it; open: up to where the assistant's answer begins."""
        try:
            return self.tokenizer.apply_chat_template(messages, add_generation_prompt=is_open, tokenize=False, **WORDS)
        except Exception as error:
            raise JobError("training.template", self.cause(messages, error)) from error

    def cause(self, messages, error):
        """Why the template failed, without a word of what it was given."""
        if any(message["role"] == "system" for message in messages):
            plain = [message for message in messages if message["role"] != "system"]
            try:
                self.tokenizer.apply_chat_template(plain, add_generation_prompt=True, tokenize=False, **WORDS)
                return "the model's chat template takes no system message: put the instructions into the user's message"
            except Exception:
                pass
        roles = ", ".join(message["role"] for message in messages)
        return f"the model's chat template fails for the roles {roles} ({type(error).__name__}): change the messages or the template"

    def ids(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False)

    def prompt_ids(self, messages):
        return self.ids(self.text(messages, is_open=True))

    def find_end(self):
        """The ids that the template puts behind an assistant's words, up to the first that is not text."""
        whole = self.text([{"role": "user", "content": "x"}, {"role": "assistant", "content": PROBE}])
        if PROBE not in whole:
            raise JobError("training.template", "the model's chat template leaves an assistant's words out")
        ids = self.ids(whole[whole.rindex(PROBE) + len(PROBE) :])
        special = set(self.tokenizer.all_special_ids) | set(self.tokenizer.get_added_vocab().values())
        for place, identifier in enumerate(ids):
            if identifier in special:
                return ids[: place + 1]
        if self.tokenizer.eos_token_id is None:
            raise JobError("training.no_end_of_turn", "neither the chat template nor the tokenizer names a token that ends a turn")
        return [self.tokenizer.eos_token_id]

    def answered(self, messages, completion):
        """(the prompt's ids, the answer's with the end of its turn): as the template writes both, where it writes the prompt
        the same way with and without an answer; else the answer's own words behind the prompt."""
        prompt = self.text(messages, is_open=True)
        ids = self.ids(prompt)
        whole = self.text([*messages, {"role": "assistant", "content": completion}])
        if whole.startswith(prompt) and completion.strip() in whole[len(prompt) :]:
            all_ids = self.ids(whole)
            if all_ids[: len(ids)] == ids:
                answer = self.up_to_end(all_ids[len(ids) :])
                if answer:
                    return ids, answer
        return ids, self.ids(completion) + self.end_ids

    def up_to_end(self, ids):
        return ids[: ids.index(self.end) + 1] if self.end in ids else None

    def turns(self, messages):
        """(ids, the places that every assistant's turn takes), where what the template writes first stays as it is when
        more follows: only then does a place in the whole mean the same as in the conversation that was."""
        ids = self.ids(self.text(messages))
        learnt = []
        for place, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            before = self.ids(self.text(messages[:place], is_open=True)) if place else []
            turn = self.up_to_end(ids[len(before) :])
            if not place or ids[: len(before)] != before or turn is None:
                raise JobError(
                    "training.template",
                    "the model's chat template writes an earlier turn otherwise once others follow: leave learnsTurns out",
                )
            learnt += range(len(before), len(before) + len(turn))
        end = learnt[-1] + 1
        return ids[:end], learnt
