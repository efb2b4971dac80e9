"""Handing files to VK before the message that names them.

https://dev.vk.com/en/api/upload/photo-in-message, https://dev.vk.com/en/api/upload/document-in-message
"""

from typing import Any

import aiohttp

from pfinbox.channels.http.connection import Broken
from pfinbox.channels.vk.api import VkApi
from pfinbox.domain.contract.files import File
from pfinbox.domain.text.cleaning import clean_line

_PHOTOS = ("image/jpeg", "image/png", "image/gif")
_PHOTO_LIMIT = 50_000_000


async def upload(api: VkApi, peer: str, file: File) -> str:
    """The name by which a message attaches the file; what is no picture goes as a document."""
    if file.media_type in _PHOTOS and len(file.content) <= _PHOTO_LIMIT:
        return await _photo(api, peer, file)
    return await _document(api, peer, file)


async def _photo(api: VkApi, peer: str, file: File) -> str:
    server = await api.method("photos.getMessagesUploadServer", peer_id=peer)
    put = await _put(api, server, "photo", file)
    saved = await api.method(
        "photos.saveMessagesPhoto", photo=put["photo"], server=put["server"], hash=put["hash"]
    )
    return named("photo", saved[0])


async def _document(api: VkApi, peer: str, file: File) -> str:
    server = await api.method("docs.getMessagesUploadServer", type="doc", peer_id=peer)
    put = await _put(api, server, "file", file)
    saved = await api.method("docs.save", file=put["file"], title=_name(file))
    document = saved.get("doc", saved) if isinstance(saved, dict) else saved[0]
    return named("doc", document)


async def _put(api: VkApi, server: Any, field: str, file: File) -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field(field, file.content, filename=_name(file), content_type=file.media_type)
    answer = await api.taken(str(server["upload_url"]), form)
    if not isinstance(answer, dict) or not answer.get(field):
        raise Broken("the file was not taken")
    return answer


def _name(file: File) -> str:
    # It stands quoted in a header of the upload.
    return clean_line(file.name, 150).replace('"', "'").replace("\\", "_") or "file"


def named(kind: str, saved: Any) -> str:
    """By what a message attaches a thing of VK's."""
    key = saved.get("access_key")
    return f"{kind}{saved['owner_id']}_{saved['id']}" + (f"_{key}" if key else "")
