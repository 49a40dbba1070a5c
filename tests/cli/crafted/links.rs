//! Links where dp keeps its own files, whether an attacker or the owner made them.

use std::fs;
use std::os::unix::fs::symlink;

use super::outside::Outside;
use super::{FEW, READING, bystander, died_at, project};
use crate::sandbox::Sandbox;

const WRITING: &[&[&str]] =
    &[&["apply", "--auto-approve"], &["gc", "--auto-approve"], &["check"], &["state", "restore", "--auto-approve"]];

#[test]
fn what_dp_keeps_is_no_link() {
    for name in ["tmp", "store", "lock", "cache.db", "published", "logs", "backups", "unmoved", "key", "state.db", ""] {
        let sandbox = project();
        let folder = bystander(&sandbox);
        let (own, place) = (sandbox.path(".dp").join(name), folder.join("kept"));
        let own = if name.is_empty() { sandbox.path(".dp") } else { own };
        if own.exists() {
            fs::rename(&own, &place).expect("a move within the sandbox");
        } else {
            fs::write(&place, "notes").expect("a file");
        }
        symlink(&place, &own).expect("a link");
        let outside = Outside::of(&sandbox);
        for command in READING.iter().chain(WRITING) {
            let output = sandbox.dp(*command);
            outside.stays(&sandbox, &format!("`{name}`, {command:?}: {output}"));
            if command[0] != "fmt" {
                output.exits(1).says("dp::store::link");
            }
        }
        // The way on: what it leads to is put in its place.
        fs::remove_file(&own).expect("the link");
        fs::rename(&place, &own).expect("a move within the sandbox");
        if name != "key" {
            sandbox.dp(["status"]).success();
        }
    }
}

#[test]
fn a_link_deeper_in_dp_leads_nothing_out() {
    let inside: [fn(&Sandbox) -> String; 4] = [
        |_| "store/staging.orders".to_owned(),
        |_| "published/prod".to_owned(),
        |_| "published/prod/schemas".to_owned(),
        |sandbox| {
            let data = sandbox.stored("staging.orders");
            let folder = std::path::Path::new(&data).parent().expect("a folder");
            folder.strip_prefix(".dp").expect("it lies there").display().to_string()
        },
    ];
    for path in inside {
        let sandbox = project();
        let folder = bystander(&sandbox);
        let path = path(&sandbox);
        let (own, place) = (sandbox.path(".dp").join(&path), folder.join("kept"));
        fs::rename(&own, &place).expect("a move within the sandbox");
        symlink(&place, &own).expect("a link");
        let foreign = place.join("0123456789abcdef");
        fs::create_dir_all(&foreign).expect("a folder");
        let orders = sandbox.read("data/orders.csv");
        sandbox.write("data/orders.csv", &format!("{orders}9,zoe,90\n"));
        let before = Outside::of(&sandbox);
        for command in FEW {
            drop(sandbox.dp(*command));
            before.stays(&sandbox, &format!("{path}: {command:?}"));
        }
        let kept = listing(&folder);
        for command in WRITING {
            let output = sandbox.dp(*command);
            assert!([0, 1, 3].contains(&output.code), "{path}, {command:?}: {output}");
            assert_eq!(listing(&folder), kept, "{path}, {command:?}: {output}");
        }
    }
}

fn listing(folder: &std::path::Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    entries.map(|entry| entry.expect("an entry").path().display().to_string()).collect()
}

#[test]
fn only_names_that_dp_gives_are_removed() {
    let sandbox = project();
    died_at(&sandbox, "after-version");
    let names = ["my-photos", "a-1-b", "spill-1-notes", "0123456789ABCDEF", "notes.txt"];
    for folder in
        ["tmp", "store", "store/staging.orders", "published", "published/prod", "published/prod/schemas", "logs"]
    {
        for name in names {
            let place = sandbox.path(".dp").join(folder).join(name);
            fs::create_dir_all(&place).expect("a folder");
            fs::write(place.join("precious.txt"), "precious").expect("a file");
        }
    }
    sandbox.dp(["status"]).success();
    sandbox.apply();
    sandbox.dp(["gc", "--auto-approve"]).success();
    for folder in
        ["tmp", "store", "store/staging.orders", "published", "published/prod", "published/prod/schemas", "logs"]
    {
        for name in names {
            let place = sandbox.path(".dp").join(folder).join(name).join("precious.txt");
            assert!(place.exists(), "{}", place.display());
        }
    }
}
