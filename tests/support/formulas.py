"""Formulas as facts of components have them, worked out."""

import math
import re

NAMES = {"π": math.pi, "cos": math.cos, "sin": math.sin, "sqrt": math.sqrt, "log": math.log,
         "log2": math.log2, "ceil": math.ceil, "abs": abs, "min": min, "max": max,
         "power_of_2": lambda n: n == 2 ** round(math.log2(n))}
LETTERS = set("nabdgkmprtLβη")


def python_of(text):
    """A formula or a condition as Python code; None where it is words."""
    for sign, code in (("−", "-"), ("·", "*"), ("²", "**2"), ("^", "**"), ("√", "sqrt"),
                       ("≥", ">="), ("≤", "<="), ("⌈", "ceil("), ("⌉", ")"), (" = ", " == "),
                       ("n even", "n % 2 == 0")):
        text = text.replace(sign, code)
    text = re.sub(r"(\S.*) a power of 2$", r"power_of_2(\1)", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"(\d)(?=[^\W\d_])", r"\1*", text)
    text = text.replace("log2*", "log2")
    try:
        code = compile(text, text, "eval")
    except SyntaxError:
        return None
    return code if set(code.co_names) <= NAMES.keys() | LETTERS else None


class Clause:
    """`[~ |at most ]FORMULA[ on average][ for CONDITION]`"""

    def __init__(self, text):
        self.text = text
        kind, formula, self.mean, condition = re.match(
            r"(~ |at most )?(.*?)( on average)?(?: for (.*))?$", text).groups()
        self.kind = (kind or "=").strip()
        self.formula = python_of(formula)
        self.condition = python_of(condition or "True")
        # A number that is written out is rounded.
        decimals = re.fullmatch(r"\d+\.(\d+)", formula)
        self.tolerance = 0.51 * 10 ** -len(decimals[1]) if decimals else None

    def is_formula(self):
        return self.formula is not None and self.condition is not None

    def holds(self, letters):
        return eval(self.condition, {}, {**NAMES, **letters})

    def value(self, letters):
        return eval(self.formula, {}, {**NAMES, **letters})
