"""A plugin of datasette: sync, async and "await me maybe" hooks."""

from __future__ import annotations

import asyncio

import click
from datasette import Response, hookimpl
from datasette.plugins import pm
from dropin_notes import note, note_manager


@hookimpl
def startup(datasette):
    note_manager(pm)

    async def inner():
        await asyncio.sleep(0)
        note("started")

    return inner


@hookimpl
def prepare_connection(conn, database):
    conn.create_function("shout", 1, lambda text: f"{text.upper()} in {database}")


@hookimpl
def extra_template_vars(request, view_name):
    async def inner():
        await asyncio.sleep(0)
        return {"dropin": f"awaited for {view_name}"}

    return inner


@hookimpl(tryfirst=True)
async def actor_from_request(request):
    await asyncio.sleep(0)
    name = request.args.get("_who")
    note(f"actor {name}")
    return {"id": name} if name else None


@hookimpl
async def permission_allowed(actor, action):
    await asyncio.sleep(0)
    if action == "debug-menu":
        return (actor or {}).get("id") == "root"
    return None


@hookimpl
def forbidden(message):
    async def inner():
        return Response.text(f"no: {message}", status=403)

    return inner


@hookimpl
def register_routes():
    async def routed(datasette, request):
        await asyncio.sleep(0)
        return Response.json({"routed": request.url_vars["word"], "actor": request.actor})

    async def broken(request):
        raise ValueError("broken")

    return [(r"^/-/routed/(?P<word>\w+)$", routed), (r"^/-/broken$", broken)]


@hookimpl(trylast=True)
def handle_exception(exception):
    async def inner():
        return Response.text(f"{type(exception).__name__}: {exception}", status=500)

    return inner


@hookimpl
def render_cell(value, column):
    async def inner():
        return "rendered" if column == "special" else None

    return inner


@hookimpl
def asgi_wrapper(datasette):
    def wrap(app):
        async def wrapped(scope, receive, send):
            async def stamped(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-dropin", b"wrapped")]
                await send(message)

            await app(scope, receive, stamped)

        return wrapped

    return wrap


@hookimpl
def register_commands(cli):
    @cli.command()
    def hooks():
        """Say which hooks the manager knows."""
        click.echo(" ".join(sorted(vars(pm.hook))))


@hookimpl(wrapper=True)
def menu_links(datasette, actor):
    found = yield
    note(f"{len(found)} menus")
    return [*found, [{"href": "/-/routed/menu", "label": "Drop-in menu"}]]
