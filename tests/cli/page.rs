//! The page of `dp lineage --format html`, in a real browser: Chromium without a window, as far as there is one.

use std::collections::BTreeSet;
use std::process::Command;

use dp::sql::lineage::How;
use dp::view::{ColumnUse, Edge, Lineage, Node, NodeColumn};
use serde_json::{Value, json};

use super::sandbox::Sandbox;

/// The browser's name, or nothing with a word about it.
#[expect(clippy::print_stdout, reason = "a test that did not happen says so")]
fn browser() -> Option<&'static str> {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs);
    if found.is_none() {
        println!("skipped: no Chromium here (Debian's package `chromium`)");
    }
    found
}

/// Opens a page after a script was put at its end, and gives what the script leaves in `result`.
fn in_browser(browser: &str, page: &str, script: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    let watch = "<script>window.result = {}; window.problems = []; \
                 addEventListener('error', (event) => problems.push(event.message)); \
                 addEventListener('securitypolicyviolation', (event) => problems.push(event.violatedDirective)); \
                 </script>";
    let tell = "document.body.dataset.result = encodeURIComponent(JSON.stringify({ ...result, problems }));";
    let page = page.replace("<title>", &format!("{watch}<title>"));
    let page = page.replace("</body>", &format!("<script>{script}\n{tell}</script></body>"));
    std::fs::write(&file, page).expect("the page");
    let output = Command::new("timeout")
        .args(["120", browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--window-size=1200,800", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .env("HOME", folder.path())
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout);
    let found = dom.split("data-result=\"").nth(1).and_then(|rest| rest.split('"').next());
    let found = found.unwrap_or_else(|| panic!("no result: {dom}\n{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(&percent_decoded(found)).expect("JSON")
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().expect("two digits"), rest.next().expect("two digits")];
            let digits = std::str::from_utf8(&digits).expect("digits").to_owned();
            bytes.push(u8::from_str_radix(&digits, 16).expect("hexadecimal digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// What a hand does: a click at the middle of a box or of a column in it, a drag, a turn of the wheel.
const HAND: &str = "
const canvas = document.getElementById('view');
const pointer = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX: x, clientY: y, bubbles: true }));
const click = ([x, y]) => { pointer('pointerdown', x, y); pointer('pointerup', x, y); };
const panel = () => document.getElementById('panel').innerText;
";

#[test]
fn a_click_on_a_column_shows_its_way_both_ways() {
    let Some(browser) = browser() else {
        return;
    };
    let hostile = "</script><img src=x onerror=problems.push('markup')>";
    let sandbox = Sandbox::new()
        .file("data/orders.csv", "id,customer,amount,status\n1,ann,10,paid\n")
        .source("raw.orders", "data/orders.csv")
        .sql("staging.orders", "select customer as who, amount * 2 as double from raw.orders where status = 'paid'")
        .sql("marts.totals", "select who, sum(double) as total from staging.orders group by who");
    sandbox.write(
        "assets/marts/hostile.toml",
        &format!(
            "kind = \"sql\"\ndescription = \"{hostile}\"\nowner = \"{hostile}\"\nsql = '''select total as \"{hostile}\" from marts.totals'''\n"
        ),
    );
    let page = sandbox.dp(["lineage", "--format", "html"]).success().stdout;
    let script = format!(
        "{HAND}
        click(lineage.place('marts.totals'));
        result.asset = lineage.chosen();
        click(lineage.place('marts.totals', 'total'));
        Object.assign(result, {{ column: lineage.chosen(), way: lineage.way(), rows: lineage.rows(), panel: panel() }});
        const before = lineage.view();
        pointer('pointerdown', 600, 700); pointer('pointermove', 650, 730); pointer('pointerup', 650, 730);
        const after = lineage.view();
        result.moved = [Math.round(after.left - before.left), Math.round(after.top - before.top)];
        canvas.dispatchEvent(new WheelEvent('wheel', {{ deltaY: -300, clientX: 600, clientY: 400, cancelable: true }}));
        result.zoomed = lineage.view().scale > after.scale;
        const search = document.getElementById('search');
        search.value = 'hostile'; search.dispatchEvent(new Event('input'));
        result.found = document.getElementById('found').innerText;
        search.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter' }}));
        result.searched = lineage.chosen();
        result.hostile = panel();
        result.images = document.images.length;
        dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Escape' }}));
        result.escaped = lineage.chosen();
        lineage.draw();
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        result.colors = new Set(new Uint32Array(pixels.buffer)).size;"
    );
    let result = in_browser(browser, &page, &script);
    assert_eq!(result["problems"], json!([]), "{result}");
    assert_eq!(result["asset"], json!({ "asset": "marts.totals", "column": null }));
    assert_eq!(result["column"], json!({ "asset": "marts.totals", "column": "total" }));
    let way = json!([
        format!("marts.hostile.{hostile}"),
        "marts.totals.total",
        "raw.orders.amount",
        "raw.orders.customer",
        "raw.orders.status",
        "staging.orders.double",
        "staging.orders.who",
    ]);
    assert_eq!(result["way"], way);
    assert_eq!(result["rows"], json!(["marts.totals", "staging.orders"]));
    let panel = result["panel"].as_str().expect("a text");
    assert!(panel.contains("staging.orders.double aggregation"), "{panel}");
    assert_eq!(result["moved"], json!([50, 30]));
    assert_eq!(result["zoomed"], true);
    assert!(result["found"].as_str().is_some_and(|found| found.contains("marts.hostile")), "{result}");
    assert_eq!(result["searched"], json!({ "asset": "marts.hostile", "column": null }));
    assert!(result["hostile"].as_str().is_some_and(|text| text.contains(hostile)), "written as text: {result}");
    assert_eq!((&result["images"], &result["escaped"]), (&json!(0), &Value::Null));
    assert!(result["colors"].as_u64().is_some_and(|colors| colors > 10), "something is drawn: {result}");
}

/// Assets in eight layers, each made from one to three of the layer before.
fn large(count: usize) -> Lineage {
    let layer = count / 8;
    let name = |index: usize| format!("s{}.asset_{index}", index / layer).parse().expect("a name");
    let column = |index: usize| NodeColumn {
        name: format!("column_{index}"),
        data_type: "BIGINT".to_owned(),
        description: None,
    };
    let mut lineage = Lineage::default();
    for index in 0..count {
        lineage.nodes.push(Node {
            columns: (0..10).map(column).collect(),
            ..Node::new(name(index), if index < layer { "source" } else { "sql" })
        });
        let base = (index / layer).saturating_sub(1) * layer;
        let inputs: BTreeSet<usize> = (0..=index % 3).map(|step| base + (index * 7 + step * 31) % layer).collect();
        for input in inputs.into_iter().filter(|_| index >= layer) {
            let used = |position: usize| ColumnUse {
                from: format!("column_{}", (position * 3 + index) % 10),
                to: (position < 10).then(|| format!("column_{position}")),
                how: if position < 10 { How::Transformation } else { How::Filter },
            };
            lineage.edges.push(Edge {
                from: name(input),
                to: name(index),
                columns: (0..11).map(used).collect(),
                observed: false,
            });
        }
    }
    lineage
}

#[test]
fn a_thousand_assets_stay_fluid() {
    let Some(browser) = browser() else {
        return;
    };
    let page = dp::view::html(&large(1000), "large");
    let script = format!(
        "{HAND}
        const context = canvas.getContext('2d');
        // Reading a pixel waits until everything is really drawn.
        const frame = () => {{ const start = performance.now(); lineage.draw(); context.getImageData(0, 0, 1, 1); return performance.now() - start; }};
        const median = (work) => {{ const times = Array.from({{ length: 21 }}, work).sort((a, b) => a - b); return times[10]; }};
        frame();
        result.whole = median(frame);
        const start = performance.now();
        lineage.choose('s4.asset_600', 'column_3');
        result.choose = performance.now() - start;
        result.reached = lineage.way().length;
        result.near = median(frame);
        document.getElementById('columns').click();
        document.getElementById('fit').click();
        result.columns = median(frame);"
    );
    let result = in_browser(browser, &page, &script);
    println!("a page of 1,000 assets, milliseconds a frame: {result}");
    assert_eq!(result["problems"], json!([]), "{result}");
    assert!(result["reached"].as_u64().is_some_and(|reached| reached > 20), "{result}");
    for frame in ["whole", "near", "columns", "choose"] {
        // Thirty times what was measured, for machines that do much else.
        assert!(result[frame].as_f64().is_some_and(|ms| ms < 500.0), "{frame}: {result}");
    }
}
