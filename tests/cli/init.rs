//! `dp init`: a project that plans and applies at once, whatever it is made of.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::json;

use crate::sandbox::{Output, Sandbox, text};

/// A folder with files of somebody, and no project.
fn folder() -> Sandbox {
    Sandbox::bare()
}

/// Goes from the files that `init` wrote to what is published; the project is `folder`, below the sandbox's.
fn holds_together(sandbox: &Sandbox, folder: &str) {
    let dp = |arguments: &[&str]| sandbox.dp([&["-C", folder], arguments].concat());
    dp(&["fmt", "--check"]).success();
    let checked = dp(&["validate", "--json"]).success().json();
    assert_eq!(checked["warnings"], json!([]), "{checked}");
    assert_ne!(dp(&["plan", "--json"]).success().json()["summary"]["create"], 0);
    dp(&["apply", "--auto-approve"]).success();
    let after = dp(&["plan", "--detailed-exitcode"]);
    assert_eq!(after.code, 0, "{after}");
}

/// The rows of an asset as CSV.
fn rows(sandbox: &Sandbox, folder: &str, asset: &str) -> String {
    sandbox.dp(["-C", folder, "query", &format!("from {asset}"), "--format", "csv"]).success().stdout
}

/// Makes a project of some CSV files in the folder, which has to hold together.
fn of_csv(sandbox: &Sandbox, files: &[&str]) -> Output {
    let made = sandbox.dp([&["init", "--from-csv"], files].concat()).success();
    holds_together(sandbox, ".");
    made
}

