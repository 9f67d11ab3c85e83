"""procrastinate: how long a job waits from being deferred until its task's first line.

Reads one JSON object from the file that it is given: {"host", "user", "database", "count"}
Writes one JSON object to standard output: {"seconds": one for each job, "cpu_seconds"}

One worker that listens for notifications, in the process that defers; each job is deferred when the one before has begun,
20 ms later.
"""

import asyncio
import json
import os
import resource
import sys
import time

ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import procrastinate  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(
        kwargs={"host": task["host"], "user": task["user"], "dbname": task["database"]}
    )
)
started: asyncio.Queue = asyncio.Queue()


@app.task(name="transition")
async def transition(number: int) -> None:
    started.put_nowait(time.perf_counter())


async def main() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        worker = asyncio.create_task(
            app.run_worker_async(install_signal_handlers=False, listen_notify=True, concurrency=4)
        )
        await asyncio.sleep(1)
        await transition.defer_async(number=-1)
        await started.get()
        seconds = []
        for number in range(task["count"]):
            await asyncio.sleep(0.02)
            start = time.perf_counter()
            await transition.defer_async(number=number)
            seconds.append(await started.get() - start)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        print(
            json.dumps({"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime}), file=ANSWERS, flush=True
        )


asyncio.run(main())
