use super::*;
use crate::effects::noise::Noise;
use crate::effects::notice::Notice;
use crate::effects::owners::Owners;
use crate::model::{AssetName, Seen};
use crate::process::{Asked, Contact, Link};
use crate::project::Judgement;

const ROOT: &str = "/home/me/shop";

fn access(what: What, path: &str) -> Access {
    let path = if path.starts_with('/') { PathBuf::from(path) } else { Path::new(ROOT).join(path) };
    Access {
        what,
        real: path.clone(),
        path,
        links: Vec::new(),
        asked: Asked::default(),
        to: None,
        contact: None,
        own_peer: false,
        arguments: Vec::new(),
        count: 1,
        first: 0,
        denied: false,
        by: "python3".to_owned(),
        stamp: None,
    }
}

fn contact(address: &str, port: u16) -> Access {
    Access {
        contact: Some(Contact::Network {
            address: address.parse().unwrap(),
            port,
            protocol: None,
        }),
        ..access(What::Contacted, "/")
    }
}

fn judged(accesses: &[Access]) -> Judged {
    let root = Path::new(ROOT);
    let noise = Noise::new(root, Some(Path::new("/home/me")), &[], []);
    let asset = AssetName::new("ml", "scores").unwrap();
    let inputs = BTreeMap::from([(
        root.join(".dp/store/staging.orders/0/data.parquet"),
        AssetName::new("staging", "orders").unwrap(),
    )]);
    let code = BTreeSet::from([root.join("scripts/score.py")]);
    judge(
        accesses,
        &SeenBy::All,
        &Expected {
            root,
            noise: &noise,
            owners: &Owners {
                warehouse: "warehouse".into(),
                ..Owners::default()
            },
            asset: &asset,
            own: &root.join(".dp/tmp/work-1-a"),
            inputs: &inputs,
            code: &code,
            read: &[PathBuf::from("/srv/models")],
            write: &[],
            connect: &[],
            written_files: &["scripts/score.py".to_owned()],
            written_inputs: &[],
            search: &[PathBuf::from("/home/me/bin")],
            judgement: Judgement::Warn,
            refreshes: false,
            seen: Seen::Observed,
        },
    )
}

#[test]
fn what_is_declared_is_no_dependence_and_no_surprise() {
    let judged = judged(&[
        access(What::Read, "scripts/score.py"),
        access(What::Read, ".dp/store/staging.orders/0/data.parquet"),
        access(What::Created, ".dp/tmp/work-1-a/output.parquet"),
        access(What::Read, "/usr/lib/python3/os.py"),
    ]);
    assert!(judged.notices.is_empty() && judged.depends.is_empty());
    assert_eq!(judged.everything.len(), 4);
    assert_eq!(judged.effects.len(), 4, "two of them are folded, one a rule");
}

#[test]
fn what_is_not_declared_counts_and_the_line_to_add_is_named() {
    let judged = judged(&[access(What::Read, "config.json"), access(What::Read, "warehouse/prod/a/b.parquet")]);
    assert_eq!(judged.depends.len(), 2);
    let help = judged.notices[0].help_text();
    assert!(
        help.contains("files = [\"scripts/score.py\", \"config.json\"]") && help.contains("inputs = [\"a.b\"]"),
        "{help}"
    );
}

#[test]
fn what_is_allowed_counts_and_surprises_nobody() {
    let judged = judged(&[access(What::Read, "/srv/models/a.bin")]);
    assert!(judged.notices.is_empty());
    assert_eq!(judged.depends.len(), 1);
}

#[test]
fn look_ups_that_failed_and_folders_that_were_listed_count() {
    let judged = judged(&[access(What::Absent, "override.json"), access(What::Listed, "data")]);
    assert!(judged.notices.is_empty());
    let kinds: Vec<_> = judged.depends.values().flatten().cloned().collect();
    assert_eq!(kinds, [Dependence::Names(None), Dependence::Absence]);
}

