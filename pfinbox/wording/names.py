"""Words for statuses, sizes and counts."""

from collections.abc import Mapping
from datetime import datetime

from pfinbox.i18n import _, language, ngettext, pgettext


def status_name(status: str) -> str:
    """A task's status: the ones that are there without configuration have a word, others are
    the company's own."""
    words = {
        "new": pgettext("status", "new"),
        "open": pgettext("status", "open"),
        "waiting": pgettext("status", "waiting"),
        "done": pgettext("status", "done"),
        "rejected": pgettext("status", "rejected"),
    }
    return words.get(status, status)


def byte_size(count: int) -> str:
    """``count`` bytes: ``1.5 MB``."""
    import humanize

    number, _blank, unit = humanize.naturalsize(count).partition(" ")
    words = {
        "Byte": ngettext("Byte", "Bytes", count),
        "Bytes": ngettext("Byte", "Bytes", count),
        "kB": _("kB"),
        "MB": _("MB"),
        "GB": _("GB"),
    }
    if language() != "en":
        number = number.replace(".", ",")  # as both of the others write it
    return f"{number} {words.get(unit, unit)}"


def kept_until(at: datetime | None) -> str:
    """What follows a file's size where its bytes are kept no longer."""
    return _(", removed on {day}").format(day=at.date().isoformat()) if at is not None else ""


def counts(numbers: Mapping[str, int]) -> str:
    """What goes, or is handed over: ``3 tasks, 12 comments``; nothing of what there is none."""
    words = [_count(kind, n) for kind, n in numbers.items() if n]
    return ", ".join(words) if words else _("nothing")


def removed(numbers: Mapping[str, int], *, only_said: bool) -> str:
    """What is gone for good; ``only_said``: what would be."""
    words = _("would go for good: {what}") if only_said else _("gone for good: {what}")
    return words.format(what=counts(numbers))


def _count(kind: str, n: int) -> str:
    if kind == "bytes":
        return byte_size(n)
    words = {
        "tasks": ngettext("{n} task", "{n} tasks", n),
        "comments": ngettext("{n} comment", "{n} comments", n),
        "files": ngettext("{n} file", "{n} files", n),
        "unsent": ngettext("{n} comment not sent yet", "{n} comments not sent yet", n),
        "drafts": ngettext("{n} draft", "{n} drafts", n),
        "elsewhere": ngettext("{n} comment elsewhere", "{n} comments elsewhere", n),
        "addresses": ngettext("{n} address", "{n} addresses", n),
        "open": ngettext("{n} open task", "{n} open tasks", n),
        "snoozed": ngettext("{n} snoozed task", "{n} snoozed tasks", n),
        "scheduled": ngettext("{n} scheduled comment", "{n} scheduled comments", n),
        "private": ngettext("{n} task of a personal account", "{n} tasks of a personal account", n),
    }
    return words.get(kind, kind + ": {n}").format(n=n)


# What channels are called, as their accounts' rows say: the programs that know them are elsewhere.
_labels: dict[str, str] = {}


def learn_channels(labels: Mapping[str, str]) -> None:
    """Call channels so from now on."""
    _labels.update({channel: label for channel, label in labels.items() if label})


def channel_name(channel: str) -> str:
    """A channel as one says it: by e-mail, by VKontakte."""
    words = {
        "email": _("e-mail"),
        # The simulator's clients think that they write by these.
        "demo": _("messenger"),
        "demo_mail": _("e-mail"),
    }
    return words.get(channel) or _labels.get(channel) or channel.capitalize()


def whole(sentence: str) -> str:
    """With a capital and a full stop; what begins with an address or a number stays as it is."""
    first = sentence.partition(" ")[0]
    capital = sentence[:1].upper() if first.isalpha() and first.islower() else sentence[:1]
    stop = "." if sentence[-1:].isalnum() else ""
    return f"{capital}{sentence[1:]}{stop}"
