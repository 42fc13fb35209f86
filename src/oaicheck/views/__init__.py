"""What a check can look at: responses in the API's own terms, and the bytes behind them.

The suites import these names from here. The rest of oaicheck imports the modules of this package.
"""

from oaicheck.scenarios.capability import refused_capability
from oaicheck.scenarios.profile import Profile
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.opencode.setup import OpencodeSetup
from oaicheck.views.answered import Answered, AnsweredChoice
from oaicheck.views.answers import call_ids, completion_id, error_within, words_said
from oaicheck.views.asked import (
    input_words,
    offered_functions,
    phrase_to_repeat,
    prompt_words,
    stop_strings,
)
from oaicheck.views.bench import Bench
from oaicheck.views.chat import (
    ChatStream,
    Completion,
    offered_tools,
    requested,
    token_limit,
)
from oaicheck.views.client_run import (
    ClientRun,
    require_a_continued_response,
    require_a_streamed_response,
    require_calls,
    require_error,
    require_error_if_refused,
    require_no_harm,
    require_reasoning,
    require_text,
    require_usage,
)
from oaicheck.views.context_window import least_prompt_tokens, told_context_length
from oaicheck.views.delivery import (
    LONG_ANSWER,
    SHORTEST_GENERATION,
    Delivery,
    arguments_of,
    delivery_of,
    require_as_generated,
    require_undisturbed,
    response_delivery_of,
    written_tokens,
)
from oaicheck.views.kept_state import (
    KeptState,
    continuation_in,
    kept_state,
    listed,
    require_a_next_page,
    require_the_rest,
)
from oaicheck.views.models import body_of, listed_entry, listed_ids, listed_models
from oaicheck.views.of_exchange import (
    answered_of,
    completion_of,
    final_output_of,
    items_of,
    lacking,
    response_of,
    stream_of,
)
from oaicheck.views.reaction import (
    Reaction,
    require_a_form,
    require_an_end,
    require_no_server_error,
)
from oaicheck.views.reasoning import (
    REASONING_NAMES,
    THINKING_TAGS,
    Thoughts,
    last_delta,
    reasoning_members,
    reasoning_tokens,
    streamed_thoughts,
    thoughts,
)
from oaicheck.views.refusal import RATE_LIMITED, Refusal, error_in
from oaicheck.views.responses import (
    DELTA_EVENTS,
    ERROR_EVENT,
    ITEM_ADDED,
    ITEM_DONE,
    ITEM_EVENTS,
    PART_EVENTS,
    RESPONSE_CREATED,
    TERMINAL_EVENTS,
    ResponseObject,
    ResponseStream,
    StreamedItem,
    StreamedText,
    event_number,
    input_count,
)
from oaicheck.views.schema_errors import in_one_line
from oaicheck.views.schemas import event_types, has_schema, is_of_a_vendor, violations
from oaicheck.views.texts.characters import require_whole_characters
from oaicheck.views.texts.disclosure import (
    file_path,
    html_page,
    internal_address,
    key_store,
    stack_trace,
)
from oaicheck.views.texts.pitfalls import huge_number, repeated_name
from oaicheck.views.texts.structured import Form, form_of, schema_violations
from oaicheck.views.texts.words import beyond_limit, is_cut_count, word_count
from oaicheck.views.tool_calls import (
    Arguments,
    arguments_in,
    call_markup,
    fixed_strings,
    is_free_text,
    must_be_forced,
    require_a_call,
    texts_in,
)
from oaicheck.wire.alike import distinct
from oaicheck.wire.coding import coding_of, decoded
from oaicheck.wire.exchange import Ending, Exchange, Located
from oaicheck.wire.json_text import parse_json, shown
from oaicheck.wire.recording import Conversation
from oaicheck.wire.secrets import echoes
from oaicheck.wire.sse import Defect

__all__ = [
    "DELTA_EVENTS",
    "ERROR_EVENT",
    "ITEM_ADDED",
    "ITEM_DONE",
    "ITEM_EVENTS",
    "LONG_ANSWER",
    "PART_EVENTS",
    "RATE_LIMITED",
    "REASONING_NAMES",
    "RESPONSE_CREATED",
    "SHORTEST_GENERATION",
    "TERMINAL_EVENTS",
    "THINKING_TAGS",
    "Answered",
    "AnsweredChoice",
    "Arguments",
    "Bench",
    "ChatStream",
    "ClientRun",
    "Completion",
    "Conversation",
    "Defect",
    "Delivery",
    "Ending",
    "Exchange",
    "Form",
    "KeptState",
    "Located",
    "OpencodeSetup",
    "Profile",
    "Reaction",
    "Refusal",
    "ResponseObject",
    "ResponseStream",
    "Scenario",
    "StreamedItem",
    "StreamedText",
    "Thoughts",
    "answered_of",
    "arguments_in",
    "arguments_of",
    "beyond_limit",
    "body_of",
    "call_ids",
    "call_markup",
    "coding_of",
    "completion_id",
    "completion_of",
    "continuation_in",
    "decoded",
    "delivery_of",
    "distinct",
    "echoes",
    "error_in",
    "error_within",
    "event_number",
    "event_types",
    "file_path",
    "final_output_of",
    "fixed_strings",
    "form_of",
    "has_schema",
    "html_page",
    "huge_number",
    "in_one_line",
    "input_count",
    "input_words",
    "internal_address",
    "is_cut_count",
    "is_free_text",
    "is_of_a_vendor",
    "items_of",
    "kept_state",
    "key_store",
    "lacking",
    "last_delta",
    "least_prompt_tokens",
    "listed",
    "listed_entry",
    "listed_ids",
    "listed_models",
    "must_be_forced",
    "offered_functions",
    "offered_tools",
    "parse_json",
    "phrase_to_repeat",
    "prompt_words",
    "reasoning_members",
    "reasoning_tokens",
    "refused_capability",
    "repeated_name",
    "requested",
    "require_a_call",
    "require_a_continued_response",
    "require_a_form",
    "require_a_next_page",
    "require_a_streamed_response",
    "require_an_end",
    "require_as_generated",
    "require_calls",
    "require_error",
    "require_error_if_refused",
    "require_no_harm",
    "require_no_server_error",
    "require_reasoning",
    "require_text",
    "require_the_rest",
    "require_undisturbed",
    "require_usage",
    "require_whole_characters",
    "response_delivery_of",
    "response_of",
    "schema_violations",
    "shown",
    "stack_trace",
    "stop_strings",
    "stream_of",
    "streamed_thoughts",
    "texts_in",
    "thoughts",
    "token_limit",
    "told_context_length",
    "violations",
    "word_count",
    "words_said",
    "written_tokens",
]
