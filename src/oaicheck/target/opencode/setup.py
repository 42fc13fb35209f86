"""View of the opencode.json that a target comes from, built from the facts of the recording."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oaicheck.rules.judging import NotApplicable
from oaicheck.target.config_value import ConfigValue


@dataclass(frozen=True, slots=True)
class OpencodeSetup:
    """The chosen provider and model as OpenCode uses them. Keys are replaced by markers."""

    root: ConfigValue
    provider_name: str
    alias: str | None

    @property
    def provider(self) -> ConfigValue:
        """The chosen provider."""
        return self.root["provider"][self.provider_name]

    @property
    def options(self) -> ConfigValue:
        """Its options."""
        return self.provider["options"]

    @property
    def authorization(self) -> ConfigValue:
        """The `Authorization` header, in any case of letters."""
        for name, header in self.options["headers"].members():
            if name.lower() == "authorization":
                return header
        return self.options["headers"]["Authorization"]

    @property
    def api_key(self) -> ConfigValue:
        """The key that the adapter sends after `Bearer `, unless a header replaces it."""
        return self.options["apiKey"]

    @property
    def model(self) -> ConfigValue:
        """The chosen model. Raises NotApplicable if an option named a model outside the file."""
        if self.alias is None:
            raise NotApplicable("an option names the model, not the opencode.json")
        return self.provider["models"][self.alias]

    @property
    def deployed_name(self) -> ConfigValue:
        """The member with the model's name at the endpoint: `id`, or `name` without an `id`."""
        model = self.model
        return model["name"] if model["id"].absent else model["id"]

    @property
    def sent_name(self) -> str:
        """What OpenCode sends as `model`: `id`, or the model's key without an `id`."""
        found = self.model["id"]
        return str(found.value) if found.is_text else str(self.alias)

    @property
    def default_model(self) -> ConfigValue:
        """The top-level `model`. Raises NotApplicable if it is absent and OpenCode chooses."""
        if self.root["model"].absent:
            raise NotApplicable("no top-level `model`: OpenCode chooses a model itself")
        return self.root["model"]

    @property
    def default_is_known(self) -> bool:
        """Whether the file contains the default model.

        Raises NotApplicable if it belongs to a provider that only OpenCode may know.
        """
        provider, slash, alias = str(self.default_model.value).partition("/")
        providers = dict(self.root["provider"].members())
        if provider in providers:
            return providers[provider]["models"][alias].absent is False
        ours = [other for other, entry in providers.items() if not entry["models"][alias].absent]
        if not slash or ours or difflib.get_close_matches(provider, providers):
            return False
        raise NotApplicable(f"`model` belongs to {provider}, which is not in this file")


def setup_in(facts: Mapping[str, Any]) -> OpencodeSetup:
    """The view. Raises NotApplicable if the target does not come from an opencode.json."""
    told = facts.get("opencode")
    if told is None:
        raise NotApplicable("the target does not come from an opencode.json (--opencode-config)")
    sites = {tuple(steps): site for steps, site in told["sites"]}
    return OpencodeSetup(ConfigValue(told["config"], (), sites), told["provider"], told["alias"])
