#!/usr/bin/env python3
"""Writes the Parquet files beside this script: `pip install pyarrow polars duckdb`, then run it.

Each says something about itself that is wrong, as files of real writers do. The data are right."""

import datetime
import decimal
import os
import struct

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name + ".parquet")


# Thrift's compact protocol, as far as Parquet uses it. A struct is {field: (type, value)}, a list [(type, value)].
BOOL_TRUE, BOOL_FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def varint(self):
        result, shift = 0, 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            result |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return result

    def number(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def value(self, kind):
        if kind in (BOOL_TRUE, BOOL_FALSE):
            return kind == BOOL_TRUE
        if kind == BYTE:
            self.at += 1
            return self.data[self.at - 1]
        if kind in (I16, I32, I64):
            return self.number()
        if kind == DOUBLE:
            self.at += 8
            return struct.unpack("<d", self.data[self.at - 8 : self.at])[0]
        if kind == BINARY:
            length = self.varint()
            self.at += length
            return self.data[self.at - length : self.at]
        if kind in (LIST, SET):
            head = self.data[self.at]
            self.at += 1
            length, kind = head >> 4, head & 15
            if length == 15:
                length = self.varint()
            if kind in (BOOL_TRUE, BOOL_FALSE):
                self.at += length
                return [(BYTE, self.data[self.at - length + i]) for i in range(length)], kind
            return [(kind, self.value(kind)) for _ in range(length)], kind
        assert kind == STRUCT, kind
        fields, field = {}, 0
        while True:
            head = self.data[self.at]
            self.at += 1
            if head == 0:
                return fields
            field = field + (head >> 4) if head >> 4 else self.number()
            fields[field] = (head & 15, self.value(head & 15))


def written(kind, value):
    if kind in (BOOL_TRUE, BOOL_FALSE):
        return b""
    if kind == BYTE:
        return bytes([value])
    if kind in (I16, I32, I64):
        return varint((value << 1) ^ (value >> 63))
    if kind == DOUBLE:
        return struct.pack("<d", value)
    if kind == BINARY:
        return varint(len(value)) + value
    if kind in (LIST, SET):
        items, inner = value
        head = bytes([len(items) << 4 | inner]) if len(items) < 15 else bytes([15 << 4 | inner]) + varint(len(items))
        return head + b"".join(written(kind, item) for kind, item in items)
    out, before = bytearray(), 0
    for field, (kind, value) in sorted(value.items()):
        delta = field - before
        out += bytes([delta << 4 | kind]) if 0 < delta < 16 else bytes([kind]) + written(I16, field)
        out += written(kind, value)
        before = field
    return bytes(out) + b"\0"


def edit(name, change):
    """Applies `change` to the footer of a file."""
    data = open(path(name), "rb").read()
    length = struct.unpack("<I", data[-8:-4])[0]
    footer = Reader(data, len(data) - 8 - length).value(STRUCT)
    change(footer)
    footer = written(STRUCT, footer)
    with open(path(name), "wb") as file:
        file.write(data[: len(data) - 8 - length] + footer + struct.pack("<I", len(footer)) + b"PAR1")


def columns(footer):
    """The metadata of each column chunk."""
    for _, group in footer[4][1][0]:
        for _, column in group[1][1][0]:
            yield column[3][1]


def statistics(footer, column):
    """The statistics of a column by its path."""
    for meta in columns(footer):
        if ".".join(part.decode() for _, part in meta[3][1][0]) == column:
            return meta.setdefault(12, (STRUCT, {}))[1]
    raise KeyError(column)


MAX, MIN, NULLS, DISTINCT, MAX_VALUE, MIN_VALUE, MAX_EXACT, MIN_EXACT = range(1, 9)


def only_old(stats, low, high):
    """Leaves the fields that writers before 2018 filled, which they compared as signed bytes."""
    for field in (MAX_VALUE, MIN_VALUE, MAX_EXACT, MIN_EXACT):
        stats.pop(field, None)
    stats[MIN], stats[MAX] = (BINARY, low), (BINARY, high)


def bounds(stats, low, high, exact=None):
    stats.pop(MIN, None), stats.pop(MAX, None), stats.pop(MAX_EXACT, None), stats.pop(MIN_EXACT, None)
    stats[MIN_VALUE], stats[MAX_VALUE] = (BINARY, low), (BINARY, high)
    if exact is not None:
        stats[MAX_EXACT] = stats[MIN_EXACT] = (BOOL_TRUE if exact else BOOL_FALSE, exact)


def long(number):
    return struct.pack("<q", number)


# 1. NaN is in no bounds, and 0.0 is in them with another sign. As they come from the writers.
nan = float("nan")
floats = {
    "id": [1, 2, 3, 4],
    "b": [1.0, nan, None, -2.5],
    "z": [0.0, 0.0, 0.0, 0.0],
    "m": [-0.0, -0.0, -0.0, -0.0],
    "f": pa.array([1.0, nan, None, 7.0], pa.float32()),
    "s": [{"x": 1.0}, {"x": nan}, None, {"x": None}],
    "l": [[1.0], [nan], None, []],
}
table = pa.table(floats)
pq.write_table(table.append_column("h", pa.array([1.0, nan, None, 7.0], pa.float16())), path("nan_pyarrow"))
pq.write_table(table, path("nan_pyarrow_pages"), write_page_index=True, use_dictionary=False, data_page_version="2.0")
polars.from_arrow(table).write_parquet(path("nan_polars"))
pq.write_table(table.select(["id", "b"]), path("nan_nobody"))
edit("nan_nobody", lambda footer: footer.pop(6))

# 2. Bounds of text, decimals and unsigned numbers that were compared as signed bytes (Hive, Impala, Spark 2).
old = pa.table(
    {
        "id": [1, 2, 3],
        "t": ["a", "é", "z"],
        "b": pa.array([b"a", b"\xff", b"z"]),
        "u": pa.array([1, 3000000000, 7], pa.uint32()),
        "d": pa.array([decimal.Decimal(n) for n in ("-1.50", "2.25", "0.00")], pa.decimal128(30, 2)),
        "at": pa.array([datetime.datetime(year, 1, 1) for year in (1960, 2020, 2000)], pa.timestamp("ns")),
    }
)
pq.write_table(old, path("old"), use_deprecated_int96_timestamps=True, use_dictionary=False)


def as_old(footer):
    only_old(statistics(footer, "t"), "é".encode(), b"z")
    only_old(statistics(footer, "b"), b"\xff", b"z")
    only_old(statistics(footer, "u"), struct.pack("<I", 3000000000), struct.pack("<I", 7))
    number = lambda n: n.to_bytes(13, "big", signed=True)
    only_old(statistics(footer, "d"), number(0), number(-150))
    day = lambda days: struct.pack("<qi", 0, days)
    only_old(statistics(footer, "at"), day(2440588 + 10957), day(2440588 + 18262))
    statistics(footer, "at")[NULLS] = (I64, 0)
    footer[6] = (BINARY, b"parquet-mr version 1.8.1 (build 4aba4dae7bb0d4edbcf7923ae1339f28fd3f7fcf)")


edit("old", as_old)

# 3. NULLs that are not counted, also below a struct that is NULL itself.
nulls = pa.table(
    {
        "id": [1, 2, 3, 4],
        "none": [5, None, 6, None],
        "s": [{"x": 1}, None, {"x": None}, {"x": 4}],
        "l": [[1], None, [None], [4]],
    }
)
pq.write_table(nulls, path("nulls"))


def miscount(footer):
    for column, count in (("none", 0), ("s.x", 0), ("l.list.element", 0)):
        statistics(footer, column)[NULLS] = (I64, count)


edit("nulls", miscount)

# 4. Bounds of the first page only (polars in 2023), of a text that was cut and is called whole, and of nested columns.
pages = pa.table(
    {
        "id": [1, 2, 3, 4],
        "n": [10, 500, -7, 20],
        "t": ["abc", "abcdefgh", "zzz", "zzzz"],
        "day": [datetime.date(2020, 1, day) for day in (1, 9, 3, 4)],
        "s": [{"x": 10}, {"x": 500}, {"x": -7}, {"x": 20}],
    }
)
pq.write_table(pages, path("bounds"), use_dictionary=False)


def first_page(footer):
    bounds(statistics(footer, "n"), long(10), long(20), exact=True)
    bounds(statistics(footer, "t"), b"abc", b"zz", exact=True)
    bounds(statistics(footer, "day"), struct.pack("<i", 18262), struct.pack("<i", 18265), exact=True)
    bounds(statistics(footer, "s.x"), long(10), long(20), exact=True)
    for column in ("n", "t"):
        statistics(footer, column)[DISTINCT] = (I64, 1)


edit("bounds", first_page)

# 5. Rows that are said to be sorted and are not, and a number of rows for the file that is not that of its groups.
pq.write_table(pages.select(["id", "n", "t"]), path("order"), sorting_columns=[pq.SortingColumn(1)])
edit("order", lambda footer: footer.__setitem__(3, (I64, 1000)))

# 6. A Bloom filter without any bit, under another writer's name.
connection = duckdb.connect()
connection.execute(
    f"copy (select i, 'text ' || i as t from (select range % 50 as i from range(2000))) to '{path('bloom')}' (format parquet)"
)


def without_bits(footer):
    data = bytearray(open(path("bloom"), "rb").read())
    for meta in columns(footer):
        at = meta[14][1]
        reader = Reader(data, at)
        header = reader.value(STRUCT)
        size = header[1][1]
        data[reader.at : reader.at + size] = bytes(size)
    open(path("bloom"), "wb").write(data)
    footer[6] = (BINARY, b"parquet-mr version 1.13.1")


bloomed = open(path("bloom"), "rb").read()
length = struct.unpack("<I", bloomed[-8:-4])[0]
without_bits(Reader(bloomed, len(bloomed) - 8 - length).value(STRUCT))
edit("bloom", lambda footer: footer.__setitem__(6, (BINARY, b"parquet-mr version 1.13.1")))

# 7. Bounds in the header of a page.
pq.write_table(pages.select(["n"]), path("page"), use_dictionary=False, compression="none")
data = open(path("page"), "rb").read()
reader = Reader(data, 4)
header = reader.value(STRUCT)
stats = header[5][1][5][1]
bounds(stats, long(10), long(20))
header = written(STRUCT, header)
grown = len(header) - (reader.at - 4)
open(path("page"), "wb").write(data[:4] + header + data[reader.at :])


def longer(footer):
    for meta in columns(footer):
        meta[6] = (I64, meta[6][1] + grown)
        meta[7] = (I64, meta[7][1] + grown)
        meta.pop(12, None)


edit("page", longer)

# 8. A column of which every value is counted as NULL and none is (polars before 2.1 counts by pages).
pq.write_table(pages.select(["id", "n"]), path("all_null"))
edit("all_null", lambda footer: statistics(footer, "n").__setitem__(NULLS, (I64, 4)))

# 9. More decimal digits than the engine has. Nothing here is wrong: dp refuses it.
wide = pa.array([decimal.Decimal("1234567890123456789012345678901234567890.12")], pa.decimal256(50, 2))
pq.write_table(pa.table({"id": pa.array([1], pa.int32()), "amount": wide}), path("decimal256"), compression="none", store_schema=False)
