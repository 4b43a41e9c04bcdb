"""The application that Celery's worker and the benchmark share."""

from __future__ import annotations

import os

from celery import Celery

PORT = os.environ.get("COGMESH_BENCH_REDIS_PORT", "7467")

app = Celery(
    "bench",
    broker=f"redis://127.0.0.1:{PORT}/0",
    backend=f"redis://127.0.0.1:{PORT}/1",
)
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=256,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
)


@app.task(name="noop")  # type: ignore[untyped-decorator]
def noop(_: int) -> None:
    """Do nothing."""
