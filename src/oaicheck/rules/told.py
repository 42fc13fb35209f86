"""Which requirements tell that a response lacks what other checks need.

A check or a view that finds nothing to judge passes one of these as `told_by`. Its result is then
not applicable where the defect is told already.
"""

from __future__ import annotations

NO_CHOICES = ("chat.chunk.no-error", "chat.chunk.present", "chat.completion.choices")
"""An answer without a choice."""
NO_USAGE = (
    "chat.usage.streamed",
    "chat.usage.streamed-counters",
    "chat.completion.no-error",
    "chat.usage.whole",
)
"""An answer without token counts."""
NO_FINISH = ("chat.chunk.no-error", "chat.framing.ends", "chat.finish.given")
"""A stream without a finish reason."""
NO_CALL = (
    "chat.tools.required",
    "chat.tools.required-streamed",
    "chat.tools.streamed-too",
    "chat.tool-choice.named",
    "chat.tools.array",
    "chat.tools.streamed-array",
)
"""An answer without the tool call that was forced."""
NO_CALL_INDEX = ("chat.tools.streamed-index", "chat.tools.streamed-index-own")
"""Streamed tool calls that cannot be told apart."""
NO_ARGUMENTS = (
    "chat.tools.arguments-text",
    "chat.tools.arguments-empty",
    "chat.tools.arguments",
    "chat.tools.arguments-once",
    "chat.tools.streamed-function",
    "chat.tools.streamed-arguments-text",
    "chat.tools.streamed-arguments-empty",
    "chat.tools.streamed-arguments",
    "chat.tools.streamed-arguments-once",
)
"""Tool calls without the JSON object that their arguments should be."""

NO_RESPONSE = (
    "responses.object.json",
    "responses.stream.is-a-stream",
    "responses.stream.no-error",
    "responses.stream.ends",
    "responses.stream.terminal",
    "responses.stream.terminal-response",
)
"""An answer without a response object."""
NO_RESPONSE_USAGE = ("responses.usage.given", "responses.usage.counters")
"""A response without token counts."""
NO_RESPONSE_STATUS = ("responses.object.status", "responses.object.status-ended")
"""A response that does not say how it ended."""
NO_OUTPUT = ("responses.object.output", "responses.items.type", "responses.items.text-not-empty")
"""A response without an output item."""
NO_STREAMED_ITEM = (
    "responses.events.output-index",
    "responses.events.item-announced",
    *NO_OUTPUT,
)
"""A streamed response that announces no output item."""
NO_FUNCTION_CALL = (
    "responses.tools.required",
    "responses.tools.required-streamed",
    "responses.tools.named",
)
"""A response without the function call that was forced."""
