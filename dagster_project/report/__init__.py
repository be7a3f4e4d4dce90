"""The report page of a release. Reads published tables only, never the work file's."""

from dagster_project.report.page import render_report

__all__ = ["render_report"]
