//! dp's engine against DuckDB with its own time zones, row by row.
//!
//! `generate.py` asks the wheel `duckdb` of the same version and writes what it computes to `golden.csv.gz`,
//! `offsets.csv.gz` and `texts.csv.gz`; here the same expressions are asked of the engine that dp opens. What may differ is listed here, and
//! with its reason in docs/reference/time-zones.md. `DP_ZONES=full` compares all zones of the file.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dp::engine::duckdb::{Answer, DuckBuilder, QueryFormat, SessionOptions, query};
use dp::seam::FileFinder;

mod engine;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/zones");

/// Finds files by their own paths.
fn finder(folder: &tempfile::TempDir) -> FileFinder<'_> {
    FileFinder {
        root: folder.path(),
        find: &|path| vec![PathBuf::from(path)],
    }
}

/// An engine as dp opens it.
struct Engine {
    builder: DuckBuilder,
    folder: tempfile::TempDir,
}

impl Engine {
    fn open(timezone: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for part in [".dp/store", ".dp/tmp"] {
            std::fs::create_dir_all(root.join(part)).unwrap();
        }
        let options = SessionOptions {
            files: ["golden.csv.gz", "offsets.csv.gz", "texts.csv.gz"]
                .map(|file| Path::new(FOLDER).join(file))
                .to_vec(),
            memory_limit: None,
            threads: Some(1),
            spill: root.join(".dp/tmp/spill"),
            timezone: timezone.to_owned(),
            root,
        };
        Self {
            builder: DuckBuilder::open(&options).unwrap(),
            folder,
        }
    }

    /// The rows of a query as texts, or the engine's sentence.
    fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, String> {
        let answer = query(
            &mut self.builder,
            &|_| Ok(Vec::new()),
            &finder(&self.folder),
            sql,
            QueryFormat::Table,
            None,
            self.folder.path(),
        );
        match answer.map_err(|error| error.message)? {
            Answer::Rows(rows) => Ok(rows.rows),
            Answer::File(file) => panic!("{}", file.display()),
            Answer::Plan(plan) => panic!("{plan}"),
        }
    }

    /// The only value of a query.
    fn value(&mut self, sql: &str) -> Result<String, String> {
        let rows = self.rows(sql)?;
        assert!(rows.len() == 1 && rows[0].len() == 1, "{sql}: {rows:?}");
        Ok(rows[0][0].clone().unwrap_or_else(|| "NULL".to_owned()))
    }

    /// A query's file, for people and programs.
    fn file(&mut self, sql: &str, format: QueryFormat) -> PathBuf {
        let folder = self.folder.path().canonicalize().unwrap().join(".dp/tmp");
        match query(&mut self.builder, &|_| Ok(Vec::new()), &finder(&self.folder), sql, format, None, &folder).unwrap()
        {
            Answer::File(file) => file,
            Answer::Rows(rows) => panic!("{rows:?}"),
            Answer::Plan(plan) => panic!("{plan}"),
        }
    }
}

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(FOLDER).join(file)).unwrap()
}

