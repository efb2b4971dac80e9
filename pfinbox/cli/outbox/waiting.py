"""``pfinbox outbox``: deliveries that wait, are stuck, or need a person (R18, R24)."""

from collections.abc import Awaitable, Callable

import click

from pfinbox.cli.outbox.releasing import release
from pfinbox.cli.outbox.rerouting import reroute
from pfinbox.cli.shell.columns import local
from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.params import FILE, ID, read_text
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.cli.show import present, render, talk
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.outbound.delivery import State
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.outbound import outbox as use_cases
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork

UseCase = Callable[[UnitOfWork, AgentActor, int], Awaitable[None]]


@group(help=N_("What is on its way, or stuck."))
def outbox() -> None:
    pass


@outbox.command("list", help=N_("List deliveries that are not over, next due first."))
@option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in State]),
    help=N_("Only these states, finished ones included."),
)
@option("--task", "task_id", metavar="N", type=ID)
@json_option
@click.pass_obj
def list_deliveries(
    session: Session, states: tuple[str, ...], task_id: int | None, as_json: bool
) -> None:
    rows = session.run(
        lambda inbox: inbox.read(read.deliveries, states=states or None, task_id=task_id)
    )
    if as_json:
        print_json([present.outbox_item(row) for row in rows])
    else:
        print_lines(render.deliveries(rows, session.zone))


def _verb(name: str, help: str, use_case: UseCase) -> None:
    """A verb that takes a delivery and nothing else."""

    @outbox.command(name, help=help)
    @click.argument("delivery_id", metavar="ID", type=ID)
    @json_option
    @click.pass_obj
    def command(session: Session, delivery_id: int, as_json: bool) -> None:
        _write(session, delivery_id, use_case, as_json)


_verb(
    "retry",
    N_("Try again now; one that is unknown may come twice then."),
    use_cases.retry,
)
_verb("send-now", N_("Do not wait for its moment."), use_cases.send_now)
_verb("mark-sent", N_("You know that it arrived."), use_cases.mark_sent)
_verb("withdraw", N_("It never goes out."), use_cases.withdraw)
_verb("dismiss", N_("Leave it failed; it is counted no longer."), use_cases.dismiss)


@outbox.command(help=N_("Another moment for a delivery that still waits."))
@click.argument("delivery_id", metavar="ID", type=ID)
@click.argument("when", metavar="WHEN...", nargs=-1, required=True)
@option("--send-anyway", is_flag=True, help=N_("Send it even if the client writes before."))
@json_option
@click.pass_obj
def reschedule(
    session: Session, delivery_id: int, when: tuple[str, ...], send_anyway: bool, as_json: bool
) -> None:
    moment = session.moment(" ".join(when))

    async def use(uow: UnitOfWork, me: AgentActor, id: int) -> None:
        await use_cases.reschedule(uow, me, id, moment, anyway=send_anyway or None)

    _write(session, delivery_id, use, as_json)
    if not as_json:
        print_lines([_("it goes out at {time}").format(time=local(moment, session.zone))])


@outbox.command(help=N_("Another text for a comment that has not left yet."))
@click.argument("delivery_id", metavar="ID", type=ID)
@option("--text", metavar="TEXT")
@option("--text-file", metavar="FILE", type=FILE, help=N_("The text from a file; - is stdin."))
@json_option
@click.pass_obj
def edit(
    session: Session, delivery_id: int, text: str | None, text_file: str | None, as_json: bool
) -> None:
    words = read_text(text, text_file)
    if words is None:
        raise click.UsageError(_("give the new text with --text or --text-file"))

    async def use(uow: UnitOfWork, me: AgentActor, id: int) -> None:
        await use_cases.edit(uow, me, id, words)

    _write(session, delivery_id, use, as_json)


for _command in (release, reroute):
    outbox.add_command(_command)


def _write(session: Session, delivery_id: int, use_case: UseCase, as_json: bool) -> None:
    async def work(inbox: Inbox) -> None:
        await inbox.write(use_case, delivery_id)
        row = await inbox.read(read.delivery, delivery_id)
        if as_json:
            print_json(present.outbox_item(row))
        else:
            print_lines([talk.delivery_line(row, session.zone)])

    session.run(work)
