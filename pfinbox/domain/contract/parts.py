"""Cutting a comment into what a channel takes: one part is one API call or one mail."""

import re
from collections.abc import Sequence

from pfinbox.domain.contract.channel import Limits, TextUnit
from pfinbox.domain.contract.files import Weighed
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.template import header_of
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Piece:
    """The text and the files (as indices into the comment's) of one part."""

    text: str
    files: tuple[int, ...] = ()


def units(text: str, unit: str = TextUnit.UTF16) -> int:
    """The length as the channel counts it; unpaired surrogates count as they are."""
    if unit == TextUnit.CHARACTERS:
        return len(text)
    if unit == TextUnit.BYTES:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, file_count: int, limits: Limits) -> list[Piece]:
    """The pieces in the order to send them; never empty texts without a file."""
    if limits.files_per_part is None:
        return [Piece(text, tuple(range(file_count)))]
    texts = split(text, limits.max_text, limits.text_unit) if text.strip() else []
    files = [
        tuple(range(start, min(start + limits.files_per_part, file_count)))
        for start in range(0, file_count, limits.files_per_part)
    ]
    if len(texts) == 1 and len(files) == 1:
        fits = limits.max_caption is None or units(texts[0], limits.text_unit) <= limits.max_caption
        if fits:
            return [Piece(texts[0], files[0])]
    return [Piece(t) for t in texts] + [Piece("", f) for f in files]


def split(text: str, limit: int | None, unit: str = TextUnit.UTF16) -> list[str]:
    """Cut at a paragraph, else a line, else a blank, else between characters."""
    pieces: list[str] = []
    rest = text.strip("\n")
    while limit is not None and units(rest, unit) > limit:
        head = _head(rest, limit, unit)
        at = max(
            (m.end() for m in re.finditer(r"\n\n", head)),
            default=head.rfind("\n") + 1 or head.rfind(" ") + 1 or len(head),
        )
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip("\n")
    if rest:
        pieces.append(rest)
    return [piece for piece in pieces if piece]


def _head(text: str, limit: int, unit: str) -> str:
    """The longest beginning of at most ``limit`` units, and never nothing."""
    low, high = 1, max(1, min(len(text), limit))
    while low < high:
        middle = (low + high + 1) // 2
        if units(text[:middle], unit) <= limit:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def too_large(name: str, size: int, limits: Limits) -> Reason | None:
    """A file that the channel would refuse, known before sending (R25)."""
    if limits.max_file is not None and size > limits.max_file:
        return Reason("file_too_large", {"name": name, "size": size, "limit": limits.max_file})
    return None


def wrong_type(file: Weighed, limits: Limits) -> Reason | None:
    """A type of file that the channel does not take, known before sending (R25)."""
    if limits.media_types is None or file.media_type in limits.media_types:
        return None
    return _refused_type(file, limits.media_types)


def misfit(limits: Limits, files: Sequence[Weighed], *, above: bool = False) -> Reason | None:
    """Why the channel would not take a file, or not all of them together (R25).

    ``above``: the one file stands above the text of a template.
    """
    refusals = [wrong_type(file, limits) for file in files]
    if above:
        refusals += [_unfit_above(file, limits) for file in files]
    refusals += [too_large(file.name, file.size, _limits_of(file, limits)) for file in files]
    if limits.files_per_part is None and len(files) > 1:
        together = sum(file.size for file in files)
        refusals.append(too_large(_("all files together"), together, limits))
    return next((one for one in refusals if one is not None), None)


def _limits_of(file: Weighed, limits: Limits) -> Limits:
    own = limits.max_picture is not None and file.media_type.startswith("image/")
    return Limits(max_file=limits.max_picture) if own else limits


def _unfit_above(file: Weighed, limits: Limits) -> Reason | None:
    kind = header_of(file.media_type)
    if limits.above_template is None or kind == "document":
        return None
    most = limits.above_template.get(file.media_type)
    if most is None:
        return _refused_type(file, [one for one in limits.above_template if header_of(one) == kind])
    return too_large(file.name, file.size, Limits(max_file=most))


def _refused_type(file: Weighed, taken: Sequence[str]) -> Reason:
    kinds = ", ".join(one.rpartition("/")[2].upper() for one in taken)
    return Reason("file_type_refused", {"name": file.name, "types": kinds})
