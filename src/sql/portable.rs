//! Recorded queries name the files of the project without its place, so that it can be moved.

use std::path::Path;

const ROOT_MARK: &str = "'${root}/";

/// Replaces the project's path in a query with a mark, so that the project can be moved.
pub fn portable(sql: &str, root: &Path) -> String {
    sql.replace(&quoted_root(root), ROOT_MARK)
}

/// Replaces the mark in a recorded query with the project's path.
pub fn located(sql: &str, root: &Path) -> String {
    sql.replace(ROOT_MARK, &quoted_root(root))
}

fn quoted_root(root: &Path) -> String {
    let literal = super::quote::literal(&root.to_string_lossy());
    format!("{}/", literal.trim_end_matches('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_query_moves_with_the_project() {
        let sql = "SELECT * FROM read_csv(['/home/it''s/data/a.csv'])";
        let recorded = portable(sql, Path::new("/home/it's"));
        assert_eq!(recorded, "SELECT * FROM read_csv(['${root}/data/a.csv'])");
        assert_eq!(located(&recorded, Path::new("/srv")), "SELECT * FROM read_csv(['/srv/data/a.csv'])");
    }
}
