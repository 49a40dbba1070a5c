//! The 99 queries of TPC-DS, which are not part of the repository: `DP_TPCDS` is a folder with `schema.sql`, which
//! creates the tables, and the queries `01.sql` to `99.sql`, as in DuckDB's extension `tpcds`.

use std::path::Path;

use super::{engine, lineage};

#[test]
#[expect(clippy::disallowed_methods, reason = "where the queries are is told by the environment")]
fn the_lineage_of_every_query_is_known() {
    let Some(folder) = std::env::var_os("DP_TPCDS") else {
        println!("skipped: DP_TPCDS is not set");
        return;
    };
    let read = |name: &str| std::fs::read_to_string(Path::new(&folder).join(name)).unwrap();
    let engine = engine(&[&read("schema.sql")]);
    let unknown: Vec<String> = (1..=99)
        .filter_map(|number| {
            let sql = read(&format!("{number:02}.sql"));
            let error = lineage(&engine, sql.trim().trim_end_matches(';')).err()?;
            Some(format!("{number}: {error}"))
        })
        .collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}
