"""Raw bytes as they are stored: compressed, as every mail's header repeats what others say."""

import zlib

# The next levels take half as long again, for three parts in a hundred.
_LEVEL = 3


class Packed(bytes):
    """Compressed bytes; they are not compressed again."""


def pack(data: bytes) -> Packed:
    """Nothing stays nothing: it says that there are no bytes any more."""
    return Packed(zlib.compress(data, _LEVEL) if data else b"")


def unpack(data: bytes) -> bytes:
    return zlib.decompress(data) if data else b""
