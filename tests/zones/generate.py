#!/usr/bin/env python3
"""Writes golden.csv.gz, offsets.csv.gz and texts.csv.gz: what DuckDB with its own time zones computes.

Run by hand, where there is a network, after a change of expressions.txt or of the engine's version:

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install duckdb==2.0.0
    /tmp/venv/bin/python tests/zones/generate.py

The version of the wheel is that of the crate `duckdb` in Cargo.toml; its extension for time zones is linked in.
"""

import datetime
import pathlib
import random

import duckdb

HERE = pathlib.Path(__file__).parent
ENGINE = "v2.0.0"

ZONES = """
UTC Europe/Berlin Europe/Dublin Europe/London Europe/Lisbon Europe/Moscow Europe/Amsterdam Europe/Istanbul
America/New_York America/St_Johns America/Sao_Paulo America/Asuncion America/Caracas America/Anchorage America/Scoresbysund
Asia/Kolkata Asia/Kathmandu Asia/Beirut Asia/Manila Asia/Tehran Asia/Gaza
Australia/Lord_Howe Australia/Sydney Pacific/Apia Pacific/Chatham Pacific/Kwajalein Pacific/Kiritimati
Africa/Casablanca Africa/Monrovia Africa/Cairo Antarctica/Troll Etc/GMT+12
""".split()

# Expressions about a zone that is named are compared for these.
NAMED = ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Etc/GMT-14", "GMT+5:30", "UTC-3"]

PARTS = """
era millennium century decade year isoyear quarter month week yearweek day hour minute second millisecond microsecond
""".split()
FIELDS = PARTS + "epoch dow isodow doy julian timezone timezone_hour timezone_minute".split()
FUNCTIONS = """
era millennium century decade year isoyear quarter month week weekofyear yearweek day dayofmonth dayofyear dayofweek weekday
isodow julian hour minute second millisecond microsecond epoch timezone timezone_hour timezone_minute
""".split()

STEPS = """
00:00:00|1 day|-1 day|1 month|-1 month|1 hour|-1 hour|1 year|-4 years|12:34:56.789012|-00:00:00.000001|13 months 5 days 03:00:00
-2 months -3 days -01:30:00|400 days|1 month -1 day|00:00:00.0015|100 years|30 days 25:00:00
""".replace("\n", "|").strip("|").split("|")
WIDTHS = ["1 hour", "1 day", "1 month", "7 days", "13 hours", "5 years", "00:00:00.25"]

EPOCH = datetime.datetime(1970, 1, 1)
MOST = 9223372036854775806
LEAST = -9223372022400000000


def one(connection, query):
    return connection.sql(query).fetchall()[0][0]


# Texts that are times, or nearly.
TEXTS = r"""
2024-02-29 12:34:56.789+02|2024-02-29|2024-2-9 1:2:3|44-03-15 (BC) 12:00:00|0044-03-15 (BC)|-44-03-15|infinity|-infinity|epoch|inf
2024-02-29T12:34:56Z|2024-02-29 12:34 Europe/Berlin|2024-02-29 12:34:56.123456789 UTC|2024/02/29 12:34|2024-02-29 24:00:00
2024-02-29 12:34:56+05:30:15|2024-02-29 12:34:56-0330|2024-02-29 12:34:56 +02|2024-02-29 12:34:56 GMT+5:30|99999-01-01
294247-01-10 04:00:54.775806+00|290309-12-22 (BC) 00:00:00+00|2024-02-29 12:34:56 utc| 2024-02-29 |2024-02-29 12:34:|2024-02-29 12:
2024-02-29 12:34:56+2|2024-02-29 12:34:56+|2024\02\29|2024 02 29 10:00|2024-03-31 02:30|2024-10-27 02:30:00 America/New_York
""".strip().replace("\n", "|").split("|")


def changed(chance, count):
    """So many texts that differ from those in a few characters."""
    characters = "0123456789 :-+./TZ()BCabE_\t"
    texts = set(TEXTS)
    while len(texts) < count:
        text = list(chance.choice(TEXTS))
        for _ in range(chance.choice([1, 1, 1, 2, 2, 3])):
            kind, place = chance.random(), chance.randrange(len(text) + 1)
            if kind < 0.4 and text:
                text[min(place, len(text) - 1)] = chance.choice(characters)
            elif kind < 0.7:
                text.insert(place, chance.choice(characters))
            elif text:
                text.pop(min(place, len(text) - 1))
        texts.add("".join(text))
    return sorted(texts)


