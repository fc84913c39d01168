"""Faults that may take the testing process with them: they run in a child process only.

Nothing here is imported before it is tested. A folder is to be copied first.
"""

from __future__ import annotations

from planted import HERE, planted


def planted_risky(module, name, *killers, fault, what, **options):
    planted.add(fault, f"risky.{module}:{name}", *killers, what=what, risky=True, **options)


planted_risky(
    "ends_in_start",
    "ExitsInStart",
    "LIFE-01",
    fault="exits-in-start",
    what="start() ends the process with os._exit(0), which looks like success.",
)
planted_risky(
    "ends_in_start",
    "CrashesInStart",
    "LIFE-01",
    fault="crashes-in-start",
    what="start() is a segmentation fault.",
)
planted_risky(
    "ends_in_start",
    "KillsItself",
    "LIFE-01",
    "LIFE-02",
    fault="kills-itself",
    what="stop() kills the process.",
)
planted_risky(
    "ends_in_start",
    "InterruptsInStart",
    "LIFE-01",
    fault="interrupts-in-start",
    what="start() raises KeyboardInterrupt.",
)
planted_risky(
    "ends_in_start",
    "RecursesInInitialize",
    "LIFE-01",
    "META-01",
    fault="recurses-in-initialize",
    what="initialize() recurses without end through __getattr__.",
)
planted_risky(
    "ends_in_start",
    "ClosesDescriptors",
    "LIFE-01",
    "RES-02",
    "RES-03",
    fault="closes-descriptors",
    what="start() closes every descriptor of the process, the loop's among them.",
)
planted_risky(
    "never_yields",
    "SpinsInStart",
    "LOOP-01",
    "LIFE-01",
    fault="spins-in-start",
    what="start() spins for ever.",
)
planted_risky(
    "never_yields",
    "WaitsForItsOwnLoop",
    "LOOP-01",
    "LIFE-01",
    fault="waits-for-its-own-loop",
    what="start() blocks the loop until the loop does something.",
)
planted_risky(
    "never_yields",
    "TurnsWithoutEnd",
    "EVT-01",
    fault="turns-without-end",
    what="handle_event() never ends, and never waits either.",
)
planted_risky(
    "exits_at_import",
    "Plugin",
    "META-01",
    "IMP-01",
    fault="exits-at-import",
    what="The module calls sys.exit() when it is imported.",
)
planted_risky(
    "prints_megabytes",
    "Plugin",
    "CLI-05",
    fault="prints-megabytes",
    what="get_commands() prints five megabytes.",
)
planted_risky(
    "spawns_daemons",
    "Plugin",
    "RES-02",
    fault="spawns-daemons",
    what="start() leaves a process that is in a session of its own and has another parent.",
)
planted_risky(
    "ignores_signals",
    "Plugin",
    "RES-03",
    fault="ignores-signals",
    what="initialize() makes the process ignore SIGTERM and its like.",
)
planted_risky(
    "hanging_commands",
    "ReadsStandardInput",
    "CLI-06",
    fault="reads-standard-input",
    what="A command reads its standard input again and again, past its end.",
)
planted_risky(
    "hanging_commands",
    "SleepsAnHour",
    "CLI-06",
    fault="sleeps-an-hour",
    what="A command sleeps for an hour.",
)
planted_risky(
    "hanging_commands",
    "ExitsHard",
    "CLI-06",
    fault="exits-hard",
    what="A command ends the whole process with os._exit(0).",
)
planted.add(
    "deletes-itself",
    HERE / "risky" / "deletes_itself",
    "RES-04",
    "LIFE-01",
    what="start() deletes the folder of the plugin's own code.",
    risky=True,
)
