"""Calls Ownerline from Python with code generated from proto/: records a touchpoint and retries it,
reads its owner's timeline, and sees every field violation of a malformed one at once.

    python -m pip install -r docs/examples/python/requirements.txt
    python -m grpc_tools.protoc -I proto --python_out=OUT --grpc_python_out=OUT proto/ownerline/v1/*.proto
    PYTHONPATH=OUT python docs/examples/python/client.py 127.0.0.1:7431

Exits with 0 if everything was as promised.
"""

import sys
import uuid

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from ownerline.v1 import feedback_events_pb2 as feedback
from ownerline.v1 import timeline_service_pb2 as timeline
from ownerline.v1 import timeline_service_pb2_grpc as timeline_grpc
from ownerline.v1 import touchpoint_pb2 as touchpoints
from ownerline.v1 import touchpoint_service_pb2 as service
from ownerline.v1 import touchpoint_service_pb2_grpc as service_grpc


def feedback_received(owner_id: str, feedback_id: str) -> touchpoints.Touchpoint:
    occurred_at = Timestamp()
    occurred_at.GetCurrentTime()
    return touchpoints.Touchpoint(
        # Chosen once and kept for every retry: the idempotency key.
        id=str(uuid.uuid4()),
        source="//examples/python",
        occurred_at=occurred_at,
        subjects=touchpoints.Subjects(owner_id=owner_id, feedback_id=feedback_id, dealer_id="dealer-1"),
        channel=touchpoints.CHANNEL_PORTAL,
        visibility=touchpoints.VISIBILITY_OWNER,
        feedback_received=feedback.FeedbackReceived(score=9, verbatim="The workshop called before I had to ask."),
    )


def field_violations(error: grpc.RpcError) -> dict[str, str]:
    violations = {}
    for detail in rpc_status.from_call(error).details:
        request = error_details_pb2.BadRequest()
        if detail.Unpack(request):
            violations.update({violation.field: violation.description for violation in request.field_violations})
    return violations


def main(server: str) -> None:
    run = uuid.uuid4().hex[:8]
    with grpc.insecure_channel(server) as channel:
        recorder = service_grpc.TouchpointServiceStub(channel)
        reader = timeline_grpc.TimelineServiceStub(channel)

        touchpoint = feedback_received(f"python-{run}", f"python-{run}")
        first = recorder.Record(service.RecordRequest(touchpoint=touchpoint), timeout=10)
        retry = recorder.Record(service.RecordRequest(touchpoint=touchpoint), timeout=10)
        assert not first.replayed and retry.replayed, "a retry is answered with the first result"
        assert first.position == retry.position
        print(f"recorded at {first.position} in {first.stream}; the retry was answered as replayed")

        # Reading with at_least sees what was just written.
        page = reader.GetTimeline(
            timeline.GetTimelineRequest(owner_id=f"python-{run}", at_least=first.position), timeout=10
        )
        assert [entry.recorded.touchpoint.id for entry in page.entries] == [touchpoint.id]
        for entry in page.entries:
            print(f"{entry.recorded.touchpoint.occurred_at.ToJsonString()}  {entry.headline}")

        malformed = touchpoints.Touchpoint(
            id="one", source="//examples/python",
            subjects=touchpoints.Subjects(vin="1M8GDM9AXKP04278O", owner_id="not an id"),
            feedback_received=feedback.FeedbackReceived(score=11),
        )
        try:
            recorder.Record(service.RecordRequest(touchpoint=malformed), timeout=10)
            raise AssertionError("a malformed touchpoint was recorded")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
            violations = field_violations(error)
        for field, description in sorted(violations.items()):
            print(f"refused: {field}: {description}")
        assert set(violations) == {
            "touchpoint.occurred_at",
            "touchpoint.subjects.vin",
            "touchpoint.subjects.owner_id",
            "touchpoint.subjects.feedback_id",
            "touchpoint.feedback_received.score",
        }, violations


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7431")
