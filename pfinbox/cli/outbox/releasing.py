"""``pfinbox outbox release``: send again from a database that was restored or moved."""

import sys

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import present, talk
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.outbound import releasing, restore_guard
from pfinbox.services.outbound.releasing import ReleaseList


@command(help=N_("Confirm what a restored or moved database sends; what may have gone waits."))
@option("--yes", is_flag=True, help=N_("Do not ask (nobody is asked without a terminal)."))
@option("--dry-run", is_flag=True, help=N_("Only say what would go."))
@option(
    "--resend",
    is_flag=True,
    help=N_("Also what waited in the backup; clients may get it a second time."),
)
@json_option
@click.pass_obj
def release(session: Session, yes: bool, dry_run: bool, resend: bool, as_json: bool) -> None:
    asks = not (yes or dry_run or as_json) and sys.stdin.isatty()

    async def work(inbox: Inbox) -> None:
        found = await inbox.read(releasing.look_over)
        if not as_json:
            print_lines(_lines(found, session, resend))
        if asks and found.held is not None:
            click.confirm(_("Send again?"), abort=True)
        released = not dry_run and await inbox.write(restore_guard.release, resend=resend)
        if as_json:
            print_json(_as_json(found, released))
        elif released:
            print_lines([_("sending goes on")])

    session.run(work)


def _lines(found: ReleaseList, session: Session, resend: bool) -> list[str]:
    if found.held is None:
        lines = [_("sending is not held")]
    else:
        lines = [_("nothing is sent: {why}").format(why=found.held.sentence())]
    if found.going:
        lines.append(_("goes out:"))
        lines += [f"    {talk.delivery_line(row, session.zone)}" for row in found.going]
    if found.not_shown:
        lines.append(_("and {n} of tasks that you may not see").format(n=found.not_shown))
    if found.unknown:
        waits = _("may have gone out already; retry, mark-sent or dismiss each (or --resend all):")
        lines.append(_("goes out, perhaps a second time:") if resend else waits)
        lines += [f"    {talk.delivery_line(row, session.zone)}" for row in found.unknown]
    return lines


def _as_json(found: ReleaseList, released: bool) -> dict[str, object]:
    return {
        "held": found.held.as_json() if found.held is not None else None,
        "released": released,
        "deliveries": [present.outbox_item(row) for row in found.going],
        "unknown": [present.outbox_item(row) for row in found.unknown],
        "not_shown": found.not_shown,
    }
