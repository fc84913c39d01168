"""The sentences of the contract that no check can decide, each with the reason."""

from __future__ import annotations

from typing import Final

from aitbc_hooks.testing.kit.checking import Untested

__all__ = ["UNTESTED"]

_SECURITY: Final = "SPEC.md, Security Considerations"
_PRACTICES: Final = "SPEC.md, Best Practices"

#: Listed in every report, so that nobody takes silence for a pass.
UNTESTED: Final = (
    Untested(
        "SPEC-01",
        "Plugins run in isolated environments",
        _SECURITY,
        "It is the host that isolates; RES-03 and RES-04 see what a plugin would miss there.",
    ),
    Untested(
        "SPEC-02",
        "Resource limits enforced (CPU, memory, network)",
        _SECURITY,
        "Limits are the host's, and differ from installation to installation.",
    ),
    Untested(
        "SPEC-03",
        "Network access controlled by permissions",
        _SECURITY,
        "Permissions are granted by an operator, where the plugin is installed.",
    ),
    Untested(
        "SPEC-04",
        "Digital signatures for plugin verification",
        _SECURITY,
        "A signature belongs to a release, not to the code that is tried here.",
    ),
    Untested(
        "SPEC-05",
        "Checksum validation for plugin integrity",
        _SECURITY,
        "A checksum belongs to a release, not to the code that is tried here.",
    ),
    Untested(
        "SPEC-06",
        "Dependency scanning for security vulnerabilities",
        _SECURITY,
        "It needs advisories of the day.",
    ),
    Untested(
        "SPEC-07",
        "Code review process for official plugins",
        _SECURITY,
        "People do it.",
    ),
    Untested(
        "SPEC-08",
        "Include comprehensive tests for plugin functionality",
        f"{_PRACTICES}, 5",
        "What the plugin is for is known to its author alone.",
    ),
    Untested(
        "SPEC-09",
        "Provide clear documentation and examples",
        f"{_PRACTICES}, 6",
        "Whether it is clear is for readers to say; CLI-02 and CLI-03 see the help of commands.",
    ),
    Untested(
        "SPEC-10",
        "Resource pooling for shared resources",
        "SPEC.md, Plugin Performance",
        "What could be shared depends on the other plugins of a host.",
    ),
)
