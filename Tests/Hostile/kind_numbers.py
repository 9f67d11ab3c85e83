"""Numbers out of all proportion, NUL characters, long texts, and many connections: none ends or silences a daemon."""
import concurrent.futures
import copy
import json
import socket
import time

from hostile import TOKEN, Installation
from stub import ModelServer, document, write_rows

# What JSON can say of a number, and what it can't. In the ranges of docs/definition-numbers.md lies none but seeds.
EXTREMES = ["9223372036854775807", "-9223372036854775808", "18446744073709551616", "-1", "1e308", "-1e308", "1e999",
            "1" + "0" * 400, '"nan"', '"infinity"', '"-infinity"']


def full(url):
    """A document with numbers in most of its parts."""
    def add(it):
        it.update(
            priority=1, spend={"calls": 1, "costMicroDollars": 1, "period": "day", "tokens": 1},
            forecast={"calls": 1000, "horizon": {"count": 12, "unit": "month"}, "period": "month"},
            fineTune={"adapterPrompts": 2, "executor": "local", "limitSeconds": 300, "minimumExamples": 40, "lora": {
                "alpha": 16, "batchSize": 4, "dropout": 0.1, "epochs": 1, "layers": "all", "learningRate": 0.001,
                "rank": 8, "seed": 1, "weightDecay": 0.01}, "trainingExamples": 80})
        it["models"][0].update(
            callsAtOnce=4, price={"completionMicroDollarsPerMillion": 1, "promptMicroDollarsPerMillion": 1})
        prototype = it["promptPrototype"]
        prototype["advance"][0]["conditions"].append({"kind": "plateau", "minimumGain": 0.01, "rounds": 2})
        prototype["budget"].update(costMicroDollars=1, tokens=10)
        prototype["decoding"].update(seed=3, topP=0.9)
        prototype["rounds"]["examples"] = 10
        it["validation"].update(missingAnswers=0.1)
        for bound, value, metric in [
                ("atMost", 2, {"kind": "latency", "percentile": 95}), ("atMost", 100, {"kind": "tokensPerCall"}),
                ("atLeast", 0.9, {"kind": "consistency", "repeats": 3})]:
            it["validation"]["require"].append(
                {"bound": {"kind": bound, "value": value}, "confidence": 0.9, "metric": metric})
    return document("extreme", url, add)


def places(value, path=()):
    """The paths of all numbers in a document."""
    if isinstance(value, dict):
        return [place for key, item in value.items() for place in places(item, (*path, key))]
    if isinstance(value, list):
        return [place for index, item in enumerate(value) for place in places(item, (*path, index))]
    return [path] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def numbers(tally, installation, url):
    sound = full(url)
    status, text = installation.apply(sound, "plan")
    errors = status == 200 and [item for item in json.loads(text)["diagnostics"] if item["severity"] == "error"]
    tally.note("the document is taken with sound numbers", (status != 200 or errors) and text)
    taken = {}
    path = installation.work / "rows.jsonl"
    rows = {str(path): path.read_bytes()}
    for place in places(sound):
        for extreme in EXTREMES[place[-1] == "seed":]:  # The first is a seed like any other.
            changed = copy.deepcopy(sound)
            holder = changed
            for step in place[:-1]:
                holder = holder[step]
            holder[place[-1]] = "#number#"
            status, text = installation.submit(
                changed, rows, "plan", change=lambda header: header.replace('"#number#"', extreme))
            found = json.loads(text)[0]["diagnostics"] if status == 200 else []
            refused = [item for item in found if item["severity"] == "error"]
            if status >= 500 or (status == 200 and not refused):
                taken[f"{'.'.join(map(str, place))} = {extreme[:24]}"] = status
    tally.note(f"{len(places(sound))} numbers at {len(EXTREMES)} extremes each are refused", taken)


