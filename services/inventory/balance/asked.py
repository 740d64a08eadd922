"""Which locations a proof, or a closing, is about: those that whoever asks may see."""

from chassis.access import caller
from services.inventory.balance.proof import Question
from services.inventory.balance.store import Balances
from services.inventory.location.store import KnownLocations
from services.inventory.stock.rights import check_theirs


async def question_of(
    verb: str, asked: str, *, sku: str = "", balances: Balances, locations: KnownLocations
) -> Question:
    """About the location `asked`, or where that is empty about all there are to the caller.

    Raises UnknownLocationError.
    """
    if asked:
        check_theirs([asked])
        await locations.check([asked])
        location_ids = [asked]
    elif caller().is_staff:
        location_ids = sorted(caller().location_ids)
    else:
        location_ids = await balances.location_ids()
    return Question(location_ids=location_ids, sku=sku, verb=verb, name=asked)
