"""Keeping the templates of an account as its service tells them."""

from collections.abc import Sequence

from sqlalchemy import delete, insert

from pfinbox.domain.contract.template import Template
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def keep(uow: UnitOfWork, account_id: int, templates: Sequence[Template]) -> None:
    """These are all that the account has."""
    await uow.connection.execute(delete(t.template).where(t.template.c.account_id == account_id))
    # One name and language is one template.
    rows = {
        (one.name, one.language): {
            "account_id": account_id,
            "name": clean_line(one.name, 512),
            "language": clean_line(one.language, 16),
            "text": clean(one.text),
            "category": clean_line(one.category, 40),
            "header": clean_line(one.header, 16),
        }
        for one in templates
    }
    if rows:
        await uow.connection.execute(insert(t.template), list(rows.values()))
    uow.touch("accounts")
