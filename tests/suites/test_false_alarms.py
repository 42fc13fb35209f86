"""What was once held against real endpoints, and wrongly."""

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Ending, Exchange, Segment
from support.answers import answer_to, answering, changed, judged, streaming
from support.inprocess import record, scenarios, verdicts

LIMITED = ("responses/whole/length", "responses/stream/length")


def outcome(requirement: str, answer: Exchange, others: Iterable[Exchange] = ()) -> Outcome:
    return judged(requirement, answer, others).outcome


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_timed_out_has_refused_nothing(status: int) -> None:
    whole = answer_to("chat/whole/tool-call")
    late = answering(answer_to("chat/tools/whole/many"), status, "{}", "application/json")
    assert outcome("chat.tool-schemas.many", late, [whole]) is Outcome.ERROR


def test_a_crash_is_no_refusal_without_a_message() -> None:
    crash = answering(answer_to("chat/either/odd-characters"), 500, "Oops", "text/plain")
    assert outcome("chat.messages.refusal-explained", crash) is Outcome.INCONCLUSIVE
    assert outcome("chat.messages.characters-no-server-error", crash) is Outcome.FAIL


def test_a_stream_that_broke_off_has_not_ignored_a_tool_choice() -> None:
    text = f"data: {json.dumps({'error': {'message': 'late'}})}\n\n"
    broken = answering(answer_to("chat/stream/tools/named"), 200, text, "text/event-stream")
    assert outcome("chat.tool-choice.named", broken) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1 2 3 4", Outcome.PASS),
        ("1 2 3 4 5 ", Outcome.WARN),
        ("1,2,3,4,5,6\n\nThe numbers are 1 through 20, with no more digits.", Outcome.INCONCLUSIVE),
        ("1,2,3,4,5,6,7", Outcome.INCONCLUSIVE),
    ],
)
def test_another_way_to_count_leaks_no_beginning_of_a_stop(written: str, expected: Outcome) -> None:
    said = {"index": 0, "delta": {"role": "assistant", "content": written}, "finish_reason": None}
    ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
    counted = streaming("chat/stream/stop", {"choices": [said]}, {"choices": [ended]})
    assert outcome("chat.stop.no-beginning", counted) is expected


def test_a_request_that_was_served_was_not_refused_in_a_stream() -> None:
    served = answer_to("responses/stream/text")
    taken = replace(served, scenario="responses/refused/no-input")
    assert outcome("responses.errors.not-a-stream", taken) is Outcome.NOT_APPLICABLE
    assert outcome("responses.errors.no-input", taken) is Outcome.FAIL


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [("*, Authorization", Outcome.PASS), ("*", Outcome.WARN), ("Authorization", Outcome.WARN)],
)
def test_a_wildcard_covers_all_headers_but_the_key(allowed: str, expected: Outcome) -> None:
    preflight = replace(
        answer_to("http/preflight"),
        status=204,
        headers=(
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Headers", allowed),
        ),
    )
    assert outcome("http.requests.preflight-allows", preflight) is expected


def test_what_is_asked_wrongly_has_no_meaning_of_its_own() -> None:
    """GET on chat completions lists the stored ones, and -1 is some servers' word for no limit."""
    (wrong_method,) = scenarios()["method/put-chat"].turns
    assert wrong_method.method not in ("GET", "POST", "DELETE", "HEAD", "OPTIONS")
    (below_zero,) = scenarios()["limits/negative"].turns
    assert below_zero.body["max_tokens"] < -1


@pytest.mark.parametrize("scenario", LIMITED)
@pytest.mark.parametrize("rule", ["responses.object.length", "responses.items.status-incomplete"])
def test_a_response_that_went_beyond_its_limit_was_not_cut_there(rule: str, scenario: str) -> None:
    found = judged(rule, answer_to(scenario, "responses-limit-one-too-many"))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == "the limit of 16 was not heeded: 17 tokens were counted"


