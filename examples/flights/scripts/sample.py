#!/usr/bin/env python3
"""Cuts the data folder down to the small part that is committed.

    python3 scripts/sample.py [DATA]

What stays is decided row by row, from what is in the row, so cutting a folder that is already
small changes nothing. Lines are kept byte for byte, in their order. Standard library only.
"""

import csv
import os
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"

# About one day a month. Some of them are here for a reason:
#   February 8    the blizzard that stopped half of the flights
#   February 12   a wind reading of 1048 miles an hour at Newark
#   March 8       the day with the longest delays of the year
#   November 3    the night when the clock goes back, so that 1 o'clock comes twice
DAYS = {
    (1, 15), (2, 8), (2, 12), (3, 8), (4, 17), (5, 23), (6, 6),
    (7, 10), (8, 14), (9, 18), (10, 7), (11, 3), (12, 5),
}

# Of those days: the flights whose number divides by this, and the weather of every hour.
EVERY = 7


def on_a_kept_day(row):
    return (int(row["month"]), int(row["day"])) in DAYS


def is_kept_flight(row):
    return on_a_kept_day(row) and int(row["flight"]) % EVERY == 0


def cut(path, keep):
    """Rewrites one CSV file with the rows that `keep` wants, and returns those."""
    with open(path, encoding="utf-8", newline="") as file:
        lines = file.readlines()
    # No field of this data holds a line break, so a line is a row.
    rows = list(csv.DictReader(lines))
    if len(rows) != len(lines) - 1:
        sys.exit(f"{path}: a row is not a line, cannot cut this file")
    kept = [(line, row) for line, row in zip(lines[1:], rows) if keep(row)]

    draft = path.with_name(path.name + ".part")
    with open(draft, "w", encoding="utf-8", newline="") as file:
        file.write(lines[0])
        file.writelines(line for line, _ in kept)
    os.replace(draft, path)
    print(f"{path.name}: {len(kept)} of {len(rows)} rows", file=sys.stderr)
    return [row for _, row in kept]


def sample(data):
    months = sorted((data / "flights").glob("*.csv"))
    if not months:
        sys.exit(f"{data}: no flights here; run scripts/fetch.py first")
    tailnums = set()
    for month in months:
        tailnums.update(row["tailnum"] for row in cut(month, is_kept_flight))
    cut(data / "weather.csv", on_a_kept_day)
    cut(data / "planes.csv", lambda row: row["tailnum"] in tailnums)


if __name__ == "__main__":
    sample(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else DATA)
