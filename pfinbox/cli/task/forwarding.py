"""``pfinbox task forward``: pass chosen comments and files on to another address."""

from dataclasses import replace

import click

from pfinbox.cli.shell.output import json_option
from pfinbox.cli.shell.params import FILE, ID, read_file
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import talk, whom
from pfinbox.domain.actor import AgentActor
from pfinbox.i18n import N_
from pfinbox.services.comments import forwarding
from pfinbox.services.comments.forwarding import ForwardRequest
from pfinbox.services.inbox import Inbox
from pfinbox.store.uow import UnitOfWork


@command(
    help=N_(
        "Send comments with their files to another e-mail address. Answers come back into the "
        "task; they reach the client only when somebody writes to the client."
    )
)
@click.argument("task_id", metavar="N", type=ID)
@option("--to", metavar="ADDRESS", multiple=True, required=True, help=N_("Who gets it."))
@option(
    "--comment",
    "comment_ids",
    metavar="COMMENT",
    type=ID,
    multiple=True,
    help=N_("What to forward; without it the client's last comment."),
)
@option("--cc", metavar="ADDRESS", multiple=True, help=N_("Who gets a copy."))
@option("--subject", metavar="WORDS", help=N_("Instead of that of the first comment."))
@option("--text", metavar="TEXT", default="", help=N_("What to say above it."))
@option("--attach", metavar="FILE", type=FILE, multiple=True, help=N_("Further files."))
@option("--key", metavar="KEY", help=N_("The same key twice is one comment."))
@option("--dry-run", is_flag=True, help=N_("Only show who would get it, and how."))
@json_option
@click.pass_obj
def forward(
    session: Session,
    task_id: int,
    to: tuple[str, ...],
    comment_ids: tuple[int, ...],
    cc: tuple[str, ...],
    subject: str | None,
    text: str,
    attach: tuple[str, ...],
    key: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    files = tuple(read_file(path) for path in attach)
    request = ForwardRequest(
        task_id, to, comment_ids, text, cc=cc, subject=subject, attachments=files
    )

    async def save(uow: UnitOfWork, me: AgentActor) -> int:
        keyed = replace(request, client_key=whom.own_key(me.id, key))
        return (await forwarding.forward(uow, me, keyed)).comment_id

    async def work(inbox: Inbox) -> None:
        if dry_run:
            found = await inbox.read(forwarding.plan, request)
            talk.print_plan(found, session.zone, as_json=as_json)
            return
        comment_id = await inbox.write(save)
        await talk.print_comment(inbox, comment_id, session.zone, as_json=as_json)

    session.run(work)
