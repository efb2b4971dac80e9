"""Writing the requests that the web door keeps, and forgetting those that were received."""

from collections.abc import Sequence

from sqlalchemy import delete

from pfinbox.domain.contract.webhook import Request
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def keep(uow: UnitOfWork, account_id: int, requests: Sequence[tuple[str, Request]]) -> None:
    """Keep requests, each under its key; one that is waiting already is not kept again."""
    rows = [
        {
            "account_id": account_id,
            "key": key,
            "received_at": request.received_at,
            "headers": dict(request.headers),
            "body": request.body,
            "size": len(request.body),
        }
        for key, request in requests
    ]
    await uow.add_missing(t.kept_request, rows)
    uow.touch("requests")


async def forget(uow: UnitOfWork, account_id: int, request_ids: Sequence[int]) -> None:
    """What was read from these requests is stored."""
    if not request_ids:
        return
    await uow.connection.execute(
        delete(t.kept_request).where(
            t.kept_request.c.account_id == account_id, t.kept_request.c.id.in_(request_ids)
        )
    )
