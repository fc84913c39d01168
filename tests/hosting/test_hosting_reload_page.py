"""docs/reload.md: its example runs, and prints what it says."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reload.md"


def blocks(language):
    pattern = rf"^```{language}\n(.*?)^```"
    return re.findall(pattern, PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_example_prints_what_the_page_says(tmp_path):
    for source in blocks("python"):
        path = tmp_path / source.partition("\n")[0].removeprefix("# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    program = "import sys; sys.path[:] = sys.argv[1:]; exec(open('host.py').read())"
    done = subprocess.run(
        [sys.executable, "-c", program, *sys.path],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == blocks("text")[0], done.stderr


def test_the_steps_of_the_page_are_those_of_the_example_s_methods():
    text = PAGE.read_text("utf-8")
    steps = re.findall(r"`(\w+)\(\w*\)` of the (old|new)", text.partition("## For authors")[0])
    assert steps[:4] == [
        ("initialize", "new"),
        ("export_state", "old"),
        ("import_state", "new"),
        ("start", "new"),
    ]