def requests(tally, installation):
    """Numbers in addresses and in what is posted besides definitions."""
    odd = {}
    for extreme in EXTREMES:
        word = extreme.strip('"')
        asked = [("GET", path + word, None) for path in [
            "/v1/jobs/", "/v1/use-cases?limit=", "/v1/use-cases/second/releases?number=", "/v1/use-cases?after=",
            "/v1/use-cases/second/export?number=", "/v1/use-cases/second/history?after=", "/v1/spend?limit=",
            "/v1/use-cases/second/decisions/", "/v1/jobs?limit=", "/v1/use-cases/second/experiments?limit="]]
        asked += [("GET", f"/v1/jobs/{word}/{rest}", None) for rest in ["log", "golden", "log?after=" + word]]
        asked += [("POST", f"/v1/work/{word}/retry", '{"actor":""}'),
                  ("POST", f"/v1/jobs/{word}/settlement", '{"actor":"","settlement":{"failed":{}}}'),
                  ("POST", "/v1/use-cases/second/rollback", '{"actor":"","reason":"r","number":%s}' % extreme),
                  ("POST", "/v1/tokens", '{"name":"t","grant":{"scopes":["read"]},"seconds":%s}' % extreme)]
        for method, path, body in asked:
            status, text = installation.ask(method, path, body)
            if status >= 500 or "/tokens" in path and status == 200:
                odd[f"{method} {path} {body or ''}"[:90]] = f"{status} {text[:90]}"
    tally.note("numbers in addresses and requests are refused, or mean nothing", odd)


def boasts(tally, installation):
    """A server whose usage can't be: each of its calls counts at its most, and is marked as presumed."""
    def priced(it):  # A token costs a micro-dollar.
        it["models"][0]["price"] = {
            "completionMicroDollarsPerMillion": 1_000_000, "promptMicroDollarsPerMillion": 1_000_000}
    usages = {"boasts": 10 ** 30, "owes": -5, "adds-up": 3_000_000_000}
    for name, tokens in usages.items():
        what = f"usage of {tokens:.0e} tokens an answer"
        usage = {"prompt_tokens": tokens, "completion_tokens": tokens, "total_tokens": tokens}
        with ModelServer(usage=usage) as server:
            installation.apply(document(name, server.url, priced))
            installation.wait_until_live(name)
            calls = len(server.keys)
        said = [installation.fledge(*words) for words in [
            ["spend", name, "--output", "json"], ["status", name, "--output", "json"], ["spend", name],
            ["status", name], ["explain", name]]]
        if wrong := [text for status, text in said if status != 0]:
            tally.note(f"{what} is shown", wrong)
            continue
        (spend,), (status,) = (json.loads(text) for _, text in said[:2])
        total, presumed = spend["total"], spend.get("presumed")
        shown = (total["calls"], total["costMicroDollars"]), (status["callsMade"], status["costMicroDollars"])
        tally.note(f"{what}: spend and status say the same", shown[0] != shown[1] and f"{shown}")
        # The text in bytes, 16 tokens for each of two messages and for the template, and an answer of 4 tokens at most.
        most = [3 * 16 + len(name) + len(text) + 4 for text in ["t0", "t79"]]
        tally.note(f"{what}: each call counts at its most",
                   not (0 < total["calls"] <= calls and total["tokens"] == total["costMicroDollars"]
                        and total["calls"] * most[0] <= total["tokens"] <= total["calls"] * most[1])
                   and f"{calls} calls, of {most} tokens each: {total}")
        tally.note(f"{what}: all of it is marked as presumed",
                   (presumed != total or "presumed" not in said[2][1]) and f"{presumed} of {total}: {said[2][1]}")
        odd = [text for _, text in said[2:] if "e+" in text or "-5" in text]
        tally.note(f"{what} is shown nowhere", odd)