@pytest.mark.parametrize("rule", ["responses.object.length", "responses.items.status-incomplete"])
def test_no_count_is_needed_to_see_that_a_limit_was_not_heeded(rule: str) -> None:
    faults = ("responses-limit-ignored-in-stream", "responses-usage-null")
    found = judged(rule, answer_to("responses/stream/length", *faults))
    assert str(found.raised) == "the limit of 16 was not heeded: 300 words came"


def test_a_count_of_zero_does_not_say_that_a_model_stopped_by_itself() -> None:
    uncounted = answer_to("chat/whole/length", "usage-zero")
    choices = [{**choice, "finish_reason": "stop"} for choice in _choices(uncounted)]
    found = judged("chat.finish.length-whole", changed(uncounted, choices=choices))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised).startswith("without usage")


def _choices(answer: Exchange) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(answer.body)["choices"]
    return found


def test_a_streaming_request_that_is_simply_served_has_no_error_inside() -> None:
    scenario, rule = "refused/streamed-no-messages", "errors.streamed.before-the-first-byte"
    served = judged(rule, answer_to(scenario, "params-missing-messages-accepted"))
    assert served.outcome is Outcome.INCONCLUSIVE
    assert "errors.refused.client-error" in str(served.raised)
    assert outcome(rule, answer_to(scenario)) is Outcome.PASS


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ('{"error": {"message": "no messages"}}', "application/json"),
        ('data: {"error": "no messages", "error_type": "validation"}\n\n', "text/event-stream"),
        ('data: {"type": "error", "message": "no messages"}\n\n', "text/event-stream"),
        ("event: error\ndata: no messages\n\n", "text/event-stream"),
        ('event: error\ndata: {"message": "no messages"}\n\n', "text/event-stream"),
    ],
)
def test_an_error_inside_a_success_is_found_in_every_form(text: str, media_type: str) -> None:
    told = answering(answer_to("refused/streamed-no-messages"), 200, text, media_type)
    assert outcome("errors.streamed.before-the-first-byte", told) is Outcome.FAIL


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("errors.refused.status-400", "refused/bad-json"),
        ("errors.refused.names-the-parameter", "refused/no-messages"),
        ("responses.errors.no-input-status", "responses/refused/no-input"),
        ("chat.messages.image-named", "chat/either/image"),
    ],
)
def test_a_crash_is_held_against_an_endpoint_once(rule: str, scenario: str) -> None:
    crash = answering(answer_to(scenario), 500, '{"detail": "Oops"}', "application/json")
    assert outcome(rule, crash) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "rule", ["errors.refused.status-400", "errors.refused.names-the-parameter"]
)
def test_what_was_not_refused_is_not_judged_as_a_refusal(rule: str) -> None:
    served = answer_to("refused/no-messages", "params-missing-messages-accepted")
    assert outcome(rule, served) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("errors.body.error-object", "unknown/path"),
        ("errors.body.message", "unknown/path"),
        ("errors.body.message-is-plain", "unknown/path"),
        ("errors.body.type", "unknown/path"),
        ("errors.body.type-kind", "unknown/path"),
        ("errors.body.code", "unknown/path"),
        ("errors.body.code-kind", "unknown/path"),
        ("errors.body.code-fits-the-status", "unknown/path"),
        ("errors.body.param", "refused/no-messages"),
        ("errors.unknown.model-code", "unknown/model"),
        ("responses.errors.names-input", "responses/refused/no-input"),
        ("responses.errors.names-previous", "responses/refused/unknown-previous"),
    ],
)
@pytest.mark.parametrize("text", ["Not Found", "", '["Not Found"]'])
def test_what_is_no_object_is_not_searched_for_members(rule: str, scenario: str, text: str) -> None:
    refused = answer_to(scenario)
    found = judged(rule, answering(refused, refused.status or 0, text, "text/plain"))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "errors.body.is-json" in str(found.raised)


def test_two_errors_are_compared_where_both_have_members() -> None:
    streamed, whole = answer_to("refused/streamed-no-messages"), answer_to("refused/no-messages")
    bare = answering(whole, 400, "Bad Request", "text/plain")
    rule = "errors.streamed.same-error"
    assert outcome(rule, streamed, [bare]) is Outcome.INCONCLUSIVE
    assert outcome(rule, streamed, [whole]) is Outcome.PASS


