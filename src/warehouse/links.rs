//! The links that other tools follow, and what a crash leaves around them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::duckdb::catalogue;
use super::layout;
use super::release::{catalogue_name, is_complete, place};
use crate::fault::Point;
use crate::fs::{self, FsError};

/// The links of one environment that other tools follow.
#[derive(Debug)]
pub struct Links<'a> {
    root: &'a Path,
    environment: &'a str,
    /// The folder of links, absolute and without links itself.
    warehouse: PathBuf,
}

/// A link that is ready, and not yet in its place.
#[derive(Debug)]
#[must_use = "a link beside its place is nobody's"]
pub struct StagedLink(PathBuf);

impl StagedLink {
    /// Takes it away again: nothing was published.
    pub fn withdraw(self) {
        // What stays is removed with the next that is staged.
        drop(fs::remove_file(&self.0));
    }
}

impl<'a> Links<'a> {
    /// Those in the folder `warehouse`, relative to the project, which is made if it is missing.
    pub fn of(root: &'a Path, warehouse: &str, environment: &'a str) -> Result<Self, FsError> {
        let warehouse = root.join(warehouse);
        fs::create_folder(&warehouse, false)?;
        Ok(Self {
            root,
            environment,
            warehouse: fs::canonicalize(&warehouse)?,
        })
    }

    fn releases(&self) -> PathBuf {
        self.root.join(layout::published_folder(self.environment))
    }

    fn link(&self) -> PathBuf {
        self.warehouse.join(self.environment)
    }

    /// The catalogue's link, and where it leads.
    fn catalogue(&self) -> (PathBuf, PathBuf) {
        let name = catalogue_name(self.environment);
        (self.warehouse.join(&name), Path::new(self.environment).join(&name))
    }

    fn target(&self, release: &str) -> PathBuf {
        fs::relative(&self.warehouse, &self.releases().join(release))
    }

    /// Makes the link that is to lead to a release, beside its place.
    pub fn stage(&self, release: &str) -> Result<StagedLink, FsError> {
        self.remove_staged()?;
        fs::reached(Point::BeforeLinkStaged, &self.link())?;
        let staged = StagedLink(fs::link_beside(&self.target(release), &self.link())?);
        match fs::reached(Point::AfterLinkStaged, &self.link()) {
            Ok(()) => Ok(staged),
            Err(error) => {
                staged.withdraw();
                Err(error)
            }
        }
    }

    /// Moves the link: everything changes with one rename.
    pub fn point(&self, staged: StagedLink) -> Result<(), FsError> {
        let link = self.link();
        fs::reached(Point::BeforeLink, &link)?;
        fs::rename(&staged.0, &link)?;
        fs::reached(Point::AfterLink, &link)?;
        let (catalogue, target) = self.catalogue();
        if fs::link_target(&catalogue).as_ref() != Some(&target) {
            fs::link(&target, &catalogue)?;
        }
        // What an older client left beside the link would be applied to another catalogue.
        fs::remove_file(&catalogue::log_beside(&catalogue))?;
        fs::sync_folder(&self.warehouse)
    }

    /// Moves the link after all, if a release that is complete is not shown; whether it was so.
    pub fn catch_up(&self, release: &str) -> Result<bool, FsError> {
        let (catalogue, target) = self.catalogue();
        let shown =
            fs::link_target(&self.link()) == Some(self.target(release)) && fs::link_target(&catalogue) == Some(target);
        if shown || !is_complete(self.root, self.environment, release) {
            return Ok(false);
        }
        self.point(self.stage(release)?)?;
        Ok(true)
    }

    /// Removes what a process that is gone left half done. Only the holder of the lock may do this.
    ///
    /// `known` are the releases on record; any other was never shown to anybody.
    pub fn remove_unfinished(&self, known: &BTreeSet<String>) -> Result<(), FsError> {
        self.remove_staged()?;
        let releases = self.releases();
        for folder in [releases.clone(), releases.join("schemas")] {
            for name in fs::names_in(&folder)?.into_iter().filter(|name| name.starts_with('.')) {
                fs::remove(&folder.join(name))?;
            }
        }
        for name in fs::names_in(&releases)? {
            let release = name.strip_suffix(".place").unwrap_or(&name);
            let is_release = release.len() == 12 && release.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_release && !known.contains(release) {
                fs::remove_folder(&releases.join(release))?;
                fs::remove_file(&place(&releases.join(release)))?;
            }
        }
        Ok(())
    }

    fn remove_staged(&self) -> Result<(), FsError> {
        for link in [self.link(), self.catalogue().0] {
            for left in fs::left_beside(&link)? {
                fs::remove_file(&left)?;
            }
        }
        Ok(())
    }
}
