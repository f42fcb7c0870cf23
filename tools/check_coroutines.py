#!/usr/bin/env python3
"""Fails on the uses of co_await that g++ 12 compiles wrongly without a word.

- co_await inside a condition: a coroutine whose top level declares no local then never finishes.
- A braced list, a designated initializer or a capturing lambda as an argument of an awaited call:
  it is destroyed twice, or does not compile.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEYWORDS = ("if", "while", "switch", "for")


def without_comments_and_strings(text: str) -> str:
    """The same text with comments and literals blanked, so that lines keep their numbers."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def closing(text: str, opening: int) -> int:
    """The index behind the parenthesis that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    return len(text)


def violations(text: str, place):
    text = without_comments_and_strings(text)

    def line(at: int) -> int:
        return text.count("\n", 0, at) + 1

    for match in re.finditer(r"\b(%s)\s*(?:constexpr\s*)?\(" % "|".join(KEYWORDS), text):
        condition = text[match.end() - 1:closing(text, match.end() - 1)]
        if "co_await" in condition:
            yield f"{place}:{line(match.start())}: co_await inside a condition; await into a local first"

    for match in re.finditer(r"\bco_await\b", text):
        end = text.find(";", match.end())
        statement = text[match.end():end]
        call = statement.find("(")
        if call < 0:
            continue
        arguments = statement[call:closing(statement, call)]
        if re.search(r"[(,]\s*\{", arguments) or re.search(r"\w\s*\{\s*\.", arguments):
            yield f"{place}:{line(match.start())}: a braced list in an awaited call; name it first"
        if re.search(r"\[[^\]]*[&=\w][^\]]*\]\s*(\([^)]*\)\s*)?(mutable\s*)?\{", arguments):
            yield f"{place}:{line(match.start())}: a lambda in an awaited call; name it first"


if __name__ == "__main__":
    files = [f for folder in ("src", "tests") for f in sorted((ROOT / folder).rglob("*"))
             if f.suffix in {".h", ".cpp"}]
    found = [violation for file in files
             for violation in violations(file.read_text(), file.relative_to(ROOT))]
    print("\n".join(found) or "coroutines: ok")
    sys.exit(bool(found))
