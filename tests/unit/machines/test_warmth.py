from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.roster import Seat
from cognitive_architecture.distributed_mesh.machines.warmth import (
    KEYS_PER_NODE,
    NODES_PER_KEY,
    Warmth,
)
from tests.support.examples import quick

SEATS = [Seat(f"node/n{n}~1", f"n{n}", now=0.0) for n in range(6)]


def test_who_served_a_key_is_warm_for_it() -> None:
    warmth = Warmth()
    warmth.served("story", SEATS[0])
    warmth.served("story", SEATS[1])
    warmth.served("story", SEATS[0])
    assert warmth.seats("story") == [SEATS[1], SEATS[0]]
    assert warmth.seats("other") == ()


def test_a_node_that_is_gone_is_warm_for_nothing() -> None:
    warmth = Warmth()
    warmth.served("story", SEATS[0])
    warmth.forget(SEATS[0])
    warmth.forget(SEATS[0])
    assert (warmth.seats("story"), warmth._seats, warmth._keys) == ((), {}, {})


@given(
    st.lists(
        st.tuples(st.integers(0, 2 * KEYS_PER_NODE), st.integers(0, len(SEATS) - 1), st.booleans()),
        max_size=900,
    )
)
@quick(40)
def test_it_is_what_a_list_of_all_that_happened_says_within_its_bounds(
    story: list[tuple[int, int, bool]],
) -> None:
    warmth = Warmth()
    latest: dict[int, list[str]] = {n: [] for n in range(len(SEATS))}
    holders: dict[str, list[int]] = {}
    for number, place, leaves in story:
        key = f"k{number}"
        if leaves and number % 10 == 0:
            warmth.forget(SEATS[place])
            for other in latest[place]:
                holders[other].remove(place)
            latest[place] = []
            continue
        warmth.served(key, SEATS[place])
        keys = latest[place]
        if key in keys:
            keys.remove(key)
            holders[key].remove(place)
        keys.append(key)
        holders.setdefault(key, []).append(place)
        if len(holders[key]) > NODES_PER_KEY:
            latest[holders[key].pop(0)].remove(key)
        if len(keys) > KEYS_PER_NODE:
            holders[keys.pop(0)].remove(place)
    for key, places in holders.items():
        assert list(warmth.seats(key)) == [SEATS[place] for place in places]
    assert {key for key, places in holders.items() if places} == set(warmth._seats)
