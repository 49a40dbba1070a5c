//! CSV files: the table of faults, and files that are generated with their truth.

use std::fmt::Write as _;

use dp::intake::{At, Refusal};
use dp::model::{Format, OptionValue, Scalar};
use proptest::prelude::*;

use super::cases;
use super::door::Door;
use super::tape::Tape;
use super::truth::is_same;

fn csv(text: impl AsRef<[u8]>) -> Door {
    Door::new(Format::Csv).file("a.csv", text)
}

fn text(text: &str) -> OptionValue {
    OptionValue::Scalar(Scalar::String(text.to_owned()))
}

fn flag(value: bool) -> OptionValue {
    OptionValue::Scalar(Scalar::Boolean(value))
}

fn shown(text: &str) -> String {
    csv(text).shown()
}

/// Lines of a file: `count` times the same one, then others.
fn late(header: &str, row: &str, count: usize, others: &str) -> String {
    format!("{header}\n{}{others}", format!("{row}\n").repeat(count))
}

#[test]
fn a_contract_does_not_change_values() {
    for (data_type, value) in [
        ("INTEGER", "2.6"),
        ("DECIMAL(10,2)", "1.239"),
        ("DATE", "2026-05-02 23:10:00"),
        ("TIMESTAMP", "2026-01-01T10:00:00+02:00"),
    ] {
        let shown = csv(format!("x,y\n,1\n{value},2\n{value},3\n")).contract("x", data_type).shown();
        let expected = format!(
            "dp::source::values: data/a.csv:3: `x` is `{value}`, which is not a valid {data_type}; 2 values in total, also \
             data/a.csv:4 `{value}`"
        );
        assert_eq!(shown, expected);
    }
    assert_eq!(csv("x\n7.0\n007\n").contract("x", "INTEGER").shown(), "x INTEGER\n7\n7");
    assert_eq!(csv("x\n1.230\n").contract("x", "DECIMAL(10,2)").shown(), "x DECIMAL(10,2)\n1.23");
}

#[test]
fn a_lenient_column_is_converted_by_the_engine() {
    let mut door = csv("x\n2.6\n").contract("x", "INTEGER");
    door.lenient.insert("x".to_owned());
    assert_eq!(door.shown(), "x INTEGER\n3");
}

#[test]
fn types_that_only_the_engine_knows_give_every_text_back() {
    assert_eq!(csv("x\n\"[1, 2]\"\n").contract("x", "INTEGER[]").shown(), "x INTEGER[]\n[1, 2]");
    assert_eq!(csv("x\n1 day\n").contract("x", "INTERVAL").shown(), "x INTERVAL\n1 day");
    assert_eq!(
        csv("x,y\n1 day,1\n36 hours,2\n").contract("x", "INTERVAL").shown(),
        "dp::source::values: data/a.csv:3: `x` is `36 hours`, which is not a valid INTERVAL"
    );
    assert_eq!(
        csv("x\n\"[1, 2.5]\"\n").contract("x", "INTEGER[]").shown(),
        "dp::source::values: data/a.csv:2: `x` is `[1, 2.5]`, which is not a valid INTEGER[]"
    );
}

#[test]
fn every_row_has_the_fields_of_the_header() {
    assert_eq!(
        shown("a,b\n1,2\n3,4,5\n"),
        "dp::source::rows: data/a.csv:3: the row has 3 fields, but the header has 2"
    );
    assert_eq!(
        shown("a,b\n1,2\nTotal: 7\n"),
        "dp::source::rows: data/a.csv:3: the row has 1 field, but the header has 2"
    );
    assert_eq!(
        shown("email\nann@x.org\nbob@x.org;bob2@x.org\n"),
        "dp::source::dialect: data/a.csv:3: the delimiter could be `,` or `;`"
    );
    assert_eq!(shown("a,b\n1,\"2\n3,4\n"), "dp::source::rows: data/a.csv:2: a quote opens here and never closes");
    assert_eq!(shown("a,b\n\"1\"x,2\n"), "dp::source::rows: data/a.csv:2: text follows a closing quote");
    let padded = csv("a,b\n1\n").option("null_padding", flag(true));
    assert_eq!(padded.shown(), "a BIGINT, b VARCHAR\n1|∅");
}

