//! The callbacks that bind a function of a query, or run it on rows.
#![expect(unsafe_code, reason = "the engine takes functions through its C interface only")]

use std::ptr::null_mut;

use super::call::{Owned, call, data_type, guarded, text_of_value};
use super::capi::{self as c, Handle, Slot};
use super::output::Output;
use super::rows::Rows;
use super::{Cast, Constant, Kind, Scalar};

pub(super) unsafe extern "C" fn resolve_scalar(info: Handle, result: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine passes live handles to this callback, and the registered data, which is static.
        unsafe {
            let data = call(null_mut(), |data, error| c::duckdb_v2_function_bind_get_user_data(info, data, error))?;
            let scalar = &*data.cast::<Scalar>();
            let resolve = scalar.resolve.ok_or("the type of the result is fixed")?;
            // The engine reports an argument that is not constant as an error here.
            let value = call(null_mut(), |value: &mut Handle, error| {
                c::duckdb_v2_function_bind_get_arg_value(info, 0, value, error)
            });
            let constant = match value {
                Ok(value) => constant(&Owned(value, c::duckdb_v2_value_destroy), scalar.arguments.first().copied())?,
                Err(_) => Constant::Unknown,
            };
            let sql = resolve(constant)?;
            let factory = call(null_mut(), |factory: &mut Handle, error| {
                c::duckdb_v2_context_get_factory(context, factory, error)
            })?;
            let data_type = data_type(factory, &sql)?;
            call((), |(), error| c::duckdb_v2_scalar_function_resolve_types_set_return_type(result, data_type.0, error))
        }
    });
}

fn constant(value: &Owned, kind: Option<Kind>) -> Result<Constant, String> {
    if kind != Some(Kind::VarcharList) {
        return Ok(text_of_value(value)?.map_or(Constant::Unknown, Constant::Text));
    }
    // SAFETY: dp owns the value and its children.
    unsafe {
        if call(false, |is_null, error| c::duckdb_v2_value_is_null(value.0, is_null, error))? {
            return Ok(Constant::Unknown);
        }
        let count = call(0, |count, error| c::duckdb_v2_value_get_child_count(value.0, count, error))?;
        let texts = (0..count).map(|index| {
            let child = call(null_mut(), |child: &mut Handle, error| {
                c::duckdb_v2_value_get_child(value.0, index, child, error)
            })?;
            text_of_value(&Owned(child, c::duckdb_v2_value_destroy))
        });
        Ok(Constant::Texts(texts.collect::<Result<_, String>>()?))
    }
}

pub(super) unsafe extern "C" fn run_scalar(info: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine passes live handles to this callback, and the registered data, which is static.
        let (scalar, count, vectors, result) = unsafe {
            let data =
                call(null_mut(), |data, error| c::duckdb_v2_scalar_function_exec_get_user_data(info, data, error))?;
            let scalar = &*data.cast::<Scalar>();
            let count = call(0, |count, error| c::duckdb_v2_scalar_function_exec_get_row_count(info, count, error))?;
            let vectors = (0..scalar.arguments.len() as u64).map(|index| {
                call(null_mut(), |vector: &mut Handle, error| {
                    c::duckdb_v2_scalar_function_exec_get_arg(info, index, vector, error)
                })
            });
            let vectors = vectors.collect::<Result<Vec<_>, _>>()?;
            let result = call(null_mut(), |vector: &mut Handle, error| {
                c::duckdb_v2_scalar_function_exec_get_result(info, vector, error)
            })?;
            (scalar, count, vectors, result)
        };
        let rows = Rows::of(context, count, scalar.arguments, vectors)?;
        let mut output = Output::of(result, scalar.result, rows.count, false)?;
        (scalar.run)(&rows, &mut output)
    });
}

pub(super) unsafe extern "C" fn run_cast(info: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine passes live handles to this callback, and the registered data, which is static.
        let (cast, count, input, result, mode) = unsafe {
            let data =
                call(null_mut(), |data, error| c::duckdb_v2_cast_function_exec_get_user_data(info, data, error))?;
            let cast = &*data.cast::<Cast>();
            let count = call(0, |count, error| c::duckdb_v2_cast_function_exec_get_row_count(info, count, error))?;
            let input = call(null_mut(), |vector: &mut Handle, error| {
                c::duckdb_v2_cast_function_exec_get_input(info, vector, error)
            })?;
            let result = call(null_mut(), |vector: &mut Handle, error| {
                c::duckdb_v2_cast_function_exec_get_output(info, vector, error)
            })?;
            let mode = call(0, |mode, error| c::duckdb_v2_cast_function_exec_get_mode(info, mode, error))?;
            (cast, count, input, result, mode)
        };
        let kinds = [cast.from];
        let rows = Rows::of(context, count, &kinds, vec![input])?;
        let mut output = Output::of(result, cast.to, rows.count, mode == c::TRY_CAST)?;
        (cast.run)(&rows, &mut output)?;
        output.failure.map_or(Ok(()), Err)
    });
}
