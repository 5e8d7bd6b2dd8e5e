"""Checks the OpenAPI document of a running service, and writes what its answers are compared with.

usage: document.py CONTROL_URL FOLDER

The document must be valid OpenAPI 3.1, every example one of its schema. FOLDER gets decision.json and control.json: the calls of
each listener, with no room in answers for a field that is not described. (The published document leaves that room: clients must
let new fields pass.)
"""

import copy
import json
import pathlib
import sys
import urllib.request

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

METHODS = {"get", "put", "post", "delete"}
# Other names of application/yaml: to try everything under each takes minutes and finds nothing.
SYNONYMS = {"application/x-yaml", "text/yaml", "text/x-yaml"}


def main(control, folder):
    with urllib.request.urlopen(f"{control}/openapi.json", timeout=5) as answer:
        document = json.load(answer)
    validate(document)
    count, wrong = 0, []
    for place, schema, example in examples(document):
        count += 1
        root = {"components": document["components"], **schema}
        checker = Draft202012Validator(root, format_checker=FormatChecker())
        wrong += [f"{place}: {error.json_path}: {error.message}" for error in checker.iter_errors(example)]
    if wrong:
        sys.exit("examples that are none of their schemas:\n" + "\n".join(wrong))
    wrong = list(contradictions(document))
    if wrong:
        sys.exit("schemas that require what they do not describe:\n" + "\n".join(wrong))
    if count < 50:
        sys.exit(f"only {count} examples found: are they looked for in the right places?")
    for listener in ["decision", "control"]:
        part = only(listener, copy.deepcopy(document))
        simplify(part)
        spell_out(part, document["components"]["schemas"])
        close(part)
        pathlib.Path(folder, f"{listener}.json").write_text(json.dumps(part))
    print(f"    the document is valid, and so are its {count} examples")


def examples(node, place="#"):
    """Every example with the schema it must satisfy: of media types, parameters and headers, and of schemas themselves."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from examples(item, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    if isinstance(node.get("schema"), dict):
        if "example" in node:
            yield place, node["schema"], node["example"]
        for name, example in (node.get("examples") or {}).items():
            yield f"{place}/{name}", node["schema"], example["value"]
    elif isinstance(node.get("examples"), list) and ("type" in node or "$ref" in node):
        for example in node["examples"]:
            yield place, node, example
    for name, item in node.items():
        if name not in ("example", "examples"):
            yield from examples(item, f"{place}/{name}")


def contradictions(node, place="#"):
    """Where nothing can satisfy a schema once it is closed, schemathesis compares nothing with it."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from contradictions(item, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    if node.get("type") == "object" and "properties" in node and set(node.get("required", [])) - node["properties"].keys():
        yield place
    for name, item in node.items():
        yield from contradictions(item, f"{place}/{name}")


def only(listener, document):
    """The document with the calls of one listener."""
    for path, item in list(document["paths"].items()):
        for method in METHODS & item.keys():
            if listener not in item[method]["x-listener"]:
                del item[method]
        if not METHODS & item.keys():
            del document["paths"][path]
    drop_links(document)
    return document


def drop_links(document):
    """Links lead to calls of the same listener or nowhere."""
    known = {item[method]["operationId"] for item in document["paths"].values() for method in METHODS & item.keys()}
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            for response in item[method]["responses"].values():
                links = response.get("links", {})
                for name in [name for name, link in links.items() if link["operationId"] not in known]:
                    del links[name]


def simplify(document):
    """Leaves every body one name of YAML."""
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            for name in SYNONYMS:
                item[method].get("requestBody", {}).get("content", {}).pop(name, None)


def spell_out(node, schemas):
    """Writes what adds fields to other schemas (allOf) as one object with all of them, which can be closed."""
    if isinstance(node, list):
        for item in node:
            spell_out(item, schemas)
    if not isinstance(node, dict):
        return
    if "allOf" in node and "properties" in node:
        parts = [schemas[part["$ref"].rsplit("/", 1)[1]] for part in node.pop("allOf")]
        node["type"] = "object"
        node["required"] = [name for part in parts for name in part.get("required", [])] + node.get("required", [])
        node["properties"] = {name: item for part in parts for name, item in part["properties"].items()} | node["properties"]
    for item in node.values():
        spell_out(item, schemas)


def close(node):
    """Lets objects have only the fields described, unless they say otherwise or are a part of another schema."""
    if isinstance(node, list):
        for item in node:
            close(item)
    if not isinstance(node, dict):
        return
    said = {"additionalProperties", "unevaluatedProperties", "x-part", "x-foreign"} & node.keys()
    if node.get("type") == "object" and "properties" in node and not said:
        node["additionalProperties"] = False
    for item in node.values():
        close(item)


main(*sys.argv[1:])
