"""``pfinbox task invite``: a link by which a client's chat joins a task."""

import click

from pfinbox.cli.shell.columns import local
from pfinbox.cli.shell.output import json_option, print_json, print_lines, utc
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.merging import invitations
from pfinbox.services.merging.invitations import Invitation


@command(help=N_("Make a link: whoever follows it joins their chat to task N."))
@click.argument("task_id", metavar="N", type=ID)
@option("--account", metavar="NAME", help=N_("By which account, where there are several."))
@json_option
@click.pass_obj
def invite(session: Session, task_id: int, account: str | None, as_json: bool) -> None:
    async def work(inbox: Inbox) -> Invitation:
        return await inbox.write(invitations.invite, task_id, account)

    made = session.run(work)
    if as_json:
        print_json(
            {
                "task_id": made.task_id,
                "account": made.account.name,
                "link": made.link,
                "expires_at": utc(made.expires_at),
            }
        )
        return
    until = local(made.expires_at, session.zone)
    print_lines([made.link, _("It can be used once, until {time}.").format(time=until)])
