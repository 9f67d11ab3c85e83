"""What the job runs on, and in which precision."""

import contextlib
import resource

import torch

from events import emit


class Device:
    def __init__(self):
        self.type = "cuda" if torch.cuda.is_available() else "cpu"
        self.precision = precision(self.type)
        self.dtype = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[self.precision]
        self.count = torch.cuda.device_count() if self.type == "cuda" else 1

    def torch(self, process=0):
        return torch.device("cuda", process) if self.type == "cuda" else torch.device("cpu")

    def autocast(self):
        if self.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.type, dtype=self.dtype)

    def tell(self):
        fields = {}
        if self.type == "cuda":
            properties = torch.cuda.get_device_properties(0)
            fields = {"name": properties.name, "memoryBytes": properties.total_memory}
        emit("device", device=self.type, count=self.count, precision=self.precision, threads=torch.get_num_threads(), **fields)


# Processors say by these that they compute in bf16; others only imitate it, many times slower than fp32.
BF16_FLAGS = {"avx512_bf16", "amx_bf16", "avx_ne_convert", "bf16"}


def precision(kind):
    """bf16 where the device computes in it; else a GPU's fp16 where that is fast, and fp32."""
    if kind == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return "bf16"
        return "fp16" if torch.cuda.get_device_capability() >= (7, 0) else "fp32"
    return "bf16" if BF16_FLAGS & processor_flags() else "fp32"


def processor_flags():
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            return {flag for line in file if line.startswith(("flags", "Features")) for flag in line.split(":", 1)[1].split()}
    except OSError:
        return set()


def peak_memory():
    """The most memory that this process has held, in bytes: the device's where there is one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
