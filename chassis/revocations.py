"""Hears which sessions have ended, so that their tokens are refused within seconds."""

import asyncio
import logging
import random
from datetime import timedelta
from typing import Any

from comptoir.type.v1 import event_service_pb2 as pb

from chassis.auth import Revocations
from chassis.clock import Clock, utc_now
from chassis.consumer import spoken
from chassis.errors import AppError
from chassis.events import EventLog
from chassis.signals import within
from chassis.tokens import USER_LIFETIME

logger = logging.getLogger(__name__)

# Who opens sessions for people. Both tell of their end under one name.
ISSUERS = {"customer", "associate"}
REVOKED = "session_revoked"
AGAIN_S_MAX = 1.0
LOOK_S = 1.0  # Should the log's signal fail us.
BATCH_MAX = 500
# What was revoked before this has no token left that is live.
SINCE = USER_LIFETIME + timedelta(minutes=1)


async def follow_revocations(
    source: Any, revocations: Revocations, *, clock: Clock = utc_now
) -> None:
    """Until cancelled, through every absence of the issuer."""
    cursor = ""
    while True:
        try:
            request = pb.WatchEventsRequest(cursor=cursor, names=[REVOKED])
            if not cursor:
                request.since_time.FromDatetime(clock() - SINCE)
            # A source that hangs is left like one that is away: its replicas go on.
            async for response in spoken(source.WatchEvents(request)):
                for event in response.events:
                    revocations.revoke(event.key, clock() + USER_LIFETIME)
                cursor = response.cursor
        except AppError as error:
            if error.reason == "CURSOR_TOO_OLD":
                cursor = ""
            logger.warning("sessions that end are not heard of now: %s", error.reason)
        await asyncio.sleep(random.uniform(0, AGAIN_S_MAX))


async def follow_own_revocations(
    log: EventLog, revocations: Revocations, *, clock: Clock = utc_now
) -> None:
    """Until cancelled, for the service that opens and ends the sessions itself."""
    position = (await log.since(clock() - SINCE)).position
    while True:
        heard = log.appended.next()
        batch = await log.read(position, BATCH_MAX, (REVOKED,))
        for event in batch.events:
            revocations.revoke(event.key, clock() + USER_LIFETIME)
        if batch.position == position:
            await within(heard, LOOK_S)
        position = batch.position
