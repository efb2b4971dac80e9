"""Pictures that outsiders see: an agent's face, the company's logo.

By the first bytes: what a browser shows is decided by what the file is, not by its name.
"""

LARGEST = 200_000
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
}


def picture_type(content: bytes) -> str | None:
    """The media type of a PNG, JPEG or WebP that is not too large; None for anything else."""
    if len(content) > LARGEST:
        return None
    return next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
