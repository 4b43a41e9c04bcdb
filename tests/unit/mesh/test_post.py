import msgspec
import pytest
from structlog.testing import capture_logs

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.frames import decode_frame, encode_frame
from cognitive_architecture.distributed_mesh.messages import PROTOCOL_VERSION
from cognitive_architecture.distributed_mesh.post import Delivery, Post
from cognitive_architecture.foundation.telemetry import PrometheusMetrics
from tests.support.asynchronous import async_test, turns
from tests.support.builders import failed
from tests.support.fabrics import RecordingFabric

ME = "orchestrator/o1"
NODE = "node/n1~1"
CLIENT = "client/ann~1"
FOREIGN = msgspec.msgpack.encode([PROTOCOL_VERSION + 1, NODE, [["something", "new"]]])
FOREIGN_REFUSAL = msgspec.msgpack.encode([PROTOCOL_VERSION + 1, NODE, [["unsupported", 1, 2]]])


class Office:
    """A post on a fabric that only writes down."""

    def __init__(self) -> None:
        self.fabric = RecordingFabric()
        self.delivered: list[Delivery] = []
        self.metrics = PrometheusMetrics()
        self.post = Post(self.fabric, ME, self.delivered.append, metrics=self.metrics)

    async def open(self) -> None:
        await self.post.open()
        self.fabric.asked.clear()

    def receive(self, *frames: bytes) -> None:
        assert self.fabric.receive is not None
        self.fabric.receive(list(frames))

    @property
    def refused(self) -> float:
        return self.metrics.registry.get_sample_value("cogmesh_frames_refused_total") or 0.0

    @property
    def unsendable(self) -> float:
        return self.metrics.registry.get_sample_value("cogmesh_messages_unsendable_total") or 0.0


class TestAnswering:
    @async_test
    async def test_what_is_said_in_answer_leaves_with_the_delivery_in_one_frame(self) -> None:
        fabric = RecordingFabric()
        post: Post

        def answer(delivery: Delivery) -> None:
            for sender, _ in delivery:
                post.tell(sender, m.PleaseDrain())
                post.tell(sender, m.Introduce())
            assert not fabric.frames, "the delivery is not over"

        post = Post(fabric, ME, answer)
        await post.open()
        assert fabric.receive is not None
        fabric.receive([encode_frame(NODE, [m.NodeGoodbye()])])
        assert fabric.said == [(NODE, [m.PleaseDrain(), m.Introduce()])]
        await turns()
        assert len(fabric.frames) == 1, "nothing is sent twice"

    @async_test
    async def test_who_fails_at_a_delivery_has_said_what_was_said_before(self) -> None:
        fabric = RecordingFabric()
        post: Post

        def fail(delivery: Delivery) -> None:
            post.tell(NODE, m.PleaseDrain())
            raise ZeroDivisionError

        post = Post(fabric, ME, fail)
        await post.open()
        assert fabric.receive is not None
        with pytest.raises(ZeroDivisionError):
            fabric.receive([encode_frame(NODE, [m.NodeGoodbye()])])
        assert fabric.said == [(NODE, [m.PleaseDrain()])]
        post.tell(NODE, m.Introduce())
        await turns()
        assert fabric.said[1:] == [(NODE, [m.Introduce()])]


class TestOpeningAndClosing:
    @async_test
    async def test_it_listens_before_it_lets_others_know(self) -> None:
        office = Office()
        await office.post.open()
        assert office.fabric.asked == [("listen", ME), ("announce", ME)]

    @async_test
    async def test_closing_sends_what_is_waiting_and_then_falls_silent(self) -> None:
        office = Office()
        await office.open()
        office.post.tell(NODE, m.PleaseDrain())
        office.post.close()
        assert office.fabric.asked == [("send", NODE), ("withdraw", ME), ("ignore", ME)]

    @async_test
    async def test_closing_twice_is_closing_once(self) -> None:
        office = Office()
        await office.open()
        office.post.close()
        office.post.close()
        assert office.fabric.asked == [("withdraw", ME), ("ignore", ME)]

    @async_test
    async def test_closing_what_was_never_opened_does_nothing(self) -> None:
        office = Office()
        office.post.close()
        assert office.fabric.asked == []

    @async_test
    async def test_nothing_is_sent_after_closing(self) -> None:
        office = Office()
        await office.open()
        office.post.close()
        office.post.tell(NODE, m.PleaseDrain())
        await turns()
        assert office.fabric.frames == []


