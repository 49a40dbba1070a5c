//! Every mistake that a person can make in a project, as it is shown at 80 columns.

mod exports;
mod files;
mod keys;
mod queries;
mod references;
mod refused;
mod report;
mod results;

use crate::sandbox::{Output, Sandbox};

/// A project with one source of two columns, for the queries of these tests.
fn project() -> Sandbox {
    Sandbox::new().file("data/orders.csv", "id,amount\n1,10\n2,20\n").source("raw.orders", "data/orders.csv")
}

/// What `dp validate` says about the project above with one more asset.
fn with(asset: &str) -> Output {
    project().asset("staging.orders", asset).dp(["validate"])
}

/// The same for a query.
fn query(sql: &str) -> Output {
    project().sql("staging.orders", sql).dp(["validate"])
}
