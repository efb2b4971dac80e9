"""Whether this inbox can do its work, and figures about what waits in it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.health.metrics import Metric, Sample, gauge, single
from pfinbox.record import record
from pfinbox.store.read import health as read
from pfinbox.store.rows.health import AccountHealth, Queues
from pfinbox.store.uow import UnitOfWork

# Of accounts: the state's value in the figures.
_STATES = ("ok", "connecting", "retrying", "failed", "unserved")


@record
class Problem:
    """``kind``: that of a reason, or the account's state; ``account`` None: the whole inbox."""

    kind: str
    account: str | None = None


@record
class Readiness:
    """States by account, and why the inbox cannot do its work (nothing: it can)."""

    accounts: Sequence[AccountHealth]
    problems: Sequence[Problem]


async def readiness(uow: UnitOfWork, actor: SystemActor) -> Readiness:
    """StoreError where the store cannot be read."""
    accounts = await read.account_health(uow)
    problems = [Problem(kind) for kind in await read.hindrances(uow)]
    problems += [Problem(one.problem or one.state, one.name) for one in accounts if _ill(one)]
    return Readiness(accounts, problems)


def _ill(account: AccountHealth) -> bool:
    return account.state != "ok"


async def figures(uow: UnitOfWork, actor: SystemActor) -> list[Metric]:
    """What the store says of accounts and queues."""
    accounts, queues = await read.account_health(uow), await read.queues(uow)
    return [*_of_accounts(accounts), *_of_queues(queues, uow.now)]


def _of_accounts(accounts: Sequence[AccountHealth]) -> Iterator[Metric]:
    states = [
        Sample(float(one.state == state), {"account": one.name, "state": state})
        for one in accounts
        for state in _STATES
    ]
    yield Metric("pfinbox_account_state", "gauge", "1 for the state of the account.", states)
    yield gauge(
        "pfinbox_account_messages_missing",
        "1 where messages are missing for good, and nobody has taken note of it.",
        {one.name: float(one.gap is not None) for one in accounts},
    )
    received = {
        one.name: one.last_received_at.timestamp()
        for one in accounts
        if one.last_received_at is not None
    }
    yield gauge(
        "pfinbox_account_last_received_timestamp_seconds",
        "When the account received something last.",
        received,
    )


def _of_queues(queues: Queues, now: datetime) -> Iterator[Metric]:
    waiting = [
        Sample(n, {"account": account, "state": state})
        for (account, state), n in sorted(queues.deliveries.items())
    ]
    yield Metric(
        "pfinbox_outbox_deliveries", "gauge", "Deliveries that are not over, by state.", waiting
    )
    due = queues.oldest_due
    age = max((now - due).total_seconds(), 0.0) if due is not None else 0.0
    yield single(
        "pfinbox_outbox_age_seconds", "gauge", "How long the oldest delivery has been due.", age
    )
    yield gauge(
        "pfinbox_kept_requests", "Requests that the web door has kept and nobody took.",
        queues.requests,
    )  # fmt: skip
