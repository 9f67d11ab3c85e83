"""The adapter's files: PEFT's own, and the same weights as GGUF for the local server."""

import json
import os
import shutil
import tempfile

from peft import set_peft_model_state_dict
from safetensors.torch import load_file as load_tensors

import conversion
from events import emit, log

def restore(model, output):
    """Takes the adapter that an earlier run of the job wrote, with what it noted; None where there is none to take."""
    folder = os.path.join(output, "adapter")
    if not os.path.exists(folder):
        return None
    try:
        with open(os.path.join(output, "trained.json"), encoding="utf-8") as file:
            trained = json.load(file)
    except (OSError, ValueError):  # a run of an earlier version noted nothing
        trained = {}
    try:
        set_peft_model_state_dict(model, load_tensors(os.path.join(folder, "adapter_model.safetensors")))
    except Exception as error:
        log(f"the adapter cannot be read ({type(error).__name__}): training again")
        shutil.rmtree(folder, ignore_errors=True)
        return None
    log("the adapter is there already: converting it and answering again")
    seconds = trained.get("seconds", 0.0)
    return {"steps": trained.get("steps", 0), "seconds": seconds, "before": seconds}


def note(trained, output):
    """Keeps what a later run tells of the training; whole, or not there."""
    partial = os.path.join(output, "trained.partial")
    with open(partial, "w", encoding="utf-8") as file:
        json.dump({"steps": trained["steps"], "seconds": round(trained["seconds"], 2)}, file)
    os.replace(partial, os.path.join(output, "trained.json"))


def write(model, lora, base, base_folder, converter, output):
    """Writes the folder whole or not at all, and returns its path."""
    outer = tempfile.mkdtemp(dir=output)
    # llama.cpp's script writes the folder's name into its file: always the same one.
    partial = os.path.join(outer, "adapter")
    os.mkdir(partial)
    model.save_pretrained(partial, selected_adapters=["default"])
    with open(os.path.join(partial, "fledge.json"), "w", encoding="utf-8") as file:
        json.dump({"baseSHA256": base["sha256"], "rank": lora["rank"], "alpha": lora["alpha"]}, file)
    readme = os.path.join(partial, "README.md")
    if os.path.exists(readme):
        os.remove(readme)
    name_base(os.path.join(partial, "adapter_config.json"), base)
    converted = os.path.join(partial, "adapter.gguf")
    if converter:
        conversion.convert(partial, base_folder, converter, converted)
    else:
        emit("notConverted", message="the adapter has no file for llama.cpp: its converter is not installed")
    folder = os.path.join(output, "adapter")
    shutil.rmtree(folder, ignore_errors=True)
    os.chmod(partial, 0o700)
    os.rename(partial, folder)
    os.rmdir(outer)
    return folder


def name_base(path, base):
    """The path of this machine's cache is nobody's business, and would make equal adapters differ."""
    with open(path, encoding="utf-8") as file:
        settings = json.load(file)
    settings["base_model_name_or_path"] = base.get("repository") or f"sha256:{base['sha256']}"
    settings["revision"] = base.get("revision") if base.get("repository") else None
    settings["target_modules"] = sorted(settings["target_modules"])
    with open(path, "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=1, sort_keys=True)
