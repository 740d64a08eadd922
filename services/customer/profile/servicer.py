"""The gRPC face of profiles: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from comptoir.customer.v1 import profile_service_pb2 as pb
from comptoir.customer.v1 import profile_service_pb2_grpc as pb_grpc

from chassis.access import caller
from chassis.clock import Clock, utc_now
from chassis.importing import Outcome, imported
from chassis.interceptors import Context
from chassis.records import Records, Ref
from chassis.requests import request_from_pb
from services.customer.limits import write_s
from services.customer.profile import domain
from services.customer.profile.domain import Arriving, Details, Profile, unknown_customer
from services.customer.profile.intake import arriving, put_customers
from services.customer.profile.store import PROFILES
from services.customer.profile.workflow import readable_profile, sealed_names
from services.customer.vault import PersonalKey, Vault


class ProfileServicer(pb_grpc.ProfileServiceServicer):
    """`address_key` is kept outside the database, in a file."""

    def __init__(
        self, records: Records, vault: Vault, clock: Clock = utc_now, *, address_key: bytes
    ) -> None:
        self._records = records
        self._vault = vault
        self._clock = clock
        self._address_key = address_key

    async def GetProfile(
        self, request: pb.GetProfileRequest, context: Context
    ) -> pb.GetProfileResponse:
        reader = caller()
        found = await readable_profile(
            self._records,
            request.customer_id,
            reader=reader,
            method="GetProfile",
            clock=self._clock,
        )
        key = await self._key(found.customer_id)
        shown = profile_to_pb(found, key)
        if reader.is_staff:
            shown.email = ""  # Only the customer sees it.
        return pb.GetProfileResponse(profile=shown)

    async def UpdateProfile(
        self, request: pb.UpdateProfileRequest, context: Context
    ) -> pb.UpdateProfileResponse:
        customer_id, details = caller().subject, domain.checked(details_from_pb(request))
        key = await self._key(customer_id)
        names = sealed_names(key, details)
        after = await self._records.update(
            [Ref(PROFILES, customer_id)],
            lambda state: domain.updated(
                state.find(PROFILES, customer_id),
                customer_id=customer_id,
                names=names,
                details=details,
                revision=request.revision,
            ),
            answer=Profile,
            request=key.private(
                request_from_pb(request, subject=customer_id, method="UpdateProfile")
            ),
            timeout_s=write_s(),
        )
        return pb.UpdateProfileResponse(profile=profile_to_pb(after, key))

    async def ImportCustomers(
        self, requests: AsyncIterator[pb.ImportCustomersRequest], context: Context
    ) -> AsyncIterator[pb.ImportCustomersResponse]:
        async with aclosing(imported(requests, check=self._check, write=self._write)) as steps:
            async for progress in steps:
                yield pb.ImportCustomersResponse(progress=progress)

    def _check(self, request: pb.ImportCustomersRequest) -> Arriving:
        customer = request.customer
        return arriving(
            self._address_key,
            source_id=customer.source_id,
            email=customer.email,
            details=imported_details_from_pb(customer),
        )

    async def _write(self, customers: Sequence[Arriving]) -> list[Outcome]:
        return await put_customers(
            self._records, self._vault, customers, address_key=self._address_key
        )

    async def _key(self, customer_id: str) -> PersonalKey:
        """Raises UnknownCustomerError: without their key nobody is known any more."""
        key = await self._vault.find(customer_id)
        if key is None:
            raise unknown_customer(customer_id)
        return key


def details_from_pb(request: pb.UpdateProfileRequest) -> Details:
    return Details(
        given_name=request.given_name,
        family_name=request.family_name,
        locale=request.locale,
        home_location_id=request.home_location_id,
    )


def imported_details_from_pb(customer: pb.ImportedCustomer) -> Details:
    return Details(
        given_name=customer.given_name,
        family_name=customer.family_name,
        locale=customer.locale or "fr",
        home_location_id=customer.home_location_id,
    )


def profile_to_pb(profile: Profile, key: PersonalKey) -> pb.Profile:
    return pb.Profile(
        customer_id=profile.customer_id,
        email=key.open("email", profile.email),
        given_name=key.open("given_name", profile.names.given_name),
        family_name=key.open("family_name", profile.names.family_name),
        locale=profile.locale,
        home_location_id=profile.home_location_id,
        revision=profile.revision,
    )
