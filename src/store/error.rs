//! What can go wrong with the state, and what to do about it.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use rusqlite::ErrorCode;
use thiserror::Error;

use super::{Holder, VersionState, backup};
use crate::fs::FsError;
use crate::project::{AssetName, EnvironmentName};
use crate::state::{RunId, VersionId};

/// Why the state could not be read or written.
#[derive(Debug, Error, Diagnostic)]
pub enum StoreError {
    /// SQLite could not do what it was told.
    #[error("cannot {verb} `{}`: {source}", path.display())]
    #[diagnostic(
        code(dp::store::sqlite_failed),
        help("check that you may read and write the file and its folder, and that the disk is not full")
    )]
    Sqlite {
        /// What was tried, as an infinitive.
        verb: &'static str,
        /// On which file.
        path: PathBuf,
        /// What SQLite answered.
        #[source]
        source: rusqlite::Error,
    },

    /// Somebody else kept the file in use for longer than dp waits.
    #[error("cannot {verb} `{}`: another program keeps it in use", path.display())]
    #[diagnostic(
        code(dp::store::busy),
        help("end the transaction that is open on it, in a `sqlite3` shell for example, and try again")
    )]
    Busy {
        /// What was tried, as an infinitive.
        verb: &'static str,
        /// On which file.
        path: PathBuf,
    },

    /// The file is not what dp wrote.
    #[error("`{}` is damaged ({detail}); nothing was changed", path.display())]
    #[diagnostic(code(dp::store::damaged), help("{}", remedy(path)))]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// How that was noticed.
        detail: String,
    },

    /// What dp keeps is a link.
    #[error("`{}` is a link, and dp follows no links to what it keeps; nothing was changed", path.display())]
    #[diagnostic(
        code(dp::store::link),
        help(
            "remove the link and put there what it leads to; to keep `.dp` on another disk, mount that disk at `.dp`"
        )
    )]
    Link {
        /// Which file or folder.
        path: PathBuf,
    },

    /// The file is gone, and what it was the record of is not.
    #[error("`{}` is missing, and there are versions or backups that it belongs to; nothing was changed", path.display())]
    #[diagnostic(code(dp::store::missing), help("{}", remedy(path)))]
    Missing {
        /// Which file.
        path: PathBuf,
    },

    /// A database, but not dp's.
    #[error("`{}` is a database of another program; nothing was changed", path.display())]
    #[diagnostic(code(dp::store::foreign_file), help("{}", remedy(path)))]
    Foreign {
        /// Which file.
        path: PathBuf,
    },

    /// A later dp wrote the file.
    #[error(
        "`{}` has format {found}{}, and this is dp {}, which knows formats up to {newest}; nothing was changed",
        path.display(),
        written_by.as_ref().map_or_else(String::new, |version| format!(", written by dp {version}")),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(code(dp::store::newer_format), help("use the newer dp that wrote it, or one later than that"))]
    NewerFormat {
        /// Which file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The newest format that this dp knows.
        newest: i64,
        /// The dp that wrote to it last, if that can be told.
        written_by: Option<String>,
    },

    /// An earlier dp wrote the file, and reading must not change it.
    #[error(
        "`{}` has format {found}, and dp {} reads format {newest}",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(code(dp::store::older_format), help("run `dp apply`: it keeps a copy and brings the file up to date"))]
    OlderFormat {
        /// Which file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The format that this dp reads.
        newest: i64,
    },

    /// Another process is writing.
    #[error("the project is locked: {}", holder_text(holder.as_deref()))]
    #[diagnostic(
        code(dp::store::locked),
        help(
            "wait for it with `--wait`, or end that process: the lock is free as soon as its process is gone; \
             if its machine is gone: `dp state unlock`"
        )
    )]
    Locked {
        /// Who holds it; `None` if the holder has not said.
        holder: Option<Box<Holder>>,
    },

    /// The lock was taken away while it was held.
    #[error("the lock of the project was taken away from this run{}", by_whom(holder.as_deref()))]
    #[diagnostic(
        code(dp::store::lock_lost),
        help("nothing was written after that; apply again, and what was finished is taken up")
    )]
    LockLost {
        /// Who holds it now, if anyone does.
        holder: Option<Box<Holder>>,
    },

    /// A run that is not on record, or that is over, was to be written to.
    #[error("the run {run} is not on record, or is finished already")]
    #[diagnostic(code(dp::store::unknown_run), help("list what is on record with `dp history`"))]
    UnknownRun {
        /// Which run.
        run: RunId,
    },

    /// A version that is not on record.
    #[error("the version {version} is not on record{}", of_asset(asset.as_ref()))]
    #[diagnostic(code(dp::store::unknown_version), help("list what is on record with `dp show ASSET`"))]
    UnknownVersion {
        /// Which version.
        version: VersionId,
        /// As a version of which asset it was looked for.
        asset: Option<AssetName>,
    },

    /// A version was recorded a second time with other content.
    #[error("the version {version} is on record with other content")]
    #[diagnostic(code(dp::store::version_changed), help("report this: a version never changes"))]
    VersionChanged {
        /// Which version.
        version: VersionId,
    },

    /// A version that is damaged or removed was to be published.
    #[error("the version {version} of `{asset}` is {state}, so it can't be published")]
    #[diagnostic(code(dp::store::version_not_intact), help("build it anew with `dp apply --replace {asset}`"))]
    VersionNotIntact {
        /// Of which asset.
        asset: AssetName,
        /// Which version.
        version: VersionId,
        /// In what condition.
        state: VersionState,
    },

    /// A version that is published was to be removed.
    #[error("the version {version} is published in `{environment}`, so it can't be removed")]
    #[diagnostic(code(dp::store::still_published), help("publish another version in that environment first"))]
    StillPublished {
        /// Which version.
        version: VersionId,
        /// Where it is published.
        environment: EnvironmentName,
    },

    /// A file operation failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fs(#[from] FsError),
}

/// What to do about a file that can't be used as the state.
fn remedy(path: &Path) -> String {
    if path.file_name().is_none_or(|name| name != "state.db") {
        return "name another copy: `dp state restore FILE`".to_owned();
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let newest = backup::kept(folder).unwrap_or_default().into_iter().next();
    let Some(backup) = newest else {
        return "put back a copy of it with `dp state restore FILE`; there is no automatic backup. To begin anew instead, \
                remove the folder `.dp`"
            .to_owned();
    };
    let name = backup.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "`dp state restore` puts back the backup of before the last run, `.dp/backups/{name}`, takes up again what was built \
         since, and keeps the file that is there"
    )
}

fn holder_text(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process holds it and has not said who it is".to_owned(), ToString::to_string)
}

fn by_whom(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |holder| format!(": {holder}"))
}

fn of_asset(asset: Option<&AssetName>) -> String {
    asset.map_or_else(String::new, |asset| format!(" as one of `{asset}`"))
}

/// Turns what SQLite answered into the situation that it means.
pub(super) fn failed(verb: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    move |source| match &source {
        rusqlite::Error::SqliteFailure(error, _) => match error.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged {
                path,
                detail: source.to_string(),
            },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy { verb, path },
            _ => StoreError::Sqlite { verb, path, source },
        },
        // A column holds what dp never writes there.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => StoreError::Damaged {
            path,
            detail: source.to_string(),
        },
        _ => StoreError::Sqlite { verb, path, source },
    }
}
