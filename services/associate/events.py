"""How the details of this service's events are sent."""

from comptoir.associate.v1 import events_pb2 as pb

from chassis.event_servicer import Detail

DETAILS: dict[str, Detail] = {
    "session_revoked": lambda detail: pb.SessionRevoked(session_id=detail["session_id"]),
    "staff_changed": lambda detail: pb.StaffChanged(
        staff_id=detail["staff_id"], active=detail["active"]
    ),
}