class TestSending:
    @async_test
    async def test_everything_said_to_one_address_in_one_turn_travels_in_one_frame(self) -> None:
        office = Office()
        await office.open()
        office.post.tell(NODE, m.Introduce())
        office.post.tell(CLIENT, m.Cancelled(1, [True]))
        office.post.tell(NODE, m.PleaseDrain())
        assert office.fabric.frames == []
        await turns(1)
        assert office.fabric.said == [
            (NODE, [m.Introduce(), m.PleaseDrain()]),
            (CLIENT, [m.Cancelled(1, [True])]),
        ]

    @async_test
    async def test_what_is_said_in_the_next_turn_travels_in_the_next_frame(self) -> None:
        office = Office()
        await office.open()
        for _ in range(3):
            office.post.tell(NODE, m.PleaseDrain())
            await turns(1)
        assert office.fabric.said == [(NODE, [m.PleaseDrain()])] * 3

    @async_test
    async def test_a_flush_sends_now_and_nothing_twice(self) -> None:
        office = Office()
        await office.open()
        office.post.tell(NODE, m.PleaseDrain())
        office.post.flush()
        assert len(office.fabric.frames) == 1
        await turns()
        assert len(office.fabric.frames) == 1

    @async_test
    async def test_the_frame_says_who_sends_it(self) -> None:
        office = Office()
        await office.open()
        office.post.tell(NODE, m.Introduce())
        office.post.flush()
        assert decode_frame(office.fabric.frames[0][1])[0] == ME

    @async_test
    async def test_waiting_for_room_sends_what_waits_first(self) -> None:
        office = Office()
        await office.open()
        office.post.tell(NODE, m.PleaseDrain())
        await office.post.has_room_for(NODE)
        assert office.fabric.asked == [("send", NODE), ("drained", NODE)]

    @async_test
    async def test_what_cannot_be_encoded_takes_nothing_else_with_it(self) -> None:
        office = Office()
        await office.open()
        office.post.tell(NODE, m.Stop([(1, "half a character: \ud800")]))
        office.post.tell(CLIENT, m.Cancelled(1, [True]))
        office.post.flush()
        assert office.fabric.said == [(CLIENT, [m.Cancelled(1, [True])])]

    @async_test
    async def test_an_address_that_cannot_be_sent_to_takes_nothing_else_with_it(self) -> None:
        office = Office()
        await office.open()
        office.fabric.impossible.add("a//b")
        office.post.tell("a//b", m.Introduce())
        office.post.tell(CLIENT, m.Cancelled(1, [True]))
        office.post.flush()
        assert office.fabric.said == [(CLIENT, [m.Cancelled(1, [True])])]
        assert office.unsendable == 1.0

    @async_test
    async def test_what_else_is_said_to_the_same_address_still_goes_in_order(self) -> None:
        office = Office()
        await office.open()
        office.post.tell(NODE, m.Introduce())
        office.post.tell(NODE, m.Stop([(1, "half a character: \ud800")]))
        office.post.tell(NODE, m.Answer(1, object()))
        office.post.tell(NODE, m.PleaseDrain())
        office.post.flush()
        assert office.fabric.said == [(NODE, [m.Introduce(), m.PleaseDrain()])]
        assert office.unsendable == 2.0

    @async_test
    async def test_what_cannot_be_sent_is_logged_once_for_each_receiver(self) -> None:
        office = Office()
        await office.open()
        with capture_logs() as logs:
            for _ in range(3):
                for address in (NODE, CLIENT):
                    office.post.tell(address, m.Stop([(1, "\ud800")]))
                    office.post.flush()
        assert [(log["event"], log["receiver"], log["message"]) for log in logs] == [
            ("message_unsendable", NODE, "Stop"),
            ("message_unsendable", CLIENT, "Stop"),
        ]


