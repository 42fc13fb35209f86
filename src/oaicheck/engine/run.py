"""Sends each scenario once, retries only for good reasons, and records every attempt."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import httpx

from oaicheck.engine.client import send
from oaicheck.engine.clock import MACHINE, Time
from oaicheck.engine.endurance import STILL_THERE, TINY_TURN, Endurance, kind_of
from oaicheck.engine.from_answers import MissingAnswerError
from oaicheck.engine.overflow import lengths_for, longer
from oaicheck.engine.pace import Pace
from oaicheck.engine.prepare import prepare
from oaicheck.engine.retrying import (
    easier_request,
    goes_on,
    is_broken,
    is_empty,
    is_out_of_reach,
    is_void,
    may_be_disturbed,
    pause_before,
    succeeded,
    worth_rewording,
)
from oaicheck.engine.run_ceiling import RunCeiling
from oaicheck.engine.transport import open_transport, proxy_of, tls_context
from oaicheck.engine.watch import Watch
from oaicheck.scenarios.budget import Allowance
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target import Target
from oaicheck.views.refusal import is_rate_limited
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import RecordingWriter
from oaicheck.wire.silence import is_silent


async def send_all(
    target: Target,
    scenarios: Iterable[Scenario],
    writer: RecordingWriter,
    *,
    watch: Watch | None = None,
    allowance: Allowance | None = None,
    ceiling: RunCeiling | None = None,
    time: Time = MACHINE,
) -> list[str]:
    """Send scenarios to a target: most of them in parallel, then those that must run alone.

    Beside those whose timing is judged, only requests run that should generate nothing. If the
    endpoint serves one of these, the timed scenario is sent once more, with nothing beside it.

    With a budget they start in their order, with nothing beside the timed ones. When the allowance
    is used up, nothing more is sent.

    If scenarios get no answer in time, a tiny request shows if the endpoint is slow or hangs. If it
    is slow, they are sent again at the end, with more patience. Returns sentences about that for
    the user.

    When the run reaches its `ceiling`, no scenario is begun any more.

    Each exchange is recorded as soon as it ends, so an interrupted run keeps what it has. The
    endpoint's behaviour never raises an exception. Raises TargetError if the TLS settings cannot be
    used, and OSError if the recording cannot be written.
    """
    scenarios = list(scenarios)
    pace = Pace(target.limits, time)
    allowance = allowance or Allowance()
    sender = _Sender(
        target,
        tls_context(target),
        pace,
        writer,
        watch or Watch(),
        allowance,
        time,
        Endurance(target.limits),
        ceiling or RunCeiling(target.limits, time),
    )
    timed = [scenario for scenario in scenarios if scenario.timed]
    alone = [scenario for scenario in scenarios if scenario.alone and not scenario.timed]
    together = [scenario for scenario in scenarios if not scenario.alone]
    beside: list[Scenario] = []
    if not allowance.budget:
        # The longest first: at the end, one of them would keep everything else waiting.
        together.sort(key=lambda each: (len(each.turns), each.output_tokens), reverse=True)
        beside = [each for each in together if each.is_light] if timed else []
    try:
        await sender.finish_together(each for each in together if each not in beside)
        left = await sender.finish_timed(timed, beside, target.limits.concurrency - 1)
        await sender.finish_together(left)
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    for scenario in alone:
        await sender.finish(scenario)
    return await sender.finish_left()


@dataclass(frozen=True, slots=True)
class _Sender:
    """Sends single scenarios, all with the same Pace.

    `left` are those that got no answer in time, were held back for that reason, or were not sent.
    """

    target: Target
    ssl_context: ssl.SSLContext
    pace: Pace
    writer: RecordingWriter
    watch: Watch
    allowance: Allowance
    time: Time
    endurance: Endurance
    ceiling: RunCeiling
    left: dict[str, Scenario] = field(default_factory=dict)

    async def finish_together(self, scenarios: Iterable[Scenario]) -> None:
        """Send scenarios in parallel."""
        async with asyncio.TaskGroup() as together:
            for scenario in scenarios:
                together.create_task(self.finish(scenario), name=scenario.name)

    async def finish_timed(
        self, timed: Sequence[Scenario], beside: Sequence[Scenario], at_once: int
    ) -> list[Scenario]:
        """Send timed scenarios in turn, and beside them `at_once` of the others.

        Returns those of the others that were not sent.
        """
        left = list(beside)
        names = {scenario.name for scenario in beside}

        async def accompany() -> None:
            while left and not self._generating(names):
                await self.finish(left.pop(0))

        async with asyncio.TaskGroup() as together:
            for _ in range(at_once):
                together.create_task(accompany())
            for scenario in timed:
                await self.finish(scenario)
            not_sent = left.copy()
            left.clear()
        generating = self._generating(names)
        for scenario in timed:
            found = self.writer.recording.conversation(scenario.name)
            if found and any(map(found.turns[-1].overlaps, generating)):
                await self.send(scenario)
        return not_sent

    def _generating(self, names: Set[str]) -> list[Exchange]:
        """The exchanges of these scenarios in which the endpoint served what it should refuse."""
        return [
            exchange
            for exchange in self.writer.recording.exchanges
            if exchange.scenario in names and exchange.request.method == "POST"
            if succeeded(exchange)
        ]

    async def finish(self, scenario: Scenario) -> None:
        """Send a scenario, and notify the watch when it is finished."""
        await self.send(scenario)
        self.watch.finished(scenario.name)

    async def finish_left(self) -> list[str]:
        """Send what is left once more, one at a time and with more patience.

        Returns sentences about a slow or a hanging endpoint.
        """
        endurance = self.endurance
        left = [each for each in self.left.values() if endurance.wants_again(kind_of(each))]
        # What was silent comes first: it shows whether more patience helps.
        left.sort(key=lambda scenario: self.writer.recording.conversation(scenario.name) is None)
        endurance.begin_last_round()
        for scenario in left:
            await self.send(scenario)
        endurance.end_last_round()
        recorded = {exchange.scenario for exchange in self.writer.recording.exchanges}
        not_sent = [scenario for scenario in left if scenario.name not in recorded]
        return list(endurance.remarks(Counter(map(kind_of, not_sent))))

    async def _ask_if_it_lives(self) -> None:
        """Send a tiny request, with nothing beside it, after too many silent ones."""
        async with self.pace.slot(alone=True, ahead=True):
            if not self.endurance.doubtful or not self.allowance.spare():
                return
            attempt = 1 + self._last_attempt(STILL_THERE)
            request = prepare(self.target, TINY_TURN, scenario=STILL_THERE, attempt=attempt)
            exchange = await send(
                self.target,
                request,
                limits=self.endurance.limits_of_the_question,
                ssl_context=self.ssl_context,
                time=self.time,
            )
            self.writer.add(exchange)
            self.endurance.asked(exchange)
            self.pace.one_at_a_time()

    async def send(self, scenario: Scenario) -> None:
        """Send a scenario until there is something to judge, or no retry is left.

        Each attempt repeats the whole conversation. Reasons for a retry:
        - a rate limit, or an endpoint out of reach: several times, the last ones alone;
        - a broken connection, or a stream without a single byte: once;
        - a break while other requests were running, which may be the cause: once more, alone;
        - a prompt that does not exceed the context window although it should: with a longer one;
        - tools that exceed the context window: with half of them, as often as that helps;
        - a refusal to force a tool call: with `tool_choice` `auto`;
        - a model that did not do what the scenario shows: with other words.
        """
        limits = self.target.limits
        wordings: list[Mapping[str, Any]] = [{}, *scenario.rewordings]
        wording = refused = 0
        attempt = self._last_attempt(scenario.name)
        lengths = lengths_for(scenario, self.writer.recording.exchanges, self.target.model)
        repeated = isolated = isolating = False
        while True:
            attempt += 1
            async with self._connection(scenario) as kept:
                turns, shared = await self._converse(
                    scenario,
                    attempt,
                    wordings[wording],
                    kept,
                    lengths[0] if lengths else None,
                    alone=isolating or refused > 1,
                    again=refused > 0,
                )
            if not turns or await self._ends_in_silence(scenario, turns[-1]):
                self.left[scenario.name] = scenario
                return
            last = turns[-1]
            if isolating and not is_rate_limited(last):
                self.pace.isolated(helped=not is_broken(last))
                isolating = False
            if is_rate_limited(last) or is_out_of_reach(last):
                refused += 1
                pause = pause_before(refused, last, limits.retry_after_cap, self.time.wall())
                if refused > limits.retries or not self._may_wait(last, pause):
                    if is_out_of_reach(last):
                        self.pace.unreached()
                    return
            elif (is_void(last) or (is_broken(last) and is_empty(last))) and not repeated:
                repeated = True
            elif shared and not isolated and self.pace.may_isolate and may_be_disturbed(last):
                isolated = isolating = True
            elif lengths and (rest := longer(lengths, last)):
                lengths = rest
            elif scenario.shows and (easier := easier_request(turns[0])):
                wordings = [{**each, **easier} for each in wordings]
            elif worth_rewording(scenario, turns) and wording + 1 < len(wordings):
                wording += 1
            else:
                return

    def _last_attempt(self, scenario: str) -> int:
        """The number of a scenario's last attempt, which a resumed run may have from before."""
        before = self.writer.recording.conversation(scenario)
        return before.turns[-1].attempt if before else 0

    async def _ends_in_silence(self, scenario: Scenario, last: Exchange) -> bool:
        """Whether an attempt got no answer in time. If there were many, see if it still lives."""
        self.endurance.learn(kind_of(scenario), last)
        if not is_silent(last):
            if not is_out_of_reach(last):
                self.pace.answered()
            return False
        if self.endurance.doubtful:
            await self._ask_if_it_lives()
        return True

    def _may_wait(self, last: Exchange, pause: float) -> bool:
        if is_rate_limited(last):
            return self.pace.slow_down(pause, last.started)
        return self.pace.wait(pause)

    def _connection(
        self, scenario: Scenario
    ) -> contextlib.AbstractAsyncContextManager[httpx.AsyncHTTPTransport | None]:
        """The connection for all turns of an attempt, or None if each turn opens its own."""
        if not scenario.keep_alive:
            return contextlib.nullcontext()
        transport = open_transport(
            proxy_of(self.target), self.ssl_context, self.target.limits, keep_alive=True
        )
        return contextlib.aclosing(transport)

    async def _converse(
        self,
        scenario: Scenario,
        attempt: int,
        rewording: Mapping[str, Any],
        kept: httpx.AsyncHTTPTransport | None,
        overflow: int | None,
        *,
        alone: bool,
        again: bool,
    ) -> tuple[list[Exchange], bool]:
        """Send one attempt: turn after turn, until one gets no 2xx, unless the client hung up.

        Returns the exchanges, and whether other requests were running during the last of them. With
        `goes_on`, only a rate limit or a missing response ends the conversation early. With
        `apart`, that is so if the first turn is refused; otherwise no other turn is sent. If the
        endpoint hangs, or the allowance is used up, nothing more is sent.
        """
        turns: list[Exchange] = []
        shared = False
        nonce = secrets.token_hex(4)
        # A retry counts before it waits for its turn, so that it comes before other scenarios.
        # A plan counts the tokens of all the prompts that may follow to exceed the context window.
        granted = attempt > 1 and self.allowance.take(scenario.name, prepaid=overflow is not None)
        if attempt > 1 and not granted:
            return turns, shared
        for turn in scenario.turns:
            try:
                request = prepare(
                    self.target,
                    turn,
                    scenario=scenario.name,
                    attempt=attempt,
                    rewording=None if turns else rewording,
                    answers=turns,
                    nonce=nonce,
                    overflow=overflow,
                )
            except MissingAnswerError:
                if not turns:
                    raise
                break
            async with self.pace.slot(alone=alone, ahead=again or bool(turns)) as slot:
                granted = granted or self.allowance.take(scenario.name)
                if not granted or self.endurance.holds(kind_of(scenario)):
                    break
                if len(turns) >= scenario.requests and not self.allowance.spare():
                    break
                if not turns and self.ceiling.is_reached(self.writer.size):
                    break
                self.watch.sending(scenario.name)
                exchange = await send(
                    self.target,
                    request,
                    limits=self.endurance.limits_for(len(request.body or b"")),
                    ssl_context=self.ssl_context,
                    kept=kept,
                    time=self.time,
                )
            shared = slot.shared
            self.writer.add(exchange)
            self.watch.recorded(exchange)
            turns.append(exchange)
            if not is_rate_limited(exchange):
                self.pace.speed_up()
            if not goes_on(scenario, exchange):
                break
        if granted:
            self.allowance.give_back(max(0, scenario.requests - len(turns)))
        return turns, shared
