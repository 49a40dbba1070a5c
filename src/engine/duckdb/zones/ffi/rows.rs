//! The rows of a call, as Rust values.
#![expect(unsafe_code, reason = "the engine takes functions through its C interface only")]

use std::marker::PhantomData;
use std::ptr::null_mut;

use super::super::zone::{Clock, Zone};
use super::call::{call, setting};
use super::capi::{self as c, Handle};
use super::{Interval, Kind, Plain};

/// The rows of a call.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    context: Handle,
    pub(super) count: usize,
    kinds: &'a [Kind],
    vectors: Vec<Handle>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(context: Handle, count: u64, kinds: &'a [Kind], vectors: Vec<Handle>) -> Result<Self, String> {
        Ok(Self {
            context,
            count: usize::try_from(count).map_err(|_| "too many rows".to_owned())?,
            kinds,
            vectors,
        })
    }

    /// The clock of the session's time zone.
    pub(crate) fn clock(&self) -> Result<Clock, String> {
        let name = setting(self.context)?;
        Zone::named(&name).map(Clock::of).map_err(|unknown| unknown.to_string())
    }

    fn column<T: Plain>(&self, index: usize) -> Result<Column<'_, T>, String> {
        let kind = self.kinds.get(index).copied().filter(|kind| T::is(*kind));
        let vector = *kind.and(self.vectors.get(index)).ok_or("an argument has another type")?;
        column_of(vector)
    }

    /// Returns an argument of whole numbers: BIGINT and all types of times.
    pub(crate) fn longs(&self, index: usize) -> Result<Column<'_, i64>, String> {
        self.column(index)
    }

    /// Returns an argument of days.
    pub(crate) fn days(&self, index: usize) -> Result<Column<'_, i32>, String> {
        self.column(index)
    }

    /// Returns an argument of type DOUBLE.
    pub(crate) fn doubles(&self, index: usize) -> Result<Column<'_, f64>, String> {
        self.column(index)
    }

    /// Returns an argument of intervals.
    pub(crate) fn intervals(&self, index: usize) -> Result<Column<'_, Interval>, String> {
        self.column(index)
    }

    /// Returns an argument of texts.
    pub(crate) fn texts(&self, index: usize) -> Result<Texts<'_>, String> {
        Ok(Texts(self.column(index)?))
    }

    /// Returns the number of arguments.
    pub(crate) fn width(&self) -> usize {
        self.vectors.len()
    }

    /// Returns the list of texts in the first row; `None` if it is NULL or there are no rows.
    pub(crate) fn list(&self, index: usize) -> Result<Option<Vec<Option<String>>>, String> {
        let lists: Column<'_, c::List> = self.column(index)?;
        if self.count == 0 {
            return Ok(None);
        }
        let Some(list) = lists.get(0) else {
            return Ok(None);
        };
        let vector = self.vectors[index];
        // SAFETY: the vector of these rows is alive during the call; its child is borrowed from it.
        let child = unsafe {
            call(null_mut(), |child: &mut Handle, error| c::duckdb_v2_vector_get_child(vector, 0, child, error))?
        };
        let texts = Texts(column_of(child)?);
        let places = list.offset..list.offset + list.length;
        let places = places.map(|place| usize::try_from(place).map_err(|_| "too many rows".to_owned()));
        places.map(|place| Ok(texts.get(place?).map(ToOwned::to_owned))).collect::<Result<_, String>>().map(Some)
    }
}

/// The values of a vector whose type was compared with this one.
fn column_of<'a, T>(vector: Handle) -> Result<Column<'a, T>, String> {
    let empty = c::View {
        data: std::ptr::null(),
        valid: std::ptr::null(),
        rows: std::ptr::null(),
        count: 0,
    };
    // SAFETY: the vector is alive during the call of the engine that passed it.
    let view = unsafe {
        let form = call(0, |form, error| c::duckdb_v2_vector_get_vector_type(vector, form, error))?;
        if form == c::OTHER_VECTOR {
            call((), |(), error| c::duckdb_v2_vector_flatten(vector, error))?;
        }
        call(empty, |view, error| c::duckdb_v2_vector_get_view(vector, view, error))?
    };
    Ok(Column {
        view,
        rows: PhantomData,
    })
}

/// The values of an argument.
pub(crate) struct Column<'a, T> {
    view: c::View,
    rows: PhantomData<&'a [T]>,
}

impl<T: Plain> Column<'_, T> {
    /// Returns the position of a row's value, unless it is NULL.
    fn place(&self, row: usize) -> Option<usize> {
        debug_assert!(row < usize::try_from(self.view.count).unwrap_or_default().max(1));
        // SAFETY: the engine provides a position for each row, and a bit for each position.
        unsafe {
            let place = if self.view.rows.is_null() { row } else { *self.view.rows.add(row) as usize };
            let is_valid = self.view.valid.is_null() || *self.view.valid.add(place / 64) >> (place % 64) & 1 == 1;
            is_valid.then_some(place)
        }
    }

    /// Returns the value of a row, unless it is NULL.
    pub(crate) fn get(&self, row: usize) -> Option<T> {
        let place = self.place(row)?;
        // SAFETY: the type was compared when the column was created, and the engine aligns values of a type.
        Some(unsafe { *self.view.data.cast::<T>().add(place) })
    }
}

/// The texts of an argument.
pub(crate) struct Texts<'a>(Column<'a, c::Text>);

impl Texts<'_> {
    /// Returns the text of a row, unless it is NULL.
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        let place = self.0.place(row)?;
        // SAFETY: texts of up to twelve bytes are behind their length, longer ones at the target of the pointer. Both
        // live as long as the vector, and the engine has verified that they are UTF-8.
        unsafe {
            let text = &*self.0.view.data.cast::<c::Text>().add(place);
            let length = text.length as usize;
            let bytes = if length <= INLINE { text.bytes.as_ptr() } else { pointer_of(&text.bytes) };
            std::str::from_utf8(std::slice::from_raw_parts(bytes, length)).ok()
        }
    }
}

/// Returns the pointer to a long text, which is behind its first four bytes.
fn pointer_of(bytes: &[u8; INLINE]) -> *const u8 {
    let mut address = [0; size_of::<usize>()];
    address.copy_from_slice(&bytes[PREFIX..PREFIX + size_of::<usize>()]);
    std::ptr::with_exposed_provenance(usize::from_ne_bytes(address))
}

/// The number of bytes of a long text that are in the vector itself.
pub(super) const PREFIX: usize = 4;
/// The maximum length of a text that is in a vector itself, in bytes.
pub(super) const INLINE: usize = 12;
