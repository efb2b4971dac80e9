"""Whom an agent chose in the notify picker, as drafts keep it (R13, R16, R17, R45)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Notify, Who


def as_json(notify: Notify) -> dict[str, Any]:
    return {"who": people_as_json(notify.who)} | beside(notify)


def beside(notify: Notify) -> dict[str, Any]:
    """What was chosen besides the people, where it is not the usual."""
    chosen = {
        "addresses": {str(key): value for key, value in notify.addresses.items()},
        "separately": notify.separately,
        "reply_via": notify.reply_via,
        "newcomers": [[one.value, one.name] for one in notify.newcomers],
        "copies": list(notify.copies),
    }
    return {key: value for key, value in chosen.items() if value}


def from_json(kept: Mapping[str, Any]) -> Notify:
    return Notify(
        people(kept["who"]),
        {int(key): value for key, value in kept.get("addresses", {}).items()},
        bool(kept.get("separately")),
        kept.get("reply_via"),
        tuple(Party(value, name) for value, name in kept.get("newcomers", ())),
        tuple(kept.get("copies", ())),
    )


def people_as_json(who: Iterable[Who]) -> list[list[Any]]:
    return [[one.kind, one.id] for one in who]


def people(kept: Iterable[Sequence[Any]]) -> tuple[Who, ...]:
    return tuple(Who(kind, int(ident)) for kind, ident in kept)
