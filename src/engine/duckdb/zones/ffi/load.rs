//! Registers functions, casts and settings while an engine opens.
#![expect(unsafe_code, reason = "the engine takes functions through its C interface only")]

use std::ptr::null_mut;

use super::super::zone::Zone;
use super::call::{Owned, SETTING, borrowed, call, data_type, guarded, setting, simple_type, text_of_value, value};
use super::capi::{self as c, Handle, Slot};
use super::run::{resolve_scalar, run_cast, run_scalar};
use super::{Cast, Kind, Scalar};

/// Everything that is registered in each engine.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) scalars: &'static [&'static [Scalar]],
    pub(crate) casts: &'static [Cast],
    /// Names of functions without arguments, and the expressions that they stand for.
    pub(crate) macros: &'static [(&'static str, &'static str)],
}

static CONTENTS: std::sync::OnceLock<Contents> = std::sync::OnceLock::new();

/// Registers time zones in every engine that this process opens from now on, unless that was already done.
///
/// # Errors
/// If the engine accepts no extensions.
pub(crate) fn install(contents: Contents) -> Result<(), String> {
    CONTENTS.get_or_init(|| contents);
    // SAFETY: the function that describes the extension exists as long as the process.
    let code = unsafe { c::duckdb_register_static_extension(describe) };
    if code == 0 { Ok(()) } else { Err("the engine takes no functions about time zones".to_owned()) }
}

unsafe extern "C" fn describe(descriptor: *mut c::Descriptor) -> i32 {
    // SAFETY: the engine passes a descriptor for dp to fill in, and copies the texts.
    unsafe {
        (*descriptor).name = c"dp_time_zones".as_ptr();
        (*descriptor).extension_version = c"1".as_ptr();
        (*descriptor).api_version = c"v2.0.0".as_ptr();
        (*descriptor).entry_capi_v2 = Some(load);
    }
    0
}

unsafe extern "C" fn load(input: *mut c::Load) {
    // SAFETY: the engine passes a live structure to this callback.
    let input = unsafe { &*input };
    guarded(input.error, || {
        let contents = CONTENTS.get().ok_or("nothing is installed")?;
        if setting(input.context).is_ok() {
            // The engine was built with time zones.
            return Ok(());
        }
        Registry::open(input)?.add(contents)
    });
}

/// An engine while it opens.
struct Registry {
    extension: Handle,
    factory: Handle,
    types: Vec<(Kind, Owned)>,
}

impl Registry {
    fn open(input: &c::Load) -> Result<Self, String> {
        // SAFETY: the context is alive during the callback, and the factory is borrowed from it.
        let factory = call(null_mut(), |factory: &mut Handle, error| unsafe {
            c::duckdb_v2_context_get_factory(input.context, factory, error)
        })?;
        let types = Kind::ALL.into_iter().map(|kind| {
            let data_type = match kind.number() {
                Ok(number) => simple_type(factory, number)?,
                Err(sql) => data_type(factory, sql)?,
            };
            Ok((kind, data_type))
        });
        Ok(Self {
            extension: input.extension,
            factory,
            types: types.collect::<Result<_, String>>()?,
        })
    }

    fn kind(&self, kind: Kind) -> Handle {
        self.types.iter().find(|(known, _)| *known == kind).map_or(null_mut(), |(_, handle)| handle.0)
    }

    fn add(&self, contents: &Contents) -> Result<(), String> {
        self.add_setting()?;
        contents.scalars.iter().copied().flatten().try_for_each(|scalar| self.add_scalar(scalar))?;
        contents.casts.iter().try_for_each(|cast| self.add_cast(cast))?;
        contents.macros.iter().try_for_each(|(name, body)| self.add_macro(name, body))
    }

    fn add_scalar(&self, scalar: &'static Scalar) -> Result<(), String> {
        // SAFETY: the engine just returned the handles; the data outlives the engine.
        unsafe {
            let function = call(null_mut(), |function: &mut Handle, error| {
                c::duckdb_v2_scalar_function_create(self.factory, function, error)
            })?;
            let function = Owned(function, c::duckdb_v2_scalar_function_destroy);
            let name = borrowed(scalar.name);
            call((), |(), error| c::duckdb_v2_scalar_function_set_name(function.0, &raw const name, error))?;
            let signature = call(null_mut(), |signature: &mut Handle, error| {
                c::duckdb_v2_scalar_function_get_signature(function.0, signature, error)
            })?;
            for (index, kind) in scalar.arguments.iter().enumerate() {
                let name = format!("a{index}");
                let name = borrowed(&name);
                call((), |(), error| {
                    c::duckdb_v2_function_signature_add_parameter(
                        signature,
                        &raw const name,
                        self.kind(*kind),
                        null_mut(),
                        c::POSITIONAL_ONLY,
                        error,
                    )
                })?;
            }
            call((), |(), error| {
                c::duckdb_v2_function_signature_set_return_type(signature, self.kind(scalar.result), error)
            })?;
            let mut data = pointer_to(scalar);
            call((), |(), error| c::duckdb_v2_scalar_function_set_user_data(function.0, &raw mut data, error))?;
            call((), |(), error| c::duckdb_v2_scalar_function_set_exec_callback(function.0, Some(run_scalar), error))?;
            if scalar.resolve.is_some() {
                call((), |(), error| {
                    c::duckdb_v2_scalar_function_set_resolve_types_callback(function.0, Some(resolve_scalar), error)
                })?;
            }
            call((), |(), error| c::duckdb_v2_extension_register_scalar_function(self.extension, function.0, error))
        }
        .map_err(|message| format!("{}: {message}", scalar.name))
    }

