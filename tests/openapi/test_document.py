"""proxy/openapi.yaml is valid and agrees with itself."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.openapi.scenarios import illustrative, scenarios
from tests.support.openapi import document, path_of, resolve

EXAMPLES: dict[str, Any] = document()["components"]["examples"]


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation, those of the extensions too, with a name for messages."""
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if "responses" in operation:
                yield f"{method} {path}", operation
    yield "x-unknown-path", document()["x-unknown-path"]


def _media() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The name of each operation, a status of it, and what that one's body is."""
    for name, operation in _operations():
        for status, response in operation["responses"].items():
            for media in resolve(response).get("content", {}).values():
                yield name, status, media


def _faults(schema: dict[str, Any], value: object) -> list[str]:
    """What is wrong with a value by a schema of the document."""
    resource = Resource.from_contents(_absolute(document()), default_specification=DRAFT202012)
    validator = OAS31Validator(
        _absolute(schema),
        registry=Registry().with_resource("urn:document", resource),
        format_checker=oas31_format_checker,
    )
    return [fault.message for fault in validator.iter_errors(value)]


def _absolute(node: Any) -> Any:
    """The node with references that hold outside of the document too."""
    if isinstance(node, dict):
        return {name: f"urn:document{value}" if name == "$ref" else _absolute(value) for name, value in node.items()}
    return [_absolute(value) for value in node] if isinstance(node, list) else node


def test_document_is_valid() -> None:
    """The document should be valid OpenAPI 3.1, with defaults that fit their schemas."""
    faults = [fault.message for fault in OpenAPIV31SpecValidator(document()).iter_errors()]
    assert faults == []


def test_no_example_claims_a_cursor_that_works() -> None:
    """What stands for an opaque string should read as words, and the text should say what it stands for."""
    pages = [example["value"] for example in EXAMPLES.values() if "items" in example["value"]]
    assert {page["cursor"] for page in pages} == {"cursor-of-this-answer"}
    assert {page["pagination"]["next"] for page in pages} == {"next-of-this-answer", None}
    assert "`cursor-of-this-answer`" in document()["info"]["description"]
    assert re.findall(r"[A-Za-z0-9_-]{50,}", json.dumps(EXAMPLES)) == []


def test_every_component_is_used() -> None:
    """Nothing should be described that no operation refers to."""
    text = json.dumps(document())
    unused = [
        f"{kind}/{name}"
        for kind, components in document()["components"].items()
        for name in components
        if kind != "securitySchemes" and f'"#/components/{kind}/{name}' not in text
    ]
    assert unused == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_fits_its_schema(name: str) -> None:
    """Each example should stand at a response whose schema and status it fits."""
    value = EXAMPLES[name]["value"]
    places = [(place, status, media) for place, status, media in _media() if name in media.get("examples", {})]
    assert places
    for place, status, media in places:
        assert _faults(media["schema"], value) == [], place
        assert "type" not in value or str(value["status"]) == status, place


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if "errors" in example["value"]])
def test_detail_is_made_of_the_messages(name: str) -> None:
    """The detail of a 400 should be the messages of its faults, one after the other."""
    value = EXAMPLES[name]["value"]
    assert value["detail"] == " ".join(fault["message"] for fault in value["errors"])


def test_every_example_is_compared() -> None:
    """A scenario should get each example from a server, unless it says there why none can."""
    assert set(EXAMPLES) - {scenario.example for scenario in scenarios()} == illustrative()


def test_every_status_is_seen() -> None:
    """A scenario should bring about each status with a body of GET, unless all its examples are illustrative."""
    seen = {
        (path_of(target), str(scenario.status))
        for scenario in scenarios()
        for method, target in [scenario.request.split()]
        if method == "GET"
    }
    documented = {
        (path, status)
        for path, item in document()["paths"].items()
        for status, response in item["get"]["responses"].items()
        if any(not _is_illustrative(media) for media in resolve(response).get("content", {}).values())
    }
    assert documented - seen == set()


def _is_illustrative(media: dict[str, Any]) -> bool:
    """Whether no scenario can bring about any example of a body."""
    examples = set(media.get("examples", ()))
    return bool(examples) and examples <= illustrative()


def test_document_holds_only_the_api() -> None:
    """Nothing should be served but OpenAPI and the extensions that the head of the file explains."""
    extensions = {name for name in _names(document()) if name.startswith("x-")}
    assert extensions == {"x-other-methods", "x-assets", "x-prefixes", "x-unknown-path"}


def _names(node: Any) -> Iterator[str]:
    """The names of all members at any depth."""
    for name, value in node.items() if isinstance(node, dict) else ():
        yield name
        yield from _names(value)
    for value in node if isinstance(node, list) else ():
        yield from _names(value)


@pytest.mark.parametrize("name", document()["components"]["headers"])
def test_example_of_a_header_fits_its_schema(name: str) -> None:
    """The example of a header should fit its schema."""
    header = document()["components"]["headers"][name]
    assert "example" not in header or _faults(header["schema"], header["example"]) == []


@pytest.mark.parametrize("name", document()["components"]["parameters"])
def test_examples_of_a_parameter_fit_its_schema(name: str) -> None:
    """The examples of a parameter should fit its schema."""
    parameter = document()["components"]["parameters"][name]
    values = [example["value"] for example in parameter.get("examples", {}).values()]
    values += parameter["schema"].get("examples", [])
    assert values
    assert [_faults(parameter["schema"], value) for value in values] == [[]] * len(values)


def test_first_answer_is_an_example() -> None:
    """The answer at the top of the text should be the one that a scenario compares."""
    found = re.search(r"```json\n(.*?)```", document()["info"]["description"], re.DOTALL)
    assert found
    assert json.loads(found[1]) == EXAMPLES["firstTwo"]["value"]
