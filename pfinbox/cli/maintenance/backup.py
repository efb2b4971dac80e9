"""``pfinbox backup`` and ``restore``: the whole inbox in a folder, and back; for admins."""

import asyncio
from pathlib import Path

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import N_, _

folder_argument = click.argument(
    "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path)
)


@command(
    help=N_("Database, files, keys and the configuration without secrets, verified (as an admin).")
)
@folder_argument
@option(
    "--keep",
    metavar="N",
    type=click.IntRange(min=1),
    help=N_("Then remove this store's older backups beside it, but for the N newest."),
)
@json_option
@click.pass_obj
def backup(session: Session, folder: Path, keep: int | None, as_json: bool) -> None:
    from pfinbox.bootstrap.backups import backup as making
    from pfinbox.bootstrap.backups.old_backups import remove_old
    from pfinbox.bootstrap.stores import open_store

    async def work() -> dict[str, int]:
        store = await open_store(session.config, allowed=session.admin)
        try:
            return (await making.backup(store, session.config, folder)).rows
        finally:
            await store.close()

    rows = asyncio.run(work())
    removed = remove_old(folder, keep) if keep is not None else []
    if as_json:
        print_json({"folder": str(folder), "rows": rows, "removed": [str(one) for one in removed]})
    else:
        words = _("{folder}: {tasks} tasks, {comments} comments, {files} files; verified")
        print_lines([words.format(folder=folder, **_numbers(rows))])
        print_lines([_("removed: {folder}").format(folder=one) for one in removed])


@command(
    help=N_(
        "Put a backup in the store's place (as an admin); nothing is sent until it is released."
    )
)
@folder_argument
@option("--force", is_flag=True, help=N_("Although the store is not empty."))
@json_option
@click.pass_obj
def restore(session: Session, folder: Path, force: bool, as_json: bool) -> None:
    from pfinbox.bootstrap.backups import restore as restoring

    found = asyncio.run(
        restoring.restore(session.config, folder, force=force, allowed=session.admin)
    )
    if as_json:
        print_json({"made_at": found.made_at, "rows": found.rows})
        return
    words = _("restored the backup of {made_at}: {tasks} tasks, {comments} comments, {files} files")
    print_lines([words.format(made_at=found.made_at, **_numbers(found.rows))])
    print_lines([_("nothing is sent until you have looked: pfinbox outbox release")])
    if "config.toml" in found.files:
        words = _("its configuration, without secrets, is {path}")
        print_lines([words.format(path=folder / "config.toml")])


def _numbers(rows: dict[str, int]) -> dict[str, int]:
    return {
        "tasks": rows.get("task", 0),
        "comments": rows.get("comment", 0),
        "files": rows.get("attachment", 0),
    }
