"""Small models with random weights, each in a folder as Hugging Face's tools write it: python models.py FOLDER KIND...

A kind is an architecture with the chat template that goes with it.
"""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast  # noqa: E402

from templates import TEMPLATES  # noqa: E402

SIZES = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 8, "max_position_embeddings": 512,
}
KINDS = {
    "llama": ("llama", "llama3", {}),
    "qwen2": ("qwen2", "chatml", {"tie_word_embeddings": True}),
    "qwen3": ("qwen3", "thinking", {}),
    "gemma": ("gemma2", "gemma", {"sliding_window": 64, "query_pre_attn_scalar": 8}),
    "mistral": ("mistral", "mistral", {}),
    "gpt2": ("gpt2", "chatml", {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512}),
}
TEXT = [
    "Name the tree. alder birch cedar a boat a red door the long table rain thing 1 2 3 4 5 6 7 8 9 0",
    "system user assistant model You are a helper. Answer with one word. The answer is yes or no.",
]


def tokenizer(template):
    special = TEMPLATES[template]["special"]
    made = Tokenizer(models.BPE(unk_token=None))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    made.train_from_iterator(TEXT * 4, trainer)
    whole = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=TEMPLATES[template]["eos"], bos_token=TEMPLATES[template].get("bos"),
        clean_up_tokenization_spaces=False,
    )
    whole.chat_template = TEMPLATES[template]["text"]
    return whole


def make(folder, kind):
    architecture, template, more = KINDS[kind]
    tokens = tokenizer(template)
    sizes = {} if architecture == "gpt2" else SIZES
    config = AutoConfig.for_model(
        architecture, vocab_size=len(tokens), eos_token_id=tokens.eos_token_id, bos_token_id=tokens.bos_token_id, pad_token_id=None,
        **{**sizes, **more},
    )
    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.save_pretrained(folder, max_shard_size="60KB" if kind == "llama" else "1GB")
    tokens.save_pretrained(folder)


if __name__ == "__main__":
    for kind in sys.argv[2:]:
        make(os.path.join(sys.argv[1], kind), kind)
