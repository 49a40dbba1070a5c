//! The part of DuckDB's second C interface that registers functions, as `duckdb_v2.h` of the linked version declares it.
//!
//! The crate offers these only behind a feature that would compile the engine again. Every handle is a pointer to an
//! object of the engine; the enumerations are `u32`, and 0 means success.
#![expect(unsafe_code, reason = "declarations of a C interface")]

use std::ffi::{c_char, c_void};

pub(super) type Handle = *mut c_void;
/// The place of an error.
pub(super) type Slot = *mut Handle;

/// A borrowed text.
#[repr(C)]
pub(super) struct Str {
    pub(super) text: *const c_char,
    pub(super) length: u64,
}

/// A pointer that dp passes to the engine. Without functions, the engine neither copies nor frees it.
#[repr(C)]
pub(super) struct Opaque {
    pub(super) pointer: *mut c_void,
    pub(super) destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    pub(super) equals: Option<unsafe extern "C" fn(*mut c_void, *mut c_void) -> bool>,
}

/// The values of a vector: row `i` is at `rows[i]`, or at `i` if `rows` is null; if `valid` is null, no row is NULL.
#[repr(C)]
pub(super) struct View {
    pub(super) data: *const c_void,
    pub(super) valid: *const u64,
    pub(super) rows: *const u32,
    pub(super) count: u64,
}

/// A text in a vector: up to twelve bytes, or the first four and a pointer to all bytes.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(super) struct Text {
    pub(super) length: u32,
    pub(super) bytes: [u8; 12],
}

/// A list in a vector.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// What the engine passes while it loads an extension.
#[repr(C)]
pub(super) struct Load {
    pub(super) get_api: *const c_void,
    pub(super) extension: Handle,
    pub(super) context: Handle,
    pub(super) error: Slot,
}

/// An extension's description of itself.
#[repr(C)]
pub(super) struct Descriptor {
    pub(super) version: u32,
    pub(super) set_error: *const c_void,
    pub(super) internal: *mut c_void,
    pub(super) name: *const c_char,
    pub(super) extension_version: *const c_char,
    pub(super) api_version: *const c_char,
    pub(super) entry_cpp: *const c_void,
    pub(super) entry_capi_v1: *const c_void,
    pub(super) entry_capi_v2: Option<unsafe extern "C" fn(*mut Load)>,
    pub(super) database_callback: *const c_void,
}

pub(super) type Execute = unsafe extern "C" fn(info: Handle, context: Handle, error: Slot);
pub(super) type Resolve = unsafe extern "C" fn(info: Handle, result: Handle, context: Handle, error: Slot);

pub(super) const POSITIONAL_ONLY: u32 = 0;
pub(super) const OTHER_VECTOR: u32 = 0;
pub(super) const SCALAR_MACRO: u32 = 0;
pub(super) const TRY_CAST: u32 = 1;
pub(super) const BIGINT: u32 = 14;
pub(super) const DOUBLE: u32 = 23;
/// A value could not be converted.
pub(super) const CONVERSION: u32 = 4001;