#[test]
fn columns_of_all_files_are_read_by_name() {
    let door = Door::new(Format::Csv).file("a.csv", "id,name\n1,x\n").file("b.csv", "name,id,more\ny,2.5,z\n");
    assert_eq!(door.shown(), "id DOUBLE, name VARCHAR, more VARCHAR\n1.0|x|∅\n2.5|y|z");
    let door = Door::new(Format::Csv)
        .file("a.csv", "id,name\n1,2\n")
        .file("b.csv", "name,id\n3,4\n")
        .contract("id", "VARCHAR");
    assert_eq!(door.shown(), "id VARCHAR, name BIGINT\n1|2\n4|3");
    let door = Door::new(Format::Csv).file("a.csv", "id\n1\n").file("b.csv", "ID\n2\n");
    assert_eq!(door.shown(), "dp::source::columns: data/b.csv:1: the column `ID` has the name `id` in data/a.csv:1");
}

#[test]
fn files_may_be_written_in_different_dialects() {
    let door = Door::new(Format::Csv)
        .file("a.csv", "a;b\n1;2\n")
        .file("b.csv", "a,b\r\n3,4\r\n")
        .file("c.csv", "a\tb\r5\t6\r");
    assert_eq!(door.shown(), "a BIGINT, b BIGINT\n1|2\n3|4\n5|6");
}

#[test]
fn all_rows_decide_about_types() {
    for value in ["2.7x", "0042", "23:30"] {
        let read = csv(late("n", "7", 25_000, &format!("{value}\n"))).read().unwrap();
        assert_eq!(read.schema.0[0].data_type, "VARCHAR");
        assert_eq!(read.rows.len(), 25_001);
        assert!(read.rows.contains(&vec![Some(value.to_owned())]), "{value}");
    }
    let read = csv(late("n", "7", 25_000, "2.7\n")).read().unwrap();
    assert_eq!(read.schema.0[0].data_type, "DOUBLE");
    assert!(read.rows.contains(&vec![Some("2.7".to_owned())]));
    let read = csv(late("a,b", "x,y", 30_000, "\"u\"\"v\",\"w,\nz\"\n")).read().unwrap();
    assert!(read.rows.contains(&vec![Some("u\"v".to_owned()), Some("w,\nz".to_owned())]));
}

#[test]
fn a_hash_is_no_comment_unless_that_is_declared() {
    assert_eq!(shown("a,b\n#51,x\nA52,#52\n"), "a VARCHAR, b VARCHAR\n#51|x\nA52|#52");
    let declared = |rows: &str| csv(rows).option("comment", text("#")).shown();
    assert_eq!(declared("# made by hand\na,b\n# x\nA,1\n"), "a VARCHAR, b BIGINT\nA|1");
    assert_eq!(declared("a,b\nA,#1\n"), "dp::source::rows: data/a.csv:2: a comment starts inside a row");
}

#[test]
fn a_type_gives_every_text_back() {
    assert_eq!(shown("a,b\nyes,NO\nno,NO\n"), "a VARCHAR, b VARCHAR\nno|NO\nyes|NO");
    assert_eq!(shown("a,b\ntrue,True\nfalse,False\n"), "a BOOLEAN, b VARCHAR\nfalse|False\ntrue|True");
    assert_eq!(shown("a\n0.12345678901234567890\n"), "a DECIMAL(21,20)\n0.12345678901234567890");
    assert_eq!(shown("a\n9007199254740993\n0.5\n"), "a DECIMAL(17,1)\n0.5\n9007199254740993.0");
    assert_eq!(shown("a\n123456789012345678901234567890\n"), "a HUGEINT\n123456789012345678901234567890");
    assert_eq!(shown("a\n05/02/2026\n"), "a VARCHAR\n05/02/2026");
}

