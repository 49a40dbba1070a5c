//! The only unsafe code about time zones: what [`super::functions`] and [`super::casts`] list is given to the engine, and
//! rows are given to them as Rust values.
#![expect(unsafe_code, reason = "the engine takes functions through its C interface only")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use super::arithmetic::Interval;
use super::capi::{self as c, Handle, Slot};
use super::zone::{Clock, Zone};

/// A type of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Varchar,
    VarcharList,
    Bigint,
    Double,
    Date,
    Timestamp,
    TimestampS,
    TimestampMs,
    TimestampNs,
    TimestampTz,
    TimestampTzList,
    TimeTz,
    Interval,
}

impl Kind {
    const ALL: [Self; 14] = [
        Self::Any,
        Self::Varchar,
        Self::VarcharList,
        Self::Bigint,
        Self::Double,
        Self::Date,
        Self::Timestamp,
        Self::TimestampS,
        Self::TimestampMs,
        Self::TimestampNs,
        Self::TimestampTz,
        Self::TimestampTzList,
        Self::TimeTz,
        Self::Interval,
    ];

    /// The number of the type in the interface, or what is in a list.
    fn number(self) -> Result<u32, &'static str> {
        Ok(match self {
            Self::Any => 3,
            Self::Bigint => c::BIGINT,
            Self::Date => 15,
            Self::TimestampS => 17,
            Self::TimestampMs => 18,
            Self::Timestamp => 19,
            Self::TimestampNs => 20,
            Self::Double => c::DOUBLE,
            Self::Varchar => 25,
            Self::Interval => 27,
            Self::TimestampTz => 32,
            Self::TimeTz => 34,
            Self::VarcharList => return Err("VARCHAR[]"),
            Self::TimestampTzList => return Err("TIMESTAMPTZ[]"),
        })
    }
}

/// A Rust type whose bytes are the engine's.
trait Plain: Copy {
    fn is(kind: Kind) -> bool;
}

impl Plain for i64 {
    fn is(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::Bigint
                | Kind::Timestamp
                | Kind::TimestampS
                | Kind::TimestampMs
                | Kind::TimestampNs
                | Kind::TimestampTz
                | Kind::TimeTz
        )
    }
}

impl Plain for i32 {
    fn is(kind: Kind) -> bool {
        kind == Kind::Date
    }
}

impl Plain for f64 {
    fn is(kind: Kind) -> bool {
        kind == Kind::Double
    }
}

impl Plain for Interval {
    fn is(kind: Kind) -> bool {
        kind == Kind::Interval
    }
}

impl Plain for c::Text {
    fn is(kind: Kind) -> bool {
        kind == Kind::Varchar
    }
}

impl Plain for c::List {
    fn is(kind: Kind) -> bool {
        kind == Kind::VarcharList
    }
}

/// What a function does with the rows that it is given.
pub(super) type Run = fn(&Rows<'_>, &mut Output<'_>) -> Result<(), String>;

/// An overload of a function.
#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [Kind],
    pub(super) result: Kind,
    /// The type of the result, in SQL, from the value of the first argument, where `result` is [`Kind::Any`].
    pub(super) resolve: Option<fn(Constant) -> Result<String, String>>,
    pub(super) run: Run,
}

/// A cast.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) from: Kind,
    pub(super) to: Kind,
    /// What it costs as an implicit cast; less than 0 if it has to be written.
    pub(super) cost: i64,
    pub(super) run: Run,
}

/// A constant argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    /// It has another value in each row, or is NULL.
    Unknown,
    Text(String),
    Texts(Vec<Option<String>>),
}

/// Calls a function of the C interface and gives back what it wrote.
///
/// # Errors
/// The engine's sentence.
fn call<T>(initial: T, function: impl FnOnce(&mut T, Slot) -> u32) -> Result<T, String> {
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
    // SAFETY: `error` is null or an error that is ours; its text is copied before it is destroyed.
    let message = unsafe {
        let known = c::duckdb_v2_error_info_get_text(error, &raw mut text) == 0;
        let message = if known { text_of(&text) } else { format!("the engine's interface failed with code {code}") };
        c::duckdb_v2_error_info_destroy(&raw mut error);
        message
    };
    Err(message)
}

/// # Safety
/// The text is alive.
unsafe fn text_of(text: &c::Str) -> String {
    if text.text.is_null() {
        return String::new();
    }
    let length = usize::try_from(text.length).unwrap_or_default();
    // SAFETY: the caller vouches for so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(text.text.cast::<u8>(), length) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// A borrowed text for the engine.
fn borrowed(text: &str) -> c::Str {
    c::Str {
        text: text.as_ptr().cast(),
        length: text.len() as u64,
    }
}

/// A handle that is destroyed with this.
struct Owned(Handle, unsafe extern "C" fn(*mut Handle) -> u32);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle came with this function to destroy it, and is not used any more.
        unsafe {
            (self.1)(&raw mut self.0);
        }
    }
}

