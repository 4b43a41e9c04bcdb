"""Every setting: its name, unit, limits, default, and the price of changing it.

Settings are frozen and checked when they are made. A section is what one room of the house
needs; nobody is handed more. ``settings_source`` fills them from ``cogmesh.toml``, from
``COGMESH_…`` variables and from flags.
"""

from __future__ import annotations

from .attention import AttentionSettings
from .dispatch import DispatchSettings
from .kinds import DEFAULT_PORT, MIB, Section
from .matching import MatchingSettings
from .mesh import ClientSettings, MeshSettings
from .node import NodeSettings, SupervisionSettings
from .recovery import RecoverySettings
from .shares import Quota, QuotaSettings, ShareSettings
from .store import StoreSettings
from .watching import LogSettings, MetricsSettings

__all__ = [
    "DEFAULT_PORT",
    "MIB",
    "AttentionSettings",
    "ClientSettings",
    "DispatchSettings",
    "LogSettings",
    "MatchingSettings",
    "MeshSettings",
    "MetricsSettings",
    "NodeSettings",
    "Quota",
    "QuotaSettings",
    "RecoverySettings",
    "Settings",
    "ShareSettings",
    "StoreSettings",
    "SupervisionSettings",
]


class Settings(Section):
    """All sections."""

    mesh: MeshSettings = MeshSettings()
    store: StoreSettings = StoreSettings()
    dispatch: DispatchSettings = DispatchSettings()
    recovery: RecoverySettings = RecoverySettings()
    matching: MatchingSettings = MatchingSettings()
    shares: ShareSettings = ShareSettings()
    quotas: QuotaSettings = QuotaSettings()
    node: NodeSettings = NodeSettings()
    supervision: SupervisionSettings = SupervisionSettings()
    client: ClientSettings = ClientSettings()
    attention: AttentionSettings = AttentionSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