#[test]
fn a_header_is_never_guessed_away() {
    assert_eq!(shown("a,b\nx,y\n"), "a VARCHAR, b VARCHAR\nx|y");
    assert_eq!(shown("1,2\n3,4\n"), "1 BIGINT, 2 BIGINT\n3|4");
    let without = csv("x,1\ny,2\n").option("header", flag(false));
    assert_eq!(without.shown(), "column0 VARCHAR, column1 BIGINT\nx|1\ny|2");
    assert_eq!(shown(",a\n0,x\n"), "column0 BIGINT, a VARCHAR\n0|x");
    let names = || OptionValue::List(vec![text("p"), text("q")]);
    assert_eq!(csv("x,1\n").option("names", names()).option("header", flag(false)).shown(), "p VARCHAR, q BIGINT\nx|1");
    assert!(
        csv("x,1\n").option("names", names()).shown().starts_with("dp::source::option: the option `header` is missing")
    );
}

#[test]
fn text_and_null_are_told_apart() {
    assert_eq!(shown("a,b\n,\"\"\nx,y\n"), "a VARCHAR, b VARCHAR\nx|y\n∅|");
    // No type but text has an empty text.
    assert_eq!(shown("a,b\n\"\",1\n5,2\n"), "a BIGINT, b BIGINT\n5|2\n∅|1");
    let marked = csv("a\nNA\n\"NA\"\n").option("nullstr", text("NA"));
    assert_eq!(marked.shown(), "a VARCHAR\nNA\n∅");
}

#[test]
fn empty_files() {
    assert_eq!(shown(""), "dp::source::empty: data/a.csv: the file is empty, so its columns are unknown");
    assert_eq!(csv("").contract("id", "BIGINT").shown(), "id BIGINT");
    assert_eq!(shown("a,b\n"), "a VARCHAR, b VARCHAR");
    let door = Door::new(Format::Csv).file("a.csv", "").file("b.csv", "a\n1\n");
    assert_eq!(door.shown(), "a BIGINT\n1");
}

#[test]
fn names_that_are_equal_but_for_case_are_refused() {
    let both = |header: &str| shown(&format!("{header}\n1,2,3\n"));
    assert_eq!(
        both("id,amount,amount"),
        "dp::source::columns: data/a.csv:1: two columns have the names `amount` and `amount`"
    );
    assert_eq!(
        both("id,Amount,amount"),
        "dp::source::columns: data/a.csv:1: two columns have the names `Amount` and `amount`"
    );
    let named = csv("id,amount,amount\n1,2,3\n").option("header", flag(true));
    let named = named.option("names", OptionValue::List(vec![text("id"), text("net"), text("gross")]));
    assert_eq!(named.shown(), "id BIGINT, net BIGINT, gross BIGINT\n1|2|3");
}

#[test]
fn the_path_of_a_row_is_relative_to_the_project() {
    let door = csv("a\n1\n").option("filename", flag(true));
    assert_eq!(door.shown(), "a BIGINT, filename VARCHAR\n1|data/a.csv");
    let door = csv("filename\n1\n").option("filename", flag(true));
    assert!(door.shown().starts_with("dp::source::option"), "{}", door.shown());
}

