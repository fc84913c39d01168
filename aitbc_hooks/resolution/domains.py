"""Each plugin as a finite domain: one bit for its absence, one for each of its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.versions import Version

__all__ = ["ABSENT", "Domain"]

#: The bit of a plugin's absence, in every domain.
ABSENT: Final = 1


@attrs.frozen
class Domain:
    """The values that one plugin can take; a set of them is a mask of their bits.

    Attributes:
        key: The plugin's name as names are compared.
        name: The name as it is shown.
        versions: Its versions, oldest first; that of bit ``1 << n`` is ``versions[n - 1]``.
        required: Absence is not among the values: so it is with the host.
    """

    key: str
    name: str
    versions: tuple[Version, ...]
    required: bool = False

    @property
    def full(self) -> int:
        """The mask of all values."""
        return self.all_versions | (0 if self.required else ABSENT)

    @property
    def all_versions(self) -> int:
        """The mask of all versions: of being there at all."""
        return (1 << (len(self.versions) + 1)) - 2

    def masked(self, mask: int) -> Iterator[Version]:
        """Yield the versions in a mask, oldest first."""
        for index, version in enumerate(self.versions, start=1):
            if mask >> index & 1:
                yield version

    def describe(self, mask: int, texts: Mapping[tuple[str, int], str]) -> str:
        """Return the plugin's name with the versions in a mask, absence aside.

        Args:
            mask: A set with at least one version.
            texts: Domain and mask -> a range that has been written for them.
        """
        mask &= self.all_versions
        if mask == self.all_versions:
            return self.name
        return f"{self.name} {texts.get((self.key, mask)) or self.list(mask)}"

    def list(self, mask: int) -> str:
        """Return the versions in a mask, runs of them folded: ``1.0.0 to 1.2.0 and >=2.0.0``."""
        runs: list[tuple[int, int]] = []
        for index in range(1, len(self.versions) + 1):
            if mask >> index & 1:
                if runs and runs[-1][1] == index - 1:
                    runs[-1] = (runs[-1][0], index)
                else:
                    runs.append((index, index))
        shown = [self._run(first, last) for first, last in runs]
        return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))

    def _run(self, first: int, last: int) -> str:
        low, high = self.versions[first - 1], self.versions[last - 1]
        if first == last:
            return str(low)
        if last == len(self.versions):
            return f">={low}"
        return f"<={high}" if first == 1 else f"{low} to {high}"
