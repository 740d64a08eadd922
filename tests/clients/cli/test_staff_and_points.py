"""Staff and pick-up points as files say them."""

from pathlib import Path

import pytest
from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.collect.v1 import point_service_pb2 as point_pb

from clients.cli.entries import Entry, Refusal, RefusedError
from clients.cli.formats import Format, points_in, staff_in
from clients.cli.points import point_from
from clients.cli.staff import member_from

MAUD = {"badge": "0418", "display_name": "Maud", "roles": "associate manager"}
LOCKER = {"point_id": "p-locker", "location_id": "lille", "kind": "locker", "cabinet_id": "c-1"}


def test_a_member_has_all_that_the_line_says() -> None:
    request, notes = member_from(
        {**MAUD, "location_ids": "lille roubaix", "active": "false", "pin": "918273"}
    )

    assert notes == ()
    assert (request.member.badge, request.member.display_name) == ("0418", "Maud")
    assert list(request.member.roles) == [
        staff_pb.STAFF_ROLE_ASSOCIATE,
        staff_pb.STAFF_ROLE_MANAGER,
    ]
    assert list(request.member.location_ids) == ["lille", "roubaix"]
    assert (request.member.active, request.pin) == (False, "918273")


def test_a_member_is_active_and_keeps_their_pin_unless_the_line_says_otherwise() -> None:
    request, _ = member_from(MAUD)

    assert (request.member.active, request.pin) == (True, "")


def test_a_locker_has_its_doors_by_size() -> None:
    point, _ = point_from({**LOCKER, "compartments.S": "A1 A2", "compartments.L": "C1"})

    assert (point.kind, point.cabinet_id) == (point_pb.POINT_KIND_LOCKER, "c-1")
    assert [(each.compartment_id, each.size) for each in point.compartments] == [
        ("A1", point_pb.COMPARTMENT_SIZE_S),
        ("A2", point_pb.COMPARTMENT_SIZE_S),
        ("C1", point_pb.COMPARTMENT_SIZE_L),
    ]


def test_a_counter_takes_what_the_contract_takes_for_nothing_said() -> None:
    point, _ = point_from({"point_id": "p", "location_id": "lille", "kind": "counter"})

    assert (point.slot_minutes, point.slot_capacity_count, point.preparation_minutes) == (0, 0, 0)
    assert not point.compartments


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({**MAUD, "roles": "boss"}, "some of associate, manager, operator"),
        ({**MAUD, "roles": ""}, "roles: is needed"),
        ({**MAUD, "active": "no"}, "one of true, false"),
        ({**MAUD, "pim": "1"}, "pim: no such field"),
    ],
)
def test_a_member_who_cannot_be_read_is_refused(line: dict[str, str], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        member_from(line)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({**LOCKER, "kind": ""}, "kind: is needed"),
        ({**LOCKER, "kind": "drone"}, "one of counter, locker"),
        ({**LOCKER, "compartments.XL": "D1"}, "sizes are S, M, L"),
        ({**LOCKER, "slot_minutes": "an hour"}, "a whole number"),
        ({**LOCKER, "cabinet": "c"}, "cabinet: no such field"),
    ],
)
def test_a_point_that_cannot_be_read_is_refused(line: dict[str, str], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        point_from(line)


def test_json_lines_may_say_lists(tmp_path: Path) -> None:
    file = tmp_path / "points.jsonl"
    file.write_text(
        '{"point_id": "p", "location_id": "l", "kind": "locker", "compartments": {"M": ["B1"]}}\n'
    )
    (entry,) = points_in(file, Format.JSONL)
    assert isinstance(entry, Entry)
    assert [each.compartment_id for each in entry.value.compartments] == ["B1"]

    file.write_text('{"badge": "1", "display_name": "M", "roles": ["manager"]}\n')
    (member,) = staff_in(file, Format.JSONL)
    assert isinstance(member, Entry)


def test_a_badge_stands_in_a_file_once(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("badge,display_name,roles\n1,Maud,manager\n1,Samir,associate\n")

    _, second = staff_in(file, Format.CSV)

    assert isinstance(second, Refusal)
    assert second.note.reason == "DUPLICATE"