#[test]
fn the_sample_plans_and_applies_at_once() {
    let sandbox = folder();
    let made = sandbox.dp(["init", "my shop"]).success();
    insta::assert_snapshot!(made, @r"
    Created the project `my_shop`: two sources, a staging table and a mart.
    Next: cd 'my shop' && dp plan
    [exit 0]
    ");
    holds_together(&sandbox, "my shop");
    let mut tree = sandbox.tree("my shop");
    tree.retain(|path| !path.contains("/.dp/") && !path.contains("/warehouse/"));
    insta::assert_snapshot!(tree.join("\n"), @r"
    my shop/.github/workflows/dp.yml
    my shop/.gitignore
    my shop/.schema/asset.json
    my shop/.schema/project.json
    my shop/assets/marts/customers.toml
    my shop/assets/raw/customers.toml
    my shop/assets/raw/orders.toml
    my shop/assets/staging/orders.toml
    my shop/data/customers.csv
    my shop/data/orders.csv
    my shop/dp.toml
    ");
}

#[test]
fn every_toml_file_names_the_schema_that_editors_check_it_with() {
    let sandbox = folder();
    sandbox.dp(["init"]).success();
    for (file, which) in [("project", "project"), ("asset", "asset")] {
        let printed = sandbox.dp(["schema", which]).success().stdout;
        assert_eq!(sandbox.read(&format!(".schema/{file}.json")), printed);
    }
    let files = sandbox.tree("assets").into_iter().chain(["dp.toml".to_owned()]);
    for file in files {
        let first = sandbox.read(&file).lines().next().unwrap_or_default().to_owned();
        let schema = first.strip_prefix("#:schema ").unwrap_or_else(|| panic!("{file} begins with {first}"));
        // Editors go from the file's own folder.
        let path = sandbox.path(&file).parent().expect("a folder").join(schema);
        let wanted = if file == "dp.toml" { ".schema/project.json" } else { ".schema/asset.json" };
        assert_eq!(path.canonicalize().expect("the schema"), sandbox.path(wanted).canonicalize().expect("the schema"));
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_is_left_behind() {
    let sandbox =
        folder().file("README.md", "mine\n").file("assets/raw/orders.toml", "mine\n").file("dp.toml", "mine\n");
    let before = sandbox.tree(".");
    insta::assert_snapshot!(sandbox.dp(["init"]), @"
    --- stderr ---
    dp::cli::would_overwrite

      × `dp.toml` and `assets/raw/orders.toml` would be overwritten
      help: move these files away, or create the project in another folder: `dp init
            DIR`
    [exit 1]
    ");
    assert_eq!(sandbox.tree("."), before);
    assert_eq!(sandbox.read("dp.toml"), "mine\n");
    // A file where a folder has to be is in the way as well.
    let sandbox = folder().file("data", "mine\n");
    sandbox.dp(["init"]).exits(1).says("`data/customers.csv` and `data/orders.csv` would be overwritten");
    assert_eq!(sandbox.tree("."), ["data"]);
}

#[test]
fn what_else_is_in_the_folder_stays() {
    let sandbox = folder().file("README.md", "mine\n").file(".gitignore", "*.log\n/.dp\n");
    let made = sandbox.dp(["init"]).success();
    insta::assert_snapshot!(made, @"
    Created the project `shop`: two sources, a staging table and a mart.
    Next: dp plan
    --- stderr ---
    warning: dp did not change the existing .gitignore: add `/warehouse/` to it, because dp writes there
    [exit 0]
    ");
    assert_eq!(sandbox.read(".gitignore"), "*.log\n/.dp\n");
    holds_together(&sandbox, ".");
}

#[test]
fn a_workflow_below_the_top_of_a_repository_is_pointed_out() {
    let sandbox = folder().file(".git/HEAD", "ref: refs/heads/main\n");
    sandbox.dp(["init", "shop"]).success().says("GitHub reads workflows only at the root of a repository");
    let made = sandbox.dp(["init"]).success();
    assert_eq!(made.stderr, "");
}

#[test]
fn the_folder_comes_from_its_place_or_from_project() {
    let sandbox = folder();
    sandbox.dp(["-C", "a", "init"]).success().says("Next: cd a && dp plan");
    sandbox.dp(["init", "deep/../b/./c/"]).success();
    holds_together(&sandbox, "a");
    holds_together(&sandbox, "b/c");
    assert!(!sandbox.path("deep").exists());
    sandbox.dp(["init", "a[1]"]).exits(1).says("the engine reads `*`, `?` and `[` in a path as a pattern");
    assert!(!sandbox.path("a[1]").exists());
}

#[test]
fn csv_files_become_sources_with_contracts_and_queries() {
    let sandbox = folder()
        .file("data/orders.csv", "id,Order Date,amount\n1,2026-01-05,1.5\n2,2026-01-06,2\n")
        .file("data/people.tsv", "id\tname\n1\tAda\n");
    let made = of_csv(&sandbox, &["data/orders.csv", "data/people.tsv"]);
    insta::assert_snapshot!(made, @r"
    Created the project `shop`: 2 sources, and a staging table over each.
    source      columns  file
    ────────────────────────────────────
    raw.orders        3  data/orders.csv
    raw.people        2  data/people.tsv
    Next: dp plan
    [exit 0]
    ");
    insta::assert_snapshot!(sandbox.read("assets/raw/orders.toml"), @r#"
    #:schema ../../.schema/asset.json

    kind = "source"

    [source]
    path = "data/orders.csv"

    [columns.id]
    type = "BIGINT"

    [columns."Order Date"]
    type = "DATE"

    [columns.amount]
    type = "DOUBLE"
    "#);
    insta::assert_snapshot!(sandbox.read("assets/staging/orders.toml"), @r#"
    #:schema ../../.schema/asset.json

    kind = "sql"
    sql = """
    select
        id,
        "Order Date" as order_date,
        amount
    from raw.orders
    """
    "#);
    assert_eq!(rows(&sandbox, ".", "staging.orders"), "id,order_date,amount\n1,2026-01-05,1.5\n2,2026-01-06,2.0\n");
    // The contract is one: another type in the file is an error at plan time.
    sandbox.write("data/orders.csv", "id,Order Date,amount\nx,2026-01-05,1\n");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("data/orders.csv:2: `id` is `x`");
}

#[test]
fn files_outside_the_project_are_copied_into_it() {
    let sandbox = folder().file("elsewhere/Orders 2026.csv", "id\n1\n");
    let absolute = sandbox.path("elsewhere/Orders 2026.csv").canonicalize().expect("the file");
    let absolute = absolute.to_str().expect("UTF-8");
    for (project, file) in
        [("one", "elsewhere/Orders 2026.csv"), ("two", absolute), ("three", "one/../elsewhere/Orders 2026.csv")]
    {
        let made = sandbox.dp(["init", project, "--from-csv", file, "--json"]).success().json();
        let source = &made["sources"][0];
        assert_eq!(text(&source["copied_from"]), absolute);
        assert_eq!(text(&source["path"]), "data/orders_2026.csv");
        holds_together(&sandbox, project);
        assert_eq!(rows(&sandbox, project, "staging.orders_2026"), "id\n1\n");
        let mode = fs::symlink_metadata(sandbox.path(&format!("{project}/data/orders_2026.csv"))).expect("the copy");
        assert!(mode.is_file());
    }
    // Inside, both ways of naming a file come to the same; a link out of the project is a file outside.
    let inside = sandbox.path("four/data.csv");
    fs::create_dir(sandbox.path("four")).expect("a folder");
    fs::write(&inside, "id\n1\n").expect("a file");
    std::os::unix::fs::symlink(absolute, sandbox.path("four/link.csv")).expect("a link");
    let inside = inside.canonicalize().expect("the file");
    let files = ["four/data.csv", inside.to_str().expect("UTF-8"), "four/link.csv"];
    let made = sandbox.dp([&["init", "four", "--json", "--from-csv"], &files[..]].concat()).success().json();
    let sources = made["sources"].as_array().expect("sources");
    let paths: Vec<_> = sources.iter().map(|source| text(&source["path"])).collect();
    assert_eq!(paths, ["data.csv", "data/orders_2026.csv"]);
    holds_together(&sandbox, "four");
}

#[test]
fn any_name_of_a_file_will_do() {
    let names = [
        "plain.csv",
        "with space.csv",
        "it's.csv",
        "a \"quote\".csv",
        "größe.csv",
        "заказы.csv",
        "select.csv",
        "2026.csv",
        ".hidden.csv",
        "-dash.csv",
        "semi;drop table x;--.csv",
        "${var.x}.csv",
        "$${x}.csv",
        "new\nline.csv",
        "back\\slash.csv",
        "brace{1,2}.csv",
        "class[1].csv",
        "star*.csv",
        "question?.csv",
        "a.b.c.csv",
        "PLAIN.CSV",
        "_.csv",
        "no_extension",
        "x.parquet",
        "%20.csv",
        "\u{1b}[31m.csv",
        "\u{202e}vsc.csv",
    ];
    let sandbox = folder();
    let long = format!("{}.csv", "x".repeat(200));
    let names: Vec<&str> = names.into_iter().chain([long.as_str()]).collect();
    for (number, name) in names.iter().enumerate() {
        fs::write(sandbox.path(name), format!("id,name\n{number},x\n")).expect("the file");
        let deep = sandbox.path("deep");
        fs::create_dir_all(&deep).expect("a folder");
        fs::write(deep.join(name), format!("id,name\n{number},y\n")).expect("the file");
    }
    let deep: Vec<String> = names.iter().map(|name| format!("./deep/{name}")).collect();
    let shallow: Vec<String> = names.iter().map(|name| format!("./{name}")).collect();
    let files: Vec<&str> = shallow.iter().chain(&deep).map(String::as_str).collect();
    let made = sandbox.dp([&["init", "--json", "--from-csv"], &files[..]].concat()).success().json();
    holds_together(&sandbox, ".");
    let sources = made["sources"].as_array().expect("sources");
    let assets: BTreeSet<&str> = sources.iter().map(|source| text(&source["asset"])).collect();
    assert_eq!(assets.len(), 2 * names.len());
    // Each read its own file.
    let queries = sources.iter().enumerate().map(|(number, source)| {
        let staging = text(&source["staging"]).replacen('.', ".\"", 1);
        format!("select {number} as number, id, name from {staging}\"")
    });
    let queries = queries.collect::<Vec<_>>().join(" union all ");
    let found = sandbox.query(&format!("{queries} order by number"));
    let expected = (0..2 * names.len()).map(|number| {
        let word = if number < names.len() { "x" } else { "y" };
        format!("{number},{},{word}\n", number % names.len())
    });
    assert_eq!(found, format!("number,id,name\n{}", expected.collect::<String>()));
}

#[test]
fn any_name_of_a_column_will_do() {
    let header = [
        "id",
        "Order Date",
        "order-date",
        "ORDER_DATE",
        "select",
        "from",
        "größe",
        "日本",
        "日本語",
        "a \"\"quote\"\"",
        "\"\"\"\"\"\"",
        "it's",
        "semi;drop table x",
        "${var.x}",
        "$${x}",
        "back\\slash",
        "\\\"\"",
        "new\nline",
        "  padded  ",
        "1st",
        "true",
        "null",
        "rowid",
        "filename",
        "\u{1b}[31m",
        "-- x",
        "/* x */",
        "",
    ];
    let header: Vec<String> = header.iter().map(|name| format!("\"{name}\"")).collect();
    let values: Vec<String> = (0..header.len()).map(|number| number.to_string()).collect();
    let sandbox = folder();
    let body = format!("{}\n{}\n", header.join(","), values.join(","));
    fs::write(sandbox.path("x.csv"), body).expect("the file");
    of_csv(&sandbox, &["x.csv"]);
    let found = rows(&sandbox, ".", "staging.x");
    let (names, found) = found.split_once('\n').expect("a header");
    assert_eq!(found, format!("{}\n", values.join(",")));
    let plain = |name: &str| name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_');
    assert!(names.split(',').all(plain), "{names}");
    assert_eq!(names.split(',').collect::<BTreeSet<_>>().len(), header.len(), "{names}");
}

#[test]
fn parquet_files_keep_their_types() {
    let sandbox = Sandbox::new().sql("main.x", "select 1 as a");
    sandbox.apply();
    let sql = "select 1::tinyint as a, 1.5::decimal(10,2) as \"B b\", [{'c d': 1}] as \"select\", map {'k': 1} as m, \
               timestamptz '2026-01-01' as at, uuid '00000000-0000-0000-0000-000000000001' as u where false";
    let rows = sandbox.command(["query", sql, "--format", "parquet"]).output().expect("dp runs");
    assert!(rows.status.success());
    let other = folder();
    fs::write(other.path("no rows.parquet"), rows.stdout).expect("the file");
    other.write("text.csv", "a\n1\n");
    other.dp(["init", "--from-parquet", "no rows.parquet", "--from-csv", "text.csv"]).success();
    holds_together(&other, ".");
    insta::assert_snapshot!(other.read("assets/raw/no_rows.toml"), @r#"
    #:schema ../../.schema/asset.json

    kind = "source"

    [source]
    path = "no rows.parquet"

    [columns.a]
    type = "TINYINT"

    [columns."B b"]
    type = "DECIMAL(10,2)"

    [columns.select]
    type = "STRUCT(\"c d\" INTEGER)[]"

    [columns.m]
    type = "MAP(VARCHAR, INTEGER)"

    [columns.at]
    type = "TIMESTAMP WITH TIME ZONE"

    [columns.u]
    type = "UUID"
    "#);
}

#[test]
fn types_come_from_all_rows_and_the_first_line_is_the_header() {
    use std::fmt::Write as _;
    let mut late = String::from("a,b\n");
    for number in 0..60_000 {
        let _ = writeln!(late, "{number},{number}");
    }
    late.push_str("x,3\n");
    let sandbox = folder();
    fs::write(sandbox.path("late.csv"), late).expect("the file");
    sandbox.write("words.csv", "first,second\nx,y\nz,w\n");
    sandbox.write("one.csv", "only\nx\n");
    sandbox.write("bare.csv", "1,2\n3,4\n");
    sandbox.write("semicolons.csv", "a;b\n1,5;2\n");
    of_csv(&sandbox, &["late.csv", "words.csv", "one.csv", "bare.csv", "semicolons.csv"]);
    assert!(sandbox.read("assets/raw/late.toml").contains("type = \"VARCHAR\""));
    assert_eq!(rows(&sandbox, ".", "staging.words"), "first,second\nx,y\nz,w\n");
    assert_eq!(rows(&sandbox, ".", "staging.one"), "only\nx\n");
    // The first line is a header, whatever it looks like.
    assert_eq!(rows(&sandbox, ".", "staging.bare"), "_1,_2\n3,4\n");
    assert_eq!(rows(&sandbox, ".", "staging.late where a = 'x'"), "a,b\nx,3\n");
}

#[test]
fn files_that_cannot_be_sources_are_refused_before_anything_is_written() {
    let sandbox = folder().file("empty.csv", "").file("deep/a.csv", "a\n1\n");
    let sandbox = sandbox.file("ragged.csv", "id,name\n1,a,extra\n2\n");
    fs::write(sandbox.path("binary.csv"), b"a\n\xff\xfe\n").expect("the file");
    let before = sandbox.tree(".");
    let said: Vec<String> = [
        &["--from-csv", "nowhere.csv"][..],
        &["--from-csv", "empty.csv"],
        &["--from-parquet", "empty.csv"],
        &["--from-csv", "deep/a.csv", "deep"],
        &["--from-parquet", "deep/a.csv"],
        &["--from-csv", "binary.csv"],
        &["--from-csv", "ragged.csv"],
    ]
    .iter()
    .map(|arguments| {
        let refused = sandbox.dp([&["init"], *arguments].concat()).exits(1);
        refused.to_string().split("\n\n").nth(1).unwrap_or_default().to_owned()
    })
    .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
      × can't create a source from `nowhere.csv`: it does not exist
      help: correct the path, which is relative to the current folder, not to the
            project
    [exit 1]
      × can't create a source from `empty.csv`: it is empty
      help: write a first line with the column names, and the rows below it
    [exit 1]
      × can't create a source from `empty.csv`: it is empty
      help: write the file again: a Parquet file without rows also contains its
            columns
    [exit 1]
      × can't create a source from `deep`: it is a folder
      help: name the files in it, after the project folder: `dp init DIR --from-csv
            FILE…`
    [exit 1]
      × can't create a source from `deep/a.csv`: File 'a.csv' too small to be a
      │ Parquet file
      help: correct the file
    [exit 1]
      × can't create a source from `binary.csv`: binary.csv:2: the bytes are not
      │ valid UTF-8
      help: save the file as UTF-8, or set its encoding: `options = { encoding =
            "latin-1" }` (or `utf-16`)
    [exit 1]
      × can't create a source from `ragged.csv`: ragged.csv:2: the row has 3 fields,
      │ but the header has 2
      help: quote values that contain the delimiter, or set the delimiter: `options
            = { delim = "…" }`
    [exit 1]
    "#);
    assert_eq!(sandbox.tree("."), before);
    let json = sandbox.dp(["init", "--from-csv", "nowhere.csv", "--json"]).exits(1).json();
    assert_eq!(json["errors"][0]["code"], "dp::cli::no_source");
    sandbox.dp(["init", "--from-csv"]).exits(64).says("--from-csv <FILE>...");
}

/// The script of the step with this name.
fn script(workflow: &str, step: &str) -> String {
    let mut lines = workflow.lines().skip_while(|line| line.trim() != format!("- name: {step}"));
    lines.next().unwrap_or_else(|| panic!("no step `{step}`"));
    let body = lines.take_while(|line| !line.trim_start().starts_with("- "));
    let mut run = body.skip_while(|line| !line.trim_start().starts_with("run:"));
    let first = run.next().unwrap_or_else(|| panic!("`{step}` runs nothing")).trim().trim_start_matches("run:").trim();
    if first != "|" {
        return first.to_owned();
    }
    let lines = run.take_while(|line| line.is_empty() || line.starts_with("          ")).map(str::trim_start);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Runs a step as GitHub does, with a `gh` that notes how it is called and finds `comments`.
fn step(sandbox: &Sandbox, name: &str, comments: &str) -> String {
    let bin = sandbox.path("bin");
    fs::create_dir_all(&bin).expect("a folder");
    let gh = "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\" >> \"$CALLS\"; done\n[ \"$2\" = --paginate ] && printf '%s' \"$COMMENTS\"\nexit 0\n";
    fs::write(bin.join("gh"), gh).expect("the file");
    let mut mode = fs::metadata(bin.join("gh")).expect("the file").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(bin.join("gh"), mode).expect("a mode");
    let calls = sandbox.path("calls");
    drop(fs::remove_file(&calls));
    let dp = std::path::Path::new(env!("CARGO_BIN_EXE_dp")).parent().expect("a folder");
    let done = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c"])
        .arg(script(&sandbox.read(".github/workflows/dp.yml"), name))
        .current_dir(sandbox.root())
        .env_clear()
        .env("PATH", format!("{}:{}:/usr/bin:/bin", bin.display(), dp.display()))
        .env("HOME", sandbox.root())
        .env("RUNNER_TEMP", sandbox.root())
        .env("GITHUB_STEP_SUMMARY", sandbox.path("summary"))
        .env("GITHUB_REPOSITORY", "ada/shop")
        .env("PULL_REQUEST", "7")
        .env("COMMENTS", comments)
        .env("CALLS", &calls)
        .output()
        .expect("bash runs");
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    fs::read_to_string(&calls).unwrap_or_default()
}

#[test]
fn the_workflow_plans_comments_and_applies() {
    let sandbox = folder();
    sandbox.dp(["init"]).success();
    step(&sandbox, "Plan", "");
    assert!(
        sandbox.read("summary").starts_with("### dp plan: <code>shop</code> in <code>prod</code>"),
        "{}",
        sandbox.read("summary")
    );
    let first = step(&sandbox, "Comment", "");
    assert!(
        first.ends_with(&format!("pr\ncomment\n7\n--body-file\n{}/comment.md\n", sandbox.root().display())),
        "{first}"
    );
    assert!(sandbox.read("comment.md").starts_with("<!-- dp plan -->\n### dp plan"));
    let again = step(&sandbox, "Comment", "11\n12\n");
    assert!(again.contains("--method\nPATCH\nrepos/ada/shop/issues/comments/12\n"), "{again}");
    assert!(!again.contains("pr\ncomment"), "{again}");
    step(&sandbox, "Apply", "");
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
    let workflow = sandbox.read(".github/workflows/dp.yml");
    assert!(workflow.contains(concat!("key: dp-", env!("CARGO_PKG_VERSION"), "-")), "{workflow}");
    assert!(!workflow.contains('@') || !workflow.contains("@VERSION@"));
}
