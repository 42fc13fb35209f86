"""Faults in refusing a streaming request that only a look at its content shows to be wrong."""

from dataclasses import replace

from ...deviation import REPLY, Situation, fault
from ...http.reply import Reply
from ...responses.late_refusals import late_refusal

fault(
    "responses-schema-cuts-stream",
    REPLY,
    "The stream for a schema that does not compile ends without a terminal event.",
)(late_refusal("schema"))
fault(
    "responses-schema-fails-in-stream",
    REPLY,
    "A schema that does not compile is told in response.failed, after a status of 200.",
)(late_refusal("schema", "failed"))
fault(
    "responses-overflow-cuts-stream",
    REPLY,
    "The stream for a prompt beyond the context window ends without a terminal event.",
)(late_refusal("context"))
fault(
    "responses-overflow-as-error-event",
    REPLY,
    "A prompt beyond the context window is told in an error event only, after a status of 200.",
)(late_refusal("context", "error"))


@fault("responses-schema-500", REPLY, "A schema that does not compile gives a 500 when streaming.")
def _schema_500(reply: Reply, situation: Situation) -> Reply:
    about = situation.route == "responses" and situation.streams and reply.status == 400
    bad = about and "schema" in reply.body.decode()
    return replace(reply, status=500) if bad else reply