#[test]
fn encodings_and_compressions() {
    assert_eq!(csv(b"\xef\xbb\xbfa,b\n1,2\n").shown(), "a BIGINT, b BIGINT\n1|2");
    assert_eq!(csv(b"a\ncaf\xe9\n").shown(), "dp::source::encoding: data/a.csv:2: the bytes are not valid UTF-8");
    assert_eq!(csv(b"a\ncaf\xe9\n").option("encoding", text("latin-1")).shown(), "a VARCHAR\ncafé");
    let utf16: Vec<u8> = "\u{feff}a,b\nü,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(csv(&utf16).option("encoding", text("utf-16")).shown(), "a VARCHAR, b BIGINT\nü|2");
    assert_eq!(shown("a\n1\0\n"), "dp::source::encoding: data/a.csv:2: the text contains a zero byte");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, b"a,b\n1,2\n").unwrap();
    let door = Door::new(Format::Csv).file("a.csv.gz", gzip.finish().unwrap());
    assert_eq!(door.shown(), "a BIGINT, b BIGINT\n1|2");
}

#[test]
fn dates_may_be_written_in_a_declared_form() {
    let door = |file: &str| csv(file).option("dateformat", text("%d.%m.%Y"));
    assert_eq!(
        door("d,n\n02.05.2026,1\n").shown(),
        "dp::source::option: the option `dateformat` has no effect, because no column is declared as DATE"
    );
    assert_eq!(door("d,n\n02.05.2026,1\n,2\n").contract("d", "DATE").shown(), "d DATE, n BIGINT\n2026-05-02|1\n∅|2");
    assert_eq!(
        door("d\n02.05.2026\n31.02.2026\n").contract("d", "DATE").shown(),
        "dp::source::values: data/a.csv:3: `d` is `31.02.2026`, which is not a valid DATE"
    );
    assert_eq!(
        door("d\n2026-05-02\n").contract("d", "DATE").shown(),
        "dp::source::values: data/a.csv:2: `d` is `2026-05-02`, which is not a valid DATE"
    );
    let types = OptionValue::Struct(vec![("at".to_owned(), text("timestamp"))]);
    let door = csv("at\n02/05/2026 07:10\n").option("timestampformat", text("%d/%m/%Y %H:%M")).option("types", types);
    assert_eq!(door.shown(), "at TIMESTAMP\n2026-05-02 07:10:00");
}

#[test]
fn types_in_options_may_be_written_in_any_way() {
    let types = |data_type: &str| OptionValue::Struct(vec![("v".to_owned(), text(data_type))]);
    assert_eq!(csv("v\n007\n").option("types", types("int")).shown(), "v INTEGER\n7");
    assert_eq!(csv("v\n1.5\n").option("dtypes", types("numeric(10, 2)")).shown(), "v DECIMAL(10,2)\n1.50");
    assert_eq!(
        csv("v\n2.6\n").option("types", types("int4")).shown(),
        "dp::source::values: data/a.csv:2: `v` is `2.6`, which is not a valid INTEGER"
    );
    assert_eq!(
        csv("v\n2.6\n").option("types", types("interger")).shown(),
        "dp::source::option: the option `types` contains an invalid type: `interger` is not a type"
    );
    let in_order = OptionValue::List(vec![text("text"), text("smallint")]);
    assert_eq!(csv("a,b\n1,2\n").option("types", in_order).shown(), "a VARCHAR, b SMALLINT\n1|2");
    assert_eq!(csv("a\tb\n1\t2\n").option("delim", text("\\t")).shown(), "a BIGINT, b BIGINT\n1|2");
}

#[test]
fn options_that_guess_or_drop_are_refused() {
    for (name, value) in [
        ("ignore_errors", flag(true)),
        ("sample_size", OptionValue::Scalar(Scalar::Integer(1000))),
        ("strict_mode", flag(false)),
        ("delimeter", text(";")),
    ] {
        let shown = csv("a\n1\n").option(name, value).shown();
        assert!(shown.starts_with(&format!("dp::source::option: the option `{name}`")), "{shown}");
    }
    // What dp does anyway may be asked for.
    let door = csv("a\n1\n").option("union_by_name", flag(true)).option("AUTO_DETECT", flag(true));
    assert_eq!(door.option("sample_size", OptionValue::Scalar(Scalar::Integer(-1))).shown(), "a BIGINT\n1");
}

