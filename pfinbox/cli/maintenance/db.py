"""``pfinbox db``: the database's schema, and whether what is in it is sound; for admins."""

import asyncio
from typing import TYPE_CHECKING

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.i18n import N_, _

if TYPE_CHECKING:
    from pfinbox.services.system.soundness import Fault

# So many ids are named in a line.
_SHOWN = 10


@group(help=N_("The database."))
def db() -> None:
    pass


@db.command(help=N_("Bring an older database up to date (as an admin); a missing one is made."))
@click.pass_obj
def upgrade(session: Session) -> None:
    async def work() -> None:
        from pfinbox.bootstrap.stores import open_store
        from pfinbox.store.integrity import pages

        store = await open_store(session.config, upgrade=True, allowed=session.admin)
        try:
            await pages.check(store)
        finally:
            await store.close()

    asyncio.run(work())
    print_lines([_("the database is up to date")])


@db.command(help=N_("Look whether all that is stored fits together (as an admin)."))
@option("--repair", is_flag=True, help=N_("Mend what can be mended, and say what was."))
@json_option
@click.pass_context
def check(ctx: click.Context, repair: bool, as_json: bool) -> None:
    session: Session = ctx.obj
    found = asyncio.run(_check(session, repair=repair, as_json=as_json))
    if as_json:
        print_json({"faults": [_json(one) for one in found]})
    elif not found:
        print_lines([_("the database can be used, and all of it fits together")])
    elif any(one.mendable and not one.mended for one in found):
        print_lines([_("nothing was changed; pfinbox db check --repair mends what it can")])
    ctx.exit(0 if all(one.mended for one in found) else 1)


@db.command(
    "copy", help=N_("Copy everything to another, empty database (as an admin), and compare it.")
)
@option(
    "--to",
    metavar="URL",
    required=True,
    # Others see the arguments of a program, and a password with them.
    envvar="PFINBOX_COPY_TO",
    help=N_("As [database] url has it; with a password rather in PFINBOX_COPY_TO."),
)
@json_option
@click.pass_obj
def copy_(session: Session, to: str, as_json: bool) -> None:
    async def work() -> dict[str, int]:
        from pfinbox.bootstrap.backups import moving
        from pfinbox.bootstrap.stores import open_store

        store = await open_store(session.config, allowed=session.admin)
        try:
            return await moving.copy(store, to)
        finally:
            await store.close()

    rows = asyncio.run(work())
    if as_json:
        print_json({"rows": rows})
        return
    words = _("copied and compared: {tasks} tasks, {comments} comments, {files} files")
    told = {"tasks": rows["task"], "comments": rows["comment"], "files": rows["attachment"]}
    print_lines([words.format(**told)])
    print_lines([_("now name it in [database] url; from this one nothing is sent any more")])


async def _check(session: Session, *, repair: bool, as_json: bool) -> "list[Fault]":
    """Every fault; for people each is printed as it is found, as a large store takes minutes."""
    from pfinbox.bootstrap.stores import open_store
    from pfinbox.services.system import soundness
    from pfinbox.store.integrity import pages

    store = await open_store(session.config, allowed=session.admin)
    try:
        # Where pages are broken, nothing else can be said; StoreDamaged names the last backup.
        await pages.look(store)
        found = []
        async for one in soundness.faults(store, repair=repair):
            found.append(one)
            if not as_json:
                print_lines([_line(one)])
    finally:
        await store.close()
    return found


def _line(one: "Fault") -> str:
    from pfinbox.wording.soundness import fault

    ids = ", ".join(map(str, one.ids[:_SHOWN])) + (", ..." if len(one.ids) > _SHOWN else "")
    word = _("mended") if one.mended else _("can be mended") if one.mendable else _("PROBLEM")
    return f"{word}  {fault(one.kind)} ({len(one.ids)}): {ids}"


def _json(one: "Fault") -> dict[str, object]:
    return {
        "kind": one.kind,
        "ids": list(one.ids),
        "mendable": one.mendable,
        "mended": one.mended,
    }
