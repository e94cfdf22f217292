"""Holds answers to proxy/openapi.yaml: status, headers both ways, content type and body."""

import copy
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIResponse
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError

DOCUMENT = Path(__file__).parents[2] / "proxy" / "openapi.yaml"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
# What HTTP itself adds; OpenAPI describes the content type by `content`.
TRANSPORT_HEADERS = {"connection", "content-length", "content-type", "date", "keep-alive", "transfer-encoding"}
ASSET, UNKNOWN = "/x-assets", "/x-unknown-path"


@cache
def document() -> dict[str, Any]:
    """proxy/openapi.yaml as it stands."""
    loaded: dict[str, Any] = yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)
    return loaded


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """A node, or what it refers to."""
    while "$ref" in node:
        target: dict[str, Any] = document()
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def path_of(url: str) -> str:
    """The documented path that answers for a URL: a template, or the one that stands for all assets or all others."""
    path = urlsplit(url).path
    for template in document()["paths"]:
        pattern = "[^/]+".join(re.escape(part) for part in re.split(r"\{\w+\}", template))
        if re.fullmatch(pattern, path):
            return str(template)
    if any(path.startswith(prefix) for prefix in document()["x-assets"]["x-prefixes"]) and "." in unquote(path):
        return ASSET
    return UNKNOWN


def responses_of(path: str, method: str) -> dict[str, Any]:
    """The documented responses, by status, to a method of a path as `path_of` names it."""
    item = _whole()["paths"][path]
    responses: dict[str, Any] = item[method.lower() if method.lower() in METHODS else "trace"]["responses"]
    return responses


def check(response: requests.Response, *_: object, **__: object) -> None:
    """Fails unless the document has this answer; a hook of requests.

    Raises:
        AssertionError: with the request and what is wrong with the answer.
    """
    method, url = str(response.request.method), str(response.request.url)
    path, answer = path_of(url), f"{method} {url} -> {response.status_code}"
    # Read before anything can fail, so that the connection goes back to its pool.
    body = response.content
    documented = responses_of(path, method).get(str(response.status_code))
    assert documented, f"{answer} is not documented"
    documented = resolve(documented)
    assert response.status_code != 500, f"{answer} is a defect: {response.text}"
    extra = {name.lower() for name in response.headers} - {name.lower() for name in documented["headers"]}
    assert extra <= TRANSPORT_HEADERS, f"{answer} has headers that are not documented: {extra - TRANSPORT_HEADERS}"
    assert "content" in documented or not body, f"{answer} has a body: {response.text}"
    try:
        _openapi().validate_response(_Request(path, method), RequestsOpenAPIResponse(response))
    except OpenAPIError as error:
        raise AssertionError(f"{answer}: {_reasons(error)}\n{response.headers}\n{response.text[:2000]}") from error


@dataclass
class _Request:
    """As much of a request as openapi-core needs to find its operation."""

    path: str
    method: str
    host_url: str = "http://localhost"
    content_type: str = ""
    body: bytes | None = None
    parameters: RequestParameters = field(default_factory=RequestParameters)

    def __post_init__(self) -> None:
        self.method = self.method.lower() if self.method.lower() in METHODS else "trace"


@cache
def _whole() -> dict[str, Any]:
    """The document with its extensions as operations, so that every answer has a place."""
    whole = copy.deepcopy(document())
    paths: dict[str, Any] = whole["paths"]
    paths[ASSET] = whole["x-assets"]
    for item in paths.values():
        for method in METHODS:
            item.setdefault(method, item["x-other-methods"])
    paths[UNKNOWN] = dict.fromkeys(METHODS, whole["x-unknown-path"])
    return whole


@cache
def _openapi() -> OpenAPI:
    config = Config(
        # That the document itself is valid is a test of its own.
        spec_validator_cls=None,
        # openapi-core takes only application/json for JSON.
        extra_media_type_deserializers={"application/problem+json": json.loads},
    )
    return OpenAPI.from_dict(_whole(), config)


def _reasons(error: BaseException) -> str:
    """What openapi-core says, with the schema errors that it keeps to itself."""
    schema_errors = [str(inner.message) for inner in getattr(error, "schema_errors", ())]
    cause = f"; {_reasons(error.__cause__)}" if error.__cause__ else ""
    return f"{error!r} {'; '.join(schema_errors)}{cause}"
