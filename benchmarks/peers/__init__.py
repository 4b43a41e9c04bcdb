"""Other systems, as their documentation says to use them for small tasks."""
