"""Writing the requests that the web door keeps, and forgetting those that were received."""

from collections.abc import Sequence

from sqlalchemy import delete

from pfinbox.domain.contract.webhook import Request
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def keep(uow: UnitOfWork, account_id: int, key: str, request: Request) -> None:
    """Keep a request, unless the same one is waiting already."""
    row = {
        "account_id": account_id,
        "key": key,
        "received_at": request.received_at,
        "method": request.method,
        "rest": request.rest,
        "query": dict(request.query),
        "headers": dict(request.headers),
        "body": request.body,
        "size": len(request.body),
    }
    await uow.add_missing(t.kept_request, [row])
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
