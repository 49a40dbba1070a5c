//! Calls of the C interface and their results: texts, values, types and settings.
#![expect(unsafe_code, reason = "the engine takes functions through its C interface only")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use super::capi::{self as c, Handle, Slot};

/// Calls a function of the C interface and returns what it wrote.
///
/// # Errors
/// The engine's message.
pub(super) fn call<T>(initial: T, function: impl FnOnce(&mut T, Slot) -> u32) -> Result<T, String> {
    let mut value = initial;
    let mut error: Handle = null_mut();
    let code = function(&mut value, &raw mut error);
    if code == 0 {
        return Ok(value);
    }
    let mut text = c::Str {
        text: std::ptr::null(),
        length: 0,
    };
    // SAFETY: `error` is null or an error that dp owns; its text is copied before it is destroyed.
    let message = unsafe {
        let known = c::duckdb_v2_error_info_get_text(error, &raw mut text) == 0;
        let message = if known { text_of(&text) } else { format!("the engine's interface failed with code {code}") };
        c::duckdb_v2_error_info_destroy(&raw mut error);
        message
    };
    Err(message)
}

/// # Safety
/// The text must be alive.
pub(super) unsafe fn text_of(text: &c::Str) -> String {
    if text.text.is_null() {
        return String::new();
    }
    let length = usize::try_from(text.length).unwrap_or_default();
    // SAFETY: the caller guarantees this number of bytes.
    let bytes = unsafe { std::slice::from_raw_parts(text.text.cast::<u8>(), length) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns a borrowed text for the engine.
pub(super) fn borrowed(text: &str) -> c::Str {
    c::Str {
        text: text.as_ptr().cast(),
        length: text.len() as u64,
    }
}

/// A handle that is destroyed when this is dropped.
pub(super) struct Owned(pub(super) Handle, pub(super) unsafe extern "C" fn(*mut Handle) -> u32);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle belongs to this function that destroys it, and is not used afterwards.
        unsafe {
            (self.1)(&raw mut self.0);
        }
    }
}

/// Runs a callback of the engine: a panic or an error becomes an error of the engine.
pub(super) fn guarded(error: Slot, body: impl FnOnce() -> Result<(), String>) {
    let result = catch_unwind(AssertUnwindSafe(body));
    let message = match result {
        Ok(Ok(())) => return,
        Ok(Err(message)) => message,
        Err(_) => "dp failed in a function about time zones; please report it with the query".to_owned(),
    };
    let text = borrowed(&message);
    // SAFETY: the engine passes a live slot to each callback, and copies the text.
    unsafe {
        c::duckdb_v2_error_info_set_code(*error, c::CONVERSION);
        c::duckdb_v2_error_info_set_text(*error, &raw const text);
    }
}

pub(super) fn simple_type(factory: Handle, number: u32) -> Result<Owned, String> {
    // SAFETY: the factory is alive; there are no parameters.
    let handle = call(null_mut(), |handle: &mut Handle, error| unsafe {
        c::duckdb_v2_factory_create_type_from_id(factory, number, std::ptr::null(), std::ptr::null(), 0, handle, error)
    })?;
    Ok(Owned(handle, c::duckdb_v2_logical_type_destroy))
}

/// Parses a type of the engine from SQL.
pub(super) fn data_type(factory: Handle, sql: &str) -> Result<Owned, String> {
    let text = borrowed(sql);
    // SAFETY: the factory is alive, and so is the text.
    let handle = call(null_mut(), |handle: &mut Handle, error| unsafe {
        c::duckdb_v2_factory_create_type_from_text(factory, &raw const text, handle, error)
    })?;
    Ok(Owned(handle, c::duckdb_v2_logical_type_destroy))
}

pub(super) fn value(factory: Handle, text: &str) -> Result<Owned, String> {
    let text = borrowed(text);
    // SAFETY: the factory is alive, and so is the text.
    let handle = call(null_mut(), |handle: &mut Handle, error| unsafe {
        c::duckdb_v2_value_create_varchar(factory, &raw const text, handle, error)
    })?;
    Ok(Owned(handle, c::duckdb_v2_value_destroy))
}

/// Returns the text of a value; `None` if it is NULL.
pub(super) fn text_of_value(value: &Owned) -> Result<Option<String>, String> {
    // SAFETY: dp owns the value, and copies its text before it is destroyed.
    unsafe {
        if call(false, |is_null, error| c::duckdb_v2_value_is_null(value.0, is_null, error))? {
            return Ok(None);
        }
        let empty = c::Str {
            text: std::ptr::null(),
            length: 0,
        };
        let text = call(empty, |text, error| c::duckdb_v2_value_get_varchar(value.0, text, error))?;
        Ok(Some(text_of(&text)))
    }
}

/// The setting with the session's time zone.
pub(super) const SETTING: &str = "TimeZone";

/// Returns the name of the session's time zone.
pub(super) fn setting(context: Handle) -> Result<String, String> {
    if context.is_null() {
        return Err("no session provides a time zone".to_owned());
    }
    let name = borrowed(SETTING);
    // SAFETY: the context is alive during the callback; the configuration is borrowed from it, and dp owns the value.
    let value = unsafe {
        let config =
            call(null_mut(), |config: &mut Handle, error| c::duckdb_v2_context_get_config(context, config, error))?;
        let mut scope = 0;
        let value = call(null_mut(), |value: &mut Handle, error| {
            c::duckdb_v2_config_get_option_value(config, &raw const name, value, &raw mut scope, error)
        })?;
        Owned(value, c::duckdb_v2_value_destroy)
    };
    Ok(text_of_value(&value)?.unwrap_or_default())
}
