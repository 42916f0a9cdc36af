"""Curves and bars as SVG that reads on a light and on a dark page. Numbers in, text out."""

import html
import math

WIDTH = 760
HEIGHT = 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 45
COLOURS = ("#2f6fb0", "#c8622c", "#4f9a5f", "#8a5aa8", "#9a8a2f", "#b0475c", "#4a9aa0", "#7a7a7a")
STYLE = ("text{font:12px sans-serif;fill:#777}.title{font-size:14px;fill:#888}"
         ".axis{stroke:#999;stroke-width:1}.grid{stroke:#999;stroke-width:.3}")


def escape(text):
    return html.escape(str(text))


def number(value):
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 1e4:
        return f"{value / 1e3:.3g} k"
    return f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


def page(height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">\n'
            f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n")


def bars(title, rows):
    """Horizontal bars: rows of (name, value, what stands behind the bar)."""
    largest = max(value for _, value, _ in rows)
    left, step = 250, 26
    height = TOP + step * len(rows) + 15
    parts = [f'<text class="title" x="10" y="22">{escape(title)}</text>']
    for index, (name, value, label) in enumerate(rows):
        y = TOP + step * index
        width = max(1, (WIDTH - left - 190) * value / largest)
        colour = COLOURS[0] if name.startswith("Keel") else COLOURS[7]
        parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
                     f'<rect x="{left}" y="{y}" width="{width:.1f}" height="18" fill="{colour}"/>'
                     f'<text x="{left + width + 6:.1f}" y="{y + 14}">{escape(label)}</text>')
    return page(height, parts)


def decades(low, high):
    """Powers of ten from below `low` to above `high`."""
    made = [1e-3]
    while made[-1] * 10 <= low:
        made = [made[-1] * 10]
    while made[-1] < high:
        made.append(made[-1] * 10)
    return made


def curves(title, x_label, y_label, series):
    """Lines over a logarithmic axis: series of (name, [(x, y), …])."""
    points = [point for _, own in series for point in own]
    most_x = max(x for x, _ in points) or 1
    marks = decades(min(y for _, y in points if y > 0), max(y for _, y in points))
    low, high = marks[0], marks[-1]

    def across(x):
        return LEFT + (WIDTH - LEFT - RIGHT) * x / most_x

    def up(y):
        share = (math.log10(max(y, low)) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = [f'<text class="title" x="10" y="18">{escape(title)}</text>']
    for mark in marks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(mark):.1f}" y2="{up(mark):.1f}"/>'
                     f'<text x="{LEFT - 6}" y="{up(mark) + 4:.1f}" text-anchor="end">{number(mark)}</text>')
    for share in range(0, 11, 2):
        x = most_x * share / 10
        parts.append(f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{number(x) if x else 0}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>'
                 f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(x_label)}</text>'
                 f'<text x="10" y="{TOP - 6}">{escape(y_label)}</text>')
    for index, (name, own) in enumerate(series):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in own)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.3"/>'
                     f'<text x="{LEFT + 120 * index + 60}" y="{TOP - 6}" style="fill:{colour}">{escape(name)}</text>')
    return page(HEIGHT, parts)

