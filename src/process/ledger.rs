//! Combines accesses into one entry per kind and path, in the order of the first time.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;

use super::outcome::Outcome;
use super::paths::{self, Real, Resolver};
use super::{Access, What};

/// Distinguishes entries with the same key: the kind, whether it was denied, and whether a link at the end of the path
/// was followed.
type Way = (What, bool, bool);

/// Everything that a program has done so far.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accesses: Vec<Access>,
    /// The positions of a key's entries in `accesses`.
    places: BTreeMap<Vec<u8>, Vec<(Way, usize)>>,
    sequence: u64,
}

impl Ledger {
    /// Records an outcome, or a denied one; `by` is the program that did it.
    pub(super) fn add(&mut self, outcome: Outcome, denied: bool, by: &str, resolver: &mut Resolver) {
        let position = self.sequence;
        self.sequence += 1;
        let special = key(&outcome);
        let key = special.as_deref().unwrap_or(&outcome.path);
        let way = (outcome.what, denied, outcome.follow);
        let known = self.places.get(key).and_then(|places| places.iter().find(|(known, _)| *known == way));
        if let Some((_, index)) = known {
            let known = &mut self.accesses[*index];
            known.count += 1;
            known.asked = known.asked.and(outcome.asked);
            known.stamp = known.stamp.or(outcome.stamp);
            return;
        }
        let place = (way, self.accesses.len());
        match self.places.get_mut(key) {
            Some(places) => places.push(place),
            None => drop(self.places.insert(key.to_vec(), vec![place])),
        }
        let real = if outcome.path.is_empty() { Real::default() } else { resolver.real(&outcome.path, outcome.follow) };
        self.accesses.push(Access {
            first: position,
            denied,
            by: by.to_owned(),
            ..outcome.access(real)
        });
    }

    pub(super) fn into_accesses(self) -> Vec<Access> {
        self.accesses
    }
}

/// Returns the key by which outcomes are combined, where it is not only the path.
fn key(outcome: &Outcome) -> Option<Vec<u8>> {
    if outcome.to.is_none() && outcome.contact.is_none() && outcome.what != What::Started {
        return None;
    }
    let mut key = outcome.path.clone();
    // A path contains no zero byte.
    key.push(0);
    if let Some(to) = &outcome.to {
        key.extend_from_slice(to);
    } else if let Some(contact) = &outcome.contact {
        key.extend_from_slice(format!("{contact:?}").as_bytes());
    } else {
        for argument in &outcome.arguments {
            key.extend_from_slice(argument.as_bytes());
            key.push(0);
        }
    }
    Some(key)
}

/// Returns the recorded paths, for messages and checks.
pub(super) fn real_paths(outcome: &Outcome, resolver: &mut Resolver) -> Vec<std::path::PathBuf> {
    let mut real = vec![paths::owned(resolver.real(&outcome.path, outcome.follow).path)];
    if let Some(to) = &outcome.to {
        real.push(paths::owned(resolver.real(to, false).path));
    }
    real
}
