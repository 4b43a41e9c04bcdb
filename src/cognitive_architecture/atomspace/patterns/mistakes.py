"""What may be raised while a query runs, beside what a pattern is refused for."""

from __future__ import annotations

from cognitive_architecture.atomspace.errors import AtomSpaceError


class DeadlinePassed(AtomSpaceError):
    """A query ran longer than it was allowed; what it had given until then holds."""

    code = "query_deadline_passed"
    retryable = True  # with a later deadline, a limit, or a narrower pattern

    def __init__(self, deadline: float) -> None:
        super().__init__(deadline)
        self.deadline = deadline
        """The instant, in seconds of the clock that was given."""

    def __str__(self) -> str:
        return (
            f"the query was not done at its deadline ({self.deadline:g} s): "
            "give it longer, a limit, or a pattern with more in it that is known"
        )