class TestReceiving:
    @async_test
    async def test_frames_that_arrive_together_are_delivered_together_in_order(self) -> None:
        office = Office()
        await office.open()
        office.receive(
            encode_frame(NODE, [m.NodeDraining(), m.NodeGoodbye()]),
            encode_frame(CLIENT, [m.Unwatch(["a"])]),
        )
        assert office.delivered == [
            [(NODE, [m.NodeDraining(), m.NodeGoodbye()]), (CLIENT, [m.Unwatch(["a"])])]
        ]

    @async_test
    async def test_who_spoke_is_known_to_be_reading(self) -> None:
        office = Office()
        await office.open()
        office.receive(encode_frame(NODE, [m.NodeDraining()]), FOREIGN, b"garbage")
        assert office.fabric.spoken == [NODE]

    @async_test
    async def test_garbage_between_good_frames_is_counted_and_nothing_else(self) -> None:
        office = Office()
        await office.open()
        good = encode_frame(NODE, [m.NodeDraining()])
        office.receive(b"", good, b"garbage", good[:-1], encode_frame(CLIENT, []))
        assert office.delivered == [[(NODE, [m.NodeDraining()]), (CLIENT, [])]]
        assert office.refused == 3.0

    @async_test
    async def test_garbage_alone_is_delivered_to_nobody(self) -> None:
        office = Office()
        await office.open()
        office.receive(b"garbage")
        assert office.delivered == []

    @pytest.mark.parametrize(
        "frame",
        [
            b"\x93\x02\xa1x\x91\x94\xa3ask\x01\xa1\xff\x80",
            b"\x93\x02\xa1x\x91\x94\xa3ask\x01\xa1s\x81\xa1a" + b"\x91" * 99_999,
            b"\x93\x03\xa1x\x91\x91\xa1\xff",
        ],
        ids=["text", "depth", "text of another version"],
    )
    @async_test
    async def test_no_garbage_takes_other_frames_with_it(self, frame: bytes) -> None:
        office = Office()
        await office.open()
        office.receive(frame, encode_frame(NODE, [m.NodeDraining()]))
        assert office.delivered == [[(NODE, [m.NodeDraining()])]]


class TestOtherVersions:
    @async_test
    async def test_are_told_both_versions(self) -> None:
        office = Office()
        await office.open()
        office.receive(FOREIGN)
        await turns(1)
        assert office.fabric.said == [
            (NODE, [m.Unsupported(PROTOCOL_VERSION + 1, PROTOCOL_VERSION)])
        ]
        assert office.delivered == []
        assert office.refused == 1.0

    @async_test
    async def test_are_told_so_each_time(self) -> None:
        office = Office()
        await office.open()
        for _ in range(3):
            office.receive(FOREIGN)
            await turns(1)
        assert (
            office.fabric.said
            == [(NODE, [m.Unsupported(PROTOCOL_VERSION + 1, PROTOCOL_VERSION)])] * 3
        )

    @async_test
    async def test_a_refusal_is_never_answered_with_a_refusal(self) -> None:
        office = Office()
        await office.open()
        office.receive(FOREIGN_REFUSAL)
        await turns(1)
        assert office.fabric.frames == []
        assert office.refused == 1.0

    @async_test
    async def test_two_versions_do_not_refuse_each_other_for_ever(self) -> None:
        ours = Office()
        await ours.open()
        ours.receive(FOREIGN)
        await turns(1)
        ((_, refusal),) = ours.fabric.frames
        theirs = Office()  # a peer of the next version would judge our refusal as we judge theirs
        await theirs.open()
        version, *rest = msgspec.msgpack.decode(refusal)
        assert version == PROTOCOL_VERSION
        theirs.receive(msgspec.msgpack.encode([PROTOCOL_VERSION + 1, *rest]))
        await turns(1)
        assert theirs.fabric.frames == []

    @async_test
    async def test_a_refusal_in_our_own_version_is_delivered(self) -> None:
        office = Office()
        await office.open()
        office.receive(encode_frame(NODE, [m.Unsupported(1, 1)]))
        assert office.delivered == [[(NODE, [m.Unsupported(1, 1)])]]


@async_test
async def test_a_report_with_anything_a_person_may_write_travels() -> None:
    office = Office()
    await office.open()
    report = m.Report(1, 1, [failed(1, "Grüße, 世界 😀 \x00 \n \u2028")])
    office.post.tell(NODE, report)
    office.post.flush()
    assert office.fabric.said == [(NODE, [report])]
