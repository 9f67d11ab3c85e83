"""The adapter for the local server: llama.cpp's own script knows how each architecture's tensors are named and laid out."""

import os
import re
import subprocess
import sys

from events import emit, log

SCRIPT = "convert_lora_to_gguf.py"


def convert(folder, base, converter, path):
    """Writes the GGUF file of the adapter in `folder`; False, and an event, where the script cannot convert it."""
    environment = {**os.environ, "PYTHONPATH": os.path.join(converter, "gguf-py"), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        environment.pop(name, None)
    command = [sys.executable, os.path.join(converter, SCRIPT), "--base", base, "--outtype", "f32", "--outfile", path, folder]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if result.returncode == 0 and os.path.exists(path):
        return True
    sys.stderr.write(result.stderr)
    if os.path.exists(path):
        os.remove(path)
    cause = reason(result.stderr)
    emit("notConverted", message=f"the adapter has no file for llama.cpp: {cause}")
    log(f"the adapter cannot be served by llama.cpp ({cause}); it can be by a server that reads PEFT's files")
    return False


def reason(said):
    unsupported = re.search(r"Model (\S+) is not supported", said)
    if unsupported:
        return f"its converter does not know {unsupported[1]}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "its converter failed without a word"
