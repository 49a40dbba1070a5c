//! Values at the edges of each type.

/// A type's text and SQL of some of its values; the last is NULL.
pub(crate) struct Edges {
    pub(crate) data_type: String,
    pub(crate) values: Vec<String>,
}

const NINES_38: &str = "99999999999999999999999999999999999999";

pub(crate) const UNION: &str = "UNION(a INTEGER, \"b c\" DOUBLE, h HUGEINT, n VARCHAR[])";

/// Of each type that has values and a stored form, one or several.
pub(crate) fn all() -> Vec<Edges> {
    let mut all: Vec<Edges> = Vec::new();
    let mut add = |data_type: &str, values: &[&str]| {
        let null = ["NULL"];
        let values = values.iter().chain(&null).map(|value| format!("CAST({value} AS {data_type})")).collect();
        all.push(Edges {
            data_type: data_type.to_owned(),
            values,
        });
    };
    add("BOOLEAN", &["true", "false"]);
    add("TINYINT", &["-128", "127", "0"]);
    add("SMALLINT", &["-32768", "32767", "0"]);
    add("INTEGER", &["-2147483648", "2147483647", "0"]);
    add("BIGINT", &["-9223372036854775808", "9223372036854775807", "0"]);
    add("UTINYINT", &["255", "0"]);
    add("USMALLINT", &["65535", "0"]);
    add("UINTEGER", &["4294967295", "0"]);
    add("UBIGINT", &["18446744073709551615", "9223372036854775808", "0"]);
    add("HUGEINT", &[&text(NINES_38), &text(&format!("-{NINES_38}")), "0", "-1", "1", "'9007199254740993'"]);
    add(
        "UHUGEINT",
        &[
            "'340282366920938463463374607431768211455'",
            "'170141183460469231731687303715884105728'",
            "'100000000000000000000000000000000000000'",
            "0",
            "1",
        ],
    );
    add(
        "BIGNUM",
        &["'0'", "'-1'", "'1'", &text(&"9".repeat(300)), &text(&format!("-{}", "9".repeat(300))), "'256'", "'-256'"],
    );
    let floats = ["'nan'", "'-nan'", "'inf'", "'-inf'", "'-0.0'", "'0.0'", "0.1"];
    add("FLOAT", &[&floats[..], &["1.4e-45", "3.4028235e38", "2143289345::UINTEGER::BIT"]].concat());
    add(
        "DOUBLE",
        &[
            &floats[..],
            &["5e-324", "1.7976931348623157e308", "0.30000000000000004", "9221120237041090561::UBIGINT::BIT"],
        ]
        .concat(),
    );
    add("DECIMAL(4,1)", &["-999.9", "999.9", "0"]);
    add("DECIMAL(9,9)", &["0.999999999", "0"]);
    add("DECIMAL(18,3)", &["-999999999999999.999", "0"]);
    add("DECIMAL(19,2)", &["'1.00'", "'100'"]);
    add("DECIMAL(38,0)", &[&text(NINES_38), &text(&format!("-{NINES_38}")), "0"]);
    add("DECIMAL(38,38)", &[&text(&format!("0.{NINES_38}")), &text(&format!("-0.{NINES_38}"))]);
    add(
        "DATE",
        &[
            "'infinity'",
            "'-infinity'",
            "'5877642-06-25 (BC)'",
            "'5881580-07-10'",
            "'0001-01-01'",
            "'0001-01-01 (BC)'",
            "'1970-01-01'",
            "'10000-01-01'",
        ],
    );
    add("TIME", &["'00:00:00'", "'24:00:00'", "'23:59:59.999999'", "'12:34:56.000001'"]);
    add("TIME_NS", &["'00:00:00'", "'24:00:00'", "'23:59:59.999999999'", "'12:34:56.000000001'"]);
    add(
        "TIME WITH TIME ZONE",
        &[
            "'00:00:00+00'",
            "'24:00:00+15:59:59'",
            "'24:00:00-15:59:59'",
            "'12:00:00+05:30'",
            "'11:00:00+04:30'",
            "'12:00:00.000001-01:00:01'",
            "'06:30:00+00'",
        ],
    );
    let infinities = ["'infinity'", "'-infinity'"];
    add(
        "TIMESTAMP",
        &[
            &infinities[..],
            &[
                "'290309-12-22 (BC) 00:00:00'",
                "'294247-01-10 04:00:54.775806'",
                "'1970-01-01'",
                "'0044-03-15 (BC) 12:00:00.000001'",
                "'10000-01-01'",
            ],
        ]
        .concat(),
    );
    add(
        "TIMESTAMP_S",
        &[&infinities[..], &["'290309-12-22 (BC) 00:00:00'", "'294247-01-10 04:00:54'", "'1970-01-01 00:00:01'"]]
            .concat(),
    );
    add(
        "TIMESTAMP_MS",
        &[
            &infinities[..],
            &["'290309-12-22 (BC) 00:00:00'", "'294247-01-10 04:00:54.775'", "'1970-01-01 00:00:01.001'"],
        ]
        .concat(),
    );
    add(
        "TIMESTAMP_NS",
        &[
            &infinities[..],
            &[
                "'1677-09-22 00:00:00'",
                "'2262-04-11 23:47:16.854775806'",
                "'1970-01-01 00:00:00.000000001'",
                "'1969-12-31 23:59:59.999999999'",
            ],
        ]
        .concat(),
    );
    add(
        "TIMESTAMP WITH TIME ZONE",
        &[
            &infinities[..],
            &[
                "'290309-12-22 (BC) 00:00:00+00'",
                "'294247-01-10 04:00:54.775806+00'",
                "'1970-01-01 00:00:00+00'",
                "'2020-01-01 12:00:00+02'",
            ],
        ]
        .concat(),
    );
    add(
        "TIMESTAMPTZ_NS",
        &[
            &infinities[..],
            &["'1677-09-22 00:00:00+00'", "'2262-04-11 23:47:16.854775806+00'", "'1970-01-01 00:00:00.000000001+00'"],
        ]
        .concat(),
    );
    let intervals = [
        "0, 0, 0",
        "1, 0, 0",
        "0, 30, 0",
        "0, 0, 2592000000000",
        "-1, 0, 0",
        "0, -1, 0",
        "0, 0, -1",
        "0, 0, 1",
        "0, 0, 999",
        "2147483647, 2147483647, 9223372036854775807",
        "-2147483648, -2147483648, -9223372036854775807",
        "0, 0, -9223372036854775807 - 1",
        "1, -1, 1",
        "-13, 400, -86400000001",
        "12, 0, 0",
        "11, 1, 0",
        "-12, 0, 0",
        "0, 1, -86400000000",
        "0, 0, 360000000000000",
    ]
    .map(|interval| {
        let parts: Vec<_> = interval.split(", ").collect();
        format!("(to_months({}) + to_days({}) + to_microseconds({}))", parts[0], parts[1], parts[2])
    });
    add("INTERVAL", &intervals.each_ref().map(String::as_str));
    add(
        "VARCHAR",
        &[
            "''",
            "'a'",
            "chr(0)",
            "'a' || chr(0)",
            "chr(0) || 'a'",
            "'NULL'",
            "'é'",
            "'e\u{301}'",
            "repeat('x', 5000)",
            "' '",
        ],
    );
    add("BLOB", &["''", "'a'", "'\\x00'", "'\\x00\\x00'", "'\\xFF\\xFE'"]);
    add(
        "BIT",
        &[
            "'0'",
            "'1'",
            "'00'",
            "'01'",
            "'0000000'",
            "'00000000'",
            "'000000000'",
            "'1111111111111111'",
            "repeat('10', 99)",
        ],
    );
    add(
        "UUID",
        &[
            "'00000000-0000-0000-0000-000000000000'",
            "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
            "'80000000-0000-0000-0000-000000000001'",
            "'7fffffff-ffff-ffff-ffff-ffffffffffff'",
        ],
    );
    add("ENUM('a', 'it''s', '', 'x,y', 'B b', 'NULL')", &["'a'", "'it''s'", "''", "'x,y'", "'NULL'"]);
    add("JSON", &["'{\"a\":1}'", "'{ \"a\": 1 }'", "'null'", "'\"\"'", "'1.0'", "'1'", "'[1,2,3]'"]);
    add(
        "GEOMETRY",
        &[
            "'POINT(1 2)'",
            "'POINT(-0.0 0)'",
            "'POINT(0 0)'",
            "'POINT EMPTY'",
            "'LINESTRING(0 0, 1 1)'",
            "'POINT Z (1 2 3)'",
            "'GEOMETRYCOLLECTION(POINT(1 1))'",
        ],
    );
    add("\"NULL\"", &[]);
    add(
        UNION,
        &[
            "union_value(a := 1)",
            "union_value(a := NULL::INTEGER)",
            "union_value(\"b c\" := 1.0::DOUBLE)",
            "union_value(\"b c\" := '-0.0'::DOUBLE)",
            "union_value(\"b c\" := 0.0::DOUBLE)",
            "union_value(\"b c\" := NULL::DOUBLE)",
            "union_value(h := 1::HUGEINT)",
            "union_value(n := ['a', NULL])",
            "union_value(n := []::VARCHAR[])",
        ],
    );
    all
}

