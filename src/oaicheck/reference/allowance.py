"""The token limit of an answer: what was requested, what fits, and what is allowed."""

from .chat.ask import Ask
from .http.problem import invalid
from .model.tokens import prompt_tokens
from .settings import Settings


def most_tokens(
    ask: Ask, settings: Settings, prompt_name: str, limit_name: str
) -> tuple[int, bool]:
    """The token limit of the answer, and whether it is lower than the requested one.

    The names are those of the parameters to mention in a refusal.
    """
    prompt = prompt_tokens(ask.messages, ask.tools)
    window = settings.context_window
    if prompt >= window:
        raise invalid(
            prompt_name,
            f"This model's maximum context length is {window} tokens. However, your {prompt_name} "
            f"resulted in {prompt} tokens. Please reduce the length of the {prompt_name}.",
            "context_length_exceeded",
        )
    most = min(settings.max_output_tokens, window - prompt)
    if ask.limit is None or ask.limit <= most:
        return ask.limit or most, False
    if settings.over_limit == "refuse":
        raise invalid(
            limit_name,
            f"{limit_name} is too large: {ask.limit}. This model supports at most {most} "
            "completion tokens here.",
            "invalid_value",
        )
    return most, True