/// A table of texts, and the file that it is written in.
#[derive(Debug)]
struct Written {
    file: String,
    names: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
    /// The delimiter, if the file has to be read with it declared.
    declared: Option<char>,
    quote: char,
    /// The line that does not follow the dialect, if one was broken.
    broken: Option<u64>,
    bytes: Bytes,
}

/// How the text of a file becomes bytes.
#[derive(Clone, Copy, Debug)]
enum Bytes {
    Plain,
    Marked,
    Utf16,
    Latin1,
    Gzip,
}

impl Written {
    /// The file, with what has to be declared about it.
    fn door(&self) -> Door {
        let door = match self.bytes {
            Bytes::Plain => csv(&self.file),
            Bytes::Marked => csv(format!("\u{feff}{}", self.file)),
            Bytes::Utf16 => {
                let bytes: Vec<u8> =
                    format!("\u{feff}{}", self.file).encode_utf16().flat_map(u16::to_le_bytes).collect();
                csv(bytes).option("encoding", text("utf-16"))
            }
            Bytes::Latin1 => {
                let bytes: Vec<u8> = self.file.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
                csv(bytes).option("encoding", text("latin-1"))
            }
            Bytes::Gzip => {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                std::io::Write::write_all(&mut gzip, self.file.as_bytes()).unwrap();
                Door::new(Format::Csv).file("a.csv.gz", gzip.finish().unwrap())
            }
        };
        let door = match self.declared {
            Some(delim) => door.option("delim", text(&delim.to_string())),
            None => door,
        };
        if self.quote == '"' { door } else { door.option("quote", text(&self.quote.to_string())) }
    }
}

const VALUES: [&[&str]; 9] = [
    &["1", "2", "42", "-7", "0", "9223372036854775807", "9223372036854775808", "0042", "1.5", "x"],
    &["0.1", "2.50", "3", "-1.25e-3", "1e5", "0.30000000000000004", "12345678901234567.1", "1e400", "inf", "NaN"],
    &["true", "false", "yes", "no", "NO", "True"],
    &["2026-05-02", "1999-12-31", "2024-02-29", "2023-02-29", "05/02/2026", "2026-05-02 10:00:00"],
    &[
        "2026-05-02 10:00:00",
        "2026-05-02T10:00:00",
        "2026-05-02 23:59:59.123456",
        "2026-05-02T10:00:00Z",
        "2026-05-02T10:00:00+02:00",
    ],
    &["10:00:00", "23:30", "01:02:03.5", "24:00:00"],
    &[
        "plain",
        "with, comma",
        "with; semicolon",
        "with \"quote\"",
        "two\nlines",
        " spaces ",
        "tab\there",
        "#hash",
        "|",
        "\\n",
        "'",
        "ünïcode",
        "NULL",
        "NA",
    ],
    &["+1", "1,000", "$5", "5%", ".5", "5.", "1_000", "0x1F", "--", "-"],
    &["", "a", "\"", "\"\"", ",", ";", "\r\n", "\n"],
];

