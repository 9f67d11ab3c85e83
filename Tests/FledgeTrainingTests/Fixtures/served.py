"""A small model with random weights and the tokenizer of another: python served.py FOLDER KIND TOKENIZER

llama.cpp serves a tokenizer only where it knows how the tokenizer splits text: an invented one would not do.
"""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer  # noqa: E402

SIZES = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 16, "max_position_embeddings": 2048,
}


def make(folder, architecture, source):
    tokens = AutoTokenizer.from_pretrained(source)
    config = AutoConfig.for_model(
        architecture, vocab_size=len(tokens), eos_token_id=tokens.eos_token_id, bos_token_id=tokens.bos_token_id,
        tie_word_embeddings=True, **SIZES,
    )
    torch.manual_seed(5)
    AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(folder)
    tokens.save_pretrained(folder)


if __name__ == "__main__":
    make(*sys.argv[1:])
