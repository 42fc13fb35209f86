"""The view of a real client's task: what its user got, and its exchanges with the endpoint.

The output of the client is an exchange too, its account: turn 0 of the conversation. Its body is a
JSON object with what the client `observed`, or the `error` that it raised, or that it `hangs`. The
other turns are the client's exchanges with the endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from oaicheck.rules.judging import Inconclusive, NotApplicable, require
from oaicheck.scenarios.scenario import Scenario
from oaicheck.views.chat import ChatStream, Completion, offered_tools
from oaicheck.views.reasoning import reasoning_members
from oaicheck.views.tool_calls import Arguments, arguments_in
from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT, shortened

_SAID = 500
"""How many characters of a client's error message are shown."""
PREFIX = "clients/"
"""The prefix of the names of scenarios that real clients carry out."""


def is_of_client(scenario: Scenario) -> bool:
    """Whether a real client carries out a scenario."""
    return scenario.name.startswith(PREFIX)


def client_and_task(scenario: Scenario) -> tuple[str, str]:
    """The names of the client and of its task, from a scenario's name."""
    client, task = scenario.name.removeprefix(PREFIX).split("/")
    return client, task


@dataclass(frozen=True)
class ClientRun:
    """One task of one client: its account, and its exchanges in order, at least one."""

    account: Exchange
    exchanges: tuple[Exchange, ...]

    @property
    def root(self) -> Located:
        """The account."""
        root = self.account.json
        return Located(ABSENT, (), self.account) if root is None else root

    @property
    def seen(self) -> Located:
        """What the client's user got."""
        return self.root["observed"]

    @property
    def error(self) -> Located:
        """The error raised: `type`, `message`, `status`, and whether the user is `told` why."""
        return self.root["error"]

    @property
    def hangs(self) -> bool:
        """Whether the task did not finish."""
        return self.root["hangs"].value is True

    @property
    def last(self) -> Exchange:
        """The last exchange."""
        return self.exchanges[-1]

    @cached_property
    def answers(self) -> list[ChatStream | Completion]:
        """The chat answers of the endpoint."""
        return list(self._answers())

    def _answers(self) -> Iterator[ChatStream | Completion]:
        for exchange in self.exchanges:
            if exchange.status == 200 and exchange.json is not None:
                yield Completion(exchange, exchange.json)
            elif exchange.status == 200:
                yield exchange.derived(ChatStream)

    @property
    def _carriers(self) -> Iterator[Located]:
        """The messages and deltas of all choices."""
        for answer in self.answers:
            if isinstance(answer, Completion):
                yield from answer.messages
            else:
                yield from (entry["delta"] for entry in answer.entries)

    @property
    def texts(self) -> list[Located]:
        """The pieces of text that the endpoint sent, in chat and in the Responses API."""
        pieces = [carrier["content"] for carrier in self._carriers]
        for answer in self.answers:
            if isinstance(answer, ChatStream):
                pieces += [chunk["delta"] for chunk in answer.chunks]
            else:
                parts = [part for item in answer.root["output"] for part in item["content"]]
                pieces += [part["text"] for part in parts]
        return [piece for piece in pieces if piece.is_text]

    @property
    def thoughts(self) -> list[Located]:
        """The pieces of reasoning that the endpoint sent, of any JSON type, without empty ones."""
        return [piece for piece in reasoning_members(list(self._carriers)) if piece.value != ""]

    @property
    def calls(self) -> list[Located]:
        """The tool calls and tool call deltas that the endpoint sent."""
        return [call for carrier in self._carriers for call in carrier["tool_calls"]]

    @property
    def arguments(self) -> list[Arguments]:
        """The arguments of the calls that can be assembled."""
        return [each for answer in self.answers for each in arguments_in(answer)]


def require_no_harm(run: ClientRun) -> None:
    """Require that the task finished and that the client raised no error."""
    require(
        not run.hangs,
        run.account,
        expected="a client that finishes",
        observed=run.account.detail,
        beside=run.last,
    )
    require(
        not run.error.given,
        run.error["message"],
        expected="a response that the client can use",
        observed=_raised(run),
        beside=run.last,
    )


def require_text(run: ClientRun, text: Located) -> None:
    """Require that the user gets text, if the endpoint sent any."""
    require_no_harm(run)
    if not text.is_text and not run.texts:
        raise Inconclusive("the model wrote no text")
    require(text.is_text, text, expected="the text that the endpoint sent", beside=run.last)


