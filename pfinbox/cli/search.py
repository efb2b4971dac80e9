"""``pfinbox search``: comments with these words, newest first."""

import click

from pfinbox.cli.shell.columns import aligned, local
from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import N_
from pfinbox.services.inbox import Inbox
from pfinbox.store.search.search import SearchHit
from pfinbox.store.search.search import search as find


@command(help=N_("Search all comments, newest first."))
@click.argument("query", nargs=-1, required=True)
@option("--limit", type=click.IntRange(min=1, max=1000), default=50, show_default=True)
@json_option
@click.pass_obj
def search(session: Session, query: tuple[str, ...], limit: int, as_json: bool) -> None:
    words = " ".join(query)

    async def work(inbox: Inbox) -> tuple[SearchHit, ...]:
        return (await inbox.read(find, words, limit=limit)).rows

    hits = session.run(work)
    if as_json:
        print_json(
            [
                {"task_id": hit.task_id, "comment_id": hit.comment_id, "snippet": hit.snippet}
                for hit in hits
            ]
        )
        return
    print_lines(
        aligned(
            [
                (
                    f"#{hit.task_id}",
                    f"[{hit.comment_id}]",
                    local(hit.created_at, session.zone),
                    hit.who.name if hit.who is not None else "",
                    hit.title,
                    hit.snippet,
                )
                for hit in hits
            ],
            widest=30,
        )
    )
