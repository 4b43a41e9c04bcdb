"""No index on when requesters were charged: each commit had to move an entry of it."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop it."""
    op.drop_index("balances_charged_at", "balances")