fn text(value: &str) -> String {
    format!("'{value}'")
}

/// Types made of this one, with values whose nesting and NULLs are easily confused.
///
/// `#` stands for the type, `@` for a value of it, `?` for the new type; `…` repeats the value for each of `edges`.
pub(crate) fn nestings(edges: &Edges) -> Vec<Edges> {
    const NESTINGS: &[(&str, &[&str])] = &[
        ("#[]", &["NULL", "[]", "[NULL]", "[NULL, NULL]", "[@]", "…[@, NULL, @]"]),
        ("#[][]", &["NULL", "[]", "[NULL]", "[[]]", "[[NULL]]", "[[@], [@]]", "[[@, @]]", "[[@], NULL, []]"]),
        ("#[2]", &["NULL", "[NULL, NULL]", "[@, NULL]", "[NULL, @]", "[@, @]"]),
        ("STRUCT(\"x y\" #, \"select\" #)", &["NULL", "row(NULL, NULL)", "row(@, NULL)", "row(NULL, @)", "…row(@, @)"]),
        ("TUPLE(#, INTEGER)", &["NULL", "row(NULL, NULL)", "row(@, NULL)", "row(NULL, 1)", "…row(@, 2)"]),
        ("MAP(#, INTEGER)", &["NULL", "map([], [])", "map([@], [NULL])", "…map([@], [1])"]),
        (
            "MAP(VARCHAR, #)",
            &[
                "NULL",
                "map([], [])",
                "map(['k'], [NULL])",
                "map(['k', 'l'], [NULL, NULL])",
                "map([''], [@])",
                "…map(['k'], [@])",
            ],
        ),
        (
            "UNION(\"p q\" #, \"r\" INTEGER[])",
            &[
                "NULL",
                "union_value(\"p q\" := NULL::#)",
                "union_value(r := NULL::INTEGER[])",
                "union_value(r := [NULL]::INTEGER[])",
                "…union_value(\"p q\" := @)",
            ],
        ),
        (
            "STRUCT(m MAP(VARCHAR, STRUCT(z #[])[]))[]",
            &[
                "NULL",
                "[NULL]",
                "[row(NULL)]",
                "[row(map([], []))]",
                "[row(map(['a'], [NULL]))]",
                "[row(map(['a'], [[NULL]]))]",
                "[row(map(['a'], [[row(NULL)]]))]",
                "[row(map(['a'], [[row([])]]))]",
                "[row(map(['a'], [[row([NULL])]]))]",
                "[row(map(['a'], [[row([@])]]))]",
            ],
        ),
        (
            "STRUCT(a #[2][3])",
            &["NULL", "row(NULL)", "row([NULL, [NULL, @], [@, NULL]])", "row([[NULL, NULL], [NULL, @], [@, NULL]])"],
        ),
    ];
    let (_null, some) = edges.values.split_last().unwrap();
    let build = |(shape, values): &(&str, &[&str])| {
        let data_type = shape.replace('#', &edges.data_type);
        let build = |template: &str, value: &str| {
            format!("CAST({} AS {data_type})", template.replace('#', &edges.data_type).replace('@', value))
        };
        let values = values.iter().flat_map(|template| match template.strip_prefix('…') {
            Some(template) => some.iter().map(|value| build(template, value)).collect(),
            None if template.contains('@') => some.first().map(|value| build(template, value)).into_iter().collect(),
            None => vec![build(template, "")],
        });
        Edges {
            values: values.collect(),
            data_type,
        }
    };
    NESTINGS.iter().map(build).collect()
}

