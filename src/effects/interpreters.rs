//! Which files beside a program are its own libraries.
//!
//! Files in `X/lib` or `X/share` beside `X/bin/tool` may belong to other programs: in `~/.local` they belong to all
//! tools. So only the known libraries of an interpreter are noise, and shared libraries beside any program.

use std::path::{Path, PathBuf};

/// Interpreters by the start of their names, with the patterns of their libraries below the folder that contains
/// `bin`.
const INTERPRETERS: [(&[&str], &[&str]); 12] = [
    (
        &["python", "pypy"],
        &[
            "{lib,lib64}/{python,pypy}*/**",
            "{lib,lib64}/{python,pypy}*",
            // Files that it searches for to find its own location.
            "bin/{python*._pth,pybuilddir.txt,pyvenv.cfg,Modules/Setup.local}",
        ],
    ),
    (&["node", "nodejs", "npm", "npx"], &["lib/node_modules", "lib/node_modules/**"]),
    (&["ruby"], &["{lib,lib64}/ruby/**"]),
    (&["perl"], &["{lib,lib64}/{perl*,site_perl,vendor_perl,5.*}/**", "share/perl*/**"]),
    (&["R", "Rscript"], &["{lib,lib64}/R/**"]),
    (&["julia"], &["{lib,share,etc}/julia/**"]),
    (&["php"], &["{lib,share}/php*/**"]),
    (&["lua", "luajit"], &["{lib,share}/lua/**", "share/luajit*/**"]),
    (
        &["java"],
        &["lib/{modules,jvm.cfg,tzdb.dat,ct.sym,classlist,jspawnhelper}", "lib/{server,security,jfr}/**", "conf/**"],
    ),
    (&["erl", "elixir"], &["lib/{erlang,elixir}/**"]),
    (&["octave"], &["{lib,share,libexec}/octave/**"]),
    (&["tclsh", "wish"], &["lib/{tcl,tk}*/**"]),
];

/// Files of every program: shared libraries, and the folders in which the loader searches for them.
const OF_EACH: [&str; 5] = [
    "{lib,lib32,lib64}/**/*.so",
    "{lib,lib32,lib64}/**/*.so.*",
    "{lib,lib32,lib64}/{glibc-hwcaps,tls,haswell,avx512_1,x86_64,i686,sse2}",
    "{lib,lib32,lib64}/{glibc-hwcaps,tls,haswell,avx512_1,x86_64,i686,sse2}/**",
    "pyvenv.cfg",
];

/// Files around a shim: the scripts with which it chooses the version to start.
const AROUND_SHIMS: [&str; 2] =
    ["{shims,libexec,plugins,completions,*.d,version}", "{shims,libexec,plugins,completions,*.d}/**"];

/// Returns the patterns of a program's own files, below the folder that contains its `bin`.
pub(super) fn patterns(program: &Path) -> Vec<&'static str> {
    if is_shim(program) {
        return AROUND_SHIMS.to_vec();
    }
    let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // `python3.11`, `perl5.36.0`, `lua5.4`, `ruby-3`
    let stem = name.trim_end_matches(|char: char| char.is_ascii_digit() || matches!(char, '.' | '-' | 't'));
    let is_of = |names: &[&str]| names.iter().any(|known| *known == name || *known == stem);
    let own = INTERPRETERS.iter().find(|(names, _)| is_of(names)).map_or(&[][..], |(_, patterns)| patterns);
    own.iter().chain(&OF_EACH).copied().collect()
}

fn is_shim(program: &Path) -> bool {
    program.parent().is_some_and(|folder| folder.ends_with("shims"))
}

/// Returns the folder of a program's own files: the one that contains its `bin`, unless that folder contains much more
/// than the program.
pub fn program_folder(program: &Path, root: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let folder = program.parent()?;
    let is_bin = ["bin", "sbin", "shims", "libexec"].iter().any(|name| folder.ends_with(name));
    let prefix = folder.parent().filter(|_| is_bin)?;
    let too_much =
        prefix == Path::new("/") || root.starts_with(prefix) || home.is_some_and(|home| home.starts_with(prefix));
    (!too_much && !prefix.starts_with(root)).then(|| prefix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_known_with_and_without_their_version() {
        for name in ["python", "python3", "python3.13t", "pypy3", "perl5.36.0", "lua5.4", "node", "Rscript", "java"] {
            assert!(patterns(&Path::new("/opt/x/bin").join(name)).len() > OF_EACH.len(), "{name}");
        }
        for name in ["tool", "pythonesque", "rubyist", "t"] {
            assert_eq!(patterns(&Path::new("/opt/x/bin").join(name)), OF_EACH, "{name}");
        }
        assert_eq!(patterns(Path::new("/home/me/.pyenv/shims/python3")), AROUND_SHIMS);
    }
}