#[test]
fn the_source_of_cached_bytecode_counts() {
    let judged = judged(&[access(What::Read, "lib/__pycache__/tools.cpython-311.pyc")]);
    assert_eq!(judged.depends.keys().collect::<Vec<_>>(), [&Path::new(ROOT).join("lib/tools.py")]);
}

#[test]
fn what_it_made_itself_is_no_surprise_and_counts_as_it_left_it() {
    let judged = judged(&[access(What::Created, "cache.bin"), access(What::Read, "cache.bin")]);
    assert_eq!(judged.depends.len(), 1);
    assert!(judged.changed.contains(&Path::new(ROOT).join("cache.bin")));
    assert!(matches!(judged.notices[..], [Notice::UndeclaredWrite { .. }]));
}

#[test]
fn no_way_around_hides_an_input() {
    let own = ".dp/tmp/work-1-a/tmp/link";
    let config = Path::new(ROOT).join("config.json");
    let through = Access {
        real: config.clone(),
        ..access(What::Read, own)
    };
    assert!(judged(&[access(What::Created, own), through]).depends.contains_key(&config), "a link of its own");
    let moved = Access {
        to: Some(Path::new(ROOT).join("c2")),
        ..access(What::Renamed, "config.json")
    };
    let found = judged(&[moved, access(What::Read, "c2")]);
    assert!(found.depends.contains_key(&config), "a file under another name");
    let process = judged(&[access(What::Read, "/proc/self/cwd/config.json")]);
    assert_eq!(process.depends.values().flatten().collect::<Vec<_>>(), [&Dependence::Unknown]);
    assert!(judged(&[access(What::Listed, "/proc/self/fd")]).depends.is_empty());
}

fn stamp(inode: u64) -> Stamp {
    Stamp {
        device: 1,
        inode,
        size: 1,
        mtime_ns: 1,
        ctime_ns: 1,
    }
}

#[test]
fn a_path_counts_in_each_way_in_which_it_was_used() {
    let link = Path::new(ROOT).join("current");
    let through = |what, path: &str| Access {
        links: vec![Link {
            path: link.clone(),
            stamp: stamp(7),
        }],
        ..access(what, path)
    };
    let looked = |path: &str, stat, link| Access {
        asked: Asked { stat, link },
        stamp: Some(stamp(8)),
        ..access(What::Looked, path)
    };
    let found = judged(&[through(What::Read, "current/in.csv"), looked("current/in.csv", true, false)]);
    let ways = &found.depends[&link.join("in.csv")];
    assert_eq!(ways, &[Dependence::Content(None), Dependence::Stat(Some(stamp(8)))]);
    assert_eq!(found.depends[&link], [Dependence::Link(Some(stamp(7)))]);
    let found = judged(&[looked("x", false, true), access(What::Looked, "y")]);
    assert_eq!(
        found.depends.values().collect::<Vec<_>>(),
        [&vec![Dependence::Link(Some(stamp(8)))], &vec![Dependence::Presence]]
    );
    let found = judged(&[through(What::Read, "scripts/score.py")]);
    assert_eq!(found.depends.keys().collect::<Vec<_>>(), [&link], "declared bytes, behind a link");
}

