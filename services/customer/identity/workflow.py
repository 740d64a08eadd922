"""Signing up and signing in: each takes writes that can fail apart, in an order that is safe.

A key is made before what it seals: without an account it is a row that nobody reads. A
password is counted before it is looked at: a crash in between costs its owner one try.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.passwords import Passwords
from chassis.records import Records, Ref, State
from chassis.requests import Request, step_id
from services.customer.guessing.domain import Try, learned, succeeded, try_of
from services.customer.guessing.store import ATTEMPTS, KNOWN_SOURCES
from services.customer.guessing.workflow import Guesses, refs_of
from services.customer.identity import domain
from services.customer.identity.domain import Credentials, Opened
from services.customer.identity.store import CREDENTIALS, SESSIONS, live_sessions
from services.customer.limits import write_s
from services.customer.password import domain as password_domain
from services.customer.profile import domain as profile_domain
from services.customer.profile.domain import Details, Profile, unknown_customer
from services.customer.profile.store import PROFILES
from services.customer.profile.workflow import sealed_names
from services.customer.vault import PersonalKey, Vault

# So many sessions are ended in one write, in so many writes at most.
ENDED_MAX = 100
WRITES_MAX = 100


@dataclass(frozen=True, slots=True)
class Entered:
    """What was opened, and the key that opens its fields."""

    opened: Opened
    key: PersonalKey


class Entrance:
    """`address_key` is kept outside the database: with it addresses could be guessed there."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        passwords: Passwords,
        *,
        address_key: bytes,
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._passwords = passwords
        self._address_key = address_key
        self._clock = clock
        self._guesses = Guesses(records, clock=clock)

    async def sign_up(
        self, request: Request, *, email: str, password: str, source: str, details: Details
    ) -> Entered:
        """Open an account whose id is the request's, and a session; `source` is its owner's.

        Raises InvalidAddressError, InvalidProfileError, WeakPasswordError, AddressTakenError,
        TooManyPasswordsError; of a repeat, SessionEndedError, and UnknownCustomerError if it
        was erased since.
        """
        address = domain.normalised_address(email)
        details = profile_domain.checked(details)
        password = password_domain.checked(password, words=words_of(address, details))
        address_hash = domain.address_hash(self._address_key, address)
        attempt = try_of(self._address_key, address_hash=address_hash, source=source)
        new_account = partial(self._new_account, request, address_hash, password)
        key, credentials = await self._passwords.in_place(place_of(attempt), new_account)
        profile = new_profile(request.made_id, key, email=email.strip(), details=details)
        return await self._opened(request, key, credentials, profile, attempt)

    async def _new_account(
        self, request: Request, address_hash: str, password: str
    ) -> tuple[PersonalKey, Credentials]:
        """Its key, which is kept from now on, and its credentials, which are not yet.

        Raises AddressTakenError, UnknownCustomerError.
        """
        # Looked up first, or every attempt on a taken address would leave a key behind.
        found = await self._records.find(CREDENTIALS, address_hash)
        domain.check_free(found, customer_id=request.made_id)
        key = await self._vault.make(request.made_id)
        if key is None:
            raise unknown_customer(request.made_id)
        credentials = Credentials(
            address_hash=address_hash,
            customer_id=request.made_id,
            password_hash=await self._passwords.hash(password),
        )
        return key, credentials

    async def sign_in(self, request: Request, *, email: str, password: str, source: str) -> Entered:
        """Open a session whose id is the request's.

        Raises TooManyPasswordsError, TooManyAttemptsError, WrongCredentialsError; of a repeat,
        SessionEndedError.
        """
        address = domain.guessed_address(email)
        address_hash = domain.address_hash(self._address_key, address)
        attempt = try_of(self._address_key, address_hash=address_hash, source=source)
        # From before the try is counted to after a wrong one is: of a flood from one source as
        # few write as are looked at, and whoever is sent away has left no trace.
        looked_at = partial(self._looked_at, attempt, password)
        found = await self._passwords.in_place(place_of(attempt), looked_at)
        key = await self._vault.find(found.customer_id)
        profile = await self._records.find(PROFILES, found.customer_id)
        if key is None or profile is None:
            raise domain.wrong_credentials()
        return await self._reopened(request, key, found, profile, attempt)

    async def _looked_at(self, attempt: Try, password: str) -> Credentials:
        """Raises TooManyAttemptsError, WrongCredentialsError."""
        is_known = await self._guesses.admit(attempt)
        found = await self._records.find(CREDENTIALS, attempt.address_hash)
        kept = None if found is None else found.password_hash
        is_right = await self._passwords.verify(password_domain.guessed(password), kept)
        if found is not None and is_right:
            return found
        if not is_known:
            await self._guesses.was_wrong(attempt)
        raise domain.wrong_credentials()

    async def _opened(
        self,
        request: Request,
        key: PersonalKey,
        credentials: Credentials,
        profile: Profile,
        attempt: Try,
    ) -> Entered:
        address_hash, now = credentials.address_hash, self._clock()
        session_id = step_id(profile.customer_id, "first session")

        def change(state: State) -> Changed[Opened]:
            changed = domain.signed_up(
                state.find(CREDENTIALS, address_hash),
                credentials=credentials,
                profile=profile,
                session_id=session_id,
                now=now,
            )
            return replace(changed, records=(*changed.records, *learned(attempt, now=now)))

        opened = await self._records.update(
            [Ref(CREDENTIALS, address_hash), Ref(KNOWN_SOURCES, attempt.pair_hash)],
            change,
            answer=Opened,
            request=key.private(request),
            timeout_s=write_s(),
        )
        return await self._entered(opened, key)

    async def _reopened(
        self,
        request: Request,
        key: PersonalKey,
        credentials: Credentials,
        profile: Profile,
        attempt: Try,
    ) -> Entered:
        address_hash, now = credentials.address_hash, self._clock()
        session_id = request.made_id

        def change(state: State) -> Changed[Opened]:
            changed = domain.signed_in(
                state.find(CREDENTIALS, address_hash),
                credentials=credentials,
                profile=profile,
                before=state.find(SESSIONS, session_id),
                session_id=session_id,
                now=now,
            )
            account = state.find(ATTEMPTS, address_hash)
            source = state.find(KNOWN_SOURCES, attempt.pair_hash)
            left = succeeded(account, source, attempt=attempt, now=now)
            return replace(changed, records=(*changed.records, *left))

        refs: list[Ref[Any]] = [
            Ref(CREDENTIALS, address_hash),
            Ref(SESSIONS, session_id),
            *refs_of(attempt),
        ]
        opened = await self._records.update(
            refs,
            change,
            answer=Opened,
            request=key.private(request),
            timeout_s=write_s(),
        )
        return await self._entered(opened, key)

    async def _entered(self, opened: Opened, key: PersonalKey) -> Entered:
        """Raises SessionEndedError: the answer may be an old one, given again, and a token
        for a session that has ended since would outlive its revocation."""
        session_id = opened.session.session_id
        session = await self._records.find(SESSIONS, session_id) or opened.session
        session.check_live(self._clock())
        return Entered(opened, key)


