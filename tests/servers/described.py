"""The services' own descriptions, against which the loopback servers are held.

The descriptions are not ours to give away: the environment variable PFINBOX_SCHEMAS names a folder
with ``vk`` (github.com/VKCOM/vk-api-schema, ``messages/objects.json`` as ``messages-objects.json``)
and ``max`` (``schema.yaml`` and ``stabs`` of github.com/max-messenger/max-bot-api-client-go) and
``avito`` (``messenger.json``, the OpenAPI of Avito's messenger) and ``whatsapp``
(``business-messaging-api_v23.0.yaml`` of github.com/facebook/openapi, and as ``update-*.json`` the
updates that the tests of github.com/david-lev/pywa hold).
Their readers are imported late, as most runs of the suite go without descriptions.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]

# Required by MAX's description, and left out in the examples of MAX's own client.
_MAX_LEAVES_OUT = {
    "User": {"last_name", "username"},
    "Recipient": {"user_id"},
    "MessageBody": {"text", "attachments", "link"},
    "Subscription": {"version"},
}
# Required by VK's description; it names a class of VK's program, and no error carries it.
_VK_LEAVES_OUT = {"inner_type"}


def folder(service: str) -> Path:
    """Where a service's description lies; skips where there is none."""
    home = os.environ.get("PFINBOX_SCHEMAS")
    if not home:
        pytest.skip("PFINBOX_SCHEMAS names no folder with the services' descriptions")
    return Path(home) / service


@dataclass(frozen=True)
class Description:
    """One service's schemas, by name."""

    schemas: Json

    def faults(self, name: str, value: object) -> list[str]:
        """What is wrong with a value, held against the schema of that name."""
        from jsonschema import Draft202012Validator

        assert name in self.schemas, name
        validator = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": self.schemas})
        return [f"{name} {one.json_path}: {one.message}" for one in validator.iter_errors(value)]


def vk() -> Description:
    """VK's objects and answers, as ``messages-objects.messages_message``."""
    found: Json = {}
    for path in sorted(folder("vk").glob("*-*.json")):
        for name, schema in json.loads(path.read_text()).get("definitions", {}).items():
            found[f"{path.stem}.{name}"] = schema

    def mended(schema: Json) -> Json:
        place = re.fullmatch(r"\.\./(\w+)/(\w+)\.json#/definitions/(\w+)", schema.get("$ref", ""))
        if place:
            area, kind, name = place.groups()
            known = f"{area}-{kind}.{name}"
            # What is not in the folder may be anything.
            schema = {"$ref": f"#/$defs/{known}"} if known in found else {}
        schema = {name: value for name, value in schema.items() if name != "required"}
        parts = schema.get("properties", {})
        # VK marks each property as required, where JSON Schema has a list beside them.
        required = [name for name, part in parts.items() if part.get("required") is True]
        return {**schema, "required": [one for one in required if one not in _VK_LEAVES_OUT]}

    schemas = {name: _each(schema, mended) for name, schema in found.items()}
    # A loopback community has only what is about messages.
    events = schemas["groups-objects.groups_long_poll_events"]
    events["required"] = [one for one in events["required"] if one.startswith("message_")]
    return Description(schemas)


def vk_methods() -> dict[str, Json]:
    """VK's methods, by name: ``parameters``, and the names of their answers' schemas."""
    given = [json.loads(path.read_text()) for path in folder("vk").glob("*-methods.json")]
    return {one["name"]: one for some in given for one in some["methods"]}


def max_bot_api() -> Description:
    """MAX's objects, as ``Message``; what has a discriminator is held against its own kind."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load((folder("max") / "schema.yaml").read_text(), loader)
    found: Json = document["components"]["schemas"]
    for name, absent in _MAX_LEAVES_OUT.items():
        found[name]["required"] = [one for one in found[name]["required"] if one not in absent]
    for name in [one for one, schema in found.items() if "discriminator" in schema]:
        # The kinds are made of what they share, which names the kinds: a circle.
        shared = {key: value for key, value in found[name].items() if key != "oneOf"}
        chosen = shared.pop("discriminator")
        kinds = {kind: ref.rpartition("/")[2] for kind, ref in chosen["mapping"].items()}
        for kind in set(kinds.values()):
            for part in found[kind].get("allOf", ()):
                if part.get("$ref", "").endswith(f"/{name}"):
                    part["$ref"] += "_shared"
        found[f"{name}_shared"] = shared
        rules = [_when(chosen["propertyName"], kind, to) for kind, to in kinds.items()]
        found[name] = {**shared, "allOf": rules}

    return Description(_each_mended(found))


def avito() -> tuple[Description, dict[str, Json]]:
    """Avito's objects, and its paths; ``operation`` names each answer and each body."""
    document = json.loads((folder("avito") / "messenger.json").read_text())
    found: Json = document["components"]["schemas"]
    # It asks for an address in a message.
    del found["sendMessageRequestBody"]["required"]
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if method == "parameters":
                continue
            given = {"body": told.get("requestBody", {}), **told["responses"]}
            for kind, one in given.items():
                schema = one.get("content", {}).get("application/json", {}).get("schema")
                if schema is not None:
                    found[operation(method, path, kind)] = schema
    return Description(_each_mended(found)), document["paths"]


