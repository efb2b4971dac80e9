"""Folder names on the wire: quoted, in the modified UTF-7 of RFC 3501 section 5.1.3."""

import binascii
import re
from base64 import b64decode, b64encode

_OTHER = re.compile(r"[^\x20-\x7e]+")
_SHIFTED = re.compile(r"&([^-&]*)-")


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def encode(name: str) -> str:
    """``Входящие`` as the server spells it, without quotes."""

    def shifted(match: re.Match[str]) -> str:
        data = b64encode(match.group().encode("utf-16-be", "surrogatepass")).decode()
        return "&" + data.rstrip("=").replace("/", ",") + "-"

    return _OTHER.sub(shifted, name.replace("&", "&-"))


def decode(name: str) -> str:
    """The name as people read it; what is no modified UTF-7 stays as it is."""

    def plain(match: re.Match[str]) -> str:
        data = match.group(1).replace(",", "/")
        if not data:
            return "&"
        try:
            return b64decode(data + "=" * (-len(data) % 4)).decode("utf-16-be")
        except (binascii.Error, UnicodeDecodeError):
            return match.group()

    return _SHIFTED.sub(plain, name)
