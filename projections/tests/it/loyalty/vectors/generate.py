"""Makes the vectors beside this file: the histories of persons who do not exist, and what lifelines says of their spells.

Needs lifelines. Run in this folder: python generate.py

histories.csv  a person a line: hours at which the first car of the make was acquired and at which the person was back
               (empty: not), and for what
curve.csv      at lengths of ownership in days, as of AS_OF hours: Kaplan-Meier of not being back with its log-log
               interval, and Aalen-Johansen of being back for the same make and for another. Lengths are whole days,
               rounded up, and all different, for lifelines moves ties at random
median.csv     the median and its interval
"""

import random
import warnings

import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import median_survival_times

warnings.filterwarnings("ignore")
rng = random.Random(20261123)
AS_OF = 24 * 6000
LENGTHS = [366, 731, 1096, 1461, 1827, 2192, 2557, 2922, 3288, 3653]
KINDS = {"same": 1, "other": 2, "left": 2}


def days(hours):
    return -(-hours // 24)


persons, spells, seen = [], [], set()
while len(persons) < 300:
    since = rng.randrange(24 * 5500)
    after = int(24 * rng.weibullvariate(1500, 1.6)) + 1
    to = rng.choice(["same", "same", "same", "other", "left"])
    back = since + after
    if back > AS_OF or rng.random() < 0.15:
        own = [(days(AS_OF - since), 0)]
        line = (since, "", "")
    else:
        own = [(days(after), KINDS[to])]
        # Who is back for the same make has a spell that is open.
        own += [(days(AS_OF - back), 0)] if to == "same" else []
        line = (since, back, to)
    if len({length for length, _ in own} | seen) == len(seen) + len(own):
        seen |= {length for length, _ in own}
        persons.append(line)
        spells += own

lengths = [length for length, _ in spells]
ends = [end for _, end in spells]
km = KaplanMeierFitter().fit(lengths, [end > 0 for end in ends])
band = km.confidence_interval_
incidence = {}
for event in (1, 2):
    fitter = AalenJohansenFitter(calculate_variance=False).fit(lengths, ends, event_of_interest=event)
    incidence[event] = fitter.cumulative_density_.iloc[:, 0]


def at(series, day):
    return float(series[series.index <= day].iloc[-1])


with open("histories.csv", "w") as file:
    file.write("# acquired (hours),back (hours),for what\n")
    for line in persons:
        file.write(",".join(map(str, line)) + "\n")
with open("curve.csv", "w") as file:
    file.write("# days,at risk,not back,low,high,same make,another make\n")
    for day in LENGTHS:
        row = [at(km.survival_function_.iloc[:, 0], day), at(band.iloc[:, 0], day), at(band.iloc[:, 1], day)]
        row += [at(incidence[1], day), at(incidence[2], day)]
        risk = int(np.sum(np.array(lengths) >= day))
        file.write(f"{day},{risk}," + ",".join(f"{it:.12g}" for it in row) + "\n")
with open("median.csv", "w") as file:
    low, high = median_survival_times(band).iloc[0]
    file.write("# median,low,high (days)\n")
    file.write(f"{km.median_survival_time_:g},{low:g},{high:g}\n")
