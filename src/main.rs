//! Reads the arguments and the environment once, and passes them to the library.

use dp::cli::{self, Environment, Exit};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Deeply nested queries are walked recursively; untouched pages cost nothing.
const STACK: usize = 256 << 20;

fn main() {
    let mut environment = Environment {
        folder: std::env::current_dir().unwrap_or_default(),
        variables: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    // If HOME is not set, as under some schedulers, use the user's home folder: otherwise programs would behave
    // differently.
    if let Some(home) = std::env::home_dir().and_then(|home| home.into_os_string().into_string().ok()) {
        environment.variables.entry("HOME".to_owned()).or_insert(home);
    }
    let arguments = std::env::args_os().collect();
    let work = move || cli::run(arguments, &environment);
    let exit = std::thread::Builder::new().stack_size(STACK).spawn(work).map(std::thread::JoinHandle::join);
    let code = match exit {
        Ok(Ok(exit)) => exit.code(),
        Ok(Err(_)) | Err(_) => Exit::Bug.code(),
    };
    // All output is written. An engine that is still opening in the background would crash during the normal exit of
    // its library.
    signal_hook::low_level::exit(code.into());
}
