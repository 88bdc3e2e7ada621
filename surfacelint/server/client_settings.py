"""Settings of the client, in its section `surfacelint`. Configuration files hold all others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from surfacelint.system.did_you_mean import suggestion

SECTION = "surfacelint"
"""The section of the client's settings."""

WORKSPACE, OPEN_FILES = "workspace", "openFilesOnly"


class ClientSettingsError(Exception):
    """A wrong setting of the client. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """The settings of the client for a folder.

    - `configuration`: a configuration file to read in place of the nearest one, relative to the folder; empty for none.
    - `overrides`: settings by their key in configuration files, as JSON, which override those of the files.
    - `diagnostic_mode`: report findings in all files of the workspace, or only in open ones.
    """

    configuration: str = ""
    overrides: str = "{}"
    diagnostic_mode: str = WORKSPACE

    @classmethod
    def read(cls, values: object) -> ClientSettings:
        """Read the section of the client. Missing and null settings have their defaults. Raises ClientSettingsError."""
        if values is None:
            return cls()
        if not isinstance(values, Mapping):
            raise ClientSettingsError(f"the settings `{SECTION}` must be an object, not {values!r:.80}")
        given: dict[str, str] = {}
        for key, value in values.items():
            if key in _FIELDS and value is not None:
                given[_FIELDS[key]] = _read(key, value)
            elif key not in _FIELDS and key not in _OF_THE_CLIENT:
                raise ClientSettingsError(f"unknown setting `{SECTION}.{key}`; {suggestion(str(key), _FIELDS)}")
        return cls(**given)


_FIELDS = {"configuration": "configuration", "overrides": "overrides", "diagnosticMode": "diagnostic_mode"}

_OF_THE_CLIENT = frozenset({"enable", "path", "trace"})
"""Settings of the extension for Visual Studio Code in the same section."""


def _read(key: str, value: object) -> str:
    name = f"the setting `{SECTION}.{key}`"
    if key == "overrides":
        if not isinstance(value, Mapping):
            raise ClientSettingsError(f'{name} must be an object of settings by key, such as {{"min-items": 300}}, not {value!r:.80}')
        return json.dumps(value)
    if key == "diagnosticMode" and value not in (WORKSPACE, OPEN_FILES):
        raise ClientSettingsError(f"{name} must be {WORKSPACE!r} or {OPEN_FILES!r}, not {value!r:.80}")
    if not isinstance(value, str):
        raise ClientSettingsError(f"{name} must be a string, not {value!r:.80}")
    return value
