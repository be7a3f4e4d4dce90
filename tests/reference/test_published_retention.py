"""The shifted beta-geometric model against the two cohorts of Fader and Hardie (2007).

"How to Project Customer Retention", Journal of Interactive Marketing 21(1), 76-90: two
cohorts of 1,000 customers, fitted on seven renewals, compared with the next five.
"""

from collections.abc import Sequence

import numpy as np
import pytest

from dagster_project.features import clv

REGULAR = (1.0, 0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241)
HIGH_END = (1.0, 0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491)


def _fit(survivors: Sequence[float]) -> clv.ShiftedBetaGeometric:
    lost = -np.diff(survivors) * 1000
    renewals = [*range(1, len(survivors)), len(survivors) - 1]
    has_churned = [1] * len(lost) + [0]
    return clv.fit_shifted_beta_geometric(
        renewals, has_churned, [*lost, survivors[-1] * 1000]
    )


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [(REGULAR, 0.704, 1.182, -1680.3), (HIGH_END, 0.668, 3.806, -1611.2)],
    ids=["regular", "high end"],
)
def test_the_published_parameters_are_found(survivors, alpha, beta, log_likelihood):
    fit = _fit(survivors)
    assert fit[:2] == pytest.approx([alpha, beta], abs=6e-4)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.06)


def test_the_next_years_are_projected_as_in_the_public_implementation():
    """The example of github.com/jdmaturen/shifted_beta_geometric_py."""
    ahead = clv.survival(_fit(HIGH_END), range(8, 13))
    assert ahead == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=6e-4)
    fit = _fit(HIGH_END)
    # Their DERL just before the eighth renewal, which is the first to be counted.
    renewals = np.arange(1, 3000)
    derl = (clv.survival(fit, renewals, 7) / 1.1 ** (renewals - 1)).sum()
    assert derl == pytest.approx(7.530, abs=0.001)