unsafe extern "C" {
    pub(super) fn duckdb_register_static_extension(
        describe: unsafe extern "C" fn(descriptor: *mut Descriptor) -> i32,
    ) -> i32;

    pub(super) fn duckdb_v2_error_info_set_code(info: Handle, code: u32) -> u32;
    pub(super) fn duckdb_v2_error_info_set_text(info: Handle, text: *const Str) -> u32;
    pub(super) fn duckdb_v2_error_info_get_text(info: Handle, text: *mut Str) -> u32;
    pub(super) fn duckdb_v2_error_info_destroy(info: *mut Handle) -> u32;

    pub(super) fn duckdb_v2_context_get_factory(context: Handle, factory: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_context_get_config(context: Handle, config: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_config_get_option_value(
        config: Handle,
        name: *const Str,
        value: *mut Handle,
        scope: *mut u32,
        error: Slot,
    ) -> u32;

    pub(super) fn duckdb_v2_value_create_varchar(
        factory: Handle,
        text: *const Str,
        value: *mut Handle,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_value_is_null(value: Handle, is_null: *mut bool, error: Slot) -> u32;
    pub(super) fn duckdb_v2_value_get_varchar(value: Handle, text: *mut Str, error: Slot) -> u32;
    pub(super) fn duckdb_v2_value_get_child_count(value: Handle, count: *mut u64, error: Slot) -> u32;
    pub(super) fn duckdb_v2_value_get_child(value: Handle, index: u64, child: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_value_destroy(value: *mut Handle) -> u32;

    pub(super) fn duckdb_v2_factory_create_type_from_id(
        factory: Handle,
        number: u32,
        names: *const Str,
        values: *const Handle,
        count: u64,
        data_type: *mut Handle,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_factory_create_type_from_text(
        factory: Handle,
        text: *const Str,
        data_type: *mut Handle,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_logical_type_get_id(data_type: Handle, id: *mut u32, error: Slot) -> u32;
    pub(super) fn duckdb_v2_logical_type_destroy(data_type: *mut Handle) -> u32;

    pub(super) fn duckdb_v2_function_signature_add_parameter(
        signature: Handle,
        name: *const Str,
        data_type: Handle,
        default: Handle,
        kind: u32,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_function_signature_set_return_type(
        signature: Handle,
        data_type: Handle,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_function_bind_get_user_data(info: Handle, data: *mut *mut c_void, error: Slot) -> u32;
    pub(super) fn duckdb_v2_function_bind_get_arg_value(
        info: Handle,
        index: u64,
        value: *mut Handle,
        error: Slot,
    ) -> u32;

    pub(super) fn duckdb_v2_scalar_function_create(factory: Handle, function: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_scalar_function_set_name(function: Handle, name: *const Str, error: Slot) -> u32;
    pub(super) fn duckdb_v2_scalar_function_get_signature(function: Handle, signature: *mut Handle, error: Slot)
    -> u32;
    pub(super) fn duckdb_v2_scalar_function_set_user_data(function: Handle, data: *mut Opaque, error: Slot) -> u32;
    pub(super) fn duckdb_v2_scalar_function_set_resolve_types_callback(
        function: Handle,
        callback: Option<Resolve>,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_scalar_function_set_exec_callback(
        function: Handle,
        callback: Option<Execute>,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_scalar_function_resolve_types_set_return_type(
        info: Handle,
        data_type: Handle,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_scalar_function_exec_get_user_data(
        info: Handle,
        data: *mut *mut c_void,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_scalar_function_exec_get_row_count(info: Handle, count: *mut u64, error: Slot) -> u32;
    pub(super) fn duckdb_v2_scalar_function_exec_get_arg(
        info: Handle,
        index: u64,
        vector: *mut Handle,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_scalar_function_exec_get_result(info: Handle, vector: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_extension_register_scalar_function(extension: Handle, function: Handle, error: Slot)
    -> u32;
    pub(super) fn duckdb_v2_scalar_function_destroy(function: *mut Handle) -> u32;

    pub(super) fn duckdb_v2_macro_function_create(
        factory: Handle,
        kind: u32,
        function: *mut Handle,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_macro_function_set_name(function: Handle, name: *const Str, error: Slot) -> u32;
    pub(super) fn duckdb_v2_macro_function_set_body(function: Handle, body: *const Str, error: Slot) -> u32;
    pub(super) fn duckdb_v2_extension_register_macro_function(extension: Handle, function: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_macro_function_destroy(function: *mut Handle) -> u32;

    pub(super) fn duckdb_v2_cast_function_create(factory: Handle, function: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_set_source_type(function: Handle, data_type: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_set_target_type(function: Handle, data_type: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_set_implicit_cast_cost(function: Handle, cost: i64, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_set_user_data(function: Handle, data: *mut Opaque, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_set_exec_callback(
        function: Handle,
        callback: Option<Execute>,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_cast_function_exec_get_user_data(info: Handle, data: *mut *mut c_void, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_exec_get_row_count(info: Handle, count: *mut u64, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_exec_get_input(info: Handle, vector: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_exec_get_output(info: Handle, vector: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_exec_get_mode(info: Handle, mode: *mut u32, error: Slot) -> u32;
    pub(super) fn duckdb_v2_extension_register_cast_function(extension: Handle, function: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_cast_function_destroy(function: *mut Handle) -> u32;

    pub(super) fn duckdb_v2_custom_option_create(factory: Handle, option: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_custom_option_set_name(option: Handle, name: *const Str, error: Slot) -> u32;
    pub(super) fn duckdb_v2_custom_option_set_default_value(option: Handle, value: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_custom_option_set_description(option: Handle, text: *const Str, error: Slot) -> u32;
    pub(super) fn duckdb_v2_custom_option_set_update_callback(
        option: Handle,
        callback: Option<Execute>,
        error: Slot,
    ) -> u32;
    pub(super) fn duckdb_v2_custom_option_update_get_value(info: Handle, value: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_custom_option_update_set_value(info: Handle, value: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_extension_register_custom_option(extension: Handle, option: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_custom_option_destroy(option: *mut Handle) -> u32;

    pub(super) fn duckdb_v2_vector_get_vector_type(vector: Handle, kind: *mut u32, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_get_logical_type(vector: Handle, data_type: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_flatten(vector: Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_get_view(vector: Handle, view: *mut View, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_set_size(vector: Handle, size: u64, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_get_data_mutable(vector: Handle, data: *mut *mut c_void, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_flat_get_validity_mutable(vector: Handle, valid: *mut *mut u64, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_get_child(vector: Handle, index: u64, child: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_vector_get_arena(vector: Handle, arena: *mut Handle, error: Slot) -> u32;
    pub(super) fn duckdb_v2_arena_allocate(arena: Handle, length: u64, bytes: *mut *mut u8, error: Slot) -> u32;
}
