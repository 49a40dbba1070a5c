//! What a program may do under `effects = "deny"`.

use std::net::{IpAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use super::given::{Given, Place};
use crate::base::fs;
use crate::effects::{expanded, program_folder};
use crate::process::{Endpoint, Fence};
use crate::project::{Judgement, split_endpoint};

/// Folders that hold programs and their settings.
const SYSTEM: [&str; 14] = [
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc",
    "/nix/store",
    "/opt",
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/snap",
];

/// Devices that a program may write to.
const DEVICES: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/random", "/dev/urandom"];

/// Folders of installed packages in a project.
const PACKAGES: [&str; 4] = [".venv", "venv", "node_modules", "__pypackages__"];

/// The allowed paths and addresses.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowed {
    pub read: Vec<PathBuf>,
    pub write: Vec<PathBuf>,
    pub connect: Vec<Endpoint>,
}

impl Allowed {
    /// Returns what `[allow]` declares. Host names are resolved now.
    pub(super) fn of(given: &Given) -> Self {
        let home = given.surroundings.home.as_deref();
        let path = |path: &String| {
            let path = expanded(path, &given.root, home);
            fs::canonicalize(&path).unwrap_or(path)
        };
        let allow = &given.command.allow;
        Self {
            read: allow.read.iter().map(path).collect(),
            write: allow.write.iter().map(path).collect(),
            connect: allow.connect.iter().flat_map(|text| endpoints(text)).collect(),
        }
    }
}

fn endpoints(text: &str) -> Vec<Endpoint> {
    let Some((host, port)) = split_endpoint(text) else {
        return Vec::new();
    };
    let Some(host) = host else {
        return vec![Endpoint::Network { address: None, port }];
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        return vec![Endpoint::Network {
            address: Some(address),
            port,
        }];
    }
    // An unknown name allows nothing; the program's own lookup fails as well.
    let found = (host, port.unwrap_or(0)).to_socket_addrs().into_iter().flatten();
    found
        .map(|found| Endpoint::Network {
            address: Some(found.ip()),
            port,
        })
        .collect()
}

/// Returns the fence of a program that is only asked for its version: it may read installed programs and their files.
pub(super) fn bare(given: &Given, program: &Path) -> Fence {
    Fence {
        read: programs(given, &[program]),
        list: Vec::new(),
        write: vec![PathBuf::from("/dev/null")],
        connect: Vec::new(),
    }
}

/// Returns the folders that hold programs and their files, including those of the given programs.
fn programs(given: &Given, programs: &[&Path]) -> Vec<PathBuf> {
    let home = given.surroundings.home.as_deref();
    let mut read: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
    for program in programs {
        read.extend(program_folder(program, &given.root, home));
        read.push(program.to_path_buf());
    }
    read
}

/// Returns the fence of an attempt; `None` unless undeclared effects are denied.
pub(super) fn fence(given: &Given, place: &Place, allowed: &Allowed) -> Option<Fence> {
    if given.command.judgement != Judgement::Deny {
        return None;
    }
    let home = given.surroundings.home.as_deref();
    let mut read = programs(given, &[&given.program.file, &given.program.found]);
    read.extend(PACKAGES.iter().map(|folder| given.root.join(folder)));
    read.extend(home.map(|home| home.join(".local/lib")));
    read.extend(given.program.code.iter().map(|file| given.root.join(&file.path)));
    read.extend(given.inputs.iter().map(|(name, _)| given.input_file(place, name)));
    read.extend(allowed.read.iter().cloned());
    let mut write = vec![place.folder().to_owned()];
    write.extend(DEVICES.iter().map(PathBuf::from));
    write.extend(allowed.write.iter().cloned());
    // Interpreters list the folders of the code when they look for modules.
    let list = given.program.code.iter().filter_map(|file| given.root.join(&file.path).parent().map(Path::to_owned));
    Some(Fence {
        read,
        list: list.chain([given.working_folder()]).collect(),
        write,
        connect: allowed.connect.clone(),
    })
}
