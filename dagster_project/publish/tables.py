"""Which tables a release holds. Their columns are defined by the dbt models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedTable:
    """One table of a release.

    Attributes:
        name: in the release.
        source: schema and table in the work database.
        grain: columns that together name one row; the order of rows in the files.
        comment: grain first, then use; the comment of the table in `segments.duckdb`.
        is_operational: about this run, not about the customers: not in the release's
            content hash.
        is_personal: clear personal data: a Parquet file that only its owner can read,
            left out of `segments.duckdb`.
    """

    name: str
    source: str
    grain: tuple[str, ...]
    comment: str
    is_operational: bool = False
    is_personal: bool = False


def _mart(name: str, grain: str, comment: str) -> PublishedTable:
    return PublishedTable(name, f"marts.{name}", tuple(grain.split()), comment)


def _operational(name: str, grain: str, comment: str) -> PublishedTable:
    return PublishedTable(
        name, f"marts.{name}", tuple(grain.split()), comment, is_operational=True
    )


PUBLISHED: tuple[PublishedTable, ...] = (
    PublishedTable(
        "customer_features",
        "features.customer_features",
        ("customer_id",),
        "One row per customer: everything known on the as-of date. NULL = not known.",
    ),
    _mart(
        "customer_features_monthly",
        "customer_id month_end",
        "One row per customer and month-end: the features on its last day.",
    ),
    _mart(
        "customer_identities",
        "id_type id_value",
        "One row per identifier: the person and the customer it belongs to, and why.",
    ),
    _mart(
        "customer_people",
        "customer_id person_id",
        "One row per customer and person: who acts for the customer, in which role.",
    ),
    _mart(
        "customer_key_log",
        "changed_on kind old_customer_id new_customer_id",
        "One row per change of a customer key: new, merge or split.",
    ),
    _mart(
        "consents_in_force",
        "person_id purpose channel",
        "One row per person, purpose and channel: what the person said last. No row = "
        "not known, not granted.",
    ),
    _mart(
        "customer_segments",
        "customer_id model segment",
        "One row per customer and model (and segment for micro models): the segment, "
        "since when, how sure and why.",
    ),
    _mart(
        "customer_segment_history",
        "customer_id model segment valid_from",
        "One row per customer, model and stay in a segment; valid_to is exclusive, "
        "NULL = still there.",
    ),
    _mart(
        "segment_registry",
        "model segment",
        "One row per model and segment: its meaning, goal, KPI, owner and rule.",
    ),
    _mart(
        "segment_profiles",
        "model segment feature",
        "One row per model, segment and feature: the segment against the whole base.",
    ),
    _mart(
        "segment_migration",
        "model from_segment to_segment",
        "One row per model and move between two segments since the previous release.",
    ),
    _mart(
        "customer_mrr_monthly",
        "customer_id month",
        "One row per customer and month: MRR on the month's last day (this month: "
        "on the as-of date).",
    ),
    _mart(
        "mrr_movements",
        "customer_id month kind",
        "One row per customer, month and kind of movement; start + movements = end.",
    ),
    _mart(
        "revenue_metrics_monthly",
        "month",
        "One row per month: MRR of the whole firm, its movements, ARR, ARPA, NRR, GRR "
        "and churn with numerators and denominators.",
    ),
    _mart(
        "mrr_invoice_reconciliation",
        "month",
        "One row per month: MRR against what was invoiced, the difference in parts "
        "that add up to it.",
    ),
    _mart(
        "mrr_invoice_differences",
        "customer_id month",
        "One row per customer and month whose bills are not its MRR, with the reason.",
    ),
    _mart(
        "rfm_cut_points",
        "metric",
        "One row per RFM metric: the cut points that score tonight, and since when.",
    ),
    _mart(
        "nps_by_segment",
        "model segment month",
        "One row per model, segment and month: NPS with its counts and interval.",
    ),
    _mart(
        "cluster_models",
        "model champion_id cluster feature",
        "One row per cluster model, cluster and feature: the frozen champion that "
        "assigns each night.",
    ),
    _mart(
        "score_models",
        "model kind name",
        "One row per number of each fitted model of value and risk.",
    ),
    _mart(
        "churn_calibration",
        "bin",
        "One row per tenth of the tested customers by churn probability: what was "
        "predicted, what came.",
    ),
    _mart(
        "pipeline_metrics",
        "metric",
        "One row per metric: tonight's value and that of the previous release.",
    ),
    _operational(
        "data_quality_results",
        "tool check_name table_name column_name",
        "One row per check of the night: what was observed, what was expected, why.",
    ),
    _operational(
        "source_files",
        "file_id source feed",
        "One row per delivered file and feed: lines = loaded + quarantined + known "
        "+ blank.",
    ),
    _operational(
        "source_freshness",
        "feed",
        "One row per feed: its newest event and whether it is present.",
    ),
    _operational(
        "source_profiles",
        "file_id column_name",
        "One row per column of a delivered file: rows, NULLs, limits and, where there "
        "are few, its values.",
    ),
    _operational(
        "schema_drift",
        "source change column_name",
        "One row per column that tonight's new files have, lack or type otherwise than "
        "earlier files of their source.",
    ),
    _mart(
        "identity_quarantine",
        "component",
        "One row per component of identifiers that is too large to be one person.",
    ),
    _operational(
        "quarantine_rows",
        "file_id line reason",
        "One row per quarantined row: file, physical line, reason and raw bytes.",
    ),
    _operational(
        "release_info",
        "release_id",
        "One row: this release, its predecessor, size and gates.",
    ),
    PublishedTable(
        "customer_pii",
        "marts.customer_pii",
        ("person_id",),
        "One row per person: name, e-mail and phone in clear. Not for BI roles.",
        is_personal=True,
    ),
    PublishedTable(
        "sensitive_traits",
        "marts.sensitive_traits",
        ("customer_id", "trait"),
        "One row per customer and sensitive trait that is switched on, with its purpose. "
        "Not for BI roles.",
        is_personal=True,
    ),
)
