"""The page that Prometheus reads."""

import urllib.request

import pytest

from cognitive_architecture.foundation.errors import EndpointInUse
from cognitive_architecture.foundation.metrics_page import MetricsPage
from cognitive_architecture.foundation.telemetry import PrometheusMetrics
from tests.integration.cli_processes import free_endpoint
from tests.support.asynchronous import async_test


def free_listen() -> str:
    return free_endpoint().removeprefix("tcp/")


def read(listen: str) -> str:
    with urllib.request.urlopen(f"http://{listen}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


@async_test
async def test_it_shows_the_measures_while_it_runs_and_nothing_afterwards() -> None:
    metrics = PrometheusMetrics()
    metrics.count("tasks_submitted", 3)
    page = MetricsPage(metrics, free_listen())
    await page.start()
    await page.start()
    assert "cogmesh_tasks_submitted_total 3.0" in read(page.listen)
    await page.stop()
    await page.stop()
    with pytest.raises(OSError, match="refused"):
        read(page.listen)


@async_test
async def test_a_taken_port_is_said_to_be_taken() -> None:
    first = MetricsPage(PrometheusMetrics(), free_listen())
    await first.start()
    with pytest.raises(EndpointInUse, match=r"^metrics\.listen: 127\.0\.0\.1:\d+ cannot be used"):
        await MetricsPage(PrometheusMetrics(), first.listen).start()
    await first.stop()
