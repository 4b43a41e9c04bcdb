import pytest

from cognitive_architecture.distributed_mesh.machines.needs import key_of
from cognitive_architecture.distributed_mesh.model import TaskSpec
from tests.support.builders import a_spec


@pytest.mark.parametrize(
    ("spec", "needs"),
    [
        (a_spec(), ("echo",)),
        (a_spec(key="k"), ("echo",)),
        (a_spec(capabilities=("gpu", "disk")), ("echo", "disk", "gpu")),
        (a_spec(capabilities=("gpu", "gpu", "echo")), ("echo", "gpu")),
    ],
)
def test_what_a_task_needs(spec: TaskSpec, needs: tuple[str, ...]) -> None:
    assert key_of(spec) == needs
