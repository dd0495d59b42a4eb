"""Makes the vectors beside this file: seeded inputs, and what other people's code says of them.

Needs numpy, scipy, statsmodels and lifelines. Run in this folder: python generate.py

wilson.csv     statsmodels.proportion_confint(method="wilson")
nps.csv        numpy over one number an answer (1, 0, -1), with three more answers of weights for the interval
betabin.csv    the posterior of the first group by brute force on a fine lattice; scipy.special
dirichlet.csv  the same over three categories
survival.csv   lifelines' Kaplan-Meier, its log-log interval and that of the median; quantiles and
               Aalen-Johansen in exact fractions (checked against lifelines where no times are tied,
               which it moves at random)
"""

import random
import warnings
from fractions import Fraction

import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

warnings.filterwarnings("ignore")
rng = random.Random(20261122)
Z = [1.0, 1.645, 1.96, 2.576, 3.09]


def short(x):
    return "" if x is None else f"{float(x):.12g}"


def write(name, columns, rows):
    with open(name, "w") as file:
        file.write(f"# {columns}\n")
        for row in rows:
            file.write(",".join(it if isinstance(it, str) else short(it) for it in row) + "\n")


def size():
    return rng.choice([rng.randint(1, 12), rng.randint(1, 60), rng.randint(1, 900), rng.randint(1, 40000)])


def wilson():
    n = size()
    s = rng.choice([0, n, rng.randint(0, n), rng.randint(0, n)])
    z = rng.choice(Z)
    low, high = proportion_confint(s, n, alpha=2 * stats.norm.sf(z), method="wilson")
    return str(s), str(n), str(z), low, high


def thirds(n):
    a, b = sorted(rng.randint(0, n) for _ in range(2))
    return rng.choice([(a, b - a, n - b), (a, b - a, n - b), (n, 0, 0), (n - a, 0, a)])


def nps():
    p, s, d = thirds(min(size(), 3000))
    z = rng.choice(Z)
    answers = np.repeat([1.0, 0.0, -1.0], [p, s, d])
    error = answers.std() / np.sqrt(len(answers))
    values = np.append(answers, [1.0, 0.0, -1.0])
    weights = np.append(np.ones(len(answers)), [0.75, 1.5, 0.75])
    mean = np.average(values, weights=weights)
    spread = np.sqrt(np.average((values - mean) ** 2, weights=weights) / weights.sum())
    ends = np.clip([100 * (mean - z * spread), 100 * (mean + z * spread)], -100, 100)
    return str(p), str(s), str(d), str(z), 100 * answers.mean(), answers.var(), 100 * error, *ends


def lattice(groups, axes):
    """The posterior of the network's mean shares and concentration, by brute force on a fine lattice."""
    counts = np.array([g for g in groups if sum(g)], float)
    n = counts.sum(axis=1)
    typical = len(n) / np.sum(1 / n)
    *points, own = np.meshgrid(*axes, indexing="ij")
    m = typical * (1 - own) / own
    shares = points + [1 - sum(points)]
    ln = -sum(special.gammaln(m + k) - special.gammaln(m) for k in n)
    for j, share in enumerate(shares):
        a = np.where(share > 0, m * share, np.nan)
        ln = ln + sum(special.gammaln(a + k) - special.gammaln(a) for k in counts[:, j])
    weights = np.where(np.isnan(ln), 0, np.exp(ln - np.nanmax(ln)))
    return shares, m, weights / weights.sum()


def network(groups, points):
    """The axes narrowed to where the posterior is, then the posterior."""
    dimensions = len(groups[0])
    bounds = [(0.0, 1.0)] * dimensions
    for size in (24, 24, 24, 24, points):
        axes = [low + (high - low) * (np.arange(size) + 0.5) / size for low, high in bounds]
        shares, m, weights = lattice(groups, axes)
        for axis in range(dimensions):
            alone = weights.sum(axis=tuple(it for it in range(dimensions) if it != axis))
            some = np.flatnonzero(alone > 1e-10)
            low, high = bounds[axis]
            cell = (high - low) / size
            bounds[axis] = (max(0, low + cell * (some[0] - 1)), min(1, low + cell * (some[-1] + 2)))
    keep = weights > weights.max() * 1e-7
    return [share[keep] for share in shares], m[keep], weights[keep] / weights[keep].sum()


def ends(weights, a, b):
    """The 2.5 and 97.5 % quantiles of a mixture of beta distributions."""
    found = []
    for p in (0.025, 0.975):
        low, high = 0.0, 1.0
        for _ in range(30):
            x = (low + high) / 2
            below = (weights * special.betainc(a, b, x)).sum()
            low, high = (x, high) if below < p else (low, x)
        found.append((low + high) / 2)
    return found


def some_groups(categories):
    """At least 5 groups and 100 answers, the first of at least 10: what is shown."""
    centre = [rng.gammavariate(2, 1) for _ in range(categories)]
    tight = rng.choice([1, 5, 40, 1e4])
    groups = []
    for _ in range(rng.choice([5, rng.randint(5, 12), rng.randint(5, 40)])):
        shares = [rng.gammavariate(max(c * tight, 1e-3), 1) for c in centre]
        n = rng.choice([rng.randint(10, 30), rng.randint(10, 80), rng.randint(10, 600)])
        picked = rng.choices(range(categories), weights=shares, k=n)
        groups.append([picked.count(j) for j in range(categories)])
    return groups if sum(map(sum, groups)) >= 100 else some_groups(categories)


