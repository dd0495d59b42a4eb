"""Reads the details of an Ownerline error: its reason, every malformed field, its metadata.

    python -m pip install -r docs/examples/python/requirements.txt
    python -m grpc_tools.protoc -I proto --python_out=OUT --grpc_python_out=OUT proto/ownerline/v1/*.proto
    PYTHONPATH=OUT python docs/examples/python/errors.py 127.0.0.1:7431

Exits with 0 if everything was as promised.
"""

import sys
import uuid
from pathlib import Path

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

SERVICE_CONFIG = Path(__file__).parent.parent / "service-config.json"


def details(error: grpc.RpcError) -> dict[str, object]:
    """The details of an error by the name of their type; every error of Ownerline has an ErrorInfo."""
    found = {}
    for packed in rpc_status.from_call(error).details:
        name = packed.type_url.rpartition("google.rpc.")[2]
        detail = getattr(error_details_pb2, name)()
        packed.Unpack(detail)
        found[name] = detail
    return found


def refused(call) -> tuple[grpc.StatusCode, dict[str, object]]:
    try:
        call()
    except grpc.RpcError as error:
        return error.code(), details(error)
    raise AssertionError("it was not refused")


def main(server: str) -> None:
    # Retries, with backoff, whatever was certainly not stored, before the caller sees an error.
    options = [("grpc.service_config", SERVICE_CONFIG.read_text())]
    with grpc.insecure_channel(server, options=options) as channel:
        recorder = service_grpc.TouchpointServiceStub(channel)
        reader = timeline_grpc.TimelineServiceStub(channel)
        run = uuid.uuid4().hex[:8]

        def record(**changed):
            said = dict(
                id=f"one-{run}",
                source="//examples/python/errors",
                occurred_at=Timestamp(seconds=1_700_000_000),
                subjects=touchpoints.Subjects(owner_id=f"o-{run}", feedback_id=f"f-{run}", dealer_id="dealer-1"),
                visibility=touchpoints.VISIBILITY_OWNER,
                feedback_received=feedback.FeedbackReceived(score=9),
            )
            touchpoint = touchpoints.Touchpoint(**{**said, **changed})
            return recorder.Record(service.RecordRequest(touchpoint=touchpoint), timeout=10)

        code, found = refused(lambda: record(feedback_received=feedback.FeedbackReceived(score=11)))
        assert code == grpc.StatusCode.INVALID_ARGUMENT
        for violation in found["BadRequest"].field_violations:
            print(f"{found['ErrorInfo'].reason}: {violation.field}: {violation.description} ({violation.reason})")

        record()
        code, found = refused(lambda: record(occurred_at=Timestamp(seconds=1_700_000_001)))
        assert code == grpc.StatusCode.ALREADY_EXISTS
        assert found["ErrorInfo"].reason == "ID_REUSED" and found["ErrorInfo"].domain == "ownerline"
        print(f"{found['ErrorInfo'].reason}: a retry is the same message, with the same occurred_at")

        code, found = refused(lambda: reader.GetTimeline(timeline.GetTimelineRequest(owner_id=f"no-{run}"), timeout=10))
        assert code == grpc.StatusCode.NOT_FOUND
        print(f"{found['ErrorInfo'].reason}: {found['ResourceInfo'].resource_type} {found['ResourceInfo'].resource_name}")

        # The default of the library when the time is left out: stored, with a warning.
        never = record(id=f"never-{run}", occurred_at=Timestamp())
        assert [warning.reason for warning in never.warnings] == ["OCCURRED_AT_EPOCH"], never.warnings
        print(f"warned: {never.warnings[0].message}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7431")
