"""The edge: what carries bytes and what keeps tasks. Only ``composition`` imports from here."""
