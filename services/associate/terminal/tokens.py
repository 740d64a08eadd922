"""The tokens of a staff session, made anew whenever they are asked for. Keeps none."""

from comptoir.associate.v1 import terminal_service_pb2 as pb

from chassis import sessions
from chassis.tokens import USER_LIFETIME, Issuer
from services.associate.terminal.session import StaffSession


class StaffTokens:
    def __init__(self, issuer: Issuer, *, secret: bytes) -> None:
        self._issuer = issuer
        self._secret = secret

    def to_pb(self, held: StaffSession) -> pb.StaffTokens:
        """An associate acts where the terminal stands: that one location is in the token."""
        # The end in whole seconds, as the token has it: rounded down, never late.
        access_expire_time = (self._issuer.clock() + USER_LIFETIME).replace(microsecond=0)
        message = pb.StaffTokens(
            access_token=self._issuer.sign(
                subject=held.session.subject,
                grants=[f"staff:{role.value}" for role in held.roles],
                sid=held.session.session_id,
                locations=[held.location_id],
                terminal=held.terminal_id,
            ),
            refresh_token=sessions.refresh_token(self._secret, held.session),
        )
        message.access_expire_time.FromDatetime(access_expire_time)
        message.refresh_expire_time.FromDatetime(held.session.expire_time)
        return message