def text(groups):
    return " ".join("/".join(map(str, g)) for g in groups)


def betabin():
    groups = some_groups(2)
    (share, _), m, weights = network(groups, 160)
    s, o = groups[0]
    low, high = ends(weights, m * share + s, m * (1 - share) + o)
    return text(groups), (weights * (m * share + s) / (m + s + o)).sum(), low, high


def dirichlet():
    """Promoters, passives, detractors. Given mean and concentration a score is taken as beta, by two moments."""
    groups = some_groups(3)
    ordered = [(p, d, s) for p, s, d in groups]
    (p, d, _), m, weights = network(ordered, 40)
    promoters, detractors, passives = ordered[0]
    n = promoters + detractors + passives
    p, d = (m * p + promoters) / (m + n), (m * d + detractors) / (m + n)
    mean = (1 + p - d) / 2
    variance = (p + d - (p - d) ** 2) / 4 / (m + n + 1)
    size = mean * (1 - mean) / variance - 1
    low, high = ends(weights, mean * size, (1 - mean) * size)
    return text(groups), *(100 * (2 * it - 1) for it in ((weights * mean).sum(), low, high))


def exact(items):
    """Per second: Kaplan-Meier and Aalen-Johansen as fractions."""
    risk, left, alone = len(items), Fraction(1), Fraction(1)
    found, answered, closed = [], Fraction(0), Fraction(0)
    for t in sorted({t for t, _ in items}):
        a, c, o = (sum(1 for it in items if it == (t, kind)) for kind in "aco")
        answered += left * Fraction(a, risk)
        closed += left * Fraction(c, risk)
        left *= 1 - Fraction(a + c, risk)
        alone *= 1 - Fraction(a, risk)
        risk -= a + c + o
        found.append((t, alone, answered, closed))
    return found


def survival():
    n = rng.choice([rng.randint(1, 6), rng.randint(1, 40)])
    most = rng.choice([8, 90, 2_000_000])
    kinds = rng.choice(["a", "aac", "aaaco", "aco"])
    items = [(rng.randint(0, most), rng.choice(kinds)) for _ in range(n)]
    z = rng.choice(Z)
    at = rng.choice([rng.randint(0, most), rng.choice(items)[0]])
    found = exact(items)
    times, events = [t for t, _ in items], [kind == "a" for _, kind in items]
    km = KaplanMeierFitter(alpha=2 * stats.norm.sf(z)).fit(times, events)
    band = km.confidence_interval_
    until = [it for it in found if it[0] <= at]
    alone, answered, closed = until[-1][1:] if until else (Fraction(1), Fraction(0), Fraction(0))
    assert abs(km.predict(at) - float(alone)) < 1e-9
    if len(set(times)) == n and n > 2 and 0 not in times:
        for kind, event, mine in ((1, "a", 2), (2, "c", 3)):
            codes = [{"a": 1, "c": 2, "o": 0}[it] for _, it in items]
            if event in [it for _, it in items]:
                aj = AalenJohansenFitter(calculate_variance=False).fit(times, codes, event_of_interest=kind)
                theirs = aj.cumulative_density_.iloc[:, 0]
                assert abs(theirs[theirs.index <= at].iloc[-1] - float((answered, closed)[mine - 2])) < 1e-9
    row = band[band.index <= at].iloc[-1]
    low, high = (None, None) if alone == 0 else (row.iloc[0], row.iloc[1])
    if alone == 1:
        low = high = 1.0
    ends = []
    # Where nobody is left the variance has no value: no interval, as in R's survfit. Lifelines puts 0 there.
    alive = {t for t, s, _, _ in found if s > 0}
    for column in (0, 1):
        inside = [t for t, end in zip(band.index, band.iloc[:, column]) if end <= 0.5 and t in alive]
        ends.append(next((str(int(t)) for t in inside if any(t == it[0] for it in found)), ""))
    thousandths = rng.choice([500, 900, 250, 100, rng.randint(1, 999)])
    q = next((str(t) for t, s, _, _ in found if s <= 1 - Fraction(thousandths, 1000)), "")
    mine = sorted(t for t, kind in items if kind == "a")
    rank = -(-len(mine) * thousandths // 1000)
    naive = str(mine[rank - 1]) if mine else ""
    given = " ".join(f"{t}{kind}" for t, kind in items)
    return given, str(z), str(at), alone, low, high, answered, closed, *ends, str(thousandths), q, naive


write("wilson.csv", "successes,n,z,low,high", [wilson() for _ in range(1000)])
write("nps.csv", "promoters,passives,detractors,z,score,variance,error,low,high", [nps() for _ in range(1000)])
columns = "items (seconds, then answered closed or open),z,at,survival,low,high,answered,closed,median low,median high"
write("survival.csv", f"{columns},thousandths,quantile,naive", [survival() for _ in range(500)])
write("betabin.csv", "groups,expected,low,high", [betabin() for _ in range(200)])
write("dirichlet.csv", "groups,expected,low,high", [dirichlet() for _ in range(100)])
