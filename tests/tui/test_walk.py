"""Every screen, with hostile texts on it, while the terminal changes its size between keys.

``PFINBOX_WALK=50`` walks every route fifty times, each time with other texts and sizes.
"""

import os
import pkgutil
import random
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from sqlalchemy import select, update
from textual import events
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.pilot import Pilot

from pfinbox import tui
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.template import Template
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.services.comments import canned
from pfinbox.services.inbound import receiving
from pfinbox.services.outbound import restore_guard
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import cards
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.compose.sheet import Sheet
from pfinbox.tui.contacts.card_details import CardDetails
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.mail.mail_form import MailForm
from pfinbox.tui.mail.mail_sheet import MailSheet
from tests.builders import Inbox, a_file
from tests.tui.scene import contact_of
from tests.tui.stage import on_stage, said, screen_text, settle
from tests.tui.test_hostile import FORBIDDEN, NASTY

ROUNDS = int(os.environ.get("PFINBOX_WALK", "0"))
# In the suite so many routes are walked; by hand all of them, again and again.
FEW = 5
# From the list, to each screen and into what it opens; "^x" is ctrl+x, at "|" the walker looks
# at the conversation before going on; "⑤" is f5. Escape leads back.
ROUTES = {
    "\t\t": "", "\r|JKwou": "", "\r|KD": "", "/x\r": "", ":zz": "", "g!": "", "g#": "", "Z": "",
    "+": "", "rTyped @b": "", "n\t ": "NotifyPicker", "r\t": "NotifyPicker", "r^l": "ChooseMoment",
    "r^f/": "Prompt", "r⑤\r": "TemplateForm", "r^r": "Choose",
    "r^e\r": "CannedEditor", "?": "HelpScreen", "^p": "", "a": "Choose",
    "b": "ChooseMoment", "t": "ChooseTags", "s": "Choose", "M": "ChooseTask", "M\r": "Ask",
    "\r|V": "Reading", "\r|VG": "Reading", "\r|Jm": "ChooseTask", "\r|Jf": "ForwardMail",
    "d": "", "\r|dj": "", "C": "CardScreen", "Ci": "PicturesScreen", "P": "ChooseSeveral",
    "Cn": "Notes", "Cc": "", "CM": "Choose", "L": "LineScreen", "gojj": "OutboxScreen",
    "gob": "ChooseMoment", "goGe": "EditText", "gov": "Choose", "goS": "Ask",
    "ge": "DraftsScreen", "n,\x1bge\r": "", ":theme\r": "ChooseTheme",
    "gq": "QuarantineScreen", "gq\r": "Reading", "gp": "SettingsScreen", "gpj\r": "Prompt",
    "c": "NewMail", "cma": "NewMail", "xjxr": "BulkComposer", "xjxrAll^s": "BulkPlan",
    ":2\r|K^e": "EditComment", ":2\ry": "FilesScreen", "^q": "Quitting",
}  # fmt: skip


def type_keys(app: PfinboxApp, keys: str, chance: random.Random | None = None) -> None:
    """Post keys, and between them sizes of the terminal; nobody waits for anything."""
    special = {"\r": "enter", "\t": "tab", "\x1b": "escape", "⑤": "f5"}
    rest = list(keys)
    while rest:
        character = rest.pop(0)
        key = special.get(character) or _character_to_key(character)
        if character == "^" and rest:
            key, character = f"ctrl+{rest.pop(0)}", "\0"
        elif key == "f5":
            character = "\0"
        app.post_message(events.Key(key, character))
        if chance is not None and chance.random() < 0.7:
            resize(app, chance.randint(20, 200), chance.randint(5, 60))


def resize(app: PfinboxApp, width: int, height: int) -> None:
    size = Size(width, height)
    assert app._driver is not None
    app._driver._size = (width, height)
    app.post_message(events.Resize(size, size))


