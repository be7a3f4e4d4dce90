"""The demo company: landing files of a firm that does not exist.

What the pipeline makes of the files must not live here.
"""

from dagster_project.demo.company import DemoResult, generate

__all__ = ["DemoResult", "generate"]