/// Something that is called by the engine: a panic and an error become an error of the engine.
fn guarded(error: Slot, body: impl FnOnce() -> Result<(), String>) {
    let result = catch_unwind(AssertUnwindSafe(body));
    let message = match result {
        Ok(Ok(())) => return,
        Ok(Err(message)) => message,
        Err(_) => "dp failed in a function about time zones; please report it with the query".to_owned(),
    };
    let text = borrowed(&message);
    // SAFETY: the engine gives a live slot to each callback, and copies the text.
    unsafe {
        c::duckdb_v2_error_info_set_code(*error, c::CONVERSION);
        c::duckdb_v2_error_info_set_text(*error, &raw const text);
    }
}

/// Everything that is given to each engine which is opened.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) scalars: &'static [&'static [Scalar]],
    pub(super) casts: &'static [Cast],
    /// Names of functions without arguments, and the expressions that they stand for.
    pub(super) macros: &'static [(&'static str, &'static str)],
}

static CONTENTS: std::sync::OnceLock<Contents> = std::sync::OnceLock::new();

/// Makes every engine that this process opens from now on know time zones, unless it does already.
///
/// # Errors
/// If the engine takes no extensions.
pub(super) fn install(contents: Contents) -> Result<(), String> {
    CONTENTS.get_or_init(|| contents);
    // SAFETY: the function that describes the extension is there as long as the process.
    let code = unsafe { c::duckdb_register_static_extension(describe) };
    if code == 0 { Ok(()) } else { Err("the engine takes no functions about time zones".to_owned()) }
}

unsafe extern "C" fn describe(descriptor: *mut c::Descriptor) -> i32 {
    // SAFETY: the engine gives a descriptor that is ours to fill in, and copies the texts.
    unsafe {
        (*descriptor).name = c"dp_time_zones".as_ptr();
        (*descriptor).extension_version = c"1".as_ptr();
        (*descriptor).api_version = c"v2.0.0".as_ptr();
        (*descriptor).entry_capi_v2 = Some(load);
    }
    0
}

