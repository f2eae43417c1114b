"""Golden values of the changes of `src/perturb`, by scipy: perturb.csv beside this script.

    python make_perturb.py
"""

import csv
import math

import numpy as np
from scipy.signal import firwin, lfilter

RATE = 22_050
t = np.arange(3000) / RATE
x = 0.4 * np.sin(2 * np.pi * 110 * t) + 0.3 * np.sin(2 * np.pi * 6000 * t) + 0.1 * t


def shelf(kind, frequency, gain_db):
    """R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients", S = 1."""
    a = 10 ** (gain_db / 40)
    w = 2 * math.pi * frequency / RATE
    alpha = math.sin(w) / 2 * math.sqrt((a + 1 / a) * (1 / 1 - 1) + 2)
    c, r = math.cos(w), 2 * math.sqrt(a) * alpha
    if kind == "low":
        num = [a * ((a + 1) - (a - 1) * c + r), 2 * a * ((a - 1) - (a + 1) * c), a * ((a + 1) - (a - 1) * c - r)]
        den = [(a + 1) + (a - 1) * c + r, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - r]
    else:
        num = [a * ((a + 1) + (a - 1) * c + r), -2 * a * ((a - 1) + (a + 1) * c), a * ((a + 1) + (a - 1) * c - r)]
        den = [(a + 1) - (a - 1) * c + r, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - r]
    return np.array(num) / den[0], np.array(den) / den[0]


def tilted(gain_db):
    return lfilter(*shelf("high", 4000, -gain_db), lfilter(*shelf("low", 250, gain_db), x))


def low_pass(frequency):
    return np.convolve(x, firwin(255, frequency, window=("kaiser", 8.6), fs=RATE), mode="same")


def noisy(below_db, seed):
    mask, state, units = (1 << 64) - 1, seed, []
    for _ in range(len(x) + 2):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        units.append((((z ^ (z >> 31)) >> 11) + 0.5) / 2**53)
    u, v = np.array(units[0::2]), np.array(units[1::2])
    radius = np.sqrt(-2 * np.log(u))
    noise = np.stack([radius * np.cos(2 * np.pi * v), radius * np.sin(2 * np.pi * v)], axis=1).ravel()[: len(x)]
    return x + noise * np.sqrt(np.sum(x**2) / np.sum(noise**2) / 10 ** (below_db / 10))


rows = {
    "eq 6": tilted(6),
    "eq -9": tilted(-9),
    "lowpass 4000": low_pass(4000),
    "lowpass 1500": low_pass(1500),
    "noise 20": noisy(20, 12_345),
}
with open("perturb.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["name", "index", "value"])
    for name, values in rows.items():
        for index in [*range(0, 20), *range(20, 3000, 60)]:
            out.writerow([name, index, repr(float(values[index]))])
