"""The counts behind common random numbers: right on average, monotone, and no trial counted twice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.exposure.sampling import Streams, count_quantile, normal_cdf


@pytest.mark.parametrize(
    ("n", "rate"), [(300, 0.01), (60, 0.4), (300, 0.12), (5000, 0.12), (40, 0.95), (100_000, 0.00005)]
)
def test_counts_have_the_binomial_mean_and_spread(n: int, rate: float) -> None:
    z = np.random.default_rng(5).standard_normal(200_000)
    counts = count_quantile(np.full(z.shape, float(n)), np.full(z.shape, rate), z)
    sd = math.sqrt(n * rate * (1 - rate))
    assert counts.mean() == pytest.approx(n * rate, abs=5 * sd / math.sqrt(z.size) + 0.01)
    assert counts.std() == pytest.approx(sd, rel=0.02)
    assert counts.min() >= 0 and counts.max() <= n


@pytest.mark.parametrize("mean", [0.3, 4.0, 24.9, 25.1, 900.0])
def test_counts_have_the_poisson_mean_and_spread(mean: float) -> None:
    z = np.random.default_rng(6).standard_normal(200_000)
    counts = count_quantile(None, np.full(z.shape, mean), z)
    assert counts.mean() == pytest.approx(mean, abs=5 * math.sqrt(mean / z.size) + 0.01)
    assert counts.var() == pytest.approx(mean, rel=0.03)


def test_small_counts_are_the_exact_quantiles() -> None:
    # P(X <= k) for Binomial(10, 0.3), from the definition.
    cdf = np.cumsum([math.comb(10, k) * 0.3**k * 0.7 ** (10 - k) for k in range(11)])
    for z in np.linspace(-3, 3, 61):
        level = float(normal_cdf(np.array([z]))[0])
        expected = int(np.searchsorted(cdf, level))
        assert count_quantile(np.array([10.0]), np.array([0.3]), np.array([z]))[0] == expected


@given(n=st.integers(0, 3000), low=st.floats(0, 0.5), step=st.floats(0, 0.3), z=st.floats(-4, 4))
@settings(max_examples=200, deadline=None)
def test_a_higher_rate_never_counts_less(n: int, low: float, step: float, z: float) -> None:
    trials, score = np.full(2, float(n)), np.full(2, z)
    less, more = count_quantile(trials, np.array([low, low + step]), score)
    assert less <= more


@pytest.mark.parametrize("n", [60, 100, 300, 3000])
def test_counts_never_fall_where_the_exact_ones_end_and_the_expansion_begins(n: int) -> None:
    rates = np.linspace(24, 36, 600) / n
    for z in np.linspace(-4, 4, 161):
        counts = count_quantile(np.full(600, float(n)), rates, np.full(600, z))
        assert (np.diff(counts) >= 0).all()


def test_streams_depend_on_their_name_and_seed_only() -> None:
    first, again = Streams(7, 500), Streams(7, 500)
    first.normal("something else")
    assert np.array_equal(first.uniform("a"), again.uniform("a"))
    assert not np.array_equal(first.uniform("a"), first.uniform("b"))
    assert not np.array_equal(first.uniform("a"), Streams(8, 500).uniform("a"))
    assert sorted(np.floor(first.uniform("a") * 500)) == list(range(500))