def place_of(attempt: Try) -> str:
    """Whose place it takes: its source's; where nobody said which, its account's."""
    return attempt.source_hash or attempt.address_hash


async def end_sessions(records: Records, customer_id: str, *, clock: Clock) -> None:
    """Those there are when the call comes; one opened meanwhile was opened after it."""
    for _ in range(WRITES_MAX):
        found = await live_sessions(records, customer_id, now=clock(), limit=ENDED_MAX)
        if not found:
            return
        await end(records, [session.session_id for session in found], customer_id=customer_id)


async def end(records: Records, session_ids: Sequence[str], *, customer_id: str) -> None:
    """End those of the sessions that are the customer's."""
    await records.update(
        [Ref(SESSIONS, session_id) for session_id in session_ids],
        lambda state: domain.signed_out(state.all(SESSIONS), customer_id=customer_id),
        answer=bool,
        timeout_s=write_s(),
    )


def words_of(address: str, details: Details) -> list[str]:
    local, _, _ = address.rpartition("@")
    given_name, family_name = details.given_name, details.family_name
    both = [f"{given_name}{family_name}", f"{family_name}{given_name}"]
    return [address, local, given_name, family_name, *both]


def new_profile(customer_id: str, key: PersonalKey, *, email: str, details: Details) -> Profile:
    return Profile(
        customer_id=customer_id,
        email=key.seal("email", email),
        names=sealed_names(key, details),
        locale=details.locale,
        home_location_id=details.home_location_id,
    )
