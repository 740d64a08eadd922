"""How members of staff are kept."""

from chassis.records import Kind
from services.associate.staff.domain import Staff

STAFF = Kind(type=Staff, collection="staff", key=lambda member: member.staff_id)
