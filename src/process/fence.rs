//! Restricts a program to what it may do.
//!
//! Landlock is the barrier for files: the kernel enforces it whatever a program does to its memory. The checks here
//! come first, so that a denied access can be named, and they are the only barrier for peers.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr,
    RulesetStatus,
};

use super::look::{self, Kind};
use super::outcome::{Needs, Outcome};
use super::paths::{self, Resolver};
use super::{Contact, Endpoint, Fence, What, ledger};

/// The allowed accesses, with links resolved.
#[derive(Debug)]
pub(super) struct Allowed {
    read: Vec<PathBuf>,
    list: Vec<PathBuf>,
    write: Vec<PathBuf>,
    connect: Vec<Endpoint>,
}

impl Allowed {
    /// Returns what a fence allows of the paths that exist now.
    pub(super) fn by(fence: &Fence) -> Self {
        let mut resolver = Resolver::default();
        let mut there = |list: &[PathBuf]| -> Vec<PathBuf> {
            let bytes = |path: &PathBuf| paths::normal(path.as_os_str().as_encoded_bytes());
            let real = list.iter().map(bytes).filter(|path| look::look(path, true).is_some());
            real.map(|path| paths::owned(resolver.real(&path, true).path)).collect()
        };
        let (read, list, write) = (there(&fence.read), there(&fence.list), there(&fence.write));
        let endpoint = |endpoint: &Endpoint| match endpoint {
            Endpoint::Unix(path) => there(std::slice::from_ref(path)).pop().map(Endpoint::Unix),
            Endpoint::Network { .. } => Some(endpoint.clone()),
        };
        let connect = fence.connect.iter().filter_map(endpoint).collect();
        Self {
            read,
            list,
            write,
            connect,
        }
    }

    /// Whether everything that the outcome needs is allowed.
    pub(super) fn allows(&self, outcome: &Outcome, resolver: &mut Resolver) -> bool {
        let within = |roots: &[PathBuf], path: &Path| roots.iter().any(|root| path.starts_with(root));
        let opens = outcome.needs != Needs::Nothing || outcome.what == What::Absent;
        if opens && !paths::is_about_a_process(&outcome.path) {
            // The target of a link to `/proc/self/cwd` and similar is unknown, so it is not known to be allowed.
            let real = ledger::real_paths(outcome, resolver);
            if real.iter().any(|path| paths::is_about_a_process(path.as_os_str().as_encoded_bytes())) {
                return false;
            }
        }
        match outcome.needs {
            Needs::Nothing => true,
            Needs::Read => ledger::real_paths(outcome, resolver)
                .iter()
                .all(|path| within(&self.read, path) || within(&self.write, path)),
            Needs::List => ledger::real_paths(outcome, resolver)
                .iter()
                .all(|path| [&self.read, &self.list, &self.write].iter().any(|roots| within(roots, path))),
            Needs::Write => ledger::real_paths(outcome, resolver).iter().all(|path| within(&self.write, path)),
            Needs::Contact => {
                outcome.contact.as_ref().is_none_or(|contact| self.allows_peer(contact, outcome, resolver))
            }
        }
    }

    fn allows_peer(&self, contact: &Contact, outcome: &Outcome, resolver: &mut Resolver) -> bool {
        self.connect.iter().any(|endpoint| match (endpoint, contact) {
            (
                Endpoint::Network {
                    address: may,
                    port: at,
                },
                Contact::Network { address, port, .. },
            ) => may.is_none_or(|may| may.to_canonical() == *address) && at.is_none_or(|at| at == *port),
            (Endpoint::Unix(root), Contact::Unix(_)) => {
                ledger::real_paths(outcome, resolver).iter().all(|path| path.starts_with(root))
            }
            _ => false,
        })
    }

    /// Returns the kernel's barrier, which a thread can install for itself and its children; the error is the reason
    /// if the kernel has none.
    pub(super) fn barrier(&self) -> Result<RulesetCreated, String> {
        let abi = ABI::V7;
        let reads = AccessFs::from_read(abi);
        // The fence does not restrict ioctls on open devices.
        let writes = AccessFs::from_all(abi) & !AccessFs::IoctlDev;
        let reason = |error: landlock::RulesetError| format!("Landlock: {error}");
        let mut ruleset = Ruleset::default()
            .handle_access(writes)
            .and_then(|ruleset| ruleset.handle_access(AccessNet::ConnectTcp))
            .and_then(Ruleset::create)
            .map_err(reason)?;
        let lists = AccessFs::ReadDir.into();
        for (roots, rights) in [(&self.read, reads), (&self.list, lists), (&self.write, writes)] {
            for root in roots {
                let Ok(opened) = PathFd::new(root) else {
                    continue;
                };
                let is_folder =
                    look::look(root.as_os_str().as_encoded_bytes(), true).is_some_and(|look| look.kind == Kind::Folder);
                let rights = if is_folder { rights } else { rights & AccessFs::from_file(abi) };
                ruleset = ruleset.add_rule(PathBeneath::new(opened, rights)).map_err(reason)?;
            }
        }
        Ok(ruleset)
    }
}

/// Installs the barrier for this thread and its children.
pub(super) fn raise(barrier: RulesetCreated) -> Result<(), String> {
    let status = barrier.restrict_self().map_err(|error| format!("Landlock: {error}"))?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err("the kernel has no Landlock".to_owned());
    }
    Ok(())
}
