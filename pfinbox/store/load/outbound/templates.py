"""The templates of accounts, as rules look at them."""

from collections.abc import Collection

from sqlalchemy import select

from pfinbox.domain.contract.template import Template
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def of_accounts(uow: UnitOfWork, account_ids: Collection[int]) -> dict[int, list[Template]]:
    """By account, in the order of their names."""
    query = select(t.template).where(t.template.c.account_id.in_(account_ids))
    found: dict[int, list[Template]] = {}
    order = (t.template.c.name, t.template.c.language)
    for row in await uow.connection.execute(query.order_by(*order)):
        one = Template(row.name, row.language, row.text, row.category, row.header)
        found.setdefault(row.account_id, []).append(one)
    return found
