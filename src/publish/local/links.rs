//! The published links, and what a crash leaves beside them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::release::{catalogue_name, is_complete, log_beside, place};
use crate::base::fault::Point;
use crate::base::fs::{self, FsError};
use crate::base::layout;
use crate::model::{EnvironmentName, ReleaseName};

/// The published links of one environment.
#[derive(Debug)]
pub struct Links<'a> {
    root: &'a Path,
    environment: &'a EnvironmentName,
    /// The folder of links, absolute and without links in its path; it may be missing.
    warehouse: PathBuf,
}

/// A link that is created beside its place and not yet renamed into it.
#[derive(Debug)]
#[must_use = "a link beside its place is nobody's"]
pub struct StagedLink(PathBuf);

impl StagedLink {
    /// Removes the staged link: nothing was published.
    pub fn withdraw(self) {
        // If this fails, the next staging removes it.
        drop(fs::remove_file(&self.0));
    }
}

impl<'a> Links<'a> {
    /// Returns the links in the folder `warehouse`, relative to the project.
    pub fn of(root: &'a Path, warehouse: &str, environment: &'a EnvironmentName) -> Result<Self, FsError> {
        let written = root.join(warehouse);
        // dp creates the missing part of the path without links.
        let there = written.ancestors().find(|folder| fs::is_folder(folder)).unwrap_or(root);
        let missing = written.strip_prefix(there).unwrap_or(Path::new(""));
        let mut warehouse = fs::canonicalize(there)?;
        warehouse.extend(missing.components());
        Ok(Self {
            root,
            environment,
            warehouse,
        })
    }

    fn releases(&self) -> PathBuf {
        self.root.join(layout::published_folder(self.environment))
    }

    fn link(&self) -> PathBuf {
        self.warehouse.join(self.environment.as_str())
    }

    /// Returns the path of the catalogue's link, and its target.
    fn catalogue(&self) -> (PathBuf, PathBuf) {
        let name = catalogue_name(self.environment);
        (self.warehouse.join(&name), Path::new(self.environment.as_str()).join(&name))
    }

    fn target(&self, release: &ReleaseName) -> PathBuf {
        fs::relative(&self.warehouse, &self.releases().join(release.as_str()))
    }

    /// Returns the release that the link leads to, whatever the state says.
    pub fn shown(&self) -> Option<ReleaseName> {
        let release: ReleaseName = fs::link_target(&self.link())?.file_name()?.to_str()?.parse().ok()?;
        (fs::link_target(&self.link()) == Some(self.target(&release))).then_some(release)
    }

    /// Whether the folder of a release is missing.
    pub fn is_gone(&self, release: &ReleaseName) -> bool {
        !fs::exists(&self.releases().join(release.as_str()))
    }

    /// Creates the link to a release beside its place, and creates the folder of links if it is missing.
    pub fn stage(&self, release: &ReleaseName) -> Result<StagedLink, FsError> {
        fs::create_folder(&self.warehouse, false)?;
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

    /// Moves the link into place: everything changes with one rename.
    pub fn point(&self, staged: StagedLink) -> Result<(), FsError> {
        let link = self.link();
        fs::reached(Point::BeforeLink, &link)?;
        fs::rename(&staged.0, &link)?;
        fs::reached(Point::AfterLink, &link)?;
        let (catalogue, target) = self.catalogue();
        if fs::link_target(&catalogue).as_ref() != Some(&target) {
            fs::link(&target, &catalogue)?;
        }
        // The engine would apply a log that an older client left beside the link to the new catalogue.
        fs::remove_file(&log_beside(&catalogue))?;
        fs::sync_folder(&self.warehouse)
    }

    /// Whether a release is complete, but the links do not lead to it.
    pub fn is_behind(&self, release: &ReleaseName) -> bool {
        let (catalogue, target) = self.catalogue();
        let shown =
            fs::link_target(&self.link()) == Some(self.target(release)) && fs::link_target(&catalogue) == Some(target);
        !shown && is_complete(self.root, self.environment, release)
    }

    /// Moves the link to a complete release that is not shown yet. Returns whether it did.
    pub fn catch_up(&self, release: &ReleaseName) -> Result<bool, FsError> {
        if !self.is_behind(release) {
            return Ok(false);
        }
        self.point(self.stage(release)?)?;
        Ok(true)
    }

    /// Removes unfinished releases of ended processes. The caller holds the lock.
    ///
    /// `known` are the recorded releases. Any other release was never visible, unless the state was replaced;
    /// therefore the release that the link leads to stays.
    pub fn remove_unfinished(&self, known: &BTreeSet<ReleaseName>) -> Result<(), FsError> {
        let releases = self.releases();
        for folder in [releases.clone(), releases.join("schemas")] {
            for name in fs::names_in(&folder)?.into_iter().filter(|name| name.starts_with('.')) {
                fs::remove_folder(&folder.join(name))?;
            }
        }
        let shown = self.shown();
        for name in fs::names_in(&releases)? {
            let Ok(release) = name.strip_suffix(".place").unwrap_or(&name).parse::<ReleaseName>() else {
                continue;
            };
            if !known.contains(&release) && shown.as_ref() != Some(&release) {
                fs::remove_folder(&releases.join(release.as_str()))?;
                fs::remove_file(&place(&releases.join(release.as_str())))?;
            }
        }
        Ok(())
    }

    /// Removes links that ended processes left beside their places.
    pub fn remove_staged(&self) -> Result<(), FsError> {
        for left in self.staged()? {
            fs::remove_file(&left)?;
        }
        Ok(())
    }

    /// Returns the links that ended processes left beside their places.
    pub fn staged(&self) -> Result<Vec<PathBuf>, FsError> {
        let mut staged = fs::left_beside(&self.link())?;
        staged.extend(fs::left_beside(&self.catalogue().0)?);
        Ok(staged)
    }

    /// Returns the existing links of the environment that belong to dp.
    pub fn present(&self) -> Vec<PathBuf> {
        let leads = |link: &PathBuf, to: &str| {
            fs::link_target(link).is_some_and(|target| target.to_string_lossy().contains(to))
        };
        let (link, (catalogue, _)) = (self.link(), self.catalogue());
        let ours =
            [leads(&catalogue, self.environment).then_some(catalogue), leads(&link, layout::PUBLISHED).then_some(link)];
        ours.into_iter().flatten().collect()
    }

    /// Removes the links that belong to dp. Returns the removed links.
    pub fn withdraw(&self) -> Result<Vec<PathBuf>, FsError> {
        let present = self.present();
        for link in &present {
            fs::remove_file(link)?;
            fs::remove_file(&log_beside(link))?;
        }
        if !present.is_empty() {
            fs::sync_folder(&self.warehouse)?;
        }
        Ok(present)
    }
}