@pytest.mark.parametrize(
    ("status", "expected"),
    [(500, Outcome.NOT_APPLICABLE), (404, Outcome.NOT_APPLICABLE), (200, Outcome.INCONCLUSIVE)],
)
def test_a_page_that_failed_hides_no_error_in_a_success(status: int, expected: Outcome) -> None:
    page = answering(answer_to("unknown/path"), status, "<h1>No</h1>", "text/html")
    assert outcome("errors.refused.not-in-a-success", page) is expected


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("responses.state.remembered", "responses/state"),
        ("responses.usage.input-read", "responses/whole/messages"),
        ("responses.tools.round-trip-counted", "responses/tools"),
    ],
)
def test_zeros_do_not_say_what_was_read(rule: str, scenario: str) -> None:
    forgetting = record(["responses-previous-id-ignored", "responses-usage-zero"], [scenario])
    (found,) = verdicts(forgetting, only=rule)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised).startswith("usage counts nothing")


@pytest.mark.parametrize("counted", [(0, 5), (5, 0)])
def test_one_zero_is_no_count_to_compare_with(counted: tuple[int, int]) -> None:
    forgetting = record(["responses-previous-id-ignored"], ["responses/state"])
    for turn, tokens in enumerate(counted):
        answer = forgetting.exchanges[turn]
        forgetting.exchanges[turn] = changed(answer, usage={"input_tokens": tokens})
    (found,) = verdicts(forgetting, only="responses.state.remembered")
    assert found.outcome is Outcome.INCONCLUSIVE


PROMPTS = ("chat/whole/text", "chat/whole/non-ascii")


@pytest.mark.parametrize(
    ("rule", "scenario", "fault"),
    [
        ("chat.messages.parts-counted", "chat/whole/messages", "params-history-ignored"),
        ("chat.messages.history-counted", "chat/either/history", "params-history-ignored"),
        ("chat.messages.image-counted", "chat/either/image", "params-image-part-silently-dropped"),
        ("chat.tool-history.read", "chat/tools/history/no-tools", "params-history-ignored"),
        ("chat.limits.overflow-not-cut", "limits/overflow", "limits-context-overflow-truncated"),
    ],
)
def test_a_count_that_never_grows_does_not_say_what_was_dropped(
    rule: str, scenario: str, fault: str
) -> None:
    asked = (scenario, *PROMPTS)
    (found,) = verdicts(record([fault, "usage-prompt-constant"], asked), only=rule)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "chat.usage.longer-prompt" in str(found.raised)
    (alone,) = verdicts(record([fault, "usage-prompt-constant"], asked[:2]), only=rule)
    assert alone.outcome is Outcome.WARN


def test_no_role_at_all_is_not_also_a_late_one() -> None:
    missing = answer_to("chat/stream/text", "chunk-role-missing")
    assert outcome("chat.chunk.role-first", missing) is Outcome.INCONCLUSIVE
    assert outcome("chat.chunk.role-given", missing) is Outcome.FAIL
    late = answer_to("chat/stream/text", "chunk-role-late")
    assert outcome("chat.chunk.role-first", late) is Outcome.WARN


def test_a_missing_index_is_not_also_a_wrong_one() -> None:
    missing = answer_to("chat/whole/choices", "object-choice-index-missing")
    assert outcome("chat.choices.position", missing) is Outcome.INCONCLUSIVE
    assert outcome("chat.completion.choice-index", missing) is Outcome.FAIL


def test_where_any_name_is_served_its_case_tells_nothing() -> None:
    asked = ("unknown/model-case", "unknown/model", "models/list")
    for fault, names, expected in (
        ("params-unknown-model-accepted", asked, Outcome.INCONCLUSIVE),
        ("params-unknown-model-accepted", (asked[0], asked[2]), Outcome.WARN),
        ("params-model-case-ignored", asked, Outcome.WARN),
    ):
        (found,) = verdicts(record([fault], names), only="errors.unknown.model-case")
        assert found.outcome is expected


