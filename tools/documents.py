"""What the writers of generated pages have in common."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"


def run(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def components(program, section):
    """What the program says of all components of a section."""
    return json.loads(run(program, "list", section, "--json"))[0]["components"]


def cell(text):
    return text.replace("|", "\\|")


def option(field):
    text = f"`{field['name']}` ({field['type']}"
    if "range" in field:
        text += " " + field["range"]
    if field["required"]:
        text += ", required"
    elif field["default"] is not None:
        text += f", default {json.dumps(field['default'])}"
    return f"{text}): {field['help']}"


def _check(program, write, files):
    with tempfile.TemporaryDirectory() as folder:
        write(program, pathlib.Path(folder))
        wanted = files(pathlib.Path(folder))
    found = files(DOCS)
    stale = sorted(name for name in wanted.keys() | found.keys()
                   if wanted.get(name) != found.get(name))
    if stale:
        sys.exit(f"docs/{', docs/'.join(stale)}: not what `make docs` writes; run it")
    print("up to date: " + ", ".join(f"docs/{name}" for name in sorted(found)))


def main(write, own):
    """`own(docs)` is where the page's files are; `write(program, docs)` writes them."""

    def files(docs):
        return {str(f.relative_to(docs)): f.read_bytes() for f in own(docs) if f.is_file()}

    if len(sys.argv) == 2:
        write(os.path.abspath(sys.argv[1]), DOCS)
    elif len(sys.argv) == 3 and sys.argv[2] == "--check":
        _check(os.path.abspath(sys.argv[1]), write, files)
    else:
        sys.exit(f"usage: {pathlib.Path(sys.argv[0]).name} PROGRAM [--check]")