def require_usage(run: ClientRun) -> None:
    """Require that the client knows how many input and output tokens a stream used."""
    usage = run.seen["usage"]
    if run.seen.absent:
        raise Inconclusive("the stream did not finish")
    require(
        usage["input"].is_integer and usage["output"].is_integer,
        usage,
        expected="the number of input and output tokens",
        beside=run.last,
    )


def require_reasoning(run: ClientRun) -> None:
    """Require that the client has the reasoning of a stream, if the endpoint sent any."""
    reasoning, sent = run.seen["reasoning"], run.thoughts
    if not sent:
        raise NotApplicable("the endpoint sends no reasoning")
    if run.seen.absent and all(piece.is_text for piece in sent):
        raise Inconclusive("the stream did not finish")
    require(reasoning.is_text, reasoning, expected="the reasoning", beside=run.last)


def require_a_streamed_response(run: ClientRun) -> None:
    """Require that a streamed response gives the user text and a final response object."""
    require_text(run, run.seen["text"])
    final = run.seen["final"]
    require(final.is_object, final, expected="a final response", beside=run.last)


def require_a_continued_response(run: ClientRun) -> None:
    """Require that the second response continues the first, if the endpoint stores responses."""
    if len(run.exchanges) > 1 and run.last.status in (400, 404, 422, 501):
        raise NotApplicable("the endpoint does not store responses, and says so")
    require_no_harm(run)
    continued = run.seen["continued"]
    require(
        continued.value is True,
        continued,
        expected="`previous_response_id` in the response",
        beside=run.last,
    )


def require_calls(run: ClientRun) -> None:
    """Require that the client got a complete tool call and sent its result to the endpoint."""
    require_no_harm(run)
    calls = list(run.seen["calls"])
    if not calls and not run.calls:
        raise Inconclusive("the model called no tool")
    require(bool(calls), run.seen, expected="the call that the endpoint sent", observed="no call")
    for call in calls:
        _require_a_call(run, call)
    require(
        run.seen["answered"].value is True,
        run.seen["answered"],
        expected="an answer after the tool's result",
        beside=run.last,
    )


def _require_a_call(run: ClientRun, call: Located) -> None:
    """Require that a call is complete. Inconclusive if the model itself called an unknown tool."""
    name, given = call[0], call[1]
    offered = offered_tools(run.exchanges[0])
    if not name.is_one_of(offered) and any(sent.function == name.value for sent in run.arguments):
        raise Inconclusive("the model called a tool that was not offered")
    names = " or ".join(offered)
    require(name.is_one_of(offered), name, expected=names, beside=run.exchanges[0])
    if not given.is_object and all(sent.object is None for sent in run.arguments):
        raise Inconclusive("the model wrote arguments that are not a JSON object")
    sent = [each.object for each in run.arguments]
    require(
        given.is_object and (not sent or given.value in sent),
        given,
        expected="the arguments that the endpoint sent",
        beside=run.exchanges[0],
    )


def require_error(run: ClientRun, kind: str, status: int) -> None:
    """Require that the client raised an error of this type with the endpoint's message."""
    require(
        not run.hangs,
        run.account,
        expected=kind,
        observed=run.account.detail,
        beside=run.last,
    )
    require(
        run.error["type"].value == kind and run.error["status"].value == status,
        run.error["type"],
        expected=f"{kind} with status {status}",
        observed=_raised(run) if run.error.given else "no error",
        beside=run.last,
    )
    require(
        run.error["told"].value is True,
        run.error["message"],
        expected="the endpoint's error message",
        observed=_raised(run),
        beside=run.last,
    )


def require_error_if_refused(run: ClientRun, kind: str, status: int) -> None:
    """The same, if the endpoint refused. Whether it had to refuse is a separate requirement."""
    if run.last.status is not None and run.last.status < 400 and not run.error.given:
        raise NotApplicable("the request was not refused")
    require_error(run, kind, status)


def _raised(run: ClientRun) -> str:
    kind, message = run.error["type"], run.error["message"]
    return f"{_said(kind)}: {_said(message)}"


def _said(told: Located) -> str:
    return shortened(told.value, _SAID) if told.is_string else told.shown
