"""The page that Prometheus reads: ``http://ADDRESS:PORT/metrics``."""

from __future__ import annotations

import asyncio
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import start_http_server

from .errors import EndpointInUse
from .telemetry import PrometheusMetrics


class MetricsPage:
    """Shows the measures of this process for as long as it runs."""

    def __init__(self, metrics: PrometheusMetrics, listen: str) -> None:
        """Not yet shown; ``listen`` is ``ADDRESS:PORT``."""
        self._metrics = metrics
        self.listen = listen
        self._running: tuple[WSGIServer, Thread] | None = None

    async def start(self) -> None:
        """Begin to show it.

        Raises:
            EndpointInUse: The port is taken, or this machine has no such address.
        """
        if self._running is not None:
            return
        address, _, port = self.listen.rpartition(":")
        try:
            self._running = start_http_server(int(port), address, registry=self._metrics.registry)
        except (OSError, OverflowError) as error:
            raise EndpointInUse(
                f"metrics.listen: {self.listen} cannot be used ({error}); "
                "free it, or choose another ADDRESS:PORT"
            ) from error

    async def stop(self) -> None:
        """Close it."""
        if self._running is not None:
            (server, thread), self._running = self._running, None
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            await asyncio.to_thread(thread.join)