def micros(text):
    return (datetime.datetime.fromisoformat(text) - EPOCH) // datetime.timedelta(microseconds=1)


# Times that every zone is asked about.
COMMON = [micros(text) for text in """
1850-01-01 1850-06-15T12:34:56.789 1899-12-31T23:59:59.999999 1900-01-01 1945-05-08T21:00 1969-12-31T23:59:59.9995
1970-01-01 1970-01-01T00:00:00.000001 2000-01-01 2000-01-03 2000-02-29T23:30 2004-12-31T12:00 2008-12-29 2016-01-03T22:00
2021-01-01T05:00 2023-12-31T23:59:59.999999 2024-02-29T12:00 2037-12-31T23:00 2038-01-19T03:14:08 2099-07-01T10:00
2100-02-28T23:59 2400-02-29T12:00 2400-07-04T00:30 9999-12-31T23:59:59.999999 0001-01-01 0001-12-31T12:00
""".split()] + [
    -62135596800000001, -62198755200000000, -63549360000000000, -377705116800000000, 253402300800000000, 999999999999999999,
    MOST, MOST - 86400000000, MOST - 50400000001, LEAST, LEAST + 1, LEAST + 86400000000, LEAST + 50400000000,
]


def offsets(connection, names, first=1840, last=2045):
    """For each zone the seconds at which its offset changes, and the offset from then on."""
    start = int((datetime.datetime(first, 1, 1) - EPOCH).total_seconds())
    days = (datetime.date(last, 1, 1) - datetime.date(first, 1, 1)).days
    at = "(epoch_us(timezone(zone, make_timestamptz({0} * 1000000))) // 1000000 - {0})".format
    connection.sql("CREATE TABLE changes (zone VARCHAR, low BIGINT, high BIGINT, before BIGINT)")
    connection.sql(f"CREATE TABLE grid AS SELECT {start} + i * 86400 AS x FROM range({days}) r(i)")
    first_of = {}
    for name in names:
        first_of[name] = one(connection, f"SELECT {at(start)} FROM (SELECT '{name}' AS zone)")
        connection.sql(
            f"INSERT INTO changes SELECT '{name}', x - 86400, x, b FROM (SELECT x, o, lag(o) OVER (ORDER BY x) AS b FROM "
            f"(SELECT x, {at('x').replace('zone,', chr(39) + name + chr(39) + ',')} AS o FROM grid)) WHERE o <> b"
        )
    for _ in range(17):
        connection.sql(
            f"CREATE OR REPLACE TABLE changes AS SELECT zone, CASE WHEN {at('m')} = before THEN m ELSE low END AS low, "
            f"CASE WHEN {at('m')} = before THEN high ELSE m END AS high, before FROM (SELECT *, (low + high) // 2 AS m FROM changes)"
        )
    changes = {name: [(None, first_of[name])] for name in names}
    for name, second, offset in connection.sql(f"SELECT zone, high, {at('high')} FROM changes ORDER BY 1, 2").fetchall():
        changes[name].append((second, offset))
    return changes