def test_who_grants_no_origin_is_not_judged_by_what_else_a_preflight_allows() -> None:
    silent = replace(answer_to("http/preflight"), status=204, headers=())
    assert outcome("http.requests.preflight-allows", silent) is Outcome.NOT_APPLICABLE
    assert outcome("http.requests.preflight", silent) is Outcome.WARN
    granting = replace(silent, headers=(("Access-Control-Allow-Origin", "*"),))
    assert outcome("http.requests.preflight-allows", granting) is Outcome.WARN
    assert outcome("http.requests.preflight", granting) is Outcome.PASS


DELIVERED = "chat.delivery.as-generated"


def late(answer: Exchange, held: float, end: float) -> Exchange:
    """The stream with nothing before `held` seconds, and then one event after another."""
    events = answer.body.split(b"\n\n")[:-1]
    step = (end - held) / (len(events) - 1)
    pieces = (Segment(held + n * step, event + b"\n\n") for n, event in enumerate(events))
    return replace(answer, segments=tuple(pieces), ended_at=end)


@pytest.mark.parametrize(
    ("held", "end", "expected"),
    [
        (0.01, 4.0, Outcome.PASS),
        (1.9, 4.0, Outcome.PASS),
        (2.1, 4.0, Outcome.INCONCLUSIVE),
        (3.9, 4.0, Outcome.INCONCLUSIVE),
        (0.01, 0.2, Outcome.INCONCLUSIVE),
    ],
)
def test_a_stream_shows_by_itself_that_it_was_not_held_back(
    held: float, end: float, expected: Outcome
) -> None:
    """Where the answer of one token was as long as any, only the stream's own times tell."""
    endless = late(answer_to("chat/first-token", "limits-max-tokens-ignored"), held, end)
    long = answer_to("chat/stream/long", "limits-max-tokens-ignored")
    found = judged(DELIVERED, late(long, held, end), [endless])
    assert found.outcome is expected
    if expected is Outcome.INCONCLUSIVE:
        assert str(found.raised).startswith("chat/first-token#1 was to stop after one token and ")


def test_a_stream_that_is_held_back_is_found_by_the_time_of_one_token() -> None:
    short = late(answer_to("chat/first-token"), 0.1, 0.2)
    held = late(answer_to("chat/stream/long"), 3.9, 4.0)
    assert outcome(DELIVERED, held, [short]) is Outcome.FAIL


def test_one_early_piece_does_not_spread_a_stream() -> None:
    long = late(answer_to("chat/stream/long"), 3.9, 4.0)
    role, first, *rest = long.segments
    early = (replace(role, at=0.1), replace(first, at=0.1), *rest)
    endless = answer_to("chat/first-token", "limits-max-tokens-ignored")
    assert outcome(DELIVERED, replace(long, segments=early), [endless]) is Outcome.INCONCLUSIVE


CROSS_TALK = "http.concurrency.no-cross-talk"


def mixed_up(*others: Exchange, **times: float) -> Outcome:
    """What is said of an answer that holds the word of another request too."""
    delta = {"role": "assistant", "content": "cormorant-5107 tamarind-4460"}
    said = streaming("concurrent/gzip", {"choices": [{"index": 0, "delta": delta}]})
    return outcome(CROSS_TALK, replace(said, **times), others)


def test_a_word_that_nobody_asked_for_was_not_mixed_up() -> None:
    assert mixed_up() is Outcome.NOT_APPLICABLE
    assert mixed_up(answer_to("chat/whole/text")) is Outcome.PASS
    assert mixed_up(answer_to("concurrent/plain")) is Outcome.FAIL


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        (7.9, Outcome.NOT_APPLICABLE),
        (8.1, Outcome.FAIL),
        (10.5, Outcome.FAIL),
        (99.0, Outcome.FAIL),
    ],
)
def test_a_word_that_was_said_before_it_was_asked_for_is_no_mix_up(
    started: float, expected: Outcome
) -> None:
    """A later answer may hold it: it can come over a connection that was abandoned."""
    asking = replace(answer_to("concurrent/plain"), started=10.0, ended_at=1.0)
    assert mixed_up(asking, started=started, ended_at=2.0) is expected


