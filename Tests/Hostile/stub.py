"""A scripted model server, and the document of a small definition that asks it."""
import contextlib
import copy
import http.server
import json
import re
import threading


class ModelServer:
    """Answers every question rightly, `a` where the number in it is even, else `b`, or as it is told.

    `keys` are those that came with questions. With `elsewhere` it sends every question on to that address,
    with `refusal` it refuses it in these words, and `usage` is what it says that each answer took.
    """

    def __init__(self, answer=lambda number: "ab"[number % 2], elsewhere=None, refusal=None, usage=None):
        self.words, self.elsewhere, self.refusal, self.keys = answer, elsewhere, refusal, []
        self.usage = usage or {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}

    def __enter__(self):
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer({"object": "list", "data": [{"id": "tiny", "object": "model"}]})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not self.path.endswith("/chat/completions"):
                    return self.answer({"error": {"message": "no such path"}}, 404)
                model.keys.append(self.headers.get("Authorization"))
                if model.elsewhere:
                    return self.answer({}, 307, model.elsewhere + "/chat/completions")
                if model.refusal:
                    return self.answer({"error": {"message": model.refusal, "type": "invalid_request_error"}}, 400)
                asked = json.loads(body)
                if not asked.get("messages"):
                    return self.answer({"error": {"message": "no messages"}}, 400)
                number = int(re.findall(r"\d+", asked["messages"][-1]["content"])[-1])
                self.answer({
                    "id": "1", "object": "chat.completion", "model": "tiny", "created": 1,
                    "choices": [{"index": 0, "finish_reason": "stop",
                                 "message": {"role": "assistant", "content": model.words(number)}}],
                    "usage": model.usage})

            def answer(self, value, status=200, location=None):
                data = json.dumps(value).encode()
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with contextlib.suppress(OSError):  # Who has read enough goes.
                    self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def write_rows(folder):
    rows = [json.dumps({"text": f"t{number}", "label": "ab"[number % 2]}) + "\n" for number in range(80)]
    (folder / "rows.jsonl").write_text("".join(rows))


def document(name, url, change=None):
    """The document that `fledge` would send of a small definition. `change` edits its use case."""
    criterion = {"bound": {"kind": "atLeast", "value": 0.5}, "confidence": 0.9, "metric": {"kind": "accuracy"}}
    use_case = {
        "name": name, "owner": "tests", "purpose": "Say a or b.", "reports": [],
        "dataset": {"path": "rows.jsonl", "inputs": ["text"], "expected": "label",
                    "split": {"prototype": 20, "holdout": 40, "seed": 1}},
        "models": [{"name": "tiny", "endpoint": {"kind": "openAICompatible", "url": url}}],
        "promptPrototype": {
            "prompts": [{"name": "plain", "system": name, "user": "{{text}}", "demonstrations": 0}],
            "decoding": {"choices": {"kind": "none"}, "maxTokens": 4, "stop": [], "temperature": 0},
            "advance": [{"conditions": [{"kind": "criterion", "criterion": copy.deepcopy(criterion)}]}],
            "budget": {"calls": 200}, "rounds": {"maximum": 2}},
        "validation": {"holdoutLooks": 2, "require": [criterion]}, "production": {"approval": "automatic"}}
    if change:
        change(use_case)
    return {"format": 1, "locations": {}, "sourceFile": f"{name}.swift", "useCase": use_case}
