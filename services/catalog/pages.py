"""Page tokens of lists that are ordered by a number and then by an id."""

from chassis.paging import InvalidPageError, decode_token, encode_token


def encode_place(number: int, record_id: str, *, query: str) -> str:
    return encode_token(f"{number} {record_id}", query=query)


def decode_place(token: str, *, query: str) -> tuple[int, str] | None:
    """None for the first page. Raises InvalidPageError."""
    if not token:
        return None
    number, _, record_id = decode_token(token, query=query).partition(" ")
    try:
        return int(number), record_id
    except ValueError:
        raise InvalidPageError("page_token did not come from this query") from None
