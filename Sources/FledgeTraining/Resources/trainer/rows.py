"""Rows as token ids, and what becomes of those that are too long."""

from collections import namedtuple

from events import JobError, emit


class Row(namedtuple("Row", "ids learnt")):
    """The ids, and the places among them that are learnt: the answer and the end of its turn."""

    __slots__ = ()

    def __len__(self):
        return len(self.ids)

    @property
    def weight(self):
        return len(self.learnt)


class Pair(namedtuple("Pair", "prompt chosen rejected")):
    """A prompt with the better and the worse answer."""

    __slots__ = ()
    weight = 1

    def __len__(self):
        return len(self.prompt) + max(len(self.chosen), len(self.rejected))


def encode(template, row):
    if "chosen" in row:
        prompt, chosen = template.answered(row["messages"], row["chosen"])
        return Pair(prompt, chosen, template.answered(row["messages"], row["rejected"])[1])
    if row.get("learnsTurns"):
        return Row(*template.turns([*row["messages"], {"role": "assistant", "content": row["completion"]}]))
    prompt, answer = template.answered(row["messages"], row["completion"])
    return Row(prompt + answer, range(len(prompt), len(prompt) + len(answer)))


def shortened(template, row, limit):
    """The row with as much of its last user's message cut off the beginning as has to be; None where that is not enough."""
    place = max((i for i, message in enumerate(row["messages"]) if message["role"] == "user"), default=None)
    if place is None:
        return None
    text = row["messages"][place]["content"]

    def cut(count):
        messages = [dict(message) for message in row["messages"]]
        messages[place]["content"] = text[count:]
        return encode(template, {**row, "messages": messages})

    least, most = 1, len(text) - 1
    if most < least or len(cut(most)) > limit:
        return None
    while least < most:
        middle = (least + most) // 2
        if len(cut(middle)) <= limit:
            most = middle
        else:
            least = middle + 1
    return cut(most)


class Rows:
    """A job's rows that are learnt and held back, each with the row that it was made of."""

    def __init__(self, template, job):
        self.limit, self.too_long = job["lora"]["sequenceLength"], job["lora"]["tooLong"]
        self.lengths = []
        names = ("rows", "validationRows", "preferences", "validationPreferences")
        self.encoded = {name: self.taken(template, job[name]) for name in names}
        self.counted = sum(len(job[name]) for name in names)

    def taken(self, template, rows):
        taken = []
        for row in rows:
            encoded = encode(template, row)
            if len(encoded) > self.limit:
                self.lengths.append(len(encoded))
                encoded = shortened(template, row, self.limit) if self.too_long == "truncate" else None
            if encoded is not None:
                taken.append((encoded, row))
        return taken

    def of(self, name):
        return [encoded for encoded, _ in self.encoded[name]]

    def sources(self, name):
        return [row for _, row in self.encoded[name]]

    def tell(self):
        """Says what is learnt, and refuses where the job says so or where nothing is left."""
        learnt = len(self.encoded["rows"]) + len(self.encoded["preferences"])
        held_back = len(self.encoded["validationRows"]) + len(self.encoded["validationPreferences"])
        share = round(len(self.lengths) / self.counted, 4)
        emit("rows", learnt=learnt, heldBack=held_back, tooLong=len(self.lengths), rows=self.counted, share=share)
        if self.lengths and (self.too_long == "refuse" or not learnt):
            raise JobError(
                "training.rows_too_long",
                f"{len(self.lengths)} of {self.counted} rows are longer than {self.limit} tokens, the longest has "
                f"{max(self.lengths)}: a sequenceLength of {max(self.lengths)} would hold them all",
            )
        return learnt, held_back, len(self.lengths)
