//! `--trace-time`: how long each phase took.

use crate::sandbox::Sandbox;

#[test]
fn phases_are_told_on_stderr_alone() {
    let sandbox = Sandbox::new().sql("main.a", "select 1 as x");
    let plain = sandbox.dp(["plan"]).success();
    let traced = sandbox.dp(["plan", "--trace-time"]).success();
    assert_eq!(plain.stdout, traced.stdout);
    for phase in ["all", "read the project", "analyze the project", "wait for the state", "decide", "show"] {
        let line = traced.stderr.lines().find(|line| line.trim_end().ends_with(phase));
        let figure = line.and_then(|line| line.split_whitespace().next()).and_then(|word| word.parse::<f64>().ok());
        assert!(figure.is_some_and(|figure| figure >= 0.0), "{phase}: {}", traced.stderr);
    }
    assert!(!plain.stderr.contains("wait for the state"));
}
