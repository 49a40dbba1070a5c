//! The results of a call.
#![expect(unsafe_code, reason = "the engine takes functions through its C interface only")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::null_mut;

use super::call::{Owned, call};
use super::capi::{self as c, Handle};
use super::rows::{INLINE, PREFIX};
use super::{Interval, Kind, Plain};

/// Receives the results of a call.
#[derive(Debug)]
pub(crate) struct Output<'a> {
    vector: Handle,
    kind: Kind,
    count: usize,
    /// Whether a row that fails becomes NULL.
    lenient: bool,
    pub(super) failure: Option<String>,
    vectors: PhantomData<&'a mut ()>,
}

impl Output<'_> {
    pub(super) fn of(vector: Handle, kind: Kind, count: usize, lenient: bool) -> Result<Self, String> {
        set_size(vector, count)?;
        let kind = if kind == Kind::Any { resolved_kind(vector)? } else { kind };
        Ok(Self {
            vector,
            kind,
            count,
            lenient,
            failure: None,
            vectors: PhantomData,
        })
    }

    fn write<T: Plain>(&mut self, mut each: impl FnMut(usize) -> Result<Option<T>, String>) -> Result<(), String> {
        if !T::is(self.kind) {
            return Err("the result has another type".to_owned());
        }
        let mut column = Written::<T>::of(self.vector)?;
        for row in 0..self.count {
            let value = self.take(each(row))?;
            column.set(row, value)?;
        }
        Ok(())
    }

    /// Returns the result, or NULL if the row failed and failures become NULL.
    fn take<T>(&mut self, result: Result<Option<T>, String>) -> Result<Option<T>, String> {
        match result {
            Err(message) if self.lenient => {
                self.failure.get_or_insert(message);
                Ok(None)
            }
            result => result,
        }
    }

    /// Returns the type of the result.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Writes whole numbers: BIGINT and all types of times.
    pub(crate) fn longs(&mut self, each: impl FnMut(usize) -> Result<Option<i64>, String>) -> Result<(), String> {
        self.write(each)
    }

    /// Writes days.
    pub(crate) fn days(&mut self, each: impl FnMut(usize) -> Result<Option<i32>, String>) -> Result<(), String> {
        self.write(each)
    }

    /// Writes DOUBLEs.
    pub(crate) fn doubles(&mut self, each: impl FnMut(usize) -> Result<Option<f64>, String>) -> Result<(), String> {
        self.write(each)
    }

    /// Writes intervals.
    pub(crate) fn intervals(
        &mut self,
        each: impl FnMut(usize) -> Result<Option<Interval>, String>,
    ) -> Result<(), String> {
        self.write(each)
    }

    /// Writes texts: `each` appends to an empty text, or returns `None` for NULL.
    pub(crate) fn texts(
        &mut self,
        mut each: impl FnMut(usize, &mut String) -> Result<Option<()>, String>,
    ) -> Result<(), String> {
        if self.kind != Kind::Varchar {
            return Err("the result has another type".to_owned());
        }
        // SAFETY: the vector is alive during the call; its arena is borrowed from it.
        let arena = unsafe {
            call(null_mut(), |arena: &mut Handle, error| c::duckdb_v2_vector_get_arena(self.vector, arena, error))?
        };
        let mut column = Written::<c::Text>::of(self.vector)?;
        let mut text = String::new();
        for row in 0..self.count {
            text.clear();
            let written = each(row, &mut text);
            let value = self.take(written)?;
            let value = value.map(|()| stored_text(arena, text.as_bytes())).transpose()?;
            column.set(row, value)?;
        }
        Ok(())
    }

    /// Writes lists of times: `each` appends to an empty list, or returns `None` for NULL.
    pub(crate) fn lists(
        &mut self,
        mut each: impl FnMut(usize, &mut Vec<i64>) -> Result<Option<()>, String>,
    ) -> Result<(), String> {
        if self.kind != Kind::TimestampTzList {
            return Err("the result has another type".to_owned());
        }
        let mut values = Vec::new();
        let mut lists = Vec::with_capacity(self.count);
        for row in 0..self.count {
            let offset = values.len();
            let written = each(row, &mut values);
            lists.push(self.take(written)?.map(|()| c::List {
                offset: offset as u64,
                length: (values.len() - offset) as u64,
            }));
        }
        let child = self.child(0)?;
        set_size(child, values.len())?;
        let mut column = Written::<i64>::of(child)?;
        for (row, value) in values.into_iter().enumerate() {
            column.set(row, Some(value))?;
        }
        let mut column = Written::<c::List>::of(self.vector)?;
        for (row, list) in lists.into_iter().enumerate() {
            column.set(row, list)?;
        }
        Ok(())
    }

    fn child(&self, index: u64) -> Result<Handle, String> {
        // SAFETY: the vector is alive during the call; its child is borrowed from it.
        unsafe {
            call(null_mut(), |child: &mut Handle, error| {
                c::duckdb_v2_vector_get_child(self.vector, index, child, error)
            })
        }
    }

    /// Writes a structure field by field, and marks the rows that are NULL.
    ///
    /// `fields` must match the type that was resolved.
    pub(crate) fn structure(&mut self, is_valid: impl Fn(usize) -> bool, fields: Vec<Field<'_>>) -> Result<(), String> {
        for (index, field) in (0..).zip(fields) {
            let child = self.child(index)?;
            set_size(child, self.count)?;
            match field {
                Field::Longs(each) => {
                    let mut column = Written::<i64>::of(child)?;
                    (0..self.count).try_for_each(|row| column.set(row, each(row)))?;
                }
                Field::Doubles(each) => {
                    let mut column = Written::<f64>::of(child)?;
                    (0..self.count).try_for_each(|row| column.set(row, each(row)))?;
                }
            }
        }
        let mut valid = None;
        for row in (0..self.count).filter(|row| !is_valid(*row)) {
            clear(self.vector, &mut valid, row)?;
        }
        Ok(())
    }
}

