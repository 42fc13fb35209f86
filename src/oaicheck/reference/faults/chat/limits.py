"""Faults of max_tokens, the context length and stop strings."""

from dataclasses import replace

from ...deviation import ANSWER, BODY, ERROR, REPLY, SETTINGS, Object, Refusal, Situation, fault
from ...editing import dropped, each_choice, finished, is_stream, refused
from ...http.reply import Reply
from ...model.answer import Answer, Choice
from ...model.tokens import tokenize
from ...settings import Settings

_CAP = 20
_KEPT = 8000


@fault(
    "errors-context-too-long-500",
    ERROR,
    "A prompt that exceeds the context length gives a 500.",
    "lm-sys/FastChat#2741",
)
def _overflow_500(refusal: Refusal, situation: Situation) -> Refusal:
    error = situation.error
    over = error is not None and error.code == "context_length_exceeded"
    return replace(refusal, status=500) if over else refusal


@fault(
    "limits-context-error-unrecognisable",
    ERROR,
    "A prompt that exceeds the context length gives a 400 that does not say why.",
)
def _overflow_bare(refusal: Refusal, situation: Situation) -> Refusal:
    error = situation.error
    if error is None or error.code != "context_length_exceeded":
        return refusal
    bare = {"message": "Bad request.", "type": "invalid_request_error", "param": None, "code": None}
    return replace(refusal, body={"error": bare})


@fault(
    "limits-context-overflow-truncated", BODY, "A prompt that is too long is silently truncated."
)
def _overflow_truncated(body: Object, _: Situation) -> Object:
    cut = [
        {**message, "content": message["content"][-_KEPT:]}
        if isinstance(message["content"], str)
        else message
        for message in body["messages"]
    ]
    return {**body, "messages": cut}


@fault(
    "limits-absurd-max-tokens-accepted",
    REPLY,
    "An absurd max_tokens is silently accepted.",
    "modular/modular#6673",
)
def _absurd_accepted(reply: Reply, situation: Situation) -> Reply:
    asked = situation.ask.limit if situation.ask else None
    absurd = asked is not None and asked > 1_000_000
    return reply.without_header(situation.settings.clamp_header) if absurd else reply


@fault(
    "limits-max-tokens-silently-clamped",
    REPLY,
    "max_tokens is silently clamped.",
    "lm-sys/FastChat#2544",
)
def _silently_clamped(reply: Reply, situation: Situation) -> Reply:
    return reply.without_header(situation.settings.clamp_header)


@fault("limits-clamp-header-always", REPLY, "The clamp header is sent even if nothing was clamped.")
def _clamp_always(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "chat" or reply.status != 200:
        return reply
    return reply.with_header(situation.settings.clamp_header, "4096")


@fault("limits-clamp-header-missing-in-stream", REPLY, "Streams have no clamp header.")
def _clamp_untold_in_stream(reply: Reply, situation: Situation) -> Reply:
    return reply.without_header(situation.settings.clamp_header) if is_stream(reply) else reply


@fault(
    "limits-clamped-says-length",
    ANSWER,
    "A complete answer has finish_reason length if max_tokens was clamped.",
)
def _clamped_says_length(answer: Answer, situation: Situation) -> Answer:
    asked = situation.ask.limit if situation.ask else None
    clamped = asked is not None and asked > situation.settings.max_output_tokens
    return finished(answer, {"stop": "length"}) if clamped else answer


@fault("limits-out-of-range-500", BODY, "A max_tokens below 1 gives a 500.")
def _out_of_range_500(body: Object, _: Situation) -> Object:
    if isinstance(body.get("max_tokens"), int) and body["max_tokens"] < 1:
        raise refused(500, "Internal server error.", kind="server_error")
    return body


@fault("limits-below-one-unlimited", BODY, "A max_tokens below 1 means no limit.")
def _below_one_unlimited(body: Object, _: Situation) -> Object:
    limit = body.get("max_tokens")
    return dropped(body, "max_tokens") if isinstance(limit, int) and limit < 1 else body


@fault("limits-over-limit-500", BODY, "A max_tokens above the limit gives a 500.")
def _over_limit_500(body: Object, situation: Situation) -> Object:
    asked = body.get("max_tokens") or body.get("max_completion_tokens") or 0
    if isinstance(asked, int) and asked > situation.settings.max_output_tokens:
        raise refused(500, "Internal server error.", kind="server_error")
    return body


@fault(
    "limits-max-completion-tokens-rejected",
    BODY,
    "max_completion_tokens is refused.",
    "voideditor/void#128",
)
def _completion_rejected(body: Object, _: Situation) -> Object:
    if "max_completion_tokens" in body:
        raise refused(400, "Extra inputs are not permitted.", "max_completion_tokens")
    return body


@fault("limits-max-completion-tokens-ignored", BODY, "max_completion_tokens is ignored.")
def _completion_ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "max_completion_tokens")


@fault(
    "limits-max-completion-tokens-says-stop",
    ANSWER,
    "An answer cut by max_completion_tokens has finish_reason stop.",
)
def _completion_says_stop(answer: Answer, situation: Situation) -> Answer:
    named = "max_completion_tokens" in situation.body
    return finished(answer, {"length": "stop"}) if named else answer


@fault("limits-max-tokens-ignored", BODY, "max_tokens is ignored.", "ollama/ollama#18575")
def _ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "max_tokens", "max_completion_tokens")


