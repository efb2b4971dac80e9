"""``pfinbox contact invite-portal`` and ``portal-sessions``: clients' own pages."""

from dataclasses import asdict

import click

from pfinbox.cli.contact.joining import contact_argument
from pfinbox.cli.shell.output import json_option, print_json, print_lines, utc
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import portal_sessions, signing_in
from pfinbox.services.people.signing_in import Invitation
from pfinbox.store.rows import PortalSessionRow


@command("invite-portal", help=N_("Print a link to the client's page, and mail one."))
@contact_argument
@json_option
@click.pass_obj
def invite_portal(session: Session, contact_id: int, as_json: bool) -> None:
    async def work(inbox: Inbox) -> Invitation:
        return await inbox.write(signing_in.invite, contact_id)

    found = session.run(work)
    if as_json:
        print_json(asdict(found))
    else:
        print_lines(
            [found.link, _("a mail with a link goes to {address}").format(address=found.address)]
        )


@command("portal-sessions", help=N_("Where a client is signed in; end that."))
@contact_argument
@option("--revoke", metavar="ID", type=ID, help=N_("End this one."))
@option("--all", "everything", is_flag=True, help=N_("End all, and make links useless."))
@json_option
@click.pass_obj
def portal_sessions_(
    session: Session, contact_id: int, revoke: int | None, everything: bool, as_json: bool
) -> None:
    if revoke is not None and everything:
        raise click.UsageError(_("--revoke and --all exclude each other"))

    async def work(inbox: Inbox) -> list[PortalSessionRow]:
        if revoke is None and not everything:
            return await inbox.read(portal_sessions.sessions, contact_id)
        return await inbox.write(portal_sessions.revoke, contact_id, revoke)

    rows = session.run(work)
    if as_json:
        print_json([_json(row) for row in rows])
        return
    print_lines(
        [
            _("{id}: since {since}, last seen {seen}").format(
                id=row.id, since=utc(row.created_at), seen=utc(row.last_seen_at)
            )
            + (_(", task #{id} alone").format(id=row.task_id) if row.task_id else "")
            for row in rows
        ]
        or [_("signed in nowhere")]
    )


def _json(row: PortalSessionRow) -> dict[str, object]:
    return {
        "id": row.id,
        "contact_id": row.contact_id,
        "task_id": row.task_id,
        "created_at": utc(row.created_at),
        "last_seen_at": utc(row.last_seen_at),
        "expires_at": utc(row.expires_at),
    }
