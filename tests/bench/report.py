# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the table and the picture into the documentation."""

import os

import plot
import table

BEGIN = "<!-- Written by build-aux/bench --docs; edits are lost. -->"
END = "<!-- Until here. -->"


def replace_between(text, new):
    """TEXT with what stands between the marks replaced, or, without marks, with
    both and what is new at its end."""
    block = f"{BEGIN}\n\n{new}\n\n{END}"
    if BEGIN not in text:
        return f"{text.rstrip()}\n\n{block}\n"
    before, _, rest = text.partition(BEGIN)
    return before + block + rest.partition(END)[2]


def write_docs(folder, groups, programs, fairness_text):
    picture = plot.svg(groups, programs)
    if picture is not None:
        with open(os.path.join(folder, "throughput.svg"), "w", encoding="utf-8") as file:
            file.write(picture)
    parts = ["![Throughput over several paths](throughput.svg)", table.markdown(groups, programs),
             fairness_text]
    path = os.path.join(folder, "performance.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(replace_between(text, "\n\n".join(part for part in parts if part)))
