"""What a night pays whatever the data: imports and the dbt project.

Each line is a process of its own. The lines share libraries, so they do not add up.
"""

from pathlib import Path

from bench.processes import measure
from bench.tables import print_table

PARSE = """
from dagster_project import transform
from dagster_project.settings import load_settings
transform.parse(load_settings())
"""

# The first parse of a home reads every file; the second finds nothing changed.
PARTS = {
    "Python alone": "pass",
    "import duckdb": "import duckdb",
    "import pandas": "import pandas",
    "import the engine": "import dagster_project.run",
    "import dbt": "from dbt.cli.main import dbtRunner",
    "import dbt and parse the project, first time in a home": PARSE,
    "import dbt and parse the project, nothing changed": PARSE,
    "import Great Expectations": "import great_expectations",
    "import scikit-learn": "from sklearn.cluster import KMeans",
    "import Dagster": "import dagster",
    "import Dagster and dagster-dbt": "import dagster, dagster_dbt",
    "all of Dagster's definitions": (
        "from dagster_project.definitions import defs; defs()"
    ),
}
# The engine's bindings complain about their own clean-up.
END = "\nimport os; os._exit(0)"


def print_fixed_cost(home: Path) -> None:
    """Measure each part in a home of its own and print the table."""
    print("\n## Fixed cost, each in a process of its own\n")
    rows = []
    for name, code in PARTS.items():
        cost = measure(["-c", code + END], SEGMENTS_HOME=str(home))
        rows.append((name, f"{cost.cpu:.1f}"))
    print_table(("part", "CPU-s"), rows)
