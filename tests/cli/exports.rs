//! How files for others are written.

use std::io::Read as _;

use crate::sandbox::Sandbox;

fn exported(materialize: &str) -> Sandbox {
    Sandbox::new().asset(
        "marts.out",
        &format!("kind = 'sql'\nmaterialize = {{ {materialize} }}\nsql = \"select 1 as a, 'x;y' as b, null as c\""),
    )
}

fn gunzipped(sandbox: &Sandbox, path: &str) -> String {
    let file = std::fs::File::open(sandbox.path(path)).expect("the export is there");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("it is compressed");
    text
}

#[test]
fn the_name_or_a_key_says_how_a_file_is_compressed() {
    let sandbox = exported("file = 'out/e.csv.gz'");
    sandbox.apply();
    assert_eq!(gunzipped(&sandbox, "out/e.csv.gz"), "a,b,c\n1,x;y,\n");
    assert!(sandbox.plan().contains("Nothing to do"));
    // The way a file is written belongs to the definition.
    sandbox.edit("assets/marts/out.toml", "file = 'out/e.csv.gz'", "file = 'out/e.csv.gz', delimiter = ';'");
    sandbox.apply();
    assert_eq!(gunzipped(&sandbox, "out/e.csv.gz"), "a;b;c\n1;\"x;y\";\n");
    let sandbox = exported("file = 'out/e.json', compression = 'gzip'");
    sandbox.apply();
    assert_eq!(gunzipped(&sandbox, "out/e.json"), "[\n\t{\"a\":1,\"b\":\"x;y\",\"c\":null}\n]\n");
    let sandbox = exported("file = 'out/e.ndjson.zst'");
    sandbox.apply();
    let bytes = std::fs::read(sandbox.path("out/e.ndjson.zst")).expect("the export is there");
    let mut text = String::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&bytes[..]).expect("it is compressed");
    decoder.read_to_string(&mut text).expect("it is compressed");
    assert_eq!(text, "{\"a\":1,\"b\":\"x;y\",\"c\":null}\n");
}

#[test]
fn a_changed_export_is_taken_back_as_it_is_written() {
    let sandbox = exported("file = 'out/e.csv', delimiter = ';'");
    sandbox.apply();
    sandbox.write("out/e.csv", "a;b;c\n2;\"x;y\";\n");
    sandbox.dp(["state", "accept", "marts.out", "--reason", "it was wrong"]).success();
    assert_eq!(sandbox.query("from marts.out"), "a,b,c\n2,x;y,\n");
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (materialize, says) in [
        ("file = 'out/e.parquet', compression = 'gzip'", "Parquet compresses its columns itself"),
        ("file = 'out/e.parquet.gz'", "Parquet compresses its columns itself"),
        ("file = 'out/e.json', delimiter = ';'", "only CSV files have a delimiter"),
        ("file = 'out/e.csv', delimiter = ';;'", "write one ASCII character"),
        ("file = 'out/e.xlsx'", "save the sheet as CSV"),
        ("file = 'out/e.txt'", "add `format = \"csv\"`"),
        ("file = 'out/e.csv', partition_by = ['a']", "`partition_by` in materialize is not supported yet"),
        ("file = 'out/e.csv', partition_by = ['a']", "an `sql` asset with a WHERE for each value"),
    ] {
        exported(materialize).dp(["validate"]).exits(1).says(says);
    }
    let sheet =
        Sandbox::new().file("data/a.xlsx", "x").asset("raw.a", "kind = 'source'\n[source]\npath = 'data/a.xlsx'");
    sheet.dp(["validate"]).exits(1).says("save the sheet as CSV");
}
