//! Texts compare alike whether a table or a view gives them.

use crate::sandbox::Sandbox;

#[test]
fn a_collation_of_a_result_is_refused_since_only_a_view_would_keep_it() {
    for materialize in ["table", "view"] {
        let of = |select: &str| {
            Sandbox::new().asset("t.m", &format!("kind = 'sql'\nmaterialize = '{materialize}'\nsql = '''{select}'''"))
        };
        let sandbox = of("select 'ann@x.org' collate nocase as email");
        sandbox.dp(["plan"]).exits(1).says("dp::sql::collation").says("column `email` has the collation `nocase`");
        of("select ['a' collate nocase] as l").dp(["plan"]).exits(1).says("dp::sql::collation");
        // It may be used on the way, and ended.
        let sandbox = of("select m as email from (select 'ann@x.org' as m) where m collate nocase = 'ANN@X.ORG'");
        sandbox.apply();
        assert_eq!(sandbox.query("select count(*) as n from t.m"), "n\n1\n");
        let sandbox = of("with t as (select 'ann@x.org' collate nocase as m) select m collate \"C\" as email from t");
        sandbox.apply();
        assert_eq!(sandbox.query("select count(*) as n from t.m where email = 'ANN@X.ORG'"), "n\n0\n");
    }
}