# Its webhooks name the outgoing message of the same kind, where the incoming one is meant.
_WHATSAPP_COMES_IN = {
    "BaseMessageProperties": "BaseMessageProperties_1",
    "TextMessage": "TextMessage_2",
    "ReactionMessage": "ReactionMessage_1",
    "AudioMessage": "AudioMessage_1",
    "DocumentMessage": "DocumentMessage_1",
    "ImageMessage": "ImageMessage_1",
    "StickerMessage": "StickerMessage_1",
    "VideoMessage": "VideoMessage_1",
    "LocationMessage": "LocationMessage_1",
    "ErrorObject": "ErrorObject_2",
}
# What is asked for and not always there.
_WHATSAPP_LEAVES_OUT = {"ContextObject": {"from", "referred_product"}}
_WHATSAPP_INCOMING = (
    *_WHATSAPP_COMES_IN.values(),
    *("IncomingMessage", "ContactSharingMessage", "UnsupportedMessage", "ButtonMessage"),
    *("InteractiveMessageReply", "OrderMessage", "SystemMessage"),
)
_WHATSAPP_ANSWERS = {
    "media": ("/{Version}/{Media-ID}", "get"),
    "upload": ("/{Version}/{Phone-Number-ID}/media", "post"),
    "templates": ("/{Version}/{WABA-ID}/message_templates", "get"),
    "subscribed": ("/{Version}/{WABA-ID}/subscribed_apps", "get"),
    "number": ("/{Version}/{Phone-Number-ID}", "get"),
    "sent": ("/{Version}/{Phone-Number-ID}/messages", "post"),
}


def whatsapp() -> Description:
    """WhatsApp's objects, as ``WebhookPayload``, and its answers by names of ours."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    given = (folder("whatsapp") / "business-messaging-api_v23.0.yaml").read_text()
    document = yaml.load(given, loader)
    found: Json = document["components"]["schemas"]
    for name, (path, method) in _WHATSAPP_ANSWERS.items():
        answer = document["paths"][path][method]["responses"]["200"]
        found[name] = answer["content"]["application/json"]["schema"]
    for name, absent in _WHATSAPP_LEAVES_OUT.items():
        found[name]["required"] = [one for one in found[name]["required"] if one not in absent]

    def whole(schema: Json) -> Json:
        # It closes each part of what is made of several.
        return {name: value for name, value in schema.items() if name != "additionalProperties"}

    def incoming(schema: Json) -> Json:
        name = schema.get("$ref", "").rpartition("/")[2]
        if name in _WHATSAPP_COMES_IN:
            return {"$ref": f"#/components/schemas/{_WHATSAPP_COMES_IN[name]}"}
        return schema

    schemas = {name: _each(schema, whole) for name, schema in found.items()}
    for name in _WHATSAPP_INCOMING:
        schemas[name] = _each(schemas[name], incoming)
    return Description(_each_mended(schemas))


def operation(method: str, path: str, kind: str | int) -> str:
    """The name of an answer by its status, or of a ``body``: no name of a schema has a slash."""
    return re.sub(r"[/{}]+", ".", f"{method.upper()} {path} {kind}")


def _when(discriminator: str, kind: str, name: str) -> Json:
    chosen = {"properties": {discriminator: {"const": kind}}, "required": [discriminator]}
    return {"if": chosen, "then": {"$ref": f"#/components/schemas/{name}"}}


def _each_mended(found: Json) -> Json:
    """Schemas of OpenAPI 3.0 as JSON Schema has them."""

    def mended(schema: Json) -> Json:
        if "$ref" in schema:
            return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/$defs/")}
        if not schema.pop("nullable", False):
            return schema
        if "type" in schema:
            return {**schema, "type": [schema["type"], "null"]}
        return {"anyOf": [schema, {"type": "null"}]}

    return {name: _each(schema, mended) for name, schema in found.items()}


def _each(schema: Any, mended: Callable[[Json], Json]) -> Any:
    """The schema with every schema in it mended, the outer ones first."""
    if isinstance(schema, list):
        return [_each(one, mended) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = mended(dict(schema))
    return {
        name: {key: _each(part, mended) for key, part in value.items()}
        if name == "properties"
        else value
        if name in ("enum", "const", "required", "example", "default")
        else _each(value, mended)
        for name, value in found.items()
    }
