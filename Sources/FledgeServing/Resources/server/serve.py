"""Serves the packaged model with llama.cpp's own HTTP server, on a free port of this machine only.

python serve.py --cache FOLDER [--parallel N] [--adapter FILE.gguf …]
python serve.py --describe

Prints one JSON line when it is ready, and ends when its standard input closes: when the process that started it is gone.
Adapters get the ids 0, 1, … in their order. Every request has to name the scale of every adapter: a request that leaves
one out is answered from keys and values that were computed under another adapter.
"""

import argparse
import json
import os
import sys

# llama.cpp's threads wait for each other many times a token: a short spin, then sleep, since other work shares the cores.
os.environ.setdefault("GOMP_SPINCOUNT", "3000")

import weights  # noqa: E402

CONTEXT_PER_SLOT = 2048


def main():
    # llama.cpp logs to standard output: what it says goes to standard error, and the answer alone to the caller.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    parser = argparse.ArgumentParser()
    parser.add_argument("--describe", action="store_true")
    parser.add_argument("--cache")
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--adapter", action="append", default=[])
    options = parser.parse_args()
    path = weights.packaged()
    facts = {"model": weights.MODEL, "model_path": path, "model_sha256": weights.digest(path)}
    if options.describe:
        print(json.dumps(facts), file=answers, flush=True)
        return
    server = start(weights.as_q8_0(path, facts["model_sha256"], options.cache), options)
    port = int(server.listening_address.rsplit(":", 1)[1])
    print(json.dumps({"event": "ready", "port": port, "quantization": "q8_0", **facts}), file=answers, flush=True)
    # Whoever started this holds the other end: end of file means that it ended, however it did.
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def start(path, options):
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path = path
    settings.model_alias = {weights.MODEL} if isinstance(settings.model_alias, set) else weights.MODEL
    settings.hostnames = "127.0.0.1" if isinstance(settings.hostnames, str) else ["127.0.0.1"]
    settings.port = 0
    settings.n_parallel = options.parallel
    settings.n_ctx = CONTEXT_PER_SLOT * options.parallel
    # The default keeps gigabytes of old prompts in memory.
    settings.cache_ram_mib = 0
    settings.use_jinja = True
    settings.cpuparams.n_threads = options.threads
    settings.cpuparams_batch.n_threads = options.threads
    loaded = []
    for adapter in options.adapter:
        lora = xllamacpp.CommonAdapterLoraInfo()
        lora.path = adapter
        lora.scale = 0.0
        loaded.append(lora)
    if loaded:
        settings.lora_adapters = loaded
    return xllamacpp.Server(settings)


if __name__ == "__main__":
    main()
