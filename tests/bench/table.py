# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as tables in Markdown."""

import rows


def figure(value):
    """Three digits, no more: 0.42, 7.3, 41, 1,240."""
    if value is None:
        return "—"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _mib(n_bytes):
    return "—" if n_bytes is None else f"{n_bytes / 2**20:.0f}"


def _lines(header, lines):
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *lines])


def _shown(groups, programs):
    """The rows and programs that have results, in the usual order."""
    shown_rows = [row for row in rows.ROWS if any(key[0] == row.name for key in groups)]
    names = {row.name for row in shown_rows}
    return shown_rows, [program for program in programs
                        if any(key[0] in names and key[1] == program.name for key in groups)]


def medians(groups, programs):
    """A line for each path, a column for each program: 10^6 bytes a second."""
    shown_rows, shown_programs = _shown(groups, programs)
    lines = []
    for row in shown_rows:
        cells = [groups.get((row.name, program.name)) for program in shown_programs]
        lines.append([row.title, *(_median(group) for group in cells)])
        if row.many:
            lines.append([f"{row.title}, from the first byte", *(_flow(group) for group in cells)])
    return _lines(["MB/s", *(program.title for program in shown_programs)], lines)


def _median(group):
    if group is None:
        return ""
    return figure(group.median("mb_s")) if group.good else "failed"


def _flow(group):
    return "" if group is None else figure(group.median_rate("flow_s"))


def _runs(group):
    """Every run, the failed ones too."""
    failed = len(group.runs) - len(group.good)
    parts = [figure(value) for value in group.values("mb_s")]
    return ", ".join([*parts, *([f"{failed} failed"] if failed else [])])


def details(groups, programs):
    """A line for each program over each path, with all that was measured."""
    shown_rows, shown_programs = _shown(groups, programs)
    lines = []
    for row in shown_rows:
        for program in shown_programs:
            group = groups.get((row.name, program.name))
            if group is not None:
                lines.append([row.title, program.title, _median(group), _runs(group),
                              figure(group.median_rate("total_s")), _flow(group),
                              figure(group.median("cpu_s_per_gb")),
                              _mib(group.median("peak_sender_bytes")),
                              _mib(group.median("peak_receiver_bytes"))])
    return _lines(["Path", "Program", "MB/s", "Runs", "From the start", "From the first byte", "CPU s/GB", "Sender MiB", "Receiver MiB"], lines)


def explanations(groups, programs):
    return "\n".join(f"- {program.title}: {program.what}." for program in _shown(groups, programs)[1])


def markdown(groups, programs):
    """All of it; empty if nothing was measured."""
    if not _shown(groups, programs)[0]:
        return ""
    return "\n\n".join([medians(groups, programs), explanations(groups, programs),
                        details(groups, programs)])
