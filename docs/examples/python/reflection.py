"""Calls Ownerline from Python with nothing but its address: the schema comes from the server, by
reflection. Records a touchpoint and retries it, reads its owner's timeline, and watches the timeline,
also from where an earlier watch ended.

    python -m pip install -r docs/examples/python/requirements.txt
    python docs/examples/python/reflection.py 127.0.0.1:7431 reflection-python

The second argument begins the id of a new owner. Ends with 0 when everything was as promised.
"""

import sys
import uuid
from collections.abc import Callable, Iterator

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

# An expectation fails if it is not met within this many seconds.
PATIENCE = 30


class Server:
    """The schema that a server describes by reflection, and the calls it defines."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.channel = channel
        self.pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))

    def method(self, service: str, name: str) -> Callable[[dict], Message | Iterator[Message]]:
        """A call that takes its request as proto3 JSON; a stream if the schema says so."""
        method = self.pool.FindServiceByName(f"ownerline.v1.{service}").methods_by_name[name]
        request_class = message_factory.GetMessageClass(method.input_type)
        response_class = message_factory.GetMessageClass(method.output_type)
        kind = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        call = kind(
            f"/ownerline.v1.{service}/{name}",
            request_serializer=request_class.SerializeToString,
            response_deserializer=response_class.FromString,
        )
        return lambda request: call(ParseDict(request, request_class()), timeout=PATIENCE)


def feedback_received(owner_id: str, words: str) -> dict:
    occurred_at = Timestamp()
    occurred_at.GetCurrentTime()
    id = str(uuid.uuid4())
    return {
        # Chosen once and kept for every retry: the idempotency key.
        "id": id,
        "source": "//examples/reflection",
        "occurredAt": occurred_at.ToJsonString(),
        "subjects": {"ownerId": owner_id, "feedbackId": id, "dealerId": "dealer-1"},
        "channel": "CHANNEL_PORTAL",
        "visibility": "VISIBILITY_OWNER",
        "feedbackReceived": {"score": 9, "verbatim": words},
    }


class Watch:
    """A watched timeline: what was added, and the position from which the next watch continues."""

    def __init__(self, server: Server, owner_id: str, position: str, as_of: Message) -> None:
        self.position, self.as_of = position, as_of
        request = {"ownerId": owner_id, "after": position, "afterAsOf": as_of.ToJsonString()}
        self.messages = server.method("TimelineService", "WatchTimeline")(request)

    def next_added(self) -> list[str]:
        """The ids added by the next change set that is not empty."""
        added = []
        for message in self.messages:
            for change in message.changes:
                assert change.WhichOneof("change") == "added", change
                added.append(change.added.recorded.touchpoint.id)
            # A watch cannot continue from the middle of a change set.
            if not message.more:
                self.position, self.as_of = message.position, message.as_of
                if added:
                    return added
        raise AssertionError("the server ended the watch")

    def end(self) -> None:
        self.messages.cancel()


def main(address: str, prefix: str) -> None:
    owner_id = f"{prefix}-{uuid.uuid4().hex[:8]}"
    with grpc.insecure_channel(address) as channel:
        server = Server(channel)
        record = server.method("TouchpointService", "Record")
        get_timeline = server.method("TimelineService", "GetTimeline")

        one = feedback_received(owner_id, "The workshop called before I had to ask.")
        first = record({"touchpoint": one})
        retry = record({"touchpoint": one})
        assert not first.replayed and retry.replayed, "a retry is answered with the first result"
        assert first.position == retry.position
        print(f"recorded at {first.position} in {first.stream}; the retry was answered as replayed")

        # Reading with at_least sees what was just written.
        page = get_timeline({"ownerId": owner_id, "atLeast": first.position})
        assert [entry.recorded.touchpoint.id for entry in page.entries] == [one["id"]]
        for entry in page.entries:
            print(f"{entry.recorded.touchpoint.occurred_at.ToJsonString()}  {entry.headline}")

        watch = Watch(server, owner_id, page.position, page.as_of)
        two = feedback_received(owner_id, "And again.")
        record({"touchpoint": two})
        assert watch.next_added() == [two["id"]], "the watch says what was recorded meanwhile, and nothing else"
        watch.end()
        print(f"the watch saw it arrive and ended at {watch.position}")

        again = Watch(server, owner_id, watch.position, watch.as_of)
        three = feedback_received(owner_id, "Third time lucky.")
        record({"touchpoint": three})
        assert again.next_added() == [three["id"]], "a watch that continues repeats nothing"
        again.end()
        print(f"the next watch continued there without a repeat and ended at {again.position}")


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7431",
        sys.argv[2] if len(sys.argv) > 2 else "reflection-python",
    )