async def hostile(inbox: Inbox, text: str) -> None:
    """One text everywhere where people outside, and colleagues, can put it."""
    for n in range(3):
        await inbox.mails(
            f"{text}\n> {text}\nhttps://x.example/{n}",
            sender=f"evil{n}@client.example",
            name=text or "x",
            subject=" ".join(text.split()),
            new_text=text,
            files=(a_file(text or "x", b"x", text or "x/y"),),
        )

    async def inside(uow: UnitOfWork) -> None:
        await canned.save(
            uow, inbox.actor("anna"), f"hello {text}", f"{text} {{{{client.name|there}}}}"
        )
        await uow.connection.execute(update(t.agent).values(name=clean_line(f"Boris {text}")))
        ident = (await uow.connection.execute(select(t.receipt.c.id).limit(1))).scalar_one()
        reason = Reason("unreadable", {"detail": text}).as_json()
        values = {"state": "quarantined", "reason": reason, "raw": text.encode("utf-8", "replace")}
        await uow.connection.execute(
            update(t.receipt).where(t.receipt.c.id == ident).values(**values)
        )
        await restore_guard.hold(uow, Reason("database_older", {"n": 3}))
        able = t.account.c.capabilities.op("|")(int(Capability.TEMPLATES))
        await uow.connection.execute(update(t.account).values(capabilities=able))
        approved = Template(clean_line(text) or "x", "en", f"{text} {{{{1}}}}")
        for address_id in (await uow.connection.scalars(select(t.address.c.id))).all():
            face = b"GIF89a" + text.encode("utf-8", "replace")
            await cards.keep_picture(uow, address_id, "image/gif", face, inbox.clock.now)
        told = Batch(templates=(approved,))
        await receiving.receive(uow, inbox.account_ids["support"], told)

    await inbox.store.run(inside)
    await inbox.comment(2, text or "x", to=[await contact_of(inbox, 2)])


def every_screen() -> set[type[Any]]:
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        import_module(module.name)

    def below(cls: type[Any]) -> set[type[Any]]:
        found = {cls}
        for one in cls.__subclasses__():
            found |= below(one)
        return found

    # Some are only what others are made of.
    return below(Dialog) - {Dialog, Overlay, CardDetails, Sheet, MailForm, MailSheet}


async def walk(
    app: PfinboxApp, pilot: Pilot[None], chance: random.Random, routes: Iterable[str]
) -> None:
    for route in routes:
        type_keys(app, "gi" + "j" * chance.randint(0, 2))
        for keys in route.split("|"):
            type_keys(app, keys, chance)
            await settle(pilot)
        seen = {type(screen).__name__ for screen in app.screen_stack}
        assert ROUTES[route] in {"", *seen}, (route, seen)
        for line in (screen_text(app) + said(app)).split("\n"):
            assert not [c for c in line if c in FORBIDDEN], (route, line)
        # As small as it gets, and back to where keys have their usual meaning.
        resize(app, 20, 5)
        resize(app, chance.randint(20, 200), chance.randint(5, 60))
        type_keys(app, "\x1b" * 6)
        await settle(pilot)
        assert app.is_running, route
        assert app.screen is app.main, (route, app.screen)
        app.clear_notifications()


def test_every_screen_is_on_a_route() -> None:
    # The first start is a program of its own, with tests of its own.
    ours = [one for one in every_screen() if not one.__module__.startswith("pfinbox.tui.setup.")]
    assert {screen.__name__ for screen in ours} <= set(ROUTES.values())


async def test_every_screen_stands_at_every_size_whatever_it_shows(inbox: Inbox) -> None:
    chance = random.Random(int(os.environ.get("PFINBOX_WALK_SEED", "7")))
    await hostile(inbox, chance.choice(NASTY[:8]))
    async with on_stage(inbox, notifications=True, on_quit=lambda: "All stops.") as (app, pilot):
        if not ROUNDS:
            await walk(app, pilot, chance, chance.sample(list(ROUTES), FEW))
        for _round in range(ROUNDS):
            await walk(app, pilot, chance, chance.sample(list(ROUTES), len(ROUTES)))
            await hostile(inbox, "".join(chance.sample(NASTY, 3)))
