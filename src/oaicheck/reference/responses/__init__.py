"""The Responses API of the reference endpoint: objects, events and stored responses."""
