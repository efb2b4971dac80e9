"""Giving out a published file, to whoever knows its address."""

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.outbound import published
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import files
from pfinbox.store.load import purged
from pfinbox.store.uow import UnitOfWork


async def file(uow: UnitOfWork, _actor: SystemActor, token: str) -> File:
    """The file of an address; NotFound for a wrong or old one, and for what was purged."""
    found = published.read(await purged.mac_key(uow), token, uow.now)
    contents = await files.contents(uow, [found.sha256]) if found is not None else {}
    if found is None or found.sha256 not in contents:
        raise NotFound(_("there is no such file"))
    return File(found.name, found.media_type, contents[found.sha256])
