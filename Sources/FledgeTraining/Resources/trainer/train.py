"""Trains one LoRA adapter: python train.py JOB.json --output FOLDER --cache FOLDER [--converter FOLDER]
Makes its base weights ready in the cache: python train.py --prepare JOB.json --cache FOLDER
Plans one, without weights: python train.py --plan JOB.json --device "NAME:GiB" [--cache FOLDER]

Standard output carries JSON lines (events.py). Exit status: 0 done, 75 try again (stopped with a checkpoint, or no
memory or disk), 78 a job that cannot be done as asked, 1 anything else. SIGTERM ends the run after the current step's checkpoint;
the same command goes on from there. After the end of training it converts the adapter and answers the golden prompts again.
"""

import argparse
import os
import signal
import sys
import time
import traceback

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
# Threads that spin long at a barrier take the cores from whoever is to arrive there: several times slower on a busy machine.
# Those that do not spin at all fall asleep at every one: a quarter slower on a quiet machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import job as jobs  # noqa: E402
import launch  # noqa: E402
from events import IS_FIRST, STARTED, JobError, Stopped, claim_output, emit, last_words, log, may_pass, phase  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job")
    parser.add_argument("--output")
    parser.add_argument("--cache")
    parser.add_argument("--converter")
    parser.add_argument("--processes", type=int, help="as many as there are GPUs where it is left out")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--device", help="NAME:GiB, for --plan")
    options = parser.parse_args()
    if not options.plan and not (options.cache and (options.output or options.prepare)):
        parser.error("--output and --cache are needed to train")
    # What holds the sandbox ignores it, and so would what is started there.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    claim_output()
    emit("started")
    status = ending(options)
    if launch.is_worker() and IS_FIRST:
        launch.note(status, options.output)
    return status


def ending(options):
    try:
        job = jobs.read(options.job)
        if options.plan:
            import plan

            plan.tell(job, options.device, options.cache)
            return 0
        if options.prepare:
            import weights

            weights.check_digest(job["baseWeights"]["path"], job["baseWeights"]["sha256"])
            weights.folder_of(job["baseWeights"], options.cache)
            return 0
        os.makedirs(options.output, exist_ok=True)
        processes = 1 if launch.is_worker() else options.processes or count_devices()
        if processes > 1:
            return launch.run(processes, sys.argv, options.output)
        train(job, options)
        return 0
    except JobError as error:
        emit("error", code=error.code, message=str(error))
        return 78
    except MemoryError:
        emit("error", code="training.no_memory", message="there is not enough memory for this job")
        return 75
    except Stopped:
        log("stopped; the checkpoint is written")
        return 75
    except Exception as error:
        traceback.print_exc()
        if type(error).__name__ == "OutOfMemoryError":
            message = "the device's memory does not hold the model: set quantised, or take a smaller model or another device"
            emit("error", code="training.out_of_memory", message=message)
            return 78
        if isinstance(error, ImportError):
            message = f"a package of the trainer's environment is broken ({last_words(error)}): remove {sys.prefix}, which is made anew"
            emit("error", code="training.environment_broken", message=message)
            return 1
        if may_pass(error):
            message = f"memory or room on the disk ran out ({type(error).__name__}): see the trainer's log"
            emit("error", code="training.no_room", message=message)
            return 75
        emit("error", code="training.crashed", message=f"{type(error).__name__}: see the trainer's log")
        return 1


def count_devices():
    import torch

    return torch.cuda.device_count()


def train(job, options):
    import torch
    from peft import get_peft_model, prepare_model_for_kbit_training

    import adapter
    import checkpoint
    import modules
    import stages
    import weights
    from chat import Template
    from device import Device
    from golden import Answerer, base_scores, tuned_scores

    phase("preparing")
    lora, base = job["lora"], job["baseWeights"]
    device = Device()
    device.tell()
    weights.check_digest(base["path"], base["sha256"])
    folder = weights.folder_of(base, options.cache)
    model, tokenizer = weights.load(folder, device, lora["quantised"])
    template = Template(tokenizer)
    if lora["quantised"]:
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=lora["gradientCheckpointing"])
    else:
        model = model.to(device.torch(int(os.environ.get("LOCAL_RANK", "0"))))
    torch.manual_seed(lora["seed"])
    model = get_peft_model(model, modules.configuration(model, lora))
    answerer = Answerer(model, template, device)
    trained = adapter.restore(model, options.output)
    if trained is None:
        trained = stages.learn(model, tokenizer, template, job, options.output, device, answerer)
        if IS_FIRST:
            adapter.note(trained, options.output)
    if not IS_FIRST:
        return
    phase("converting")
    made = adapter.write(model, lora, base, folder, options.converter, options.output)
    phase("answering")
    log(f"trained {trained['steps']} steps in {trained['seconds']:.1f} s; answering {len(job['golden'])} prompts")
    replies = answerer.replies(job["golden"], job["maximumTokens"])
    # What serving costs by itself is seen on the base model.
    compared = job["golden"][: job.get("basePrompts") or 0]
    with model.disable_adapter():
        base_replies = answerer.replies(compared, job["maximumTokens"])
    scores = tuned_scores(answerer, replies[: len(compared)], model.disable_adapter)
    plain = base_scores(answerer, base_replies, model.disable_adapter)
    # All of this process's time, loading and answering included, and the training time of those that were stopped.
    emit(
        "done", adapterDirectory=made, goldenAnswers=[reply.text for reply in replies],
        baseAnswers=[reply.text for reply in base_replies] or None, goldenScores=scores or None, baseScores=plain or None,
        steps=trained["steps"], seconds=round(trained["before"] + time.monotonic() - STARTED, 2),
    )
    checkpoint.remove(options.output)


if __name__ == "__main__":
    sys.exit(main())
