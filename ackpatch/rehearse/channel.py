"""Messages between the caller and its supervisor: a length in eight bytes, then built-in values in marshal's form."""

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes 5 ms to import, in every rehearsal
    from typing import Any

    Message = dict[str, Any]

HEADER = 8


def pack(message: "Message") -> bytes:
    """One message as bytes."""
    data = marshal.dumps(message)
    return len(data).to_bytes(HEADER, "big") + data


def unpack(buffer: bytearray) -> "list[Message]":
    """Take all whole messages off the front of ``buffer``."""
    messages = []
    while len(buffer) >= HEADER:
        end = HEADER + int.from_bytes(buffer[:HEADER], "big")
        if len(buffer) < end:
            break
        messages.append(marshal.loads(bytes(buffer[HEADER:end])))
        del buffer[:end]
    return messages


def send(descriptor: int, message: "Message") -> None:
    """Write one message to a pipe. Raises OSError when the other side is gone."""
    view = memoryview(pack(message))
    while view:
        view = view[os.write(descriptor, view) :]


def receive(descriptor: int) -> "Message":
    """Wait for one message. Raises EOFError when the other side is gone."""
    header = _read_exactly(descriptor, HEADER)
    message: Message = marshal.loads(_read_exactly(descriptor, int.from_bytes(header, "big")))
    return message


def _read_exactly(descriptor: int, count: int) -> bytes:
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