#[test]
fn what_dp_keeps_is_no_input_and_what_is_published_counts_by_its_lasting_path() {
    let shown = Path::new(ROOT).join("warehouse/prod/staging/orders.parquet");
    let depends = |accesses: &[Access]| judged(accesses).depends;
    let read = |path: &str| access(What::Read, path);
    let walk = [
        access(What::Listed, ".dp"),
        access(What::Listed, ".dp/tmp"),
        read(".dp/state.db"),
        read(".dp/published/prod/catalogue.duckdb"),
        read(".dp/published/prod/3f9a/prod.duckdb"),
    ];
    assert!(depends(&walk).is_empty());
    let led = [walk.as_slice(), &[read(".dp/published/prod/3f9a/staging/orders.parquet")]].concat();
    assert_eq!(depends(&led).keys().collect::<Vec<_>>(), [&shown], "it was led there");
    assert_eq!(depends(&[access(What::Read, ".dp/state.db")]).len(), 1, "it was asked for by its name");
    for path in
        [".dp/published/prod/3f9a/staging/orders.parquet", ".dp/published/prod/schemas/staging-81c2/orders.parquet"]
    {
        assert_eq!(depends(&[access(What::Read, path)]).keys().collect::<Vec<_>>(), [&shown], "{path}");
    }
    let asked = Access {
        asked: Asked {
            stat: true,
            link: true,
        },
        ..access(What::Looked, "warehouse/prod/staging/orders.parquet")
    };
    assert_eq!(depends(std::slice::from_ref(&asked))[&shown], [Dependence::Content(None)]);
    let own = Access {
        path: Path::new(ROOT).join("warehouse/prod/ml/scores.parquet"),
        ..asked
    };
    assert!(
        depends(&[own, access(What::Listed, "warehouse/prod"), access(What::Absent, "warehouse/prod/ml")]).is_empty()
    );
    let listed = depends(&[access(What::Listed, ".dp/published/prod/schemas/staging-81c2")]);
    assert_eq!(listed.keys().collect::<Vec<_>>(), [shown.parent().unwrap()]);
}

#[test]
fn what_git_reads_counts_and_its_objects_do_not() {
    let found = judged(&[
        access(What::Read, ".git/HEAD"),
        access(What::Absent, ".git/refs/heads/main"),
        access(What::Read, ".git/packed-refs"),
        access(What::Read, ".git/objects/pack/x.pack"),
        access(What::Listed, ".git/objects/pack"),
        access(What::Looked, ".git/index"),
        access(What::Absent, ".git/index.lock"),
    ]);
    let paths: Vec<_> =
        found.depends.keys().map(|path| path.strip_prefix(ROOT).unwrap().display().to_string()).collect();
    assert_eq!(paths, [".git/HEAD", ".git/packed-refs", ".git/refs/heads/main"]);
    assert!(found.notices.is_empty(), "it surprises nobody");
}

#[test]
fn what_was_refused_in_its_own_folder_is_told() {
    let refused = Access {
        real: Path::new(ROOT).join("config.json"),
        denied: true,
        ..access(What::Read, ".dp/tmp/work-1-a/link")
    };
    assert!(judged(&[refused]).denied);
}

#[test]
fn a_change_of_what_belongs_to_another_is_named() {
    let judged = judged(&[access(What::Wrote, "warehouse/prod/staging/orders.parquet")]);
    let [Notice::ForeignWrite { owner, .. }] = &judged.notices[..] else {
        panic!("{:?}", judged.notices);
    };
    assert_eq!(owner, "`staging.orders`");
}

#[test]
fn whoever_is_no_part_of_the_program_is_a_surprise() {
    let own = Access {
        own_peer: true,
        ..contact("127.0.0.1", 8080)
    };
    let judged_ = judged(&[own, contact("127.0.0.53", 53), contact("::1", 5432), contact("192.0.2.7", 443)]);
    assert_eq!(judged_.contacted.iter().collect::<Vec<_>>(), ["192.0.2.7:443", "[::1]:5432"]);
    assert_eq!(judged_.notices.len(), 1);
    let unix = |path: &str| Access {
        contact: Some(Contact::Unix(path.into())),
        ..access(What::Contacted, path)
    };
    let made = access(What::Created, "/tmp/own.sock");
    let peers = ["/run/docker.sock", "/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket", "/tmp/own.sock"];
    let judged_ = judged(&[vec![made], peers.map(unix).to_vec()].concat());
    assert_eq!(judged_.contacted.iter().collect::<Vec<_>>(), ["unix:/run/docker.sock"]);
}