fn written(cells: &[u16]) -> Written {
    let tape = &mut Tape::new(cells);
    let delim = *tape.of(&[',', ';', '\t', '|', ':']);
    let quote = *tape.of(&['"', '"', '"', '\'']);
    let end = *tape.of(&["\n", "\r\n"]);
    let width = 1 + tape.pick(5);
    let height = tape.pick(12);
    let kinds: Vec<&[&str]> = (0..width).map(|_| *tape.of(&VALUES)).collect();
    let mut names: Vec<String> = Vec::new();
    for column in 0..width {
        let name = tape.of(&["id", "Name", "a b", "x,y", "select", "ä", "1", "q\"q"]);
        names.push(format!("{name}{column}"));
    }
    let always = tape.rarely(3);
    let cell = |value: &Option<String>, forced: bool| -> String {
        let Some(value) = value else {
            return String::new();
        };
        let special = [delim, quote, '\n', '\r', ',', ';', '\t', '|'];
        if forced || value.is_empty() || value.contains(special) {
            format!("{quote}{}{quote}", value.replace(quote, &format!("{quote}{quote}")))
        } else {
            value.clone()
        }
    };
    let line = |cells: &[Option<String>], forced: bool| {
        cells.iter().map(|value| cell(value, forced)).collect::<Vec<_>>().join(&delim.to_string()) + end
    };
    let header: Vec<Option<String>> = names.iter().cloned().map(Some).collect();
    let mut file = line(&header, always);
    // Where the header has several delimiters, more than one may fit all rows.
    let is_ambiguous = [',', ';', '\t', '|'].iter().filter(|delim| file.contains(**delim)).count() != 1;
    let mut rows = Vec::new();
    let breaks = (height > 0 && width > 1 && tape.rarely(4)).then(|| tape.pick(height));
    let mut broken = None;
    for number in 0..height {
        let row: Vec<Option<String>> = kinds
            .iter()
            .map(|kind| {
                // The first values of a kind are the usual ones; the others come late and seldom.
                let value = if tape.rarely(4) { *tape.of(kind) } else { kind[tape.pick(2)] };
                (!tape.rarely(8)).then(|| value.to_owned())
            })
            .collect();
        if row.iter().all(Option::is_none) && width == 1 {
            continue;
        }
        if breaks == Some(number) {
            broken = Some(file.matches('\n').count() as u64 + 1);
            write!(
                file,
                "{}",
                if tape.rarely(2) { format!("one{delim}{}", line(&row, always)) } else { format!("total{end}") }
            )
            .unwrap();
            continue;
        }
        file.push_str(&line(&row, always));
        rows.push(row);
    }
    if tape.rarely(5) {
        file.truncate(file.trim_end_matches(['\r', '\n']).len());
    }
    let is_latin = file.chars().all(|char| u32::from(char) < 256);
    let bytes = match tape.pick(8) {
        4 => Bytes::Marked,
        5 => Bytes::Utf16,
        6 if is_latin => Bytes::Latin1,
        7 => Bytes::Gzip,
        _ => Bytes::Plain,
    };
    Written {
        bytes,
        declared: (delim == ':' || width == 1 || is_ambiguous || tape.rarely(3)).then_some(delim),
        file,
        names,
        rows,
        quote,
        broken,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_files_are_read_exactly(cells in prop::collection::vec(any::<u16>(), 0..160)) {
        let written = written(&cells);
        match (written.door().read(), written.broken) {
            (Err(Refusal::Fields { place, .. } | Refusal::Delimiter { place, .. }), Some(line)) => {
                prop_assert_eq!(place.at, At::Line(line), "{}", written.file);
            }
            // Several delimiters stand in the header, and every row agrees with more than one, or a broken row with none.
            (Err(Refusal::Delimiter { .. }), None) => prop_assert!(written.declared.is_none()),
            (Err(refusal), _) => prop_assert!(false, "{refusal}\n{}", written.file),
            (Ok(_), Some(line)) => prop_assert!(false, "line {line} is broken, and was read\n{}", written.file),
            (Ok(read), None) => {
                let names: Vec<&str> = read.schema.names().collect();
                prop_assert_eq!(names, written.names.iter().map(String::as_str).collect::<Vec<_>>());
                prop_assert_eq!(read.rows.len(), written.rows.len(), "{}", written.file);
                let mut left = read.rows;
                for row in &written.rows {
                    let is_row = |found: &Vec<Option<String>>| {
                        found.iter().zip(row).zip(&read.schema.0).all(|((found, written), column)| match (found, written) {
                            (Some(found), Some(written)) => is_same(&column.data_type, written, found),
                            (None, None) => true,
                            // A quoted empty text is NULL in a column whose other values are no texts.
                            (None, Some(written)) => written.is_empty() && column.data_type != "VARCHAR",
                            (Some(_), None) => false,
                        })
                    };
                    let place = left.iter().position(is_row);
                    prop_assert!(place.is_some(), "{row:?} is not in {left:?}\n{}", written.file);
                    left.remove(place.unwrap());
                }
            }
        }
    }

}

proptest! {
    // A case writes up to five files.
    #![proptest_config(ProptestConfig {
        cases: cases().div_ceil(4),
        // About as many tables have too little in them as have enough.
        max_global_rejects: 4 * cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn files_in_any_order_and_number_come_to_the_same(
        cells in prop::collection::vec(any::<u16>(), 0..60),
        count in 1_usize..5,
        turn in any::<bool>(),
    ) {
        // The rows of one table, dealt out to files with their columns in one order or the other.
        let written = written(&cells);
        prop_assume!(written.broken.is_none() && written.names.len() > 1 && !written.rows.is_empty());
        let whole = csv_of(&written.names, &written.rows, false);
        let expected = Door::new(Format::Csv).file("a.csv", whole).option("delim", text(",")).read().unwrap();
        let mut door = Door::new(Format::Csv).option("delim", text(","));
        for part in 0..count {
            let rows: Vec<_> = written.rows.iter().skip(part).step_by(count).cloned().collect();
            door = door.file(&format!("{part}.csv"), csv_of(&written.names, &rows, turn && part % 2 == 1));
        }
        let read = door.read().unwrap();
        prop_assert_eq!(&read.schema, &expected.schema);
        let sorted = |mut rows: Vec<Vec<Option<String>>>| { rows.sort(); rows };
        prop_assert_eq!(sorted(read.rows), sorted(expected.rows));
    }
}

fn csv_of(names: &[String], rows: &[Vec<Option<String>>], backwards: bool) -> String {
    let cell = |value: &Option<String>| {
        value.as_ref().map_or(String::new(), |value| format!("\"{}\"", value.replace('"', "\"\"")))
    };
    let header: Vec<Option<String>> = names.iter().cloned().map(Some).collect();
    let line = |row: &Vec<Option<String>>| {
        let mut cells: Vec<String> = row.iter().map(cell).collect();
        if backwards {
            cells.reverse();
        }
        cells.join(",") + "\n"
    };
    line(&header) + &rows.iter().map(line).collect::<String>()
}

proptest! {
    // A case writes some megabytes.
    #![proptest_config(ProptestConfig { cases: cases().div_ceil(25), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_that_comes_late_counts_as_much(
        kind in 0..VALUES.len(),
        first in 0..2_usize,
        other in 0..VALUES.len(),
        late in any::<prop::sample::Index>(),
        rows in 1_usize..60_000,
    ) {
        let (plain, late) = (VALUES[kind][first], VALUES[other][late.index(VALUES[other].len())]);
        let cell = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
        let line = |number: usize, value: &str| format!("{number},{}\n", cell(value));
        let mut file = "id,v\n".to_owned();
        for number in 0..rows {
            file.push_str(&line(number, plain));
        }
        file.push_str(&line(rows, late));
        let (schema, found) = csv(&file).option("delim", text(",")).ends_of("id");
        let data_type = &schema.column("v").unwrap().data_type;
        let is_right = |found: &Option<String>, written: &str| match found {
            Some(found) => is_same(data_type, written, found),
            None => written.is_empty() && data_type != "VARCHAR",
        };
        prop_assert_eq!(&found[0][0], &Some("0".to_owned()));
        prop_assert!(is_right(&found[0][1], plain), "{:?} {plain}", found[0]);
        prop_assert_eq!(&found[1][0], &Some(rows.to_string()));
        prop_assert!(is_right(&found[1][1], late), "{:?} {late}", found[1]);
    }
}