    fn add_cast(&self, cast: &'static Cast) -> Result<(), String> {
        // SAFETY: as above.
        unsafe {
            let function = call(null_mut(), |function: &mut Handle, error| {
                c::duckdb_v2_cast_function_create(self.factory, function, error)
            })?;
            let function = Owned(function, c::duckdb_v2_cast_function_destroy);
            call((), |(), error| c::duckdb_v2_cast_function_set_source_type(function.0, self.kind(cast.from), error))?;
            call((), |(), error| c::duckdb_v2_cast_function_set_target_type(function.0, self.kind(cast.to), error))?;
            call((), |(), error| c::duckdb_v2_cast_function_set_implicit_cast_cost(function.0, cast.cost, error))?;
            let mut data = pointer_to(cast);
            call((), |(), error| c::duckdb_v2_cast_function_set_user_data(function.0, &raw mut data, error))?;
            call((), |(), error| c::duckdb_v2_cast_function_set_exec_callback(function.0, Some(run_cast), error))?;
            call((), |(), error| c::duckdb_v2_extension_register_cast_function(self.extension, function.0, error))
        }
    }

    fn add_macro(&self, name: &str, body: &str) -> Result<(), String> {
        // SAFETY: as above.
        unsafe {
            let function = call(null_mut(), |function: &mut Handle, error| {
                c::duckdb_v2_macro_function_create(self.factory, c::SCALAR_MACRO, function, error)
            })?;
            let function = Owned(function, c::duckdb_v2_macro_function_destroy);
            let (name, body) = (borrowed(name), borrowed(body));
            call((), |(), error| c::duckdb_v2_macro_function_set_name(function.0, &raw const name, error))?;
            call((), |(), error| c::duckdb_v2_macro_function_set_body(function.0, &raw const body, error))?;
            call((), |(), error| c::duckdb_v2_extension_register_macro_function(self.extension, function.0, error))
        }
    }

    fn add_setting(&self) -> Result<(), String> {
        let utc = value(self.factory, "UTC")?;
        // SAFETY: as above.
        unsafe {
            let option = call(null_mut(), |option: &mut Handle, error| {
                c::duckdb_v2_custom_option_create(self.factory, option, error)
            })?;
            let option = Owned(option, c::duckdb_v2_custom_option_destroy);
            let (name, text) = (borrowed(SETTING), borrowed("The current time zone"));
            call((), |(), error| c::duckdb_v2_custom_option_set_name(option.0, &raw const name, error))?;
            call((), |(), error| c::duckdb_v2_custom_option_set_default_value(option.0, utc.0, error))?;
            call((), |(), error| c::duckdb_v2_custom_option_set_description(option.0, &raw const text, error))?;
            call((), |(), error| {
                c::duckdb_v2_custom_option_set_update_callback(option.0, Some(change_setting), error)
            })?;
            call((), |(), error| c::duckdb_v2_extension_register_custom_option(self.extension, option.0, error))
        }
    }
}

fn pointer_to<T>(data: &'static T) -> c::Opaque {
    c::Opaque {
        pointer: std::ptr::from_ref(data).cast_mut().cast(),
        destroy: None,
        equals: None,
    }
}

/// Checks the name of a time zone that a session sets, and stores it in the spelling of the database.
unsafe extern "C" fn change_setting(info: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine passes live handles to this callback; dp owns the value.
        let given = unsafe {
            let given = call(null_mut(), |value: &mut Handle, error| {
                c::duckdb_v2_custom_option_update_get_value(info, value, error)
            })?;
            Owned(given, c::duckdb_v2_value_destroy)
        };
        let name = text_of_value(&given)?.unwrap_or_default();
        let zone = Zone::named(&name).map_err(|unknown| unknown.to_string())?;
        if zone.name == name {
            return Ok(());
        }
        // SAFETY: as above.
        unsafe {
            let factory = call(null_mut(), |factory: &mut Handle, error| {
                c::duckdb_v2_context_get_factory(context, factory, error)
            })?;
            let known = value(factory, &zone.name)?;
            call((), |(), error| c::duckdb_v2_custom_option_update_set_value(info, known.0, error))
        }
    });
}