unsafe extern "C" fn load(input: *mut c::Load) {
    // SAFETY: the engine gives a live structure to this callback.
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

/// An engine while it is opened.
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
        // SAFETY: handles are those that the engine just gave; the data outlives the engine.
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

/// The setting that holds the session's time zone.
const SETTING: &str = "TimeZone";

fn pointer_to<T>(data: &'static T) -> c::Opaque {
    c::Opaque {
        pointer: std::ptr::from_ref(data).cast_mut().cast(),
        destroy: None,
        equals: None,
    }
}

fn simple_type(factory: Handle, number: u32) -> Result<Owned, String> {
    // SAFETY: the factory is alive; there are no parameters.
    let handle = call(null_mut(), |handle: &mut Handle, error| unsafe {
        c::duckdb_v2_factory_create_type_from_id(factory, number, std::ptr::null(), std::ptr::null(), 0, handle, error)
    })?;
    Ok(Owned(handle, c::duckdb_v2_logical_type_destroy))
}

/// A type of the engine in SQL.
fn data_type(factory: Handle, sql: &str) -> Result<Owned, String> {
    let text = borrowed(sql);
    // SAFETY: the factory is alive, and so is the text.
    let handle = call(null_mut(), |handle: &mut Handle, error| unsafe {
        c::duckdb_v2_factory_create_type_from_text(factory, &raw const text, handle, error)
    })?;
    Ok(Owned(handle, c::duckdb_v2_logical_type_destroy))
}

fn value(factory: Handle, text: &str) -> Result<Owned, String> {
    let text = borrowed(text);
    // SAFETY: the factory is alive, and so is the text.
    let handle = call(null_mut(), |handle: &mut Handle, error| unsafe {
        c::duckdb_v2_value_create_varchar(factory, &raw const text, handle, error)
    })?;
    Ok(Owned(handle, c::duckdb_v2_value_destroy))
}

/// The text of a value; `None` if it is NULL.
fn text_of_value(value: &Owned) -> Result<Option<String>, String> {
    // SAFETY: the value is ours, and its text is copied before it goes.
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

/// The name of the session's time zone.
fn setting(context: Handle) -> Result<String, String> {
    if context.is_null() {
        return Err("there is no session whose time zone could be used".to_owned());
    }
    let name = borrowed(SETTING);
    // SAFETY: the context is alive during the callback; the configuration is borrowed from it, the value is ours.
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

/// Checks a name that is set, and stores it as the database of time zones spells it.
unsafe extern "C" fn change_setting(info: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine gives live handles to this callback; the value is ours.
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

unsafe extern "C" fn resolve_scalar(info: Handle, result: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine gives live handles to this callback, and the data that was registered, which is static.
        unsafe {
            let data = call(null_mut(), |data, error| c::duckdb_v2_function_bind_get_user_data(info, data, error))?;
            let scalar = &*data.cast::<Scalar>();
            let resolve = scalar.resolve.ok_or("the type of the result is fixed")?;
            // An argument that is no constant is an error of the engine here.
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
    // SAFETY: the value is ours, and so are its children.
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

unsafe extern "C" fn run_scalar(info: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine gives live handles to this callback, and the data that was registered, which is static.
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

unsafe extern "C" fn run_cast(info: Handle, context: Handle, error: Slot) {
    guarded(error, || {
        // SAFETY: the engine gives live handles to this callback, and the data that was registered, which is static.
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

/// The rows of a call.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    context: Handle,
    count: usize,
    kinds: &'a [Kind],
    vectors: Vec<Handle>,
}

impl<'a> Rows<'a> {
    fn of(context: Handle, count: u64, kinds: &'a [Kind], vectors: Vec<Handle>) -> Result<Self, String> {
        Ok(Self {
            context,
            count: usize::try_from(count).map_err(|_| "too many rows".to_owned())?,
            kinds,
            vectors,
        })
    }

    /// The clock of the session's time zone.
    pub(super) fn clock(&self) -> Result<Clock, String> {
        let name = setting(self.context)?;
        Zone::named(&name).map(Clock::of).map_err(|unknown| unknown.to_string())
    }

    fn column<T: Plain>(&self, index: usize) -> Result<Column<'_, T>, String> {
        let kind = self.kinds.get(index).copied().filter(|kind| T::is(*kind));
        let vector = *kind.and(self.vectors.get(index)).ok_or("an argument has another type")?;
        column_of(vector)
    }

    /// An argument of whole numbers: BIGINT and all times.
    pub(super) fn longs(&self, index: usize) -> Result<Column<'_, i64>, String> {
        self.column(index)
    }

    /// An argument of days.
    pub(super) fn days(&self, index: usize) -> Result<Column<'_, i32>, String> {
        self.column(index)
    }

    /// An argument of type DOUBLE.
    pub(super) fn doubles(&self, index: usize) -> Result<Column<'_, f64>, String> {
        self.column(index)
    }

    /// An argument of intervals.
    pub(super) fn intervals(&self, index: usize) -> Result<Column<'_, Interval>, String> {
        self.column(index)
    }

    /// An argument of texts.
    pub(super) fn texts(&self, index: usize) -> Result<Texts<'_>, String> {
        Ok(Texts(self.column(index)?))
    }

    /// How many arguments there are.
    pub(super) fn width(&self) -> usize {
        self.vectors.len()
    }

    /// The list of texts in the first row; `None` if it is NULL or there are no rows.
    pub(super) fn list(&self, index: usize) -> Result<Option<Vec<Option<String>>>, String> {
        let lists: Column<'_, c::List> = self.column(index)?;
        if self.count == 0 {
            return Ok(None);
        }
        let Some(list) = lists.get(0) else {
            return Ok(None);
        };
        let vector = self.vectors[index];
        // SAFETY: the vector is alive during the call that these rows are of; its child is borrowed from it.
        let child = unsafe {
            call(null_mut(), |child: &mut Handle, error| c::duckdb_v2_vector_get_child(vector, 0, child, error))?
        };
        let texts = Texts(column_of(child)?);
        let places = list.offset..list.offset + list.length;
        let places = places.map(|place| usize::try_from(place).map_err(|_| "too many rows".to_owned()));
        places.map(|place| Ok(texts.get(place?).map(ToOwned::to_owned))).collect::<Result<_, String>>().map(Some)
    }
}

/// The values of a vector whose type is known to be this one.
fn column_of<'a, T>(vector: Handle) -> Result<Column<'a, T>, String> {
    let empty = c::View {
        data: std::ptr::null(),
        valid: std::ptr::null(),
        rows: std::ptr::null(),
        count: 0,
    };
    // SAFETY: the vector is alive during the call of the engine that it came with.
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
pub(super) struct Column<'a, T> {
    view: c::View,
    rows: PhantomData<&'a [T]>,
}

#[expect(private_bounds, reason = "only the types of this file have values")]
impl<T: Plain> Column<'_, T> {
    /// The place of a row, unless it is NULL.
    fn place(&self, row: usize) -> Option<usize> {
        debug_assert!(row < usize::try_from(self.view.count).unwrap_or_default().max(1));
        // SAFETY: the engine gives a place for each row, and a bit for each place.
        unsafe {
            let place = if self.view.rows.is_null() { row } else { *self.view.rows.add(row) as usize };
            let is_valid = self.view.valid.is_null() || *self.view.valid.add(place / 64) >> (place % 64) & 1 == 1;
            is_valid.then_some(place)
        }
    }

    /// The value of a row, unless it is NULL.
    pub(super) fn get(&self, row: usize) -> Option<T> {
        let place = self.place(row)?;
        // SAFETY: the type was compared when the column was made, and the engine aligns values of a type.
        Some(unsafe { *self.view.data.cast::<T>().add(place) })
    }
}

/// The texts of an argument.
pub(super) struct Texts<'a>(Column<'a, c::Text>);

impl Texts<'_> {
    /// The text of a row, unless it is NULL.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        let place = self.0.place(row)?;
        // SAFETY: texts of up to twelve bytes stand behind their length, longer ones where the pointer leads; both are
        // alive as long as the vector, and the engine has looked that they are UTF-8.
        unsafe {
            let text = &*self.0.view.data.cast::<c::Text>().add(place);
            let length = text.length as usize;
            let bytes = if length <= INLINE { text.bytes.as_ptr() } else { pointer_of(&text.bytes) };
            std::str::from_utf8(std::slice::from_raw_parts(bytes, length)).ok()
        }
    }
}

