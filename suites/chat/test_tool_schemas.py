"""Tool definitions: forms that clients send and some servers refuse."""

import re

from oaicheck.rules import (
    MUST,
    NO_ARGUMENTS,
    SHOULD,
    Inconclusive,
    NotApplicable,
    clipped,
    require,
    requirement,
)
from oaicheck.views import (
    ChatStream,
    Completion,
    Exchange,
    arguments_in,
    fixed_strings,
    offered_tools,
    require_no_server_error,
    shown,
)

_OVERFLOW = re.compile(r"context[ _](?:length|size|window)|n_ctx", re.I)
_MANY = 60
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_REPLACED = re.compile("[?\N{REPLACEMENT CHARACTER}]+")


@requirement(
    "chat.tool-schemas.no-parameters",
    MUST,
    "The endpoint accepts a function that is defined without `parameters`.",
    on="chat/tools/whole/no-parameters",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "github:ggml-org/llama.cpp#17667"),
    remedy='Treat absent parameters as `{"type": "object", "properties": {}}`.',
)
def test_parameters_are_optional(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.many",
    MUST,
    "The endpoint accepts 60 tools in one request.",
    on="chat/tools/whole/many",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "client:opencode", "github:ggml-org/llama.cpp#25895"),
    remedy="Raise the limits of the grammar or parser that you compile the tools into.",
)
def test_many_tools_are_accepted(exchange: Exchange, against: Completion) -> None:
    offered = len(offered_tools(exchange))
    if offered < _MANY or (exchange.status in (400, 413) and _OVERFLOW.search(exchange.text)):
        raise NotApplicable(
            f"60 tools do not fit into the model's context window; asked again with {offered}"
        )
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.rich",
    MUST,
    "The endpoint accepts parameters with `$ref`, enums, nested arrays and nullable unions.",
    on="chat/tools/stream/schema",
    against="chat/stream/tool-call",
    source=("openai:function-calling", "client:opencode", "github:off-grid-ai/OGAM#442"),
    remedy="Resolve `$ref` within the schema, and generate without constraints if a keyword "
    "cannot be enforced.",
)
def test_rich_schemas_are_accepted(exchange: Exchange, against: ChatStream) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.strict",
    MUST,
    "The endpoint accepts a function with `strict` true whose schema has `$defs` and `$ref`, "
    "arrays of objects and of arrays, and a nullable `anyOf`.",
    on=("chat/tools/whole/strict", "chat/tools/stream/strict"),
    against="chat/whole/tool-call",
    source=("openai:function-calling", "client:openai-python", "github:vllm-project/vllm#39741"),
    remedy="Resolve `$ref` within the schema. If you cannot enforce it, ignore `strict`: the SDKs "
    "set it for every function that they make of a class.",
    since="2026.2",
)
def test_strict_functions_are_accepted(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.escapes",
    SHOULD,
    "Arguments with quotes, backslashes, line breaks and emoji are valid JSON.",
    on="chat/tools/stream/schema",
    source=("openai:function-calling", "rfc8259#7"),
    remedy="Forward the model's JSON escapes unchanged, or parse the arguments and encode them "
    "again.",
)
def test_escapes_are_kept(calling_stream: ChatStream) -> None:
    complete = [found for found in arguments_in(calling_stream) if not found.cut and found.text]
    if not complete:
        raise Inconclusive("no call has complete arguments", told_by=NO_ARGUMENTS)
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
    remedy="Split arguments into fragments between characters, not between bytes, and use UTF-8 "
    "throughout.",
)
def test_characters_are_not_replaced(calling_stream: ChatStream) -> None:
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
        raise Inconclusive("the model did not write the text that the schema requires")


def _is_damaged(written: str, wanted: str) -> bool:
    """Whether a text is the wanted one with other characters in place of those beyond ASCII."""
    marked = _REPLACED.sub("?", written)
    misread = wanted.encode("utf-8").decode("latin-1")
    return written != wanted and (marked == _BEYOND_ASCII.sub("?", wanted) or written == misread)


@requirement(
    "chat.tool-schemas.long-name",
    MUST,
    "The endpoint accepts a function name of 64 characters that contains hyphens and digits.",
    on="chat/tools/whole/long-name",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "github:RooCodeInc/Roo-Code#10642"),
    remedy="Accept names of 1 to 64 letters, digits, underscores and hyphens: clients build them "
    "from the names of a server and a tool.",
)
def test_a_long_name_is_accepted(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-schemas.keywords-no-server-error",
    MUST,
    "`strict` false, and `$schema`, `pattern` and `default` in the parameters, do not cause a "
    "server error (5xx).",
    on="chat/either/schema-keywords",
    against="chat/whole/tool-call",
    source=("openai:function-calling", "openai:errors", "github:ggml-org/llama.cpp#25895"),
    remedy="Generate without constraints if a keyword cannot be enforced, or return 400.",
)
def test_keywords_cause_no_server_error(exchange: Exchange, against: Completion) -> None:
    require_no_server_error(exchange, against.exchange)


@requirement(
    "chat.tool-schemas.keywords",
    MUST,
    "The endpoint accepts `strict` false, and `$schema`, `pattern` and `default` in the "
    "parameters.",
    on="chat/either/schema-keywords",
    against="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "client:opencode",
        "github:ggml-org/llama.cpp#25895",
        "github:NousResearch/hermes-agent#18530",
    ),
    remedy="Ignore keywords that you cannot enforce during generation: the tools of MCP servers "
    "have them.",
)
def test_keywords_are_accepted(decided: Exchange, against: Completion) -> None:
    require(decided.status == 200, decided, expected="HTTP 200", beside=against.exchange)