/// Computes the value of a field for each row.
pub(crate) enum Field<'a> {
    /// Of type BIGINT.
    Longs(Box<dyn Fn(usize) -> Option<i64> + 'a>),
    /// Of type DOUBLE.
    Doubles(Box<dyn Fn(usize) -> Option<f64> + 'a>),
}

/// Returns the type of a result that depends on an argument; [`Kind::Any`] for a structure.
fn resolved_kind(vector: Handle) -> Result<Kind, String> {
    // SAFETY: the vector is alive during the call; its type is ours.
    let id = unsafe {
        let data_type = call(null_mut(), |data_type: &mut Handle, error| {
            c::duckdb_v2_vector_get_logical_type(vector, data_type, error)
        })?;
        let data_type = Owned(data_type, c::duckdb_v2_logical_type_destroy);
        call(0, |id, error| c::duckdb_v2_logical_type_get_id(data_type.0, id, error))?
    };
    Ok(match id {
        c::BIGINT => Kind::Bigint,
        c::DOUBLE => Kind::Double,
        _ => Kind::Any,
    })
}

fn set_size(vector: Handle, count: usize) -> Result<(), String> {
    // SAFETY: the vector is alive during the call.
    unsafe { call((), |(), error| c::duckdb_v2_vector_set_size(vector, count as u64, error)) }
}

/// Marks a row as NULL.
fn clear(vector: Handle, valid: &mut Option<*mut u64>, row: usize) -> Result<(), String> {
    let bits = match *valid {
        Some(bits) => bits,
        // SAFETY: the vector is alive during the call.
        None => unsafe {
            call(null_mut(), |bits, error| c::duckdb_v2_vector_flat_get_validity_mutable(vector, bits, error))?
        },
    };
    *valid = Some(bits);
    // SAFETY: the engine made room for a bit of each row.
    unsafe {
        *bits.add(row / 64) &= !(1 << (row % 64));
    }
    Ok(())
}

/// A column that is being written.
struct Written<T> {
    vector: Handle,
    data: *mut T,
    valid: Option<*mut u64>,
}

impl<T> Written<T> {
    fn of(vector: Handle) -> Result<Self, String> {
        // SAFETY: the vector is alive during the call.
        let data: *mut c_void =
            unsafe { call(null_mut(), |data, error| c::duckdb_v2_vector_get_data_mutable(vector, data, error))? };
        Ok(Self {
            vector,
            data: data.cast(),
            valid: None,
        })
    }

    fn set(&mut self, row: usize, value: Option<T>) -> Result<(), String> {
        match value {
            // SAFETY: room for all rows was made, and the type is that of the column.
            Some(value) => unsafe {
                self.data.add(row).write(value);
                Ok(())
            },
            None => clear(self.vector, &mut self.valid, row),
        }
    }
}

/// Returns a text in the form of a vector; copies a long text into the vector's memory.
fn stored_text(arena: Handle, bytes: &[u8]) -> Result<c::Text, String> {
    let length = u32::try_from(bytes.len()).map_err(|_| "a text is too long".to_owned())?;
    let mut stored = c::Text {
        length,
        bytes: [0; INLINE],
    };
    if bytes.len() <= INLINE {
        stored.bytes[..bytes.len()].copy_from_slice(bytes);
        return Ok(stored);
    }
    // SAFETY: the arena returns as many bytes as requested, which live as long as the vector.
    let place = unsafe {
        let place: *mut u8 =
            call(null_mut(), |place, error| c::duckdb_v2_arena_allocate(arena, u64::from(length), place, error))?;
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
        place
    };
    stored.bytes[..PREFIX].copy_from_slice(&bytes[..PREFIX]);
    stored.bytes[PREFIX..PREFIX + size_of::<usize>()].copy_from_slice(&place.expose_provenance().to_ne_bytes());
    Ok(stored)
}
