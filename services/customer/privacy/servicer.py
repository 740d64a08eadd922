"""The gRPC face of erasure: protobuf in, one call, protobuf out. No rules here."""

from comptoir.customer.v1 import privacy_service_pb2 as pb
from comptoir.customer.v1 import privacy_service_pb2_grpc as pb_grpc

from chassis.access import caller
from chassis.acts import cause_from
from chassis.interceptors import Context
from chassis.requests import request_from_pb
from services.customer.privacy.workflow import Eraser


class PrivacyServicer(pb_grpc.PrivacyServiceServicer):
    def __init__(self, eraser: Eraser) -> None:
        self._eraser = eraser

    async def FindCustomers(
        self, request: pb.FindCustomersRequest, context: Context
    ) -> pb.FindCustomersResponse:
        found = await self._eraser.find(email=request.email, source_id=request.source_id)
        return pb.FindCustomersResponse(
            customers=[
                pb.FoundCustomer(customer_id=each.customer_id, has_account=each.has_account)
                for each in found
            ]
        )

    async def EraseCustomer(
        self, request: pb.EraseCustomerRequest, context: Context
    ) -> pb.EraseCustomerResponse:
        asked = request_from_pb(request, subject=caller().subject, method="EraseCustomer")
        erasure = await self._eraser.erase(request.customer_id, cause_from(request.cause), asked)
        answer = pb.EraseCustomerResponse()
        answer.erase_time.FromDatetime(erasure.erase_time)
        return answer
