//! `dp fmt`: which files are written, and when none is. What the form is, is tested beside the code.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::json;

use crate::sandbox::Sandbox;

const BEFORE: &str = "owner='me'\nkind  = \"sql\"\n# why\nsql = \"select 1 as a\"";
const AFTER: &str = "kind = \"sql\"\nowner = 'me'\n# why\nsql = \"select 1 as a\"\n";

fn sandbox() -> Sandbox {
    Sandbox::new().file("assets/a/b.toml", BEFORE).file("assets/a/c.toml", AFTER)
}

#[test]
fn what_is_not_in_form_is_written_and_listed() {
    let sandbox = sandbox();
    let checked = sandbox.dp(["fmt", "--check"]).exits(1);
    assert_eq!((checked.stdout.as_str(), checked.stderr.as_str()), ("assets/a/b.toml\n", ""));
    assert_eq!(sandbox.read("assets/a/b.toml"), BEFORE, "it only looked");
    let json = sandbox.dp(["fmt", "--check", "--json"]).exits(1).json();
    let expected = json!({ "format_version": "1.0", "check": true, "files": 3, "changed": ["assets/a/b.toml"] });
    assert_eq!(json, expected);

    std::fs::set_permissions(sandbox.path("assets/a/b.toml"), std::fs::Permissions::from_mode(0o640)).expect("a mode");
    assert_eq!(sandbox.dp(["fmt"]).success().stdout, "assets/a/b.toml\n");
    assert_eq!(sandbox.read("assets/a/b.toml"), AFTER);
    let mode = std::fs::metadata(sandbox.path("assets/a/b.toml")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(sandbox.dp(["fmt"]).success().stdout, "");
    assert_eq!(sandbox.dp(["fmt", "--check"]).success().stdout, "");
    assert_eq!(sandbox.tree("assets"), ["assets/a/b.toml", "assets/a/c.toml"]);
}

#[test]
fn files_can_be_named_and_links_stay_links() {
    let sandbox = sandbox().file("elsewhere.toml", BEFORE);
    symlink("elsewhere.toml", sandbox.path("link.toml")).expect("a link");
    assert_eq!(sandbox.dp(["fmt", "link.toml"]).success().stdout, "link.toml\n");
    assert_eq!(sandbox.read("elsewhere.toml"), AFTER);
    assert!(sandbox.path("link.toml").is_symlink());
    assert_eq!(sandbox.read("assets/a/b.toml"), BEFORE, "it was not named");
    sandbox.dp(["fmt", "missing.toml"]).exits(1).says("missing.toml");
}

#[test]
fn nothing_is_written_if_one_file_is_no_toml() {
    let sandbox =
        sandbox().file("assets/a/d.toml", "kind = \n").file("assets/a/e.toml", "kind = \"sql\"\r\nsql = \"x\"\n");
    sandbox
        .dp(["fmt"])
        .exits(1)
        .says("invalid TOML")
        .says("assets/a/d.toml:1")
        .says("its lines have two kinds of endings");
    assert_eq!(sandbox.read("assets/a/b.toml"), BEFORE);
}

#[test]
fn what_is_in_form_counts_as_unchanged() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"", "kind='sql'");
    sandbox.dp(["fmt"]).success();
    assert_eq!(sandbox.actions(), Vec::<String>::new());
    sandbox.dp(["validate"]).success();
}

#[test]
fn pages_for_man_are_made_of_the_command_line() {
    let sandbox = Sandbox::bare();
    let made = sandbox.dp(["man", "--out", "man", "--json"]).success().json();
    let pages = made["pages"].as_array().expect("a list");
    assert_eq!(sandbox.tree("man").len(), pages.len());
    assert!(pages.contains(&json!("dp.1")) && pages.contains(&json!("dp-state-list.1")), "{pages:?}");
    let page = sandbox.read("man/dp-apply.1");
    assert!(
        page.contains("dp\\-apply \\- Plan, ask for approval, then build, check and publish")
            && page.contains("auto\\-approve"),
        "{page}"
    );
    sandbox.dp(["man", "--out", "man"]).success().says("pages.");
    sandbox.dp(["man"]).exits(64);
}
