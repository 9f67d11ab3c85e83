"""pgqueuer: jobs taken from a full queue and logged as successful, per second.

Reads one JSON object from the file that it is given: {"host", "user", "database", "count", "batch"}
Writes one JSON object to standard output: {"finished", "seconds", "cpu_seconds"}

Only the drain is timed: the queue is filled before, in one statement. asyncpg, the faster of its drivers, on one
connection, as pgqueuer's own benchmark does.
"""

import asyncio
import json
import os
import resource
import sys
import time

ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import asyncpg  # noqa: E402
from pgqueuer import PgQueuer  # noqa: E402
from pgqueuer.db import AsyncpgDriver  # noqa: E402
from pgqueuer.queries import Queries  # noqa: E402
from pgqueuer.types import QueueExecutionMode  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)


async def main() -> None:
    connection = await asyncpg.connect(host=task["host"], user=task["user"], database=task["database"])
    driver = AsyncpgDriver(connection)
    queries = Queries(driver)
    await queries.install()
    count = task["count"]
    await queries.enqueue(["transition"] * count, [str(n).encode() for n in range(count)], [0] * count)
    finished = 0
    queuer = PgQueuer(driver)

    @queuer.entrypoint("transition")
    async def transition(job) -> None:
        nonlocal finished
        finished += 1

    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    await queuer.qm.run(batch_size=task["batch"], mode=QueueExecutionMode.drain)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"finished": finished, "seconds": seconds, "cpu_seconds": cpu}), file=ANSWERS, flush=True)


asyncio.run(main())
