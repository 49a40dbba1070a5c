//! The order of docs/design/durability.md, as an apply really goes through it.

use crate::stories;

/// What an apply does: changes of files by their path in the project, and points, in order.
struct Trace(Vec<String>);

impl Trace {
    fn of(story: &stories::Story) -> Self {
        let sandbox = story.begin();
        let output = sandbox.command(story.arguments()).env("__DP_TEST_FAULT", "trace").output().expect("dp runs");
        assert!(output.status.success());
        let root = format!("{}/", sandbox.root().canonicalize().expect("the project").display());
        let text = String::from_utf8(output.stderr).expect("dp writes UTF-8").replace(&root, "");
        let lines = text.lines().filter(|line| line.starts_with("fault: ") || line.starts_with("change: "));
        Self(lines.filter(|line| !line.ends_with("-file")).map(ToOwned::to_owned).collect())
    }

    /// Where a line is that has all these parts.
    fn places(&self, parts: &[&str]) -> Vec<usize> {
        let has_all = |line: &String| parts.iter().all(|part| line.contains(part));
        (0..self.0.len()).filter(|place| has_all(&self.0[*place])).collect()
    }

    fn only(&self, parts: &[&str]) -> usize {
        let places = self.places(parts);
        assert_eq!(places.len(), 1, "{parts:?} in:\n{}", self.0.join("\n"));
        places[0]
    }

    fn exactly(&self, line: &str) -> usize {
        let place = self.0.iter().position(|found| found == line);
        place.unwrap_or_else(|| panic!("no {line} in:\n{}", self.0.join("\n")))
    }

    /// The first such line after a place.
    fn next(&self, after: usize, parts: &[&str]) -> usize {
        let place = self.places(parts).into_iter().find(|place| *place > after);
        place.unwrap_or_else(|| panic!("no {parts:?} after line {after} of:\n{}", self.0.join("\n")))
    }
}

#[test]
fn the_order_of_calls() {
    for story in &stories::ALL[..2] {
        let trace = Trace::of(story);
        let begun = trace.only(&["after-run-begun"]);
        let pointers = trace.only(&["before-pointers"]);
        let moved = trace.only(&["after-pointers"]);
        let commits = [trace.places(&["before-batch"]), vec![pointers]].concat();

        // A version is finished before it is synced, and synced before the record names it.
        let finished = trace.places(&["rename into place .dp/store/"]);
        assert!(finished.len() >= 3, "{}", trace.0.join("\n"));
        for place in finished {
            assert!(begun < place, "the intent is on record first");
            let commit = commits.iter().copied().filter(|commit| *commit > place).min().expect("it is recorded");
            let synced = trace.next(place, &["change: sync .dp/store"]);
            assert!(synced < trace.next(place, &["after-sync"]) && synced < commit, "line {place} is synced first");
            let manifest = trace.places(&["write .dp/tmp/", "/manifest.json"]);
            assert!(manifest.iter().any(|manifest| *manifest < place), "the manifest lies beside it");
        }

        // The release is on the disk, and the link is ready, before the pointers move.
        let release = trace.only(&["before-release"]);
        let renamed = trace.next(release, &["rename into place .dp/published/prod/"]);
        let folder = trace.next(renamed, &["change: sync .dp/published/prod"]);
        let staged = trace.exactly("change: create the link warehouse/prod");
        assert!(folder < staged && staged < pointers);
        let catalogue = trace.places(&["change: sync .dp/published/prod/.", "prod.duckdb"]);
        assert!(catalogue.iter().any(|place| *place < release));

        // Only then do readers see it, and exports come last.
        let link = trace.exactly("change: rename into place warehouse/prod");
        assert!(moved < link && link < trace.next(link, &["change: sync warehouse"]));
        let copied = trace.only(&["copy to", "report.csv"]);
        let synced = trace.next(copied, &["change: sync out/.report.csv"]);
        let export = trace.next(synced, &["rename into place out/report.csv"]);
        assert!(link < copied && export < trace.next(export, &["change: sync out"]));
        assert!(export < trace.only(&["before-run-ended"]));
    }
}
