#!/usr/bin/env python3
"""Takes the files out of a page that shows them: `worked_examples.py PAGE FOLDER`.

A file is a block of code below a line that begins with the file's name in backticks. So what
CONTRIBUTING.md shows is what the tests build.
"""
import pathlib
import re
import sys

FILE = re.compile(r"^`([\w./]+\.\w+)`[^`\n]*(?:\n[^`\n]+)*:\n\n```\w+\n(.*?)^```$", re.M | re.S)


def files_of(page):
    return dict(FILE.findall(pathlib.Path(page).read_text()))


if __name__ == "__main__":
    for name, text in files_of(sys.argv[1]).items():
        file = pathlib.Path(sys.argv[2]) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        # One that is as it was keeps its time, and is not built again.
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
