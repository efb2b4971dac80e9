"""``pfinbox agent``: colleagues."""

from dataclasses import asdict

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.params import FILE, read_file
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.cli.show import present, render
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.people.handover import Handover
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import agents
from pfinbox.services.system import absence
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork
from pfinbox.wording.names import counts


@group(help=N_("Colleagues."))
def agent() -> None:
    pass


@agent.command("list", help=N_("List agents, deactivated ones too."))
@json_option
@click.pass_obj
def list_agents(session: Session, as_json: bool) -> None:
    rows = session.run(lambda inbox: inbox.read(lambda uow, _me: read.agents(uow)))
    if as_json:
        print_json([present.agent(row) for row in rows])
    else:
        print_lines(render.agents(rows))


@agent.command(help=N_("Add an agent (as an admin)."))
@click.argument("login")
@option("--name")
@option("--email")
@option("--admin", is_flag=True)
@json_option
@click.pass_obj
def add(
    session: Session,
    login: str,
    name: str | None,
    email: str | None,
    admin: bool,
    as_json: bool,
) -> None:
    async def work(inbox: Inbox) -> None:
        agent_id = await inbox.write(agents.add, login, name=name, email=email, admin=admin)
        await _show(inbox, agent_id, as_json)

    session.run(work)


@agent.command("set", help=N_("Change an agent: oneself, or anybody as an admin."))
@click.argument("login")
@option("--name")
@option("--public-name", metavar="NAME", help=N_("What clients read in its place."))
@option(
    "--picture",
    metavar="FILE",
    type=FILE,
    help=N_("What visitors of the website chat see; an empty file takes it away."),
)
@option("--email")
@option("--admin/--no-admin", default=None)
@option(
    "--notices",
    type=click.Choice(["mail", "off"]),
    help=N_("Whether comments for the agent come by e-mail, too."),
)
@option("--away", metavar="WHEN", help=N_("Away until then."))
@option("--deputy", metavar="LOGIN", help=N_("Gets clients' messages meanwhile."))
@option("--back", is_flag=True, help=N_("Away no longer."))
@json_option
@click.pass_obj
def set_agent(
    session: Session,
    login: str,
    name: str | None,
    public_name: str | None,
    picture: str | None,
    email: str | None,
    admin: bool | None,
    notices: str | None,
    away: str | None,
    deputy: str | None,
    back: bool,
    as_json: bool,
) -> None:
    if (name, public_name, picture, email, admin, notices, away) == (None,) * 7 and not back:
        raise click.UsageError(_("say what to change"))
    if deputy is not None and away is None:
        raise click.UsageError(_("--deputy goes with --away"))
    until = session.moment(away) if away is not None else None

    async def use(uow: UnitOfWork, me: AgentActor) -> int:
        if until is not None or back:
            await absence.away(uow, me, login, until, deputy)
        face = read_file(picture).content if picture is not None else None
        await agents.appear(uow, me, login, public_name=public_name, picture=face)
        return await agents.set_(
            uow, me, login, name=name, email=email, admin=admin, notices=notices
        )

    async def work(inbox: Inbox) -> None:
        agent_id = await inbox.write(use)
        await _show(inbox, agent_id, as_json)

    session.run(work)


@agent.command(help=N_("Hand over an agent's work and lock the agent out (as an admin)."))
@click.argument("login")
@option("--deputy", metavar="LOGIN", help=N_("Who gets it; without one it is unassigned."))
@option("--dry-run", is_flag=True, help=N_("Only say what would be handed over."))
@json_option
@click.pass_obj
def deactivate(
    session: Session, login: str, deputy: str | None, dry_run: bool, as_json: bool
) -> None:
    async def work(inbox: Inbox) -> Handover:
        if dry_run:
            return await inbox.read(absence.preview_deactivate, login, deputy)
        return await inbox.write(absence.deactivate, login, deputy)

    done = session.run(work)
    numbers = {k: v for k, v in asdict(done).items() if k != "to"}
    if as_json:
        print_json({"to": done.to.login if done.to else None, **numbers})
    else:
        to = done.to.name if done.to else _("nobody in particular")
        words = _("would be handed over to {who}: {what}") if dry_run else None
        words = words or _("handed over to {who}: {what}")
        print_lines([words.format(who=to, what=counts(numbers))])


async def _show(inbox: Inbox, agent_id: int, as_json: bool) -> None:
    rows = await inbox.read(lambda uow, _me: read.agents(uow))
    row = next(row for row in rows if row.id == agent_id)
    if as_json:
        print_json(present.agent(row))
    else:
        print_lines(render.agents([row]))