/// The lists of `generate.py` under these names.
fn list(name: &str) -> Vec<String> {
    let script = text("generate.py");
    let start = format!("\n{name} = ");
    let written = &script[script.find(&start).unwrap() + start.len()..];
    if let Some(words) = written.strip_prefix("\"\"\"") {
        return words.split("\"\"\"").next().unwrap().split_whitespace().map(str::to_owned).collect();
    }
    if written.starts_with("PARTS +") {
        let more = written.split('"').nth(1).unwrap();
        return [list("PARTS"), more.split_whitespace().map(str::to_owned).collect()].concat();
    }
    let inside = written.split(']').next().unwrap();
    inside.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Names and expressions of `expressions.txt`.
fn expressions() -> Vec<(String, String)> {
    let marks = [("{part}", "PARTS"), ("{field}", "FIELDS"), ("{function}", "FUNCTIONS"), ("{zone}", "NAMED")];
    let mut found = Vec::new();
    for line in text("expressions.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, sql) = line.split_once(": ").unwrap();
        match marks.iter().find(|(mark, _)| line.contains(mark)) {
            Some((mark, values)) => {
                found.extend(list(values).iter().map(|value| (name.replace(mark, value), sql.replace(mark, value))));
            }
            None => found.push((name.to_owned(), sql.to_owned())),
        }
    }
    found
}

/// The zones that are compared: some of each kind, or all with `DP_ZONES=full`.
fn zones() -> Vec<String> {
    const SHORT: [&str; 5] =
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"];
    let is_full = std::env::var("DP_ZONES").is_ok_and(|form| form == "full");
    list("ZONES").into_iter().filter(|zone| is_full || SHORT.contains(&zone.as_str())).collect()
}

type Row = Vec<Option<String>>;

/// The golden file: of each row zone, number, both times, interval, zone, width, and then a value per expression.
fn golden() -> Vec<Row> {
    let sql = format!("SELECT * FROM read_csv('{FOLDER}/golden.csv.gz', header = true, all_varchar = true)");
    Engine::open("UTC").rows(&sql).unwrap()
}

/// The row that an expression sees, for each of these rows of the golden file.
fn inputs(rows: &[&Row]) -> String {
    let value = |value: &Option<String>| value.as_ref().map_or_else(|| "NULL".to_owned(), |text| format!("'{text}'"));
    let values: Vec<_> =
        rows.iter().map(|row| format!("({})", row[1..7].iter().map(value).collect::<Vec<_>>().join(", "))).collect();
    let time = |column: &str, data_type: &str, make: &str| {
        format!(
            "CASE {column} WHEN '9223372036854775807' THEN 'infinity'::{data_type} \
             WHEN '-9223372036854775807' THEN '-infinity'::{data_type} ELSE {make}({column}::BIGINT) END"
        )
    };
    format!(
        "SELECT i::INTEGER AS i, {} AS t, {} AS u, {} AS n, s::INTERVAL AS s, z, w::INTERVAL AS w \
         FROM (VALUES {}) AS given(i, t, u, s, z, w)",
        time("t", "TIMESTAMPTZ", "make_timestamptz"),
        time("u", "TIMESTAMPTZ", "make_timestamptz"),
        time("t", "TIMESTAMP", "make_timestamp"),
        values.join(", "),
    )
}

/// How many expressions one query has: the engine takes longer than twice as long for twice as many.
const AT_ONCE: usize = 30;

#[test]
fn every_expression_gives_what_duckdb_gives() {
    let expressions = expressions();
    let golden = golden();
    let mut differences: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for zone in zones() {
        let mut engine = Engine::open(&zone);
        let rows: Vec<&Row> = golden.iter().filter(|row| row[0].as_ref() == Some(&zone)).collect();
        let inputs = inputs(&rows);
        for (chunk, first) in expressions.chunks(AT_ONCE).zip((7..).step_by(AT_ONCE)) {
            let selected: Vec<_> = chunk.iter().map(|(_, sql)| format!("CAST(TRY(({sql})) AS VARCHAR)")).collect();
            let sql = format!("SELECT {} FROM ({inputs}) ORDER BY i", selected.join(", "));
            let found = engine.rows(&sql).unwrap_or_else(|error| panic!("{zone}: {error}"));
            assert_eq!(found.len(), rows.len(), "{zone}");
            for (found, row) in found.iter().zip(&rows) {
                for (((name, sql), found), expected) in chunk.iter().zip(found).zip(&row[first..]) {
                    count += 1;
                    if found != expected {
                        let of = &row[..7];
                        let text = format!("{of:?} {sql}: {found:?}, DuckDB {expected:?}");
                        differences.entry(name.as_str()).or_default().push(text);
                    }
                }
            }
        }
    }
    assert!(count > 20_000 * zones().len(), "{count} values were compared");
    let shown: Vec<_> = differences
        .iter()
        .map(|(name, rows)| format!("{name}: {} rows, as\n  {}", rows.len(), rows[..rows.len().min(4)].join("\n  ")))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn every_text_is_read_as_duckdb_reads_it() {
    let file = format!("'{FOLDER}/texts.csv.gz'");
    let sql = format!(
        "SELECT text, micros, epoch_us(TRY_CAST(text AS TIMESTAMPTZ)) AS found \
         FROM read_csv({file}, header = true, quote = '\"', types = {{'text': 'VARCHAR', 'micros': 'BIGINT'}})"
    );
    let rows = Engine::open("Europe/Berlin").rows(&sql).unwrap();
    assert_eq!(rows.len(), 6000);
    assert!(rows.iter().filter(|row| row[1].is_some()).count() > 400);
    let different: Vec<_> = rows.iter().filter(|row| row[1] != row[2]).collect();
    assert!(different.is_empty(), "{different:?}");
}

/// Whether dp's data of a zone is newer there.
fn has_newer_data(zone: &str, second: i64) -> bool {
    let is_brazilian = BRAZIL.contains(&zone);
    let is_cuban = zone == "America/Havana" || zone == "Cuba";
    // From 1965-03-31 until 1966-03-01, and from 2026-11-01 until 2027-03-14.
    (is_brazilian && (-150_080_000..-121_000_000).contains(&second))
        || (is_cuban && (1_793_509_200..1_805_000_400).contains(&second))
}

const BRAZIL: [&str; 22] = [
    "America/Araguaina",
    "America/Bahia",
    "America/Belem",
    "America/Boa_Vista",
    "America/Campo_Grande",
    "America/Cuiaba",
    "America/Eirunepe",
    "America/Fortaleza",
    "America/Maceio",
    "America/Manaus",
    "America/Noronha",
    "America/Porto_Acre",
    "America/Porto_Velho",
    "America/Recife",
    "America/Rio_Branco",
    "America/Santarem",
    "America/Sao_Paulo",
    "BET",
    "Brazil/Acre",
    "Brazil/DeNoronha",
    "Brazil/East",
    "Brazil/West",
];

#[test]
fn every_zone_changes_when_duckdb_says() {
    let mut engine = Engine::open("UTC");
    let file = format!("'{FOLDER}/offsets.csv.gz'");
    // Each change, the second before the next one, and one between them.
    let sql = format!(
        "WITH lines AS (SELECT unnest(string_split(zones, ' ')) AS zone, string_split(changes, ' ') AS changes \
         FROM read_csv({file}, header = true, all_varchar = true)), \
         pairs AS (SELECT zone, unnest(changes) AS one, unnest(list_append(changes[2:], '2366841600:0')) AS next FROM lines), \
         spans AS (SELECT zone, coalesce(nullif(split_part(one, ':', 1), ''), '-4102444800')::BIGINT AS since, \
         split_part(one, ':', 2)::BIGINT AS expected, split_part(next, ':', 1)::BIGINT AS until FROM pairs), \
         asked AS (SELECT zone, expected, unnest([since, until - 1, (since + until) // 2]) AS x FROM spans \
         WHERE zone NOT LIKE 'SystemV/%') \
         SELECT * FROM (SELECT zone, x, expected, \
         epoch_us(timezone(zone, make_timestamptz(x * 1000000))) // 1000000 - x AS found FROM asked) \
         WHERE found <> expected ORDER BY ALL"
    );
    let rows = engine.rows(&sql).unwrap();
    let is_known = |row: &&Vec<Option<String>>| {
        has_newer_data(row[0].as_deref().unwrap(), row[1].as_ref().unwrap().parse().unwrap())
    };
    let unexpected: Vec<_> = rows.iter().filter(|row| !is_known(row)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}