/// The pointer to a long text, behind its first four bytes.
fn pointer_of(bytes: &[u8; INLINE]) -> *const u8 {
    let mut address = [0; size_of::<usize>()];
    address.copy_from_slice(&bytes[PREFIX..PREFIX + size_of::<usize>()]);
    std::ptr::with_exposed_provenance(usize::from_ne_bytes(address))
}

/// How many bytes of a long text stand in the vector.
const PREFIX: usize = 4;
/// The longest text that stands in a vector itself, in bytes.
const INLINE: usize = 12;

/// Where the results of a call go.
#[derive(Debug)]
pub(super) struct Output<'a> {
    vector: Handle,
    kind: Kind,
    count: usize,
    /// Whether a row that fails becomes NULL.
    lenient: bool,
    failure: Option<String>,
    vectors: PhantomData<&'a mut ()>,
}

impl Output<'_> {
    fn of(vector: Handle, kind: Kind, count: usize, lenient: bool) -> Result<Self, String> {
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

    /// A result, or NULL for one that failed where that is what is wanted.
    fn take<T>(&mut self, result: Result<Option<T>, String>) -> Result<Option<T>, String> {
        match result {
            Err(message) if self.lenient => {
                self.failure.get_or_insert(message);
                Ok(None)
            }
            result => result,
        }
    }

    /// The type of the result.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Writes whole numbers: BIGINT and all times.
    pub(super) fn longs(&mut self, each: impl FnMut(usize) -> Result<Option<i64>, String>) -> Result<(), String> {
        self.write(each)
    }

    /// Writes days.
    pub(super) fn days(&mut self, each: impl FnMut(usize) -> Result<Option<i32>, String>) -> Result<(), String> {
        self.write(each)
    }

    /// Writes DOUBLE.
    pub(super) fn doubles(&mut self, each: impl FnMut(usize) -> Result<Option<f64>, String>) -> Result<(), String> {
        self.write(each)
    }

    /// Writes intervals.
    pub(super) fn intervals(
        &mut self,
        each: impl FnMut(usize) -> Result<Option<Interval>, String>,
    ) -> Result<(), String> {
        self.write(each)
    }

    /// Writes texts: each is appended to an empty one, or is NULL.
    pub(super) fn texts(
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

    /// Writes lists of times: each is appended to an empty one, or is NULL.
    pub(super) fn lists(
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

    /// Writes a structure, field by field, and which rows are NULL.
    ///
    /// The fields are those of the type that was resolved.
    pub(super) fn structure(&mut self, is_valid: impl Fn(usize) -> bool, fields: Vec<Field<'_>>) -> Result<(), String> {
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

/// What gives the value of a field for each row.
pub(super) enum Field<'a> {
    /// Of type BIGINT.
    Longs(Box<dyn Fn(usize) -> Option<i64> + 'a>),
    /// Of type DOUBLE.
    Doubles(Box<dyn Fn(usize) -> Option<f64> + 'a>),
}

/// The type of a result that depends on an argument; [`Kind::Any`] if it is a structure.
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

/// A column that is written.
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

/// A text as it stands in a vector; a long one is copied into the vector's memory.
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
    // SAFETY: the arena gives so many bytes, which live as long as the vector.
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
