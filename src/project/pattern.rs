use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Compiles a pattern of paths: `*` within a name, `**` across folders.
///
/// # Errors
/// The mistake, as text; also if the pattern is too large to compile.
pub fn path_pattern(pattern: &str) -> Result<GlobSet, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build().map_err(|error| error.kind().to_string())?;
    GlobSetBuilder::new().add(glob).build().map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_refused_and_never_panic() {
        assert!(path_pattern("data/*.csv").unwrap().is_match("data/a.csv"));
        assert!(!path_pattern("data/*.csv").unwrap().is_match("data/b/a.csv"));
        assert!(path_pattern("[").is_err());
        assert!(path_pattern(&"*?".repeat(1 << 20)).is_err());
    }
}
