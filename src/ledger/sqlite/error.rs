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
        help(
            "check that you have permission to read and write the file and its folder, and that the disk is not full"
        )
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
    #[error("cannot {verb} `{}`: another program is using it", path.display())]
    #[diagnostic(
        code(dp::store::busy),
        help("end the open transaction on it, for example in a `sqlite3` shell, and try again")
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
    #[error("`{}` is a link, and dp follows no links inside `.dp`; nothing was changed", path.display())]
    #[diagnostic(
        code(dp::store::link),
        help("replace the link with its target; to keep `.dp` on another disk, mount that disk at `.dp`")
    )]
    Link {
        /// The file or folder.
        path: PathBuf,
    },

    /// The state file is missing, but versions or backups that belong to it exist.
    #[error("`{}` is missing, but its versions or backups exist; nothing was changed", path.display())]
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
        "`{}` has format {found}{}, but dp {} supports formats up to {newest}; nothing was changed",
        path.display(),
        written_by.as_ref().map_or_else(String::new, |version| format!(", written by dp {version}")),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(code(dp::store::newer_format), help("use the version of dp that wrote it, or a later one"))]
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
        "`{}` has format {found}, but dp {} reads format {newest}",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(code(dp::store::older_format), help("run `dp apply`: it keeps a copy and updates the file"))]
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
            "wait with `--wait`, or end that process, which releases the lock; \
             if its machine no longer exists, run `dp state unlock`"
        )
    )]
    Locked {
        /// The holder of the lock; `None` if it has not written its name.
        holder: Option<Box<Holder>>,
    },

    /// Another process took the lock away while this run held it.
    #[error("another process took the lock of the project from this run{}", by_whom(holder.as_deref()))]
    #[diagnostic(
        code(dp::store::lock_lost),
        help("apply again: dp wrote nothing after that, and reuses finished builds")
    )]
    LockLost {
        /// The current holder, if there is one.
        holder: Option<Box<Holder>>,
    },

    /// A write to a run that is not recorded or already finished.
    #[error("run {run} is not recorded, or has already ended")]
    #[diagnostic(code(dp::store::unknown_run), help("list the recorded runs with `dp history`"))]
    UnknownRun {
        /// The run.
        run: RunId,
    },

    /// The version is not recorded.
    #[error("version {version} is not recorded{}", of_asset(asset.as_ref()))]
    #[diagnostic(code(dp::store::unknown_version), help("list the recorded versions with `dp state show ASSET`"))]
    UnknownVersion {
        /// The version.
        version: VersionId,
        /// The asset that the version was looked up for.
        asset: Option<AssetName>,
    },

    /// The version is already recorded with other content.
    #[error("version {version} is already recorded with other content")]
    #[diagnostic(code(dp::store::version_changed), help("report this bug of dp: a version never changes"))]
    VersionChanged {
        /// The version.
        version: VersionId,
    },

    /// A damaged or removed version can't be published.
    #[error("version {version} of `{asset}` is {state}, so dp can't publish it")]
    #[diagnostic(code(dp::store::version_not_intact), help("rebuild it with `dp apply --replace {asset}`"))]
    VersionNotIntact {
        /// The asset.
        asset: AssetName,
        /// The version.
        version: VersionId,
        /// The state of the version.
        state: VersionState,
    },

    /// A published version can't be removed.
    #[error("version {version} is published in `{environment}`, so dp can't remove it")]
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
        return "restore a copy with `dp state restore FILE`; there is no automatic backup. To start over instead, \
                remove the folder `.dp`"
            .to_owned();
    };
    let name = backup.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "run `dp state restore`: it restores the backup from before the last run, `.dp/backups/{name}`, adds the versions built \
         since, and keeps the current file"
    )
}

fn holder_text(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || "another process holds the lock and has not written its name yet".to_owned(),
        ToString::to_string,
    )
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
