"""Charts drawn on the server as SVG: no script, no inline style, coloured by the style sheet's tones.

Each has a title, a text that says the same to those who cannot see it, and a table with the exact values
behind it. Values are written by the `write` they are given (formats.number by default), in the reader's way.
"""

from accounts.charts.across import Across, across
from accounts.charts.columns import Column, columns
from accounts.charts.drawing import Series
from accounts.charts.intervals import interval
from accounts.charts.lines import BAND_ZONES, line
from accounts.charts.shares import Share, donut, segments
from accounts.charts.spark import sparkline
from accounts.charts.stacks import bars
from accounts.charts.waterfalls import Step, waterfall

__all__ = [
    "BAND_ZONES",
    "Across",
    "Column",
    "Series",
    "Share",
    "Step",
    "across",
    "bars",
    "columns",
    "donut",
    "interval",
    "line",
    "segments",
    "sparkline",
    "waterfall",
]
