//! Every dependency with its licence, and none that `deny.toml` does not allow.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

use super::{check, read, root};

/// A package that is not dp itself.
struct Package {
    name: String,
    version: String,
    licence: String,
    /// Whether its code is part of the program, rather than of building or testing it.
    is_shipped: bool,
}

/// What Cargo.lock comes to on Linux, as cargo tells without a network.
fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo gives JSON");
    let own = word(&metadata["resolve"]["root"]);
    let shipped = shipped(&metadata["resolve"]["nodes"], own);
    let package = |package: &Value| Package {
        name: word(&package["name"]).to_owned(),
        version: word(&package["version"]).to_owned(),
        licence: package["license"].as_str().unwrap_or("not said").replace(" / ", " OR ").replace('/', " OR "),
        is_shipped: shipped.contains(word(&package["id"])),
    };
    let others = list(&metadata["packages"]).iter().filter(|package| word(&package["id"]) != own);
    let mut packages: Vec<Package> = others.map(package).collect();
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    packages
}

/// What is reached from dp without going through building or testing.
fn shipped<'a>(nodes: &'a Value, own: &'a str) -> BTreeSet<&'a str> {
    let nodes: BTreeMap<&str, &Value> = list(nodes).iter().map(|node| (word(&node["id"]), node)).collect();
    let mut found = BTreeSet::new();
    let mut open = vec![own];
    while let Some(id) = open.pop() {
        for edge in list(&nodes[id]["deps"]) {
            let is_linked = list(&edge["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let id = word(&edge["pkg"]);
            if is_linked && found.insert(id) {
                open.push(id);
            }
        }
    }
    found
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

const HEAD: &str = "# Licences of the dependencies

<!-- Written by `DP_UPDATE_DOCS=1 cargo test --release --test docs`. -->

dp has the licence Apache-2.0. This page lists every package that `Cargo.lock` resolves to on Linux. A test compares it
with the output of cargo, and fails if a package has a licence that `deny.toml` does not allow.

Two of the packages contain code that is not Rust. `libduckdb-sys` contains the sources of DuckDB (MIT) and of the libraries
that DuckDB includes; their licences are beside them in that package. `libsqlite3-sys` contains SQLite, which is in the
public domain.

`cargo deny check bans licenses sources` checks the same for all platforms and features. `cargo deny check advisories` looks for
known vulnerabilities. It fetches its database from the network, so no test runs it: run it yourself if you have a network.
";

#[test]
fn the_licences() {
    let packages = packages();
    let mut page = HEAD.to_owned();
    for (title, is_shipped) in [("In the program", true), ("For building and testing it only", false)] {
        let _ = writeln!(page, "\n## {title}\n\n| package | version | licence |\n|---|---|---|");
        for package in packages.iter().filter(|package| package.is_shipped == is_shipped) {
            let _ = writeln!(page, "| `{}` | {} | {} |", package.name, package.version, package.licence);
        }
    }
    check("docs/reference/licences.md", &page);
}

#[test]
fn every_licence_is_allowed() {
    let rules: toml::Value = toml::from_str(&read("deny.toml")).expect("deny.toml is TOML");
    let allowed = rules["licenses"]["allow"].as_array().expect("a list").iter();
    let allowed: BTreeSet<&str> = allowed.map(|name| name.as_str().expect("a name")).collect();
    let is_allowed = |licence: &str| {
        licence.split(" AND ").all(|all| all.trim_matches(['(', ')']).split(" OR ").any(|one| allowed.contains(one)))
    };
    let refused: Vec<String> = packages()
        .into_iter()
        .filter(|package| !is_allowed(&package.licence))
        .map(|package| format!("{} {}: {}", package.name, package.version, package.licence))
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(!is_allowed("GPL-3.0") && !is_allowed("MIT AND GPL-3.0") && is_allowed("GPL-3.0 OR MIT"));
}
