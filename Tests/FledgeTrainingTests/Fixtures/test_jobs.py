import json
import os
import shutil

import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

import device
import evaluation
import run
from harness import LABELS, MODELS, TrainerCase, row, rows


class Jobs(TrainerCase):
    def test_every_architecture_trains_and_its_adapter_loads_again(self):
        for kind in ("llama", "qwen2", "qwen3", "gemma", "mistral", "gpt2"):
            with self.subTest(kind):
                done = self.go(self.job(kind, golden=[{"messages": rows(1)[0]["messages"], "choices": LABELS}]), output=kind)
                self.assertEqual(done.status, 0, done.events)
                self.assertIn(done.of("done")[0]["goldenAnswers"][0], LABELS)
                base = AutoModelForCausalLM.from_pretrained(os.path.join(MODELS, kind))
                model = PeftModel.from_pretrained(base, done.adapter)
                values = [value for name, value in model.named_parameters() if "lora_B" in name]
                self.assertTrue(values and all(value.abs().sum() > 0 for value in values))
                self.assertFalse(any("lm_head" in name for name, _ in model.named_parameters() if "lora" in name))

    def test_the_upper_half_is_found_by_the_blocks_number(self):
        for kind in ("gemma", "gpt2"):
            done = self.go(self.job(kind, lora={"layers": "upperHalf"}), output=kind)
            names = load_file(os.path.join(done.adapter, "adapter_model.safetensors")).keys()
            self.assertTrue(names and all(".1." in name for name in names), list(names)[:3])

    def test_a_known_repository_is_named_in_the_adapter(self):
        base = {**self.base("qwen2"), "repository": "someone/small", "revision": "abc"}
        for expected, given in ((("someone/small", "abc"), base), ((f"sha256:{base['sha256']}", None), self.base("qwen2"))):
            done = self.go(self.job(base=given), output=given.get("repository", "none")[:4])
            with open(os.path.join(done.adapter, "adapter_config.json"), encoding="utf-8") as file:
                config = json.load(file)
            self.assertEqual((config["base_model_name_or_path"], config["revision"]), expected)

    def test_a_stopped_run_goes_on_to_the_same_weights(self):
        job = self.job(lora={"epochs": 2}, held_back=rows(4))
        for precision in self.precisions():
            whole = self.go(job, output=f"{precision}-whole")
            for stop in (2, 3):
                name = f"{precision}-stopped-{stop}"
                first = self.go(job, output=name, stop_at=stop)
                self.assertEqual((first.status, first.progress[-1]["step"]), (75, stop))
                second = self.go(job, output=name)
                self.assertEqual((second.status, second.progress[0]["step"]), (0, stop + 1))
                self.assertEqual(
                    [point["loss"] for point in first.progress + second.progress], [point["loss"] for point in whole.progress]
                )
                self.same(whole, second)
                self.assertFalse([left for left in os.listdir(os.path.join(self.folder, name)) if left.startswith("checkpoint")])

    def test_a_killed_run_goes_on_from_its_last_whole_checkpoint(self):
        run.CHECKPOINT_SECONDS = 0
        job = self.job(lora={"epochs": 2})
        whole = self.go(job, output="whole")
        self.go(job, output="killed", stop_at=4)
        folder = os.path.join(self.folder, "killed")
        # Killed while it wrote the next one: that is torn, and the one before is still there.
        os.rename(os.path.join(folder, "checkpoint"), os.path.join(folder, "checkpoint.before"))
        os.makedirs(os.path.join(folder, "checkpoint"))
        done = self.go(job, output="killed")
        self.assertEqual(done.progress[0]["step"], 5)
        self.same(whole, done)

    def same(self, one, other):
        first, second = (load_file(os.path.join(done.adapter, "adapter_model.safetensors")) for done in (one, other))
        self.assertEqual(first.keys(), second.keys())
        self.assertTrue(all(torch.equal(first[name], second[name]) for name in first))

    def precisions(self):
        """Each precision that processors compute in, or imitate."""
        self.addCleanup(lambda genuine=device.precision: setattr(device, "precision", genuine))
        for name in ("fp32", "bf16"):
            with self.subTest(name):
                device.precision = lambda _, name=name: name
                yield name

    def alike(self, one, other):
        """The same losses, but for the order of additions: three digits of bf16, six of fp32."""
        places = 3 if device.precision("cpu") == "bf16" else 4
        for first, second in zip(one.progress, other.progress, strict=True):
            self.assertAlmostEqual(first["loss"], second["loss"], places=places)

    def test_the_time_limit_ends_a_run_with_an_adapter(self):
        done = self.go({**self.job(lora={"epochs": 50}), "limitSeconds": 0.05})
        self.assertEqual(done.status, 0)
        self.assertLess(done.progress[-1]["step"], done.progress[-1]["steps"])

    def test_a_loss_that_is_not_finite_is_told(self):
        broken = os.path.join(self.folder, "broken")
        shutil.copytree(os.path.join(MODELS, "qwen2"), broken)
        path = os.path.join(broken, "model.safetensors")
        state = {name: torch.full_like(value, float("nan")) for name, value in load_file(path).items()}
        save_file(state, path, metadata={"format": "pt"})
        import weights

        done = self.go(self.job(base={"path": broken, "sha256": weights.digest(broken)}))
        self.assertEqual((done.status, done.error["code"]), (78, "training.diverged"))

    def test_memory_that_runs_out_once_halves_the_batch_and_changes_nothing_else(self):
        from supervised import SupervisedTrainer

        whole = self.go(self.job(lora={"dropout": 0}), output="whole")
        genuine, calls = SupervisedTrainer.compute_loss, []

        def failing(times):
            def compute(trainer, model, inputs, *more):
                if trainer.model.training:
                    calls.append(len(inputs))
                    if len(calls) <= times:
                        raise torch.cuda.OutOfMemoryError("CUDA out of memory")
                return genuine(trainer, model, inputs, *more)

            return compute

        self.addCleanup(lambda: setattr(SupervisedTrainer, "compute_loss", genuine))
        SupervisedTrainer.compute_loss = failing(1)
        halved = self.go(self.job(lora={"dropout": 0}), output="halved")
        self.assertEqual(calls, [4, 2, 2, 2, 2, 2, 2])
        self.assertEqual(halved.of("batch"), [{"event": "batch", "batchSize": 2, "gradientAccumulation": 2}])
        self.alike(whole, halved)
        calls.clear()
        SupervisedTrainer.compute_loss = failing(99)
        failed = self.go(self.job(), output="failed")
        self.assertEqual((failed.status, failed.error["code"]), (78, "training.out_of_memory"))

    def test_accumulation_checkpointing_and_packing_train(self):
        plain = self.go(self.job(lora={"dropout": 0, "batchSize": 4}), output="plain")
        parts = self.go(self.job(lora={"dropout": 0, "batchSize": 2, "gradientAccumulation": 2}), output="parts")
        thrifty = self.go(self.job(lora={"dropout": 0, "gradientCheckpointing": True}), output="thrifty")
        for other in (parts, thrifty):
            self.alike(plain, other)
        packed = self.go(self.job(lora={"packing": True, "sequenceLength": 128}), output="packed")
        self.assertEqual(packed.status, 0, packed.events)
        self.assertLess(packed.progress[-1]["steps"], plain.progress[-1]["steps"])

    def test_quantised_without_cuda_is_refused(self):
        for kind in ("nf4", "int8"):
            done = self.go(self.job(lora={"quantised": kind}))
            self.assertEqual((done.status, done.error["code"]), (78, "training.quantised"))

    def test_the_metric_stops_early_and_the_best_weights_are_kept(self):
        genuine, scores = evaluation.judge, iter([0.2, 0.9, 0.5, 0.4, 0.3, 0.8])
        seen = []

        def judge(answerer, *_):
            def judged():
                seen.append({name: value.clone() for name, value in answerer.model.named_parameters() if "lora" in name})
                return {"metric": next(scores)}

            return judged

        evaluation.judge = judge
        self.addCleanup(lambda: setattr(evaluation, "judge", genuine))
        job = self.job(lora={"epochs": 40, "batchSize": 12}, held_back=rows(2), evaluation={"choices": LABELS})
        done = self.go(job)
        self.assertEqual(done.progress[-1]["step"], 6)
        kept = load_file(os.path.join(done.adapter, "adapter_model.safetensors"))
        for name, value in kept.items():
            self.assertTrue(torch.equal(value, seen[1][name.replace(".weight", ".default.weight")]), name)

    def test_of_equal_metrics_the_lower_loss_is_better(self):
        for seen, kept in (([(0.5, 2.0), (0.5, 1.0)], 1), ([(0.5, 1.0), (0.5, 2.0)], 0), ([(0.6, 2.0), (0.5, 1.0)], 0), ([(None, 2.0), (None, 1.0)], 1)):
            watched = run.Run()
            watched.best_loss, watched.best_metric, watched.without_gain = float("inf"), -float("inf"), 0
            for place, (metric, loss) in enumerate(seen):
                watched.trained = {"weight": torch.tensor(float(place))}
                watched.weigh(loss, metric)
            self.assertEqual(watched.best["weight"].item(), kept, seen)

    def test_held_back_rows_are_answered_and_counted_by_label(self):
        done = self.go(self.job(held_back=[*rows(2), row("a red door", "birch")], evaluation={"choices": LABELS}))
        last = [point for point in done.progress if "metric" in point][-1]
        self.assertEqual(sum(counts["expected"] for counts in last["labels"].values()), 3)
        self.assertEqual({"metric", "precision", "recall", "validationLoss", "peakMemoryBytes"} - last.keys(), set())
        exact = self.go(self.job(held_back=rows(2), evaluation={"kind": "exact"}), output="exact")
        self.assertIn("metric", exact.progress[-1])
        self.assertNotIn("precision", exact.progress[-1])

    def test_a_job_says_when_the_loss_and_not_the_metric_stops_it(self):
        by_loss = "the loss on the held-back rows says when to stop"
        cases = (([], None, False), (rows(2), None, True), (rows(2), {"kind": "exact"}, False))
        for place, (held_back, asked, is_said) in enumerate(cases):
            job = self.job(held_back=held_back, **({"evaluation": asked} if asked else {}))
            done = self.go(job, output=f"said-{place}")
            self.assertEqual(any(by_loss in event["message"] for event in done.of("log")), is_said, done.events)

    def test_an_adapter_that_cannot_be_converted_is_one_all_the_same(self):
        script = os.path.join(self.folder, "convert_lora_to_gguf.py")
        for said, converted in (
            ("import sys\nprint('ERROR: Model Odd is not supported', file=sys.stderr)\nsys.exit(1)", False),
            ("import sys\nopen(sys.argv[sys.argv.index('--outfile') + 1], 'wb').write(b'GGUF')", True),
        ):
            with open(script, "w", encoding="utf-8") as file:
                file.write(said)
            done = self.go(self.job(), output=f"output-{converted}", converter=self.folder)
            self.assertEqual(done.status, 0)
            self.assertEqual(os.path.exists(os.path.join(done.adapter, "adapter.gguf")), converted)
            self.assertEqual([event["message"].endswith("does not know Odd") for event in done.of("notConverted")], [] if converted else [True])

    def test_two_processes_learn_what_one_does(self):
        path, told = self.written(self.job(lora={"dropout": 0})), []
        for processes in (1, 2):
            output = os.path.join(self.folder, f"output-{processes}")
            done = self.process(path, output, "--processes", str(processes))
            self.assertEqual(done.status, 0, done.events)
            told.append(done)
        self.alike(*told)

    def test_preferences_are_learnt_after_the_rows_and_alone(self):
        pairs = [{"messages": one["messages"], "chosen": "cedar", "rejected": "birch"} for one in rows(8)]
        alone = self.job(learnt=[], preferences=pairs, validationPreferences=pairs[:2], lora={"epochs": 6})
        done = self.go(alone, output="alone")
        self.assertEqual(done.status, 0, done.events)
        self.assertLess(done.progress[-1]["validationLoss"], done.progress[0]["validationLoss"])
        self.assertAlmostEqual(done.progress[0]["loss"], 0.693, places=2)
        both = self.job(preferences=pairs)
        for precision in self.precisions():
            whole = self.go(both, output=f"{precision}-both")
            self.assertEqual([point["step"] for point in whole.progress], [1, 2, 3, 4, 5])
            resumed = f"{precision}-resumed"
            self.go(both, output=resumed, stop_at=4)
            self.same(whole, self.go(both, output=resumed))
