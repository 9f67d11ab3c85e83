"""DBOS: workflows that are enqueued, run and durably finished, per second.

Reads one JSON object from the file that it is given: {"host", "user", "database", "count"}
Writes one JSON object to standard output: {"finished", "seconds", "cpu_seconds"}

The time runs from the first enqueue to the last result: every workflow goes through the queue, as a transition of a use
case goes through Fledge's. The queue is polled 20 times as often as by default, which is faster here.
"""

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from dbos import DBOS  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)


@DBOS.workflow()
def transition(number: int) -> int:
    return number


DBOS(
    config={
        "name": "bench",
        "system_database_url": f"postgresql://{task['user']}@/{task['database']}?host={task['host']}",
        "sys_db_pool_size": 40,
        "console_log_level": "ERROR",
        "log_level": "ERROR",
    }
)
DBOS.launch()
DBOS.register_queue("bench", polling_interval_sec=0.05)

# The first workflow pays for what is made once.
DBOS.enqueue_workflow("bench", transition, -1).get_result()

before = resource.getrusage(resource.RUSAGE_SELF)
start = time.perf_counter()
with ThreadPoolExecutor(16) as pool:
    handles = list(pool.map(lambda n: DBOS.enqueue_workflow("bench", transition, n), range(task["count"])))
finished = sum(handle.get_result() == number for number, handle in enumerate(handles))
seconds = time.perf_counter() - start
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"finished": finished, "seconds": seconds, "cpu_seconds": cpu}), file=ANSWERS, flush=True)
DBOS.destroy()
