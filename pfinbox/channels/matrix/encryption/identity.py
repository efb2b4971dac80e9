"""The identity that vouches for our devices: clients leave out devices that nobody vouches for.

https://spec.matrix.org/v1.18/client-server-api/#cross-signing. Its keys are made from the account's
own secret, so that a new device, after a restore too, has the same one behind it.
"""

import hashlib
import hmac
from typing import Any

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from nio.api import Api as Nio
from unpaddedbase64 import encode_base64

from pfinbox.channels.http.connection import Broken
from pfinbox.channels.matrix.api import MatrixApi
from pfinbox.channels.matrix.reading.content import Json, mapping

_UPLOAD = "/keys/device_signing/upload"


class Signer:
    """One of the keys of an identity."""

    def __init__(self, secret: str, user: str, usage: str) -> None:
        self._user = user
        self._usage = usage
        seed = hmac.new(secret.encode(), f"{usage} {user}".encode(), hashlib.sha256).digest()
        self._key = ECC.construct(curve="Ed25519", seed=seed)
        self.public = encode_base64(self._key.public_key().export_key(format="raw"))

    def object(self) -> dict[str, Any]:
        """As it is told to the homeserver."""
        keys = {f"ed25519:{self.public}": self.public}
        return {"user_id": self._user, "usage": [self._usage], "keys": keys}

    def signed(self, given: Json) -> dict[str, Any]:
        """``given`` with this key's signature."""
        bare = {name: one for name, one in given.items() if name not in ("signatures", "unsigned")}
        said = Nio.to_canonical_json(bare).encode()
        signature = encode_base64(eddsa.new(self._key, "rfc8032").sign(said))
        known = dict(mapping(mapping(given.get("signatures")).get(self._user)))
        known[f"ed25519:{self.public}"] = signature
        return {**bare, "signatures": {self._user: known}}


async def vouch(api: MatrixApi, device_id: str, secret: str) -> bool:
    """Sign our device; False where that cannot be, as another program has made the identity."""
    user = api.user
    master, self_signing, user_signing = (
        Signer(secret, user, usage) for usage in ("master", "self_signing", "user_signing")
    )
    told = await api.call("POST", "/keys/query", json={"device_keys": {user: []}})
    known = mapping(mapping(mapping(told.get("master_keys")).get(user)).get("keys"))
    if not known:
        await api.confirmed(
            _UPLOAD,
            {
                "master_key": master.object(),
                "self_signing_key": master.signed(self_signing.object()),
                "user_signing_key": master.signed(user_signing.object()),
            },
        )
    elif master.public not in known.values():
        return False
    device = mapping(mapping(mapping(told.get("device_keys")).get(user)).get(device_id))
    if not device:
        raise Broken("our device is not there")
    names = mapping(mapping(device.get("signatures")).get(user))
    if f"ed25519:{self_signing.public}" not in names:
        body = {user: {device_id: self_signing.signed(device)}}
        answer = await api.call("POST", "/keys/signatures/upload", json=body)
        return not mapping(answer).get("failures")
    return True
