"""What was released stays: a contract that breaks a caller is seen, one that grows is not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from comptoir.type.v1.access_pb2 import Access, access
from google.protobuf.descriptor_pb2 import FileDescriptorSet

ROOT = Path(__file__).parents[2]
PROTOS = ROOT / "protos"
IMAGE = PROTOS / "released.binpb"
STOCK = "comptoir/inventory/v1/stock_service.proto"

SALE_RPC = """  rpc RecordSale(RecordSaleRequest) returns (RecordSaleResponse) {
    option (comptoir.type.v1.access) = {
      client_scopes: ["sale.write"]
    };
  }
"""
PROVEN = "  StockRow proven_row = 3;\n"
BREACHES = [
    ("a method is gone", SALE_RPC, "", 'RPC "RecordSale"'),
    (
        "a method answers otherwise",
        "returns (RecordSaleResponse)",
        "returns (StockRow)",
        "StockRow",
    ),
    ("a method has become a stream", "rpc RecordSale(Rec", "rpc RecordSale(stream Rec", "stream"),
    ("a service has another name", "service StockService", "service StocksService", "StockService"),
    ("a message has another name", "message BucketQuantity", "message Quantity", "BucketQuantity"),
    ("a field is gone", PROVEN, "", "without reserving"),
    ("a field has another number", "proven_row = 3", "proven_row = 99", "without reserving"),
    ("a field has another name", "proven_row", "proof", '"proven_row" to "proof"'),
    ("a field has another type", "int64 quantity", "string quantity", '"int64" to "string"'),
    (
        "a field has become a list",
        "  string receipt_id",
        "  repeated string receipt_id",
        "repeated",
    ),
    ("a value has another name", "CAUSE_DAMAGE", "CAUSE_BREAKAGE", "CAUSE_DAMAGE"),
    ("a package has another name", "comptoir.inventory.v1;", "comptoir.inventory.v2;", "v1"),
]
GROWTH = [
    ("a method", SALE_RPC, SALE_RPC + SALE_RPC.replace("RecordSale(", "TakeSaleBack(")),
    ("a field", PROVEN, f"{PROVEN}  string note = 99;\n"),
    ("a value", "  CAUSE_RETURN = 7;\n", "  CAUSE_RETURN = 7;\n  CAUSE_GIFT = 99;\n"),
    ("a message", "message Claim {", "message Gift {}\n\nmessage Claim {"),
    ("a field given up and reserved", PROVEN, '  reserved 3;\n  reserved "proven_row";\n'),
    ("a comment", "// Units on hand:", "// Units:"),
]


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image of the contracts as they are."""
    image: Path = tmp_path_factory.mktemp("image") / "today.binpb"
    buf("build", PROTOS, "--output", image).check_returncode()
    return image


@pytest.mark.parametrize(
    ("old", "new", "said"), [b[1:] for b in BREACHES], ids=[b[0] for b in BREACHES]
)
def test_a_breach_is_seen(tmp_path: Path, today: Path, old: str, new: str, said: str) -> None:
    seen = compared(tmp_path, today, old, new)

    assert seen.returncode == 100
    assert said in seen.stdout


@pytest.mark.parametrize(("old", "new"), [g[1:] for g in GROWTH], ids=[g[0] for g in GROWTH])
def test_contracts_may_grow(tmp_path: Path, today: Path, old: str, new: str) -> None:
    seen = compared(tmp_path, today, old, new)

    assert (seen.returncode, seen.stdout) == (0, "")


def compared(folder: Path, today: Path, old: str, new: str) -> subprocess.CompletedProcess[str]:
    """A copy in which `old` reads `new`, against the contracts as they are."""
    copy = folder / "protos"
    shutil.copytree(PROTOS, copy)
    text = (copy / STOCK).read_text()
    assert old in text
    (copy / STOCK).write_text(text.replace(old, new))
    return buf("breaking", copy, "--against", today)


def buf(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("buf")
    return subprocess.run([program, *arguments], capture_output=True, text=True)


def test_no_released_contract_is_broken() -> None:
    seen = buf("breaking", PROTOS, "--against", IMAGE)

    assert (seen.returncode, seen.stdout, seen.stderr) == (0, "", "")


def test_whom_a_released_method_let_in_it_still_lets_in(today: Path) -> None:
    now = outsiders(today)

    shut_out = {
        method: released - now.get(method, frozenset())
        for method, released in outsiders(IMAGE).items()
    }

    assert {method: gone for method, gone in shut_out.items() if gone} == {}


def outsiders(image: Path) -> dict[str, frozenset[str]]:
    """Who of other teams may call each method: scopes, cabinets, anyone. An image is a set."""
    files = FileDescriptorSet.FromString(image.read_bytes()).file
    return {
        f"{file.package}.{service.name}.{method.name}": let_in(method.options.Extensions[access])
        for file in files
        for service in file.service
        for method in service.method
    }


def let_in(declared: Access) -> frozenset[str]:
    alone = {"locker": declared.locker, "public": declared.public}
    return frozenset(declared.client_scopes) | {name for name, said in alone.items() if said}
