//! What dp does not run because it could not account for it.

use insta::assert_snapshot;

use super::{project, query};
use crate::sandbox::Sandbox;

#[test]
fn lookups_of_settings_are_refused() {
    assert_snapshot!(query("select getvariable('x') as v from raw.orders"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the function `getvariable`
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = """
     3 │ select getvariable('x') as v from raw.orders
       ·        ─────┬─────
       ·             ╰── not possible in an asset
     4 │ """
       ╰────
      help: use a variable, `${var.NAME}`: the function reads the session or the
            catalogue, which no fingerprint covers

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select current_setting('threads') as v from raw.orders"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the function `current_setting`
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = """
     3 │ select current_setting('threads') as v from raw.orders
       ·        ───────┬───────
       ·               ╰── not possible in an asset
     4 │ """
       ╰────
      help: use a variable, `${var.NAME}`: the function reads the session or the
            catalogue, which no fingerprint covers

    1 error
    [exit 1]
    "#);
}

#[test]
fn table_functions_are_refused() {
    assert_snapshot!(query("select * from duckdb_settings()"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the table function `duckdb_settings`
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from duckdb_settings()
       ·               ───────┬───────
       ·                      ╰── not possible in an asset
     4 │ """
       ╰────
      help: declare its data as a `source` asset, and read the asset: dp can't know
            what the function reads

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select * from glob('*')"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the table function `glob`
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from glob('*')
       ·               ──┬─
       ·                 ╰── not possible in an asset
     4 │ """
       ╰────
      help: declare its data as a `source` asset, and read the asset: dp can't know
            what the function reads

    1 error
    [exit 1]
    "#);
}

#[test]
fn readers_without_a_constant_path_inside_the_project_are_refused() {
    assert_snapshot!(query("select * from read_csv('data/' || 'orders.csv')"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run `read_csv` with a path that is not constant
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from read_csv('data/' || 'orders.csv')
       ·               ────┬───
       ·                   ╰── not possible in an asset
     4 │ """
       ╰────
      help: write the path as a string, or declare the files as a `source` asset

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select * from read_csv('/etc/passwd')"), @r#"
    --- stderr ---
    dp::project::outside

      × `/etc/passwd` leads out of the project
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from read_csv('/etc/passwd')
       ·               ────┬───
       ·                   ╰── not inside the project
     4 │ """
       ╰────
      help: use a path relative to the project, without `..`, `~` and links that
            lead out of the project

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select * from 'data/nothing.csv'"), @r#"
    --- stderr ---
    dp::project::no_files

      × `data/nothing.csv` matches no file
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from 'data/nothing.csv'
       ·               ─────────┬────────
       ·                        ╰── matches nothing
     4 │ """
       ╰────
      help: correct the path or the pattern (`*` within a folder, `**` across
            folders), or add the files

    1 error
    [exit 1]
    "#);
}

#[test]
fn a_reader_with_a_constant_path_is_an_input() {
    let sandbox =
        project().sql("staging.orders", "select id from read_csv('data/orders.csv') union all from (select 7)");
    sandbox.apply();
    assert_eq!(sandbox.query("select * from staging.orders order by id"), "id\n1\n2\n7\n");
}

#[test]
fn ranges_are_functions() {
    let sandbox = Sandbox::new().sql("a.days", "select range as day from range(3) union all select unnest([7])");
    sandbox.apply();
    assert_eq!(sandbox.query("select * from a.days order by day"), "day\n0\n1\n2\n7\n");
}
