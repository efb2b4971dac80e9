"""Ids of attempts: the same for every attempt of a part, and known as ours when it comes back.

The homeserver recognises a repeated ``txnId`` and answers with the same event.
"""

import hashlib
import hmac

_PURPOSE = b"matrix txn "


def txn_id(key: bytes, nonce: str) -> str:
    """Its second half signs the first."""
    head = hashlib.sha256(nonce.encode()).hexdigest()[:20]
    return head + _mac(key, head)


def is_ours(key: bytes, txn: object) -> bool:
    """Whether a message of the account's was sent by this inbox."""
    return isinstance(txn, str) and len(txn) == 40 and _mac(key, txn[:20]) == txn[20:]


def _mac(key: bytes, head: str) -> str:
    return hmac.new(key, _PURPOSE + head.encode(), "sha256").hexdigest()[:20]