def expressions():
    for line in (HERE / "expressions.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, expression = line.split(": ", 1)
        for mark, values in (("part", PARTS), ("field", FIELDS), ("function", FUNCTIONS), ("zone", NAMED)):
            if "{" + mark + "}" in line:
                for value in values:
                    yield name.replace("{" + mark + "}", value), expression.replace("{" + mark + "}", value)
                break
        else:
            yield name, expression


def main():
    connection = duckdb.connect()
    version = one(connection, "SELECT library_version FROM pragma_version()")
    assert version == ENGINE, version
    chance = random.Random(20240229)
    named = list(expressions())

    names = [name for (name,) in connection.sql("SELECT name FROM pg_timezone_names() ORDER BY 1").fetchall()]
    changes = offsets(connection, names)
    print('offsets', flush=True)
    lines = {}
    for name in names:
        text = " ".join(f"{'' if second is None else second}:{offset}" for second, offset in changes[name])
        lines.setdefault(text, []).append(name)
    connection.sql("CREATE TABLE offsets (zones VARCHAR, changes VARCHAR)")
    listed = [[" ".join(zones), text] for text, zones in sorted(lines.items(), key=lambda item: item[1])]
    connection.executemany("INSERT INTO offsets VALUES (?, ?)", listed)
    connection.sql(f"COPY offsets TO '{HERE}/offsets.csv.gz' (FORMAT csv, HEADER, COMPRESSION gzip)")

    connection.sql("CREATE TABLE texts (text VARCHAR)")
    connection.executemany("INSERT INTO texts VALUES (?)", [[text] for text in changed(chance, 6000)])
    connection.sql("SET TimeZone = 'Europe/Berlin'")
    connection.sql(
        "COPY (SELECT text, epoch_us(TRY_CAST(text AS TIMESTAMPTZ)) AS micros FROM texts ORDER BY text) "
        f"TO '{HERE}/texts.csv.gz' (FORMAT csv, HEADER, FORCE_QUOTE (text), COMPRESSION gzip)"
    )
    connection.sql("RESET TimeZone")

    connection.sql("CREATE TABLE rows (zone VARCHAR, i INTEGER, t BIGINT, u BIGINT, s VARCHAR, z VARCHAR, w VARCHAR)")
    for zone in ZONES:
        times = list(COMMON)
        known = [second for second, _ in changes[zone] if second is not None]
        picked = known[:4] + known[-8:] + chance.sample(known, min(6, len(known)))
        for second in sorted(set(picked)):
            for delta in (-86400, -3601, -1, 0, 1800, 3600, 86400):
                times.append((second + delta) * 1000000 + chance.choice([0, 0, 1, 999999, 500500]))
        times += [chance.randrange(micros("1840-01-01"), micros("2500-01-01")) for _ in range(12)]
        rows = [(None, 0), (0, None), (9223372036854775807, 0), (-9223372036854775807, 0), (0, 9223372036854775807)]
        for index, time in enumerate(times):
            near = time + chance.choice([1, -1]) * chance.choice([1, 1000, 3600 * 10**6, 90 * 86400 * 10**6, 10**15])
            other = chance.choice([near, near, chance.choice(times), times[index - 1]])
            rows.append((time, min(max(other, LEAST), MOST)))
        cycles = (STEPS, NAMED, WIDTHS)
        connection.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)",
            [[zone, index, *times, *(cycle[index % len(cycle)] for cycle in cycles)] for index, times in enumerate(rows)],
        )

    selected = ", ".join(f'TRY(({expression}))::VARCHAR AS "{name}"' for name, expression in named)
    parts = []
    for index, zone in enumerate(ZONES):
        connection.sql(f"SET TimeZone = '{zone}'")
        connection.sql(
            f"CREATE TABLE golden{index} AS SELECT zone, i, t_us, u_us, s_text, z, w_text, {selected} FROM ("
            "SELECT zone, i, t AS t_us, u AS u_us, s AS s_text, z, w AS w_text, "
            # An infinite time is no argument of make_timestamptz.
            "to_timestamp(0) AS zero, "
            "CASE WHEN t = 9223372036854775807 THEN 'infinity'::TIMESTAMPTZ WHEN t = -9223372036854775807 "
            "THEN '-infinity'::TIMESTAMPTZ ELSE make_timestamptz(t) END AS t, "
            "CASE WHEN u = 9223372036854775807 THEN 'infinity'::TIMESTAMPTZ ELSE make_timestamptz(u) END AS u, "
            "CASE WHEN t = 9223372036854775807 THEN 'infinity'::TIMESTAMP WHEN t = -9223372036854775807 "
            "THEN '-infinity'::TIMESTAMP ELSE make_timestamp(t) END AS n, "
            f"s::INTERVAL AS s, w::INTERVAL AS w FROM rows WHERE zone = '{zone}')"
        )
        parts.append(f"FROM golden{index}")
    connection.sql("RESET TimeZone")
    union = " UNION ALL ".join(parts)
    connection.sql(
        f"COPY (SELECT * FROM ({union}) ORDER BY zone, i) TO '{HERE}/golden.csv.gz' (FORMAT csv, HEADER, COMPRESSION gzip)"
    )
    print(f"{len(named)} expressions, {len(ZONES)} zones")


if __name__ == "__main__":
    main()
