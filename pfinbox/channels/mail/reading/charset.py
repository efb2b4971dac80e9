"""Bytes to text whatever charset a mail claims: wrong, unknown and hostile claims included."""

import codecs

_GUESS_FROM = 32_768
_ODD_SHARE = 6
# What people write and what they mean (WHATWG Encoding Standard, "names and labels").
_MEANT = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "windows-874": "cp874",
}
# Python's codecs that are no charsets of mail, some of them slow or doing something else.
_NOT_CHARSETS = {
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "raw_unicode_escape",
    "mbcs",
    "oem",
}


def _known(charset: str) -> str | None:
    name = charset.strip().strip("\"'").lower()[:40]
    name = _MEANT.get(name, name)
    if not name or not name.isascii() or "\0" in name:
        return None
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # Encodings such as rot13 or zlib are found by the same look-up.
    is_text = getattr(info, "_is_text_encoding", True)
    return info.name if is_text and info.name.replace("-", "_") not in _NOT_CHARSETS else None


def decode(data: bytes, charset: str | None = None) -> str:
    """Text of ``data``; the claimed charset if it fits, else UTF-8, else the best guess."""
    claimed = _known(charset) if charset else None
    for name in (claimed if claimed != "cp1252" else None, "utf-8", claimed):
        if name is not None and (text := _strictly(data, name)) is not None:
            return text
    if claimed is not None:
        text = data.decode(claimed, "replace")
        if text.count("\ufffd") * 50 <= len(text):  # a few broken letters, e.g. cut in the middle
            return text
    return data.decode(_guess(data[:_GUESS_FROM]) or "cp1252", "replace")


def _guess(data: bytes) -> str | None:
    """Nothing for text with a few odd bytes: that is Western, and statistics need more."""
    if sum(byte > 127 for byte in data) * _ODD_SHARE < len(data):
        return None
    # A third of the time in which a process that reads mails starts; few mails need it.
    import chardet

    guess = chardet.detect(data).get("encoding")
    return _known(guess) if guess else None


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return None
