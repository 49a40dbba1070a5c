//! Values that are handed to programs and shown nowhere.

use crate::sandbox::Sandbox;

/// A command that runs a shell script with `$TOKEN` and what else its environment has.
fn shell(script: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::new().file("run.sh", "");
    let text = format!("printf 'a\\n1\\n' > \"$DP_OUTPUT\"\n{script}\n");
    // No common indentation may go away in a script.
    std::fs::write(sandbox.path("run.sh"), text).expect("a script");
    sandbox.asset(
        "ml.made",
        &format!(
            "kind = \"command\"\n[command]\nrun = [\"bash\", \"run.sh\"]\nfiles = [\"run.sh\"]\ninputs = []\nenv = {{ TOKEN = \"${{env.TOKEN}}\"{more} }}\n[output]\nformat = \"csv\"\n"
        ),
    )
}

#[test]
fn secrets_are_masked_in_the_forms_in_which_programs_print_them() {
    let secret = "gr\u{e4}\u{df}e 'n\" /w$x";
    let script = "
printf '%s\\n' \"$TOKEN\"; printf '%q\\n' \"$TOKEN\"; set -x; : \"$TOKEN\"; set +x
python3 -c 'if 1:
    import os, json, base64, urllib.parse
    t = os.environ[\"TOKEN\"]
    print(json.dumps(t), json.dumps(t, ensure_ascii=False), repr(t), ascii(t), t.encode())
    print(urllib.parse.quote(t), urllib.parse.quote(t, safe=\"\"), urllib.parse.quote_plus(t))
    for before in [\"\", \"a\", \"ab\", \"user:\"]:
        print(base64.b64encode((before + t).encode()).decode(), base64.urlsafe_b64encode((before + t + \"!\").encode()).decode())
    print(t.encode().hex())
    raise SystemExit(int(os.environ[\"FAIL\"]))'";
    let sandbox = shell(script, ", FAIL = \"3\"");
    let output = sandbox.command(["apply", "--auto-approve"]).env("TOKEN", secret).output().expect("dp runs");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let log = sandbox.read(".dp/logs/r1/ml.made.log");
    for text in [&said, &log] {
        for piece in
            ["gr\u{e4}", "gr\\u", "gr\\x", "gr\\3", "gr%", "z4", "w$x", "w\\$x", "w%24x", "3c3a4c39f", "JMOkw59"]
        {
            assert!(!text.contains(piece), "`{piece}` is in:\n{text}");
        }
    }
    assert!(log.lines().filter(|line| line.contains("***")).count() > 8, "{log}");
}

#[test]
fn a_value_that_can_not_be_kept_secret_is_refused() {
    for (value, why) in [
        ("7", "fewer than six characters"),
        ("run.sh", "occurs in the command"),
        ("ml.made", "in the name of an asset"),
        ("password", "is a common word"),
    ] {
        let sandbox = shell("true", "");
        let output = sandbox.command(["plan"]).env("TOKEN", value).output().expect("dp runs");
        let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why) && said.contains("write it directly in `env`"), "{said}");
    }
    let sandbox = shell("true", "");
    let output = sandbox.command(["plan"]).env("TOKEN", "").output().expect("dp runs");
    assert_eq!(output.status.code(), Some(0), "nothing has to be masked");
}