/// Deeper and wider than [`nestings`] goes.
pub(crate) fn special() -> Vec<Edges> {
    let inner = "UNION(x INTERVAL, y ENUM('a', 'b'))";
    let members = format!("UNION(a {inner}, b STRUCT(u UNION(i UHUGEINT, \"j k\" BIT)[])[2])");
    let small = "UNION(a INTEGER, b VARCHAR)";
    let cases: &[(&str, &[String])] = &[
        (
            &members,
            &[
                "NULL".to_owned(),
                format!("union_value(a := NULL::{inner})"),
                format!("union_value(a := union_value(x := INTERVAL '-1 month')::{inner})"),
                format!("union_value(a := union_value(y := 'b'::ENUM('a', 'b'))::{inner})"),
                "union_value(b := [NULL, row([NULL, union_value(i := 5::UHUGEINT), union_value(i := NULL::UHUGEINT)])]\
                 ::STRUCT(u UNION(i UHUGEINT, \"j k\" BIT)[])[2])"
                    .to_owned(),
            ],
        ),
        (
            &format!("MAP({small}, {small}[2])"),
            &[
                "NULL".to_owned(),
                "map([], [])".to_owned(),
                format!(
                    "map([union_value(a := 1)::{small}, union_value(b := '1')::{small}], [NULL, [NULL, union_value(b := 'x')]])"
                ),
            ],
        ),
        (
            &format!("TUPLE({small}, TUPLE({small}[]))"),
            &[
                "NULL".to_owned(),
                "row(NULL, NULL)".to_owned(),
                format!("row(union_value(a := 1)::{small}, row([union_value(b := NULL::VARCHAR), NULL]))"),
            ],
        ),
        ("MAP(\"NULL\", \"NULL\")", &["NULL".to_owned(), "map([], [])".to_owned()]),
        // Names that SQL has to quote, and names that are dp's own.
        (
            "STRUCT(\"A\"\"b'c\" HUGEINT, \"é ü\" INTEGER, _dp0 UNION(_dp0 BIT[], tag BIT, v1 INTEGER))",
            &[
                "NULL".to_owned(),
                "row(1, 2, union_value(_dp0 := ['01'::BIT])::UNION(_dp0 BIT[], tag BIT, v1 INTEGER))".to_owned(),
                "row(1, 2, union_value(tag := '1'::BIT)::UNION(_dp0 BIT[], tag BIT, v1 INTEGER))".to_owned(),
            ],
        ),
    ];
    let edges = cases.iter().map(|(data_type, values)| Edges {
        data_type: (*data_type).to_owned(),
        values: values.iter().map(|value| format!("CAST({value} AS {data_type})")).collect(),
    });
    edges.collect()
}
