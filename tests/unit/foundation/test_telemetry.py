from prometheus_client import generate_latest

from cognitive_architecture.foundation.telemetry import (
    Metrics,
    NoMetrics,
    PrometheusMetrics,
    Sample,
)


def test_a_count_adds_up() -> None:
    metrics = PrometheusMetrics()
    metrics.count("tasks_submitted", 256)
    metrics.count("tasks_submitted")
    assert metrics.registry.get_sample_value("cogmesh_tasks_submitted_total") == 257.0


def test_a_sample_is_read_when_somebody_asks() -> None:
    metrics = PrometheusMetrics()
    values = {"tasks_open": 1024}
    metrics.sample(lambda: [Sample(name, value) for name, value in values.items()])
    values["tasks_open"] = 3
    assert metrics.registry.get_sample_value("cogmesh_tasks_open") == 3.0


def test_a_sample_that_only_grows_is_a_counter() -> None:
    metrics = PrometheusMetrics()
    metrics.sample(lambda: [Sample("tasks_failed", 7, only_grows=True)])
    assert metrics.registry.get_sample_value("cogmesh_tasks_failed_total") == 7.0


def test_durations_fall_into_buckets() -> None:
    metrics = PrometheusMetrics()
    for seconds in (0.00015, 0.00015, 0.3, 120.0):
        metrics.observe("commit_seconds", seconds)
    value = metrics.registry.get_sample_value
    assert value("cogmesh_commit_seconds_count") == 4.0
    assert value("cogmesh_commit_seconds_bucket", {"le": "0.0001"}) == 0.0
    assert value("cogmesh_commit_seconds_bucket", {"le": "0.0002"}) == 2.0
    assert value("cogmesh_commit_seconds_bucket", {"le": "0.5"}) == 3.0
    assert value("cogmesh_commit_seconds_bucket", {"le": "+Inf"}) == 4.0


def test_two_meshes_in_one_process_do_not_mix() -> None:
    ours, theirs = PrometheusMetrics(), PrometheusMetrics()
    ours.count("tasks_submitted")
    theirs.count("tasks_submitted", 5)
    assert ours.registry.get_sample_value("cogmesh_tasks_submitted_total") == 1.0


def test_the_page_for_operators_explains_each_measure() -> None:
    metrics = PrometheusMetrics()
    metrics.sample(lambda: [Sample("tasks_open", 3)])
    assert generate_latest(metrics.registry).decode().splitlines() == [
        "# HELP cogmesh_tasks_open tasks open",
        "# TYPE cogmesh_tasks_open gauge",
        "cogmesh_tasks_open 3.0",
    ]


def test_nobody_interested_costs_nothing_and_breaks_nothing() -> None:
    metrics: Metrics = NoMetrics()
    metrics.count("tasks_submitted")
    metrics.sample(lambda: [Sample("tasks_open", 3)])
    metrics.observe("commit_seconds", 0.1)
