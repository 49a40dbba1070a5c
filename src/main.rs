//! Reads the arguments and the environment once, and hands them to the library.

use dp::cli::{self, Environment, Exit};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Deeply nested queries are walked recursively; pages that are not touched cost nothing.
const STACK: usize = 256 << 20;

fn main() {
    let environment = Environment {
        folder: std::env::current_dir().unwrap_or_default(),
        variables: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    let arguments = std::env::args_os().collect();
    let work = move || cli::run(arguments, &environment);
    let exit = std::thread::Builder::new().stack_size(STACK).spawn(work).map(std::thread::JoinHandle::join);
    let code = match exit {
        Ok(Ok(exit)) => exit.code(),
        Ok(Err(_)) | Err(_) => Exit::Bug.code(),
    };
    // All is written by now. An engine that was opened ahead may still be at it, which an orderly exit of its library does
    // not survive.
    signal_hook::low_level::exit(code.into());
}
