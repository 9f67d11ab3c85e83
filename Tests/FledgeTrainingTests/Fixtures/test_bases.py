import os
import shutil

import weights
from harness import MODELS, TrainerCase, row, rows


class Bases(TrainerCase):
    def changed(self, kind, change):
        folder = os.path.join(self.folder, "base")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(MODELS, kind), folder)
        change(folder)
        return self.go(self.job(base={"path": folder, "sha256": weights.digest(folder)}))

    def test_a_folder_that_lacks_something_is_refused_with_what_it_lacks(self):
        for name, kind in (
            ("config.json", "qwen2"), ("model.safetensors", "qwen2"), ("model-00002-of-00003.safetensors", "llama"),
        ):
            with self.subTest(name):
                done = self.changed(kind, lambda folder, name=name: os.remove(os.path.join(folder, name)))
                self.assertEqual((done.status, done.error["code"]), (78, "training.base_incomplete"))
        for name in ("tokenizer.json", "tokenizer_config.json"):
            done = self.changed("qwen2", lambda folder: [
                os.remove(os.path.join(folder, name)) for name in os.listdir(folder) if name.startswith("tokenizer")
            ])
            self.assertEqual((done.status, done.error["code"]), (78, "training.base_incomplete"))

    def test_torn_weights_are_refused(self):
        def tear(folder):
            path = os.path.join(folder, "model.safetensors")
            os.truncate(path, os.path.getsize(path) // 2)

        done = self.changed("qwen2", tear)
        self.assertEqual((done.status, done.error["code"]), (78, "training.base_incomplete"))

    def test_a_file_that_is_no_gguf_cannot_be_dequantised_and_is_not_tried_again(self):
        path = os.path.join(self.folder, "base.gguf")
        for content in (b"", b"GGUF", b"GGUF\x03" + b"\0" * 19, b"weights" * 100):
            with self.subTest(content):
                with open(path, "wb") as file:
                    file.write(content)
                done = self.go(self.job(base={"path": path, "sha256": weights.digest(path)}), prepare=True)
                self.assertEqual((done.status, done.error["code"]), (78, "training.base_not_dequantisable"), done.error)

    def test_tensors_of_another_model_are_refused(self):
        for other in ("llama", "gpt2"):
            done = self.changed(
                "qwen3", lambda folder, other=other: shutil.copy(os.path.join(MODELS, other, "config.json"), folder)
            )
            self.assertEqual((done.status, done.error["code"]), (78, "training.base_foreign"), done.error)

    def test_a_base_without_a_chat_template_is_refused(self):
        done = self.changed("qwen2", lambda folder: os.remove(os.path.join(folder, "chat_template.jinja")))
        self.assertEqual((done.status, done.error["code"]), (78, "training.no_template"))

    def test_a_template_that_refuses_a_system_message_says_so(self):
        done = self.go(self.job("gemma", learnt=[row("a boat", "cedar", system="Name the tree.")]))
        self.assertEqual((done.status, done.error["code"]), (78, "training.template"))
        self.assertIn("system", done.error["message"])

    def test_only_the_files_that_matter_are_part_of_a_folders_digest(self):
        folder = os.path.join(self.folder, "base")
        shutil.copytree(os.path.join(MODELS, "llama"), folder)
        before = weights.digest(folder)
        with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as file:
            file.write("read me")
        self.assertEqual(weights.digest(folder), before)
        with open(os.path.join(folder, "tokenizer_config.json"), "a", encoding="utf-8") as file:
            file.write(" ")
        self.assertNotEqual(weights.digest(folder), before)
        done = self.go(self.job(base={"path": folder, "sha256": before}))
        self.assertEqual((done.status, done.error["code"]), (78, "training.base_changed"))

    def test_rows_that_are_too_long_are_left_out_refused_or_cut(self):
        learnt = [*rows(3), row("a boat " * 40 + "the end", "cedar")]
        for what, status, told in (("leaveOut", 0, 3), ("truncate", 0, 4), ("refuse", 78, 3)):
            done = self.go(self.job(learnt=learnt, lora={"sequenceLength": 64, "tooLong": what}), output=what)
            self.assertEqual(done.status, status, done.error)
            self.assertEqual(done.of("rows"), [{"event": "rows", "learnt": told, "heldBack": 0, "tooLong": 1, "rows": 4, "share": 0.25}])
        self.assertEqual(done.error["code"], "training.rows_too_long")
        self.assertIn("1 of 4 rows", done.error["message"])
