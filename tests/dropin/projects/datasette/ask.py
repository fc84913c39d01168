"""Ask datasette in this process, and print the answers."""

from __future__ import annotations

import asyncio
import sys

from datasette.app import Datasette

PATHS = [
    "/",
    "/-/routed/word.?_who=alice",
    "/-/routed/word?_who=alice",
    "/-/broken",
    "/-/permissions",
    "/-/actor.json?_who=root",
    "/_memory.json?sql=select+shout('a')+as+special,1+as+plain&_shape=array",
    "/_memory?sql=select+shout('a')+as+special,1+as+plain",
]


async def main() -> None:
    datasette = Datasette(memory=True, plugins_dir="plugins", template_dir="templates")
    for path in PATHS:
        response = await datasette.client.get(path)
        head = f"{path} {response.status_code} {response.headers.get('x-dropin')}"
        sys.stdout.write(f"{head}\n{response.text}\n")


asyncio.run(main())
