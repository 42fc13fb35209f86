"""View of the opencode.json that a target comes from, as the recording's facts describe it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oaicheck.rules.judging import NotApplicable
from oaicheck.target.config_value import ConfigValue


@dataclass(frozen=True, slots=True)
class OpencodeSetup:
    """What OpenCode makes of the chosen provider and model. Keys are markers of their length."""

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
        """The `Authorization` among its headers, in whatever case it is written."""
        for name, header in self.options["headers"].members():
            if name.lower() == "authorization":
                return header
        return self.options["headers"]["Authorization"]

    @property
    def api_key(self) -> ConfigValue:
        """The key that the adapter sends after `Bearer `, where no header takes its place."""
        return self.options["apiKey"]

    @property
    def model(self) -> ConfigValue:
        """The chosen model; raises NotApplicable where another was named than the file has."""
        if self.alias is None:
            raise NotApplicable("the model was named by an option, not by the opencode.json")
        return self.provider["models"][self.alias]

    @property
    def deployed_name(self) -> ConfigValue:
        """Where it says how the endpoint calls the model: `id`, else `name`."""
        model = self.model
        return model["name"] if model["id"].absent else model["id"]

    @property
    def sent_name(self) -> str:
        """What OpenCode sends as `model`: `id`, else the model's key."""
        found = self.model["id"]
        return str(found.value) if found.is_text else str(self.alias)

    @property
    def default_model(self) -> ConfigValue:
        """The top-level `model`; raises NotApplicable where OpenCode chooses one itself."""
        if self.root["model"].absent:
            raise NotApplicable("there is no top-level `model`: OpenCode chooses one itself")
        return self.root["model"]

    @property
    def default_is_known(self) -> bool:
        """Whether the default model stands in the file.

        Raises NotApplicable where it is of a provider that only OpenCode itself may know.
        """
        provider, slash, alias = str(self.default_model.value).partition("/")
        providers = dict(self.root["provider"].members())
        if provider in providers:
            return providers[provider]["models"][alias].absent is False
        ours = [other for other, entry in providers.items() if not entry["models"][alias].absent]
        if not slash or ours or difflib.get_close_matches(provider, providers):
            return False
        raise NotApplicable(f"`model` is of {provider}, which is not configured here")


def setup_in(facts: Mapping[str, Any]) -> OpencodeSetup:
    """The view; raises NotApplicable where the target does not come from an opencode.json."""
    told = facts.get("opencode")
    if told is None:
        raise NotApplicable("the target does not come from an opencode.json (--opencode-config)")
    sites = {tuple(steps): site for steps, site in told["sites"]}
    return OpencodeSetup(ConfigValue(told["config"], (), sites), told["provider"], told["alias"])
