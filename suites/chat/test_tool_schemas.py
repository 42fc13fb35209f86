"""The definitions of tools: forms of them that clients send and servers are seen to refuse."""

import re

from oaicheck.rules import MUST, SHOULD, Inconclusive, clipped, require, requirement
from oaicheck.views import (
    ChatStream,
    Completion,
    Exchange,
    arguments_in,
    fixed_strings,
    require_no_server_error,
    shown,
)

_OVERFLOW = re.compile(r"context[ _](?:length|size|window)|n_ctx", re.I)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_REPLACED = re.compile("[?\N{REPLACEMENT CHARACTER}]+")


@requirement(
    "chat.tool-schemas.no-parameters",
    MUST,
    "A function that is defined without `parameters` is accepted.",
    on="chat/tools/whole/no-parameters",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "github:ggml-org/llama.cpp#17667"),
    remedy='Take missing parameters for `{"type": "object", "properties": {}}`.',
)
def test_parameters_are_optional(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.many",
    MUST,
    "60 tools are accepted in one request.",
    on="chat/tools/whole/many",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "client:opencode", "github:ggml-org/llama.cpp#25895"),
    remedy="Raise the limits of the grammar or parser that the tools are compiled for.",
)
def test_many_tools_are_accepted(exchange: Exchange, against: Completion) -> None:
    if exchange.status in (400, 413) and _OVERFLOW.search(exchange.text):
        raise Inconclusive("60 tools do not fit into the model's context")
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.rich",
    MUST,
    "Parameters with `$ref`, enumerations, nested arrays and nullable unions are accepted.",
    on="chat/tools/stream/schema",
    against="chat/stream/tool-call",
    source=("openai:function-calling", "client:opencode", "github:off-grid-ai/OGAM#442"),
    remedy="Resolve `$ref` within the schema, and generate unconstrained where a keyword cannot be "
    "enforced.",
)
def test_rich_schemas_are_accepted(exchange: Exchange, against: ChatStream) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.escapes",
    SHOULD,
    "Arguments with quotes, backslashes, line ends and emoji are JSON.",
    on="chat/tools/stream/schema",
    source=("openai:function-calling", "rfc8259#7"),
    remedy="Pass the model's JSON escapes on unchanged, or encode the parsed arguments anew.",
)
def test_escapes_are_kept(calling_stream: ChatStream) -> None:
    complete = [found for found in arguments_in(calling_stream) if not found.cut and found.text]
    if not complete:
        raise Inconclusive("no call came to its end")
    for arguments in complete:
        require(
            arguments.json is not None,
            arguments.place,
            expected="JSON",
            observed=clipped(arguments.text),
        )


@requirement(
    "chat.tool-schemas.characters",
    MUST,
    "Characters beyond ASCII in arguments are not replaced by others.",
    on="chat/tools/stream/schema",
    source=("rfc8259#8.1", "github:kekzl/imp#1554"),
    remedy="Cut arguments into fragments between characters, not between bytes, and treat them as "
    "UTF-8 throughout.",
)
def test_characters_arrive_whole(calling_stream: ChatStream) -> None:
    compared = 0
    for arguments in arguments_in(calling_stream):
        for name, wanted in fixed_strings(arguments.schema):
            written = (arguments.object or {}).get(name)
            damaged = isinstance(written, str) and _is_damaged(written, wanted)
            require(
                not damaged,
                arguments.place,
                expected=f"{name} {shown(wanted)}",
                observed=shown(written),
            )
            compared += written == wanted
    if not compared:
        raise Inconclusive("the model wrote something else than the schema allows")


def _is_damaged(written: str, wanted: str) -> bool:
    """Whether a text is the wanted one with its characters beyond ASCII turned into others."""
    marked = _REPLACED.sub("?", written)
    misread = wanted.encode("utf-8").decode("latin-1")
    return written != wanted and (marked == _BEYOND_ASCII.sub("?", wanted) or written == misread)


@requirement(
    "chat.tool-schemas.long-name",
    MUST,
    "A function's name may have 64 characters, hyphens and digits among them.",
    on="chat/tools/whole/long-name",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "github:RooCodeInc/Roo-Code#10642"),
    remedy="Accept names of 1 to 64 letters, digits, underscores and hyphens: clients make them of "
    "a server's and a tool's name.",
)
def test_a_long_name_is_accepted(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.keywords-no-server-error",
    MUST,
    "`strict` false, and `$schema`, `pattern` and `default` in the parameters, are no server "
    "error.",
    on="chat/either/schema-keywords",
    against="chat/whole/tool-call",
    source=("openai:function-calling", "openai:errors", "github:ggml-org/llama.cpp#25895"),
    remedy="Generate unconstrained where a keyword cannot be enforced, or answer 400.",
)
def test_keywords_are_no_server_error(exchange: Exchange, against: Completion) -> None:
    require_no_server_error(exchange, against.exchange)


@requirement(
    "chat.tool-schemas.keywords",
    MUST,
    "`strict` false, and `$schema`, `pattern` and `default` in the parameters, are accepted.",
    on="chat/either/schema-keywords",
    against="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "client:opencode",
        "github:ggml-org/llama.cpp#25895",
        "github:NousResearch/hermes-agent#18530",
    ),
    remedy="Ignore keywords that generation cannot enforce: the tools of MCP servers have them.",
)
def test_keywords_are_accepted(decided: Exchange, against: Completion) -> None:
    require(decided.status == 200, decided, expected="HTTP 200", beside=against.exchange)
