"""``pfinbox agent``: colleagues."""

import click

from pfinbox.cli import present, render
from pfinbox.cli.output import json_option, print_json, print_lines
from pfinbox.cli.session import Desk, Session
from pfinbox.i18n import _
from pfinbox.services import agents
from pfinbox.store import queries
from pfinbox.store.uow import UnitOfWork


@click.group(help=_("Colleagues."))
def agent() -> None:
    pass


@agent.command("list", help=_("List agents, deactivated ones too."))
@json_option
@click.pass_obj
def list_agents(session: Session, as_json: bool) -> None:
    rows = session.run(lambda desk: desk.read(lambda uow, _me: queries.agents(uow)))
    if as_json:
        print_json([present.agent(row) for row in rows])
    else:
        print_lines(render.agents(rows))


@agent.command(help=_("Add an agent (as an admin)."))
@click.argument("login")
@click.option("--name")
@click.option("--email")
@click.option("--admin", is_flag=True)
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
    async def use(uow: UnitOfWork, me: int) -> int:
        return await agents.add(uow, me, login, name=name, email=email, admin=admin)

    async def work(desk: Desk) -> None:
        await _show(desk, await desk.write(use), as_json)

    session.run(work)


@agent.command("set", help=_("Change an agent: oneself, or anybody as an admin."))
@click.argument("login")
@click.option("--name")
@click.option("--email")
@click.option("--admin/--no-admin", default=None)
@json_option
@click.pass_obj
def set_agent(
    session: Session,
    login: str,
    name: str | None,
    email: str | None,
    admin: bool | None,
    as_json: bool,
) -> None:
    if name is None and email is None and admin is None:
        raise click.UsageError(_("say what to change"))

    async def use(uow: UnitOfWork, me: int) -> int:
        return await agents.set_(uow, me, login, name=name, email=email, admin=admin)

    async def work(desk: Desk) -> None:
        await _show(desk, await desk.write(use), as_json)

    session.run(work)


async def _show(desk: Desk, agent_id: int, as_json: bool) -> None:
    rows = await desk.read(lambda uow, _me: queries.agents(uow))
    row = next(row for row in rows if row.id == agent_id)
    if as_json:
        print_json(present.agent(row))
    else:
        print_lines(render.agents([row]))