@fault("limits-max-tokens-ignored-in-stream", BODY, "max_tokens is ignored when streaming.")
def _ignored_in_stream(body: Object, situation: Situation) -> Object:
    return dropped(body, "max_tokens", "max_completion_tokens") if situation.streams else body


@fault("limits-max-tokens-one-too-many", BODY, "One token more than max_tokens is written.")
def _one_too_many(body: Object, _: Situation) -> Object:
    grown = {
        name: body[name] + 1
        for name in ("max_tokens", "max_completion_tokens")
        if isinstance(body.get(name), int)
    }
    return {**body, **grown}


@fault("limits-max-tokens-empty-answer", ANSWER, "An answer cut by max_tokens has no text at all.")
def _empty_answer(answer: Answer, _: Situation) -> Answer:
    return each_choice(
        answer, lambda c: replace(c, content=()) if c.finish_reason == "length" else c
    )


@fault(
    "limits-undocumented-output-cap",
    ANSWER,
    "Every answer ends at an undocumented limit, with finish_reason stop.",
    "lmstudio-ai/lmstudio-bug-tracker#1829",
)
def _hidden_cap(answer: Answer, _: Situation) -> Answer:
    def change(choice: Choice) -> Choice:
        if len(choice.content) <= _CAP:
            return choice
        return replace(choice, content=choice.content[:_CAP], finish_reason="stop")

    capped = each_choice(answer, change)
    return replace(capped, completion_tokens=sum(choice.tokens for choice in capped.choices))


@fault("stop-ignored", BODY, "stop is accepted and ignored.", "Blaizzy/mlx-vlm#1044")
def _stop_ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "stop")


@fault("stop-ignored-in-stream", BODY, "stop is ignored when streaming.")
def _stop_ignored_in_stream(body: Object, situation: Situation) -> Object:
    return dropped(body, "stop") if situation.streams else body


@fault(
    "stop-split-across-tokens-missed",
    BODY,
    "A stop string that spans two tokens is missed when streaming.",
    "mzau/mlx-knife#68",
)
def _stop_missed(body: Object, situation: Situation) -> Object:
    given = body.get("stop")
    if not situation.streams or given is None:
        return body
    stops = [given] if isinstance(given, str) else given
    return {**body, "stop": [stop for stop in stops if len(tokenize(stop)) < 2]}


@fault("stop-array-only-first", BODY, "Only the first of several stop strings works.")
def _only_first(body: Object, _: Situation) -> Object:
    given = body.get("stop")
    return {**body, "stop": given[:1]} if isinstance(given, list) else body


@fault("stop-string-form-rejected", BODY, "stop is refused if it is a single string.")
def _string_rejected(body: Object, _: Situation) -> Object:
    if isinstance(body.get("stop"), str):
        raise refused(422, "Input should be a valid list", "stop")
    return body


@fault("stop-included", ANSWER, "The stop string is part of the answer.")
def _included(answer: Answer, situation: Situation) -> Answer:
    stops = situation.ask.stop if situation.ask else ()
    if not stops:
        return answer
    return each_choice(
        answer,
        lambda choice: (
            replace(choice, content=(*choice.content, stops[0]))
            if choice.finish_reason == "stop"
            else choice
        ),
    )


@fault(
    "stop-beginning-leaked",
    ANSWER,
    "The first token of a stop string of several tokens is part of the answer.",
    "exo-explore/exo#2123",
)
def _beginning_leaked(answer: Answer, situation: Situation) -> Answer:
    stops = situation.ask.stop if situation.ask else ()
    first, *more = tokenize(stops[-1]) if stops else ("",)
    if not more:
        return answer
    return each_choice(
        answer,
        lambda choice: (
            replace(choice, content=(*choice.content, first))
            if choice.finish_reason == "stop"
            else choice
        ),
    )


@fault(
    "limits-max-completion-tokens-ignored-in-stream",
    BODY,
    "max_completion_tokens is ignored when streaming.",
    "abetlen/llama-cpp-python#1907",
)
def _completion_ignored_in_stream(body: Object, situation: Situation) -> Object:
    return dropped(body, "max_completion_tokens") if situation.streams else body


@fault(
    "limits-sixteen-by-default",
    BODY,
    "Without a limit an answer has at most 16 tokens.",
    "abetlen/llama-cpp-python#542",
)
def _sixteen_by_default(body: Object, _: Situation) -> Object:
    limited = "max_tokens" in body or "max_completion_tokens" in body
    return body if limited else {**body, "max_tokens": 16}


@fault("stop-string-ignored-in-stream", BODY, "A single stop string is ignored when streaming.")
def _stop_string_ignored(body: Object, situation: Situation) -> Object:
    single = situation.streams and isinstance(body.get("stop"), str)
    return dropped(body, "stop") if single else body


@fault(
    "stop-array-ignored-in-whole",
    BODY,
    "Only the first of several stop strings works when not streaming.",
)
def _stop_array_ignored(body: Object, situation: Situation) -> Object:
    return body if situation.streams else _only_first(body, situation)


@fault(
    "stop-string-form-rejected-in-stream",
    BODY,
    "stop is refused if it is a single string and the answer is streamed.",
)
def _string_rejected_in_stream(body: Object, situation: Situation) -> Object:
    return _string_rejected(body, situation) if situation.streams else body


@fault(
    "limits-context-beyond-told",
    SETTINGS,
    "Prompts are served whole that are far longer than the context length in the list of models.",
)
def _beyond_told(settings: Settings, _: Situation) -> Settings:
    return replace(settings, context_window=1_000_000, told_context_window=settings.context_window)
