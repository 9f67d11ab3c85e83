"""Base weights: a folder as Hugging Face's tools write it, or a GGUF file, dequantised once and kept beside the other caches."""

import fcntl
import fnmatch
import hashlib
import json
import os
import shutil
import tempfile

from events import JobError, last_words, log, may_pass

# The files of a folder that decide what is trained.
MATTERING = (
    "config.json", "generation_config.json", "tokenizer*", "special_tokens_map.json", "added_tokens.json", "chat_template*",
    "vocab.json", "merges.txt", "*.model", "*.safetensors", "*.safetensors.index.json",
)


def files(folder):
    """The names of the plain files directly in the folder that matter, sorted."""
    return sorted(
        name for name in os.listdir(folder)
        if os.path.isfile(os.path.join(folder, name)) and any(fnmatch.fnmatchcase(name, pattern) for pattern in MATTERING)
    )


def digest(path):
    """A file's SHA-256, or that of the lines "HASH  NAME" of a folder's files."""
    total = hashlib.sha256()
    if os.path.isdir(path):
        for name in files(path):
            total.update(f"{digest(os.path.join(path, name))}  {name}\n".encode())
        return total.hexdigest()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def check_digest(path, expected):
    """Refuses weights that are not the ones the job was made for."""
    try:
        found = digest(path)
    except OSError as error:
        raise JobError("training.base_missing", f"the base weights cannot be read: {error.strerror}") from error
    if found != expected:
        raise JobError("training.base_changed", "the base weights are not the ones that the job names")


def incomplete(what, hint):
    return JobError("training.base_incomplete", f"the base model's folder has {what}: {hint}")


def check_folder(folder):
    """Names what is missing before anything is read."""
    if not os.path.exists(os.path.join(folder, "config.json")):
        raise incomplete("no config.json", "name the folder that the model was downloaded into")
    names = files(folder)
    if not any(name.startswith("tokenizer") or name.endswith(".model") or name == "vocab.json" for name in names):
        raise incomplete("no tokenizer", "download tokenizer.json and tokenizer_config.json too")
    tensors = [name for name in names if name.endswith(".safetensors")]
    for index in (name for name in names if name.endswith(".safetensors.index.json")):
        try:
            with open(os.path.join(folder, index), encoding="utf-8") as file:
                wanted = set(json.load(file)["weight_map"].values())
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise incomplete(f"an {index} that cannot be read", "download it again") from error
        lacking = sorted(wanted - set(tensors))
        if lacking:
            raise incomplete(f"no {lacking[0]}, {len(lacking)} of {len(wanted)} parts are missing", "download them too")
    if not tensors:
        raise incomplete("no *.safetensors", "download the model's safetensors; other formats are not read")


def folder_of(base, cache):
    """The folder to load from: the base's own, or the one that its GGUF file was dequantised into."""
    if os.path.isdir(base["path"]):
        check_folder(base["path"])
        return base["path"]
    folder = os.path.join(cache, f"weights-{base['sha256'][:16]}")
    if not is_dequantised(folder):
        os.makedirs(cache, exist_ok=True)
        with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
            # One of several jobs that begin at once does it; a dead one's lock is gone with it.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_dequantised(folder):
                dequantise(base["path"], folder)
    return folder


def is_dequantised(folder):
    """Whole, and with the name of the model's class, which a version before did not write."""
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            return bool(json.load(file).get("architectures")) and os.path.exists(os.path.join(folder, "model.safetensors"))
    except (OSError, ValueError):
        return False


def load(folder, device, quantised=None):
    """The model and its tokenizer."""
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    transformers.utils.logging.disable_progress_bar()
    arguments = {"dtype": device.dtype}
    if quantised:
        arguments.update(quantisation(quantised, device))
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except Exception as error:
        raise incomplete(f"a tokenizer that cannot be read ({type(error).__name__})", "download its files again") from error
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            folder, output_loading_info=True, ignore_mismatched_sizes=True, **arguments
        )
    except Exception as error:
        if type(error).__name__ == "SafetensorError":
            raise incomplete(f"weights that are torn ({error})", "download them again") from error
        if isinstance(error, (ValueError, KeyError)):
            message = f"the model cannot be loaded ({type(error).__name__}): only architectures that transformers knows are trained"
            raise JobError("training.architecture", message) from error
        raise
    check_tensors(found)
    return model, tokenizer


def check_tensors(found):
    """Every tensor of the model is in the files, and no other."""
    kinds = (("missing_keys", "lack"), ("unexpected_keys", "have, without a place in the model,"), ("mismatched_keys", "have in another shape"))
    for kind, verb in kinds:
        names = sorted(str(key[0] if isinstance(key, tuple) else key) for key in found.get(kind) or [])
        if names:
            raise JobError(
                "training.base_foreign",
                f"the base weights {verb} {len(names)} tensors, {names[0]} among them: config.json and the safetensors are not of "
                "one and the same causal language model",
            )


def quantisation(kind, device):
    if device.type != "cuda":
        raise JobError("training.quantised", f"quantised ({kind}) needs a CUDA device, and there is none: leave it out")
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise JobError("training.quantised", "the package bitsandbytes, which quantises, is not in the trainer's environment") from error
    from transformers import BitsAndBytesConfig

    if kind == "int8":
        settings = BitsAndBytesConfig(load_in_8bit=True)
    else:
        settings = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type=kind, bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=device.dtype
        )
    return {"quantization_config": settings, "device_map": {"": int(os.environ.get("LOCAL_RANK", "0"))}}


def dequantise(path, folder):
    import torch
    import transformers
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    transformers.utils.logging.disable_progress_bar()
    log("dequantising the base weights (once)")
    source, name = os.path.split(path)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=name)
        model = AutoModelForCausalLM.from_pretrained(source, gguf_file=name, dtype=torch.float32)
    except Exception as error:
        if may_pass(error) or isinstance(error, ImportError):
            raise
        raise JobError("training.base_not_dequantisable", f"the GGUF file cannot be dequantised: {last_words(error)}") from error
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    partial = tempfile.mkdtemp(dir=os.path.dirname(folder))
    tokenizer.save_pretrained(partial)
    # transformers does not save a model that came from a GGUF file: its parts are written here.
    config = model.config.to_dict()
    config.pop("quantization_config", None)
    config["architectures"] = [type(model).__name__]
    with open(os.path.join(partial, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)
    tied = "lm_head.weight" if model.config.tie_word_embeddings else None
    tensors = {key: value.to(torch.bfloat16).contiguous() for key, value in model.state_dict().items() if key != tied}
    save_file(tensors, os.path.join(partial, "model.safetensors"), metadata={"format": "pt"})
    if not is_dequantised(folder):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        os.rename(partial, folder)
    except OSError:
        # Another job was first.
        shutil.rmtree(partial)