def texts(tally, installation, url):
    done = installation.apply(document("nul", url, lambda it: it.update(owner="a\0b")))
    tally.refused("a NUL character in an owner is refused", done, [200, 400, 422], "nul_character")
    def prompt(system):
        return lambda it: it["promptPrototype"]["prompts"][0].update(system=system)
    done = installation.apply(document("nul", url, prompt("a\0b")))
    tally.refused("a NUL character in a prompt is refused", done, [200, 400, 422], "definition.nul_character")
    done = installation.ask("POST", "/v1/use-cases/second/rollback", {"actor": "", "number": 1, "reason": "a\0b"})
    tally.refused("a NUL character in a request is refused", done, 400, "request.nul_character", "reason")
    tally.refused("a NUL character in an address is refused",
                  installation.ask("GET", "/v1/use-cases/a%00b"), 400, "request.nul_character")
    long = "x" * 5_000_000
    done = installation.apply(document("long", url, prompt(long)))
    tally.refused("a prompt of 5 MB is refused", done, [200, 400, 413, 422], "definition.text_too_long")
    done = installation.ask("POST", "/v1/definitions/apply", long * 2)
    tally.refused("a request of 10 MB is refused", done, [400, 413])
    done = installation.ask("POST", "/v1/definitions/apply", "[" * 100_000)
    tally.refused("so is one that is nested 100,000 deep", done, range(400, 500))
    stored = installation.ask("GET", "/v1/use-cases")[1]
    tally.note("nothing of it is stored", any(f'"{name}"' in stored for name in ["nul", "long", "extreme"]) and stored)


def is_alive(tally, installation, when):
    """The operator's door: the daemon's socket."""
    began = time.monotonic()
    try:
        status = installation.ask("GET", "/livez", timeout=10)[0]
    except OSError as error:
        status = error
    took = time.monotonic() - began
    tally.note(f"/livez answers within 2 s {when}", (status != 200 or took > 2) and f"{status} after {took:.1f} s")


def connections(tally, installation, url):
    """300 that send half a request, and work that goes on meanwhile."""
    def half():
        try:
            connection = socket.create_connection(("127.0.0.1", installation.port), timeout=3)
            connection.sendall(b"POST /v1/definitions/apply HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")
            return connection
        except OSError:
            return None
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        held = [connection for connection in pool.map(lambda _: half(), range(300)) if connection]
    tally.note("300 connections are tried", len(held) < 20 and f"only {len(held)} were made")
    is_alive(tally, installation, "beside 300 half-open connections")
    tally.refused("a use case is applied beside them", installation.apply(document("beside", url)), 200, '"applied"')
    installation.wait_until_live("beside")
    is_alive(tally, installation, "when it has come to production")
    for connection in held:
        connection.close()
    status, deadline = None, time.monotonic() + 15
    while status != 200 and time.monotonic() < deadline:
        try:
            status = installation.ask("GET", "/v1/use-cases", token=TOKEN, timeout=5)[0]
        except OSError as error:
            status = error
            time.sleep(0.2)
    tally.note("when they are gone TCP answers again", status != 200 and f"{status}")


def answers(tally, installation, url):
    """A server that floods, and another use case beside it."""
    with ModelServer(lambda _: "x" * 20_000_000) as flood:
        installation.apply(document("flooded", flood.url))
        installation.apply(document("second", url))
        installation.wait_until_live("second")
        tally.note("a second use case comes to production beside a server that answers with 20 MB")
        is_alive(tally, installation, "meanwhile")
        state = installation.ask("GET", "/v1/use-cases/flooded")[1]
        tally.note("what was flooded is not in production", '"activity":"live"' in state and state)
        memory = next(int(line.split()[1]) for line in open(f"/proc/{process(installation)}/status")
                      if line.startswith("VmHWM"))
        tally.note("the daemon takes no more than 1 GB", memory > 1_000_000 and f"{memory} KB")


def process(installation):
    return int((installation.work / "fledged.pid").read_text().split()[0])


def run(tally, programs, owner):
    with ModelServer() as server, Installation(programs, "numbers", owner) as installation:
        installation.start()
        write_rows(installation.work)
        first = process(installation)
        numbers(tally, installation, server.url)
        texts(tally, installation, server.url)
        is_alive(tally, installation, "after these")
        answers(tally, installation, server.url)
        requests(tally, installation)
        boasts(tally, installation)
        connections(tally, installation, server.url)
        same = process(installation) == first and installation.ask("GET", "/readyz")[0] == 200
        tally.note("all the time it was one daemon", not same and "it is another, or not ready")