def test_a_server_that_always_says_the_same_words_mixes_nothing_up() -> None:
    canned = replace(answer_to("chat/whole/text"), segments=(Segment(0.1, b"tamarind-4460"),))
    asking = replace(answer_to("concurrent/plain"), started=10.0, ended_at=1.0)
    assert mixed_up(asking, canned, started=10.0, ended_at=2.0) is Outcome.PASS


def test_what_was_mixed_up_before_a_repetition_stays_mixed_up() -> None:
    cut = replace(answer_to("concurrent/plain"), ending=Ending.CUT, ended_at=1.0)
    again = replace(answer_to("concurrent/plain"), attempt=2, started=5.0)
    assert mixed_up(cut, again, started=0.0, ended_at=1.0) is Outcome.FAIL


def test_a_request_that_got_no_answer_asked_for_a_word_too() -> None:
    silent = replace(answer_to("concurrent/plain"), status=None, segments=(), ending=Ending.STALLED)
    assert mixed_up(silent) is Outcome.FAIL


def test_what_there_is_no_usage_of_is_named_with_the_reason() -> None:
    missing = answering(answer_to("concurrent/double-slash"), 404, "Not Found", "text/plain")
    uncounted = answer_to("concurrent/plain", "usage-missing-in-stream")
    found = judged("http.concurrency.own-usage", answer_to("concurrent/gzip"), [missing, uncounted])
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == (
        "concurrent/gzip#1 has nothing to compare with: concurrent/lowercase-scheme was not sent, "
        "concurrent/plain got no count of prompt_tokens, concurrent/double-slash got HTTP 404"
    )


def test_a_count_that_never_grows_is_not_mixed_up() -> None:
    names = ("concurrent/plain", "concurrent/gzip", *PROMPTS)
    (found,) = verdicts(record(["usage-prompt-constant"], names), only="http.concurrency.own-usage")
    assert found.outcome is Outcome.INCONCLUSIVE


def test_a_text_that_comes_twice_does_not_exceed_a_limit_that_was_counted() -> None:
    doubled = answer_to("chat/stream/text", "chunk-content-cumulative")
    assert outcome("chat.limits.streamed", doubled) is Outcome.PASS


@pytest.mark.parametrize("fault", ["chunk-content-cumulative", "chunk-final-repeats-whole-answer"])
def test_a_text_that_comes_twice_was_not_counted_wrongly(fault: str) -> None:
    assert outcome("chat.usage.streamed-answer", answer_to("chat/stream/long", fault)) is (
        Outcome.INCONCLUSIVE
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("errors.method.client-error", Outcome.PASS),
        ("errors.method.status", Outcome.PASS),
        ("errors.method.allow", Outcome.NOT_APPLICABLE),
    ],
)
def test_a_server_may_know_a_method_nowhere(rule: str, expected: Outcome) -> None:
    assert outcome(rule, answer_to("method/put-chat", "method-501")) is expected


def test_what_one_choice_breaks_is_seen_beside_another_of_which_nothing_can_be_said() -> None:
    """The first choice has no role at all; the role of the second one comes late."""
    said = [
        {"index": 0, "delta": {"content": "a"}},
        {"index": 1, "delta": {"content": "b"}},
        {"index": 1, "delta": {"role": "assistant"}},
    ]
    stream = streaming("chat/stream/choices", *({"choices": [choice]} for choice in said))
    assert outcome("chat.chunk.role-first", stream) is Outcome.WARN


def test_an_id_that_changes_within_a_call_makes_no_other_call_of_it() -> None:
    anew = ("tools-name-and-id-repeated-every-delta", "tools-id-changes-per-delta")
    stream = answer_to("chat/stream/tool-call", *anew)
    assert outcome("chat.tools.streamed-index-own", stream) is Outcome.NOT_APPLICABLE
    assert outcome("chat.tools.streamed-id-constant", stream) is Outcome.FAIL
