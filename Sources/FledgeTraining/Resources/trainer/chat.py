"""Rows as token ids, through the chat template that the server uses."""

from events import JobError


def prompt_ids(tokenizer, messages):
    return tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True, return_dict=False)


def encode(tokenizer, row, limit):
    """(ids, how many of them are the prompt): the loss is on the rest, the answer and the end of its turn."""
    prompt = prompt_ids(tokenizer, row["messages"])
    answer = tokenizer.encode(row["completion"], add_special_tokens=False) + [end_of_turn(tokenizer)]
    ids = prompt + answer
    return (ids, len(prompt)) if len(ids) <= limit else None


def end_of_turn(tokenizer):
    identifier = tokenizer.convert_tokens_to_ids("<|im_end|>")
    if identifier is None or identifier == tokenizer.unk_token_id:
        identifier = tokenizer.eos_token_id
    if identifier is None:
        raise JobError("training.no_end_of_turn", "the tokenizer names no token that ends a turn")
    return identifier


def encode_all(tokenizer, rows, limit):
    encoded = [encode(tokenizer, row, limit) for row in rows]
    return [row for row in encoded if row is not None]
