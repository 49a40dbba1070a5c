"""Puts customers into groups that buy alike: k-means over how often and how much they order."""

import csv
import json
import os


def scaled(rows, columns):
    """Each column between 0 and 1, so that both weigh the same."""
    bounds = {name: (min(row[name] for row in rows), max(row[name] for row in rows)) for name in columns}
    return [[(row[name] - low) / ((high - low) or 1) for name, (low, high) in bounds.items()] for row in rows]


def distance(left, right):
    return sum((a - b) ** 2 for a, b in zip(left, right))


def k_means(points, count, rounds=50):
    """Centres begin far from each other, so the same points always give the same groups."""
    centres = [min(points)]
    while len(centres) < count:
        centres.append(max(points, key=lambda point: min(distance(point, centre) for centre in centres)))
    for _ in range(rounds):
        groups = [[] for _ in centres]
        for point in points:
            groups[min(range(count), key=lambda index: distance(point, centres[index]))].append(point)
        centres = [
            [sum(values) / len(group) for values in zip(*group)] if group else centre
            for group, centre in zip(groups, centres)
        ]
    return sorted(centres)


def main():
    count = json.loads(os.environ["DP_VARS"])["segments"]
    columns = ["orders", "mean_amount"]
    with open(os.environ["DP_INPUT_STAGING_CUSTOMERS"], newline="") as file:
        rows = [{**row, **{name: float(row[name]) for name in columns}} for row in csv.DictReader(file)]
    points = scaled(rows, columns)
    centres = k_means(points, count)
    with open(os.environ["DP_OUTPUT"], "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["customer", "segment"])
        for row, point in zip(rows, points):
            nearest = min(range(count), key=lambda index: distance(point, centres[index]))
            writer.writerow([row["customer"], nearest])
    with open(os.environ["DP_FILE_MODEL"], "w") as file:
        json.dump({"columns": columns, "centres": centres}, file, indent=2)
    print(f"{len(rows)} customers in {count} segments")


if __name__ == "__main__":
    main()
