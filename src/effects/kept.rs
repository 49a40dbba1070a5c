//! Accesses of a program to dp's own files: the folder `.dp`, and the published links.
//!
//! A release is a folder of links that the next publication replaces, so a path into a release is soon outdated. dp
//! replaces it with the lasting path of the same table below the folder of links.

use std::path::{Path, PathBuf};

use super::Expected;
use super::owners::{Owner, Owners};
use crate::model::AssetName;
use crate::process::{Access, What};

/// The rule by which it is noise.
pub(super) const RULE: &str = "dp's own files";

/// The meaning of an access to dp's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Internal to dp: it changes with each run, and is not an input.
    Own,
    /// It counts like an access to this path.
    Counts(PathBuf),
    /// The bytes at this path count: the times of files that dp puts in place mean nothing.
    Bytes(PathBuf),
}

/// Interprets accesses to dp's own files.
#[derive(Debug)]
pub(super) struct Keeping<'a> {
    root: &'a Path,
    owners: &'a Owners,
    asset: &'a AssetName,
    /// The attempt's folder, which belongs to the program and not to dp.
    own: &'a Path,
    /// Whether the program listed `.dp`, as `find .` does: then it found the content by chance.
    walked: bool,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(expected: &Expected<'a>, accesses: &[Access]) -> Self {
        let folder = expected.root.join(".dp");
        let walked = accesses.iter().any(|access| access.what == What::Listed && access.real == folder);
        Self {
            root: expected.root,
            owners: expected.owners,
            asset: expected.asset,
            own: expected.own,
            walked,
        }
    }

    /// Returns the meaning of an access; `None` if it is not an access to dp's files.
    pub(super) fn of(&self, access: &Access) -> Option<Kept> {
        if access.path.starts_with(self.own) {
            return None;
        }
        let path = access.path.strip_prefix(self.root).ok()?;
        let reads = matches!(access.what, What::Read | What::Started);
        let is_met = path.starts_with(".dp") && self.walked;
        if let Some(shown) = self.shown(path) {
            // Such a listing finds catalogues. It finds tables only as links, so a program that reads one followed a
            // link.
            let is_table = matches!(self.owners.owner(&shown), Some(Owner::Asset(_)));
            return Some(if is_met && !is_table { Kept::Own } else { self.of_shown(access, &shown, reads) });
        }
        if path.starts_with(".dp") {
            return Some(if reads && !is_met { Kept::Counts(access.path.clone()) } else { Kept::Own });
        }
        match self.owners.owner(path) {
            // dp puts the file in place after the program has ended, each time again.
            Some(Owner::Asset(owner)) if !reads && owner == *self.asset => Some(Kept::Own),
            Some(Owner::Asset(_)) if access.asked.stat => Some(Kept::Bytes(access.path.clone())),
            _ => None,
        }
    }

    /// Whether a link belongs to dp: its target is internal, and the file behind it counts by itself.
    pub(super) fn is_own_link(&self, link: &Path) -> bool {
        let path = link.strip_prefix(self.root);
        path.is_ok_and(|path| path.starts_with(".dp") || path.starts_with(&self.owners.warehouse))
    }

    fn of_shown(&self, access: &Access, shown: &Path, reads: bool) -> Kept {
        let lasting = self.root.join(shown);
        if reads {
            return Kept::Counts(lasting);
        }
        let within = shown.strip_prefix(&self.owners.warehouse).unwrap_or(shown);
        let parts: Vec<&str> = within.iter().filter_map(|part| part.to_str()).collect();
        match (parts.as_slice(), self.owners.owner(shown)) {
            (_, Some(Owner::Asset(owner))) if owner == *self.asset => Kept::Own,
            (_, Some(Owner::Asset(_))) if access.asked.stat || access.asked.link => Kept::Bytes(lasting),
            (_, Some(Owner::Asset(_))) => Kept::Counts(lasting),
            // The names of the schema that will contain the asset's own table.
            ([_, schema], _) if *schema != self.asset.schema() && !schema.ends_with(".duckdb") => {
                if access.what == What::Looked { Kept::Own } else { Kept::Counts(lasting) }
            }
            _ => Kept::Own,
        }
    }

    /// Returns the lasting path of something published, relative to the project; `None` if it is not published.
    fn shown(&self, path: &Path) -> Option<PathBuf> {
        if path.starts_with(&self.owners.warehouse) {
            return Some(path.to_owned());
        }
        let parts: Vec<&str> =
            path.strip_prefix(".dp/published").ok()?.iter().filter_map(|part| part.to_str()).collect();
        let shown = |environment: &str| self.owners.warehouse.join(environment);
        Some(match parts.as_slice() {
            [environment, "schemas", schema, rest @ ..] => {
                // The name of a schema's folder ends with a dash and a hash of its content.
                let schema = schema.rsplit_once('-').map_or(*schema, |(schema, _)| schema);
                rest.iter().fold(shown(environment).join(schema), |path, part| path.join(part))
            }
            // Files beside the releases are internal to dp.
            [_, file] if file.contains('.') => return None,
            [environment, _, rest @ ..] => rest.iter().fold(shown(environment), |path, part| path.join(part)),
            [environment] => shown(environment),
            [] => self.owners.warehouse.clone(),
        })
    }
}
