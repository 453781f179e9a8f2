"""A source together with what was reported since it was last written."""

from bot.sources.reported.source import ReportedSource, with_reports

__all__ = ["ReportedSource", "with_reports"]
