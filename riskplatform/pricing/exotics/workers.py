"""Worker processes for what must not run in the caller's process: QuantLib and long recursions.

A worker is a fresh interpreter that speaks JSON lines. It is not started with
:mod:`multiprocessing`, whose fresh interpreters run the caller's main script again: under
Streamlit that is the page itself.

Any thread may call; each borrows a worker for one task at a time. Nothing is started before the
first task. A worker that dies is replaced and its task tried once more; a task that kills two
workers becomes a :class:`Failure`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import RiskPlatformError
from riskplatform.pricing.exotics.tasks import Answer, PricingTask, answer_from, task_line

_TRIES = 2
_MOST_WORKERS = 4
_ROOT = Path(__file__).resolve().parents[3]


class _Worker:
    """One process, used by one thread at a time."""

    def __init__(self) -> None:
        path = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "riskplatform.pricing.exotics.worker_main"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # One thread of linear algebra each: there is a worker per processor already.
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, path)),
                "OPENBLAS_NUM_THREADS": "1",
            },
        )

    def ask(self, line: bytes) -> Answer | None:
        """The answer, or None when the process has died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
            told = self.process.stdout.readline()
        except (OSError, ValueError):  # ValueError: the pool was closed meanwhile
            return None
        # A line cut short is the last word of a process that died while it wrote.
        return answer_from(told) if told.endswith(b"\n") else None

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.process.kill()
        self.process.wait()


class WorkerPool:
    """A few workers, shared by all threads of this process."""

    def __init__(self, workers: int | None = None) -> None:
        self.size = workers or max(1, min(_MOST_WORKERS, os.cpu_count() or 1))
        # None stands for a worker that is not started yet.
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(self.size):
            self._free.put(None)
        self._lock = threading.Lock()
        self._started: set[_Worker] = set()
        self._closed = False

    def run(self, tasks: Sequence[PricingTask]) -> list[Answer]:
        """An answer to each task, in their order."""
        if len(tasks) < 2:
            return [self._run(task) for task in tasks]
        with ThreadPoolExecutor(min(self.size, len(tasks))) as threads:
            return list(threads.map(self._run, tasks))

    def processes(self) -> list[int]:
        """The process ids of the workers now alive."""
        with self._lock:
            return [w.process.pid for w in self._started if w.process.poll() is None]

    def close(self) -> None:
        """End the workers; the pool cannot be used again."""
        with self._lock:
            self._closed = True
            workers, self._started = self._started, set()
        for worker in workers:
            worker.close()

    def _run(self, task: PricingTask) -> Answer:
        if (broken := task.failure()) is not None:
            return broken
        line, name = task_line(task), task.contract.contract_id
        worker = self._free.get()
        try:
            for _ in range(_TRIES):
                worker = worker or self._start()
                answer = worker.ask(line)
                if answer is not None:
                    return answer
                self._discard(worker)
                worker = None
        finally:
            self._free.put(worker)
        message = f"{name}: the worker process died {_TRIES} times while it priced this."
        return Failure(FailureReason.CALCULATION_FAILED, message, name)

    def _start(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise RiskPlatformError(
                    "The worker pool was closed and was asked to price.", hint="Use another pool."
                )
            worker = _Worker()
            self._started.add(worker)
            return worker

    def _discard(self, worker: _Worker) -> None:
        with self._lock:
            self._started.discard(worker)
        worker.close()


@cache
def shared_pool() -> WorkerPool:
    """The pool of this process, closed when it ends."""
    pool = WorkerPool()
    atexit.register(pool.close)
    return pool
