# SPDX-License-Identifier: GPL-3.0-or-later
"""The medians as a picture (SVG) that suits a light and a dark page."""

import math
from xml.sax.saxutils import escape

import rows

# Paths from left to right; the first ones are joined by lines.
COLUMNS = ["0ms", "20ms", "50ms", "100ms", "50ms-0.1", "50ms-1", "100mbit-20ms"]
JOINED = 4

# Colour and mark of each program; both differ, for those who tell colours badly.
_LOOKS = {
    "fast": ("#3584e4", "disc"), "stock": ("#62a0ea", "ring"),
    "to-stock": ("#62a0ea", "up"), "from-stock": ("#62a0ea", "down"),
    "libdatachannel": ("#e66100", "square"), "libdatachannel-8m": ("#e66100", "frame"),
    "pion": ("#2ec27e", "up"), "chromium": ("#c061cb", "down"),
    "webrtcbin": ("#1a5fb4", "diamond"),
    "to-chromium": ("#c061cb", "disc"), "stock-to-chromium": ("#c061cb", "ring"),
    "from-chromium": ("#c061cb", "square"), "chromium-to-stock": ("#c061cb", "frame"),
    "wormhole": ("#a0742c", "diamond"), "tls": ("#888888", "cross"), "tls-bbr": ("#888888", "ring"),
}

_WIDTH, _HEIGHT = 930, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 680, 30, 450
_LEGEND_X, _LEGEND_STEP = 710, 26

_STYLE = """
text { font: 14px system-ui, sans-serif; fill: #7a7a7a }
.grid { stroke: #808080; stroke-opacity: 0.3 }
@media (prefers-color-scheme: light) { text { fill: #3d3d3d } }
@media (prefers-color-scheme: dark) { text { fill: #dddddd } }
"""

_SHAPES = {
    "disc": '<circle r="6" fill="{c}"/>',
    "ring": '<circle r="5" fill="none" stroke="{c}" stroke-width="2.5"/>',
    "square": '<rect x="-5" y="-5" width="10" height="10" fill="{c}"/>',
    "frame": '<rect x="-5" y="-5" width="10" height="10" fill="none" stroke="{c}" stroke-width="2.5"/>',
    "up": '<path d="M0-7 6 5H-6z" fill="{c}"/>',
    "down": '<path d="M0 7 6-5H-6z" fill="{c}"/>',
    "diamond": '<path d="M0-7 7 0 0 7-7 0z" fill="{c}"/>',
    "cross": '<path d="M-5-5 5 5M-5 5 5-5" stroke="{c}" stroke-width="2.5"/>',
}


class _Scale:
    """A logarithmic one, of whole decades."""

    def __init__(self, values):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)

    def y(self, value):
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return round(_BOTTOM - part * (_BOTTOM - _TOP), 1)

    def ticks(self):
        """Each power of ten, and twice and five times that."""
        for power in range(self.low, self.high + 1):
            for factor in [1, 2, 5]:
                if factor == 1 or power < self.high:
                    yield factor * 10.0**power


def _x(column, beside=0.0):
    """Where no line tells marks apart, they stand beside each other: -0.5 to 0.5."""
    step = (_RIGHT - _LEFT) / len(COLUMNS)
    apart = beside * step * 0.7 if column >= JOINED else 0.0
    return round(_LEFT + (column + 0.5) * step + apart, 1)


def _mark(name, x, y, title):
    colour, shape = _LOOKS[name]
    drawn = _SHAPES[shape].format(c=colour)
    return f'<g transform="translate({x} {y})"><title>{escape(title)}</title>{drawn}</g>'


def _grid(scale):
    for value in scale.ticks():
        y = scale.y(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 5}" text-anchor="end">{value:g}</text>'
    yield f'<text x="{_LEFT - 8}" y="{_TOP - 12}" text-anchor="end">MB/s</text>'
    for column, row in enumerate(rows.named(COLUMNS)):
        for line, text in enumerate(row.title.split(", ")):
            yield f'<text x="{_x(column)}" y="{_BOTTOM + 24 + 18 * line}" text-anchor="middle">{escape(text)}</text>'


def _points(groups, program):
    for column, name in enumerate(COLUMNS):
        group = groups.get((name, program.name))
        if group is not None and group.good:
            yield column, group.median("mb_s")


def _curve(scale, points, program, beside):
    """A line over the paths that differ in distance alone, and the marks."""
    colour = _LOOKS[program.name][0]
    joined = " ".join(f"{_x(column)},{scale.y(value)}" for column, value in points if column < JOINED)
    width = 3 if program.name == "fast" else 1.5
    yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
    for column, value in points:
        yield _mark(program.name, _x(column, beside), scale.y(value), f"{program.title}: {value:.2f} MB/s")


def svg(groups, programs):
    """The picture; None if there is nothing to show."""
    points = {program: list(_points(groups, program)) for program in programs}
    values = [value for found in points.values() for _, value in found if value > 0]
    if not values:
        return None
    scale = _Scale(values)
    parts = list(_grid(scale))
    shown = [program for program in programs if points[program]]
    for place, program in reversed(list(enumerate(shown))):  # the first one on top
        parts.extend(_curve(scale, points[program], program, (place + 0.5) / len(shown) - 0.5))
    for line, program in enumerate(shown):
        y = _TOP + 10 + line * _LEGEND_STEP
        parts.append(_mark(program.name, _LEGEND_X, y, program.title))
        parts.append(f'<text x="{_LEGEND_X + 16}" y="{y + 5}">{escape(program.title)}</text>')
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        "<title>Throughput over several paths</title>",
        f"<style>{_STYLE}</style>", *parts, "</svg>", ""])
