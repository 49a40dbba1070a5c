//! Errors of the state, and what to do about them.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use rusqlite::ErrorCode;
use thiserror::Error;

use super::{Holder, VersionState, backup};
use crate::base::fs::FsError;
use crate::model::{AssetName, EnvironmentName, RunId, VersionId};

/// Why the state could not be read or written.
#[derive(Debug, Error, Diagnostic)]
pub enum StoreError {
    /// An operation of SQLite failed.
    #[error("cannot {verb} `{}`: {source}", path.display())]
    #[diagnostic(
        code(dp::store::sqlite_failed),
        help("check that you may read and write the file and its folder, and that the disk is not full")
    )]
    Sqlite {
        /// The operation, as an infinitive.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// The error from SQLite.
        #[source]
        source: rusqlite::Error,
    },

    /// Another program used the file for longer than dp waits.
    #[error("cannot {verb} `{}`: another program keeps it in use", path.display())]
    #[diagnostic(
        code(dp::store::busy),
        help("end the transaction that is open on it, in a `sqlite3` shell for example, and try again")
    )]
    Busy {
        /// The operation, as an infinitive.
        verb: &'static str,
        /// The file.
        path: PathBuf,
    },

    /// The file is damaged.
    #[error("`{}` is damaged ({detail}); nothing was changed", path.display())]
    #[diagnostic(code(dp::store::damaged), help("{}", remedy(path)))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How dp noticed the damage.
        detail: String,
    },

    /// A file or folder of dp is a link.
    #[error("`{}` is a link, and dp follows no links to what it keeps; nothing was changed", path.display())]
    #[diagnostic(
        code(dp::store::link),
        help(
            "remove the link and put there what it leads to; to keep `.dp` on another disk, mount that disk at `.dp`"
        )
    )]
    Link {
        /// The file or folder.
        path: PathBuf,
    },

    /// The state file is missing, but versions or backups that belong to it exist.
    #[error("`{}` is missing, and there are versions or backups that it belongs to; nothing was changed", path.display())]
    #[diagnostic(code(dp::store::missing), help("{}", remedy(path)))]
    Missing {
        /// The file.
        path: PathBuf,
    },

    /// The file is a database of another program.
    #[error("`{}` is a database of another program; nothing was changed", path.display())]
    #[diagnostic(code(dp::store::foreign_file), help("{}", remedy(path)))]
    Foreign {
        /// The file.
        path: PathBuf,
    },

    /// A later version of dp wrote the file.
    #[error(
        "`{}` has format {found}{}, and this is dp {}, which knows formats up to {newest}; nothing was changed",
        path.display(),
        written_by.as_ref().map_or_else(String::new, |version| format!(", written by dp {version}")),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(code(dp::store::newer_format), help("use the newer dp that wrote it, or one later than that"))]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The newest format that this version of dp knows.
        newest: i64,
        /// The version of dp that last wrote to the file, if it is known.
        written_by: Option<String>,
    },

    /// An earlier version of dp wrote the file, and a reader must not change it.
    #[error(
        "`{}` has format {found}, and dp {} reads format {newest}",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(code(dp::store::older_format), help("run `dp apply`: it keeps a copy and brings the file up to date"))]
    OlderFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The format that this version of dp reads.
        newest: i64,
    },

    /// Another process holds the lock.
    #[error("the project is locked: {}", holder_text(holder.as_deref()))]
    #[diagnostic(
        code(dp::store::locked),
        help(
            "wait for it with `--wait`, or end that process: the lock is free as soon as its process is gone; \
             if its machine is gone: `dp state unlock`"
        )
    )]
    Locked {
        /// The holder of the lock; `None` if it has not written its name.
        holder: Option<Box<Holder>>,
    },

    /// Another process took the lock away while this run held it.
    #[error("the lock of the project was taken away from this run{}", by_whom(holder.as_deref()))]
    #[diagnostic(
        code(dp::store::lock_lost),
        help("nothing was written after that; apply again, and what was finished is taken up")
    )]
    LockLost {
        /// The current holder, if there is one.
        holder: Option<Box<Holder>>,
    },

    /// A write to a run that is not recorded or already finished.
    #[error("the run {run} is not on record, or is finished already")]
    #[diagnostic(code(dp::store::unknown_run), help("list what is on record with `dp history`"))]
    UnknownRun {
        /// The run.
        run: RunId,
    },

    /// The version is not recorded.
    #[error("the version {version} is not on record{}", of_asset(asset.as_ref()))]
    #[diagnostic(code(dp::store::unknown_version), help("list what is on record with `dp show ASSET`"))]
    UnknownVersion {
        /// The version.
        version: VersionId,
        /// The asset that the version was looked up for.
        asset: Option<AssetName>,
    },

    /// The version is already recorded with other content.
    #[error("the version {version} is on record with other content")]
    #[diagnostic(code(dp::store::version_changed), help("report this: a version never changes"))]
    VersionChanged {
        /// The version.
        version: VersionId,
    },

    /// A damaged or removed version can't be published.
    #[error("the version {version} of `{asset}` is {state}, so it can't be published")]
    #[diagnostic(code(dp::store::version_not_intact), help("build it anew with `dp apply --replace {asset}`"))]
    VersionNotIntact {
        /// The asset.
        asset: AssetName,
        /// The version.
        version: VersionId,
        /// The state of the version.
        state: VersionState,
    },

    /// A published version can't be removed.
    #[error("the version {version} is published in `{environment}`, so it can't be removed")]
    #[diagnostic(code(dp::store::still_published), help("publish another version in that environment first"))]
    StillPublished {
        /// The version.
        version: VersionId,
        /// The environment that the version is published in.
        environment: EnvironmentName,
    },

    /// A file operation failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fs(#[from] FsError),
}

/// Returns the help for a file that can't be used as the state.
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

/// Maps an SQLite error to the error that the user sees.
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
        // A column holds a value that dp never writes there.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => StoreError::Damaged {
            path,
            detail: source.to_string(),
        },
        _ => StoreError::Sqlite { verb, path, source },
    }
}
