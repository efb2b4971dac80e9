"""How an agent wants the screen to look, remembered for the next time, on whatever machine."""

from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.store import read, settings
from pfinbox.store.uow import UnitOfWork


def _name(agent_id: int) -> str:
    return f"look:{agent_id}"


async def load(uow: UnitOfWork, actor: AgentActor) -> dict[str, Any]:
    """What was remembered, such as ``{"theme": "nord", "list_share": 40}``; {} at first."""
    value = await read.setting(uow, _name(actor.id))
    return dict(value) if isinstance(value, dict) else {}


async def remember(uow: UnitOfWork, actor: AgentActor, /, **values: Any) -> None:
    """Keep these values beside the others. No topic is touched: it concerns nobody else."""
    look = {**await load(uow, actor), **values}
    await settings.write_setting(uow, _name(actor.id), look)
