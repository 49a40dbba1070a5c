//! What holds beside single values: settings, messages, files, NULL and errors.

use dp::engine::duckdb::QueryFormat;

use super::Engine;

#[test]
fn the_time_zone_of_the_project_is_that_of_the_session() {
    let mut engine = Engine::open("europe/berlin");
    assert_eq!(engine.value("SELECT timestamptz '2024-07-01 12:00:00+00'"), Ok("2024-07-01 14:00:00+02".to_owned()));
    assert_eq!(engine.value("SELECT (timestamptz '2024-06-30 23:00:00+00')::DATE"), Ok("2024-07-01".to_owned()));
    assert_eq!(
        engine.value("SELECT value FROM duckdb_settings() WHERE name = 'TimeZone'"),
        Ok("Europe/Berlin".to_owned())
    );
}

#[test]
fn files_show_times_in_the_zone() {
    let mut engine = Engine::open("Asia/Kathmandu");
    let sql = "SELECT timestamptz '2024-02-29 12:00:00+00' AS t";
    let csv = engine.file(sql, QueryFormat::Csv);
    assert_eq!(std::fs::read_to_string(csv).unwrap(), "t\n2024-02-29 17:45:00+05:45\n");
    let json = engine.file(sql, QueryFormat::Json);
    assert_eq!(std::fs::read_to_string(json).unwrap(), "[\n\t{\"t\":\"2024-02-29 17:45:00+05:45\"}\n]\n");
}

#[test]
fn the_clock_is_read_in_the_zone() {
    let mut engine = Engine::open("Pacific/Kiritimati");
    for (sql, data_type) in [
        ("current_date", "DATE"),
        ("today()", "DATE"),
        ("current_date - 7", "DATE"),
        ("now() - INTERVAL 7 DAY", "TIMESTAMP WITH TIME ZONE"),
        ("current_time", "TIME WITH TIME ZONE"),
        ("get_current_time()", "TIME WITH TIME ZONE"),
        ("localtimestamp", "TIMESTAMP"),
        ("current_localtimestamp()", "TIMESTAMP"),
        ("localtime", "TIME"),
        ("current_localtime()", "TIME"),
    ] {
        assert_eq!(engine.value(&format!("SELECT typeof({sql})")), Ok(data_type.to_owned()), "{sql}");
    }
    let same = "current_date = now()::DATE AND current_localtimestamp() = now() AT TIME ZONE 'Pacific/Kiritimati' \
                AND current_localtime() = localtimestamp::TIME AND today() = localtimestamp::DATE";
    assert_eq!(engine.value(&format!("SELECT {same}")), Ok("true".to_owned()));
}

#[test]
fn null_gives_null() {
    let mut engine = Engine::open("Europe/Berlin");
    let null = "NULL::TIMESTAMPTZ";
    for sql in [
        format!("year({null})"),
        format!("date_trunc('day', {null})"),
        "date_trunc(NULL, timestamptz '2024-01-01')".to_owned(),
        format!("date_diff('day', {null}, timestamptz '2024-01-01')"),
        format!("{null} + INTERVAL 1 DAY"),
        "timestamptz '2024-01-01' - NULL::INTERVAL".to_owned(),
        format!("{null}::DATE"),
        "NULL::VARCHAR::TIMESTAMPTZ".to_owned(),
        format!("{null} AT TIME ZONE 'UTC'"),
        "timezone(NULL::VARCHAR, timestamptz '2024-01-01')".to_owned(),
        format!("strftime({null}, '%Y')"),
        format!("range({null}, timestamptz '2024-01-01', INTERVAL 1 DAY)"),
        format!("time_bucket(INTERVAL 1 DAY, {null})"),
        "time_bucket(INTERVAL 1 DAY, timestamptz '2024-01-01', 'infinity'::TIMESTAMPTZ)".to_owned(),
        format!("last_day({null})"),
        "year('infinity'::TIMESTAMPTZ)".to_owned(),
    ] {
        assert_eq!(engine.value(&format!("SELECT ({sql})::VARCHAR")), Ok("NULL".to_owned()), "{sql}");
    }
}

#[test]
fn mistakes_are_sentences() {
    let mut engine = Engine::open("Europe/Berlin");
    for (sql, message) in [
        ("now() AT TIME ZONE 'Europe/Berlln'", "Unknown TimeZone 'Europe/Berlln'! Candidate time zones: Europe/Berlin"),
        ("date_trunc('dy', now())", "extract specifier \"dy\" not recognized"),
        ("date_part('dy', now())", "extract specifier \"dy\" not recognized"),
        ("date_part(['year', 'YEAR'], now())", "Duplicate struct entry name \"YEAR\" in date_part"),
        ("'yesterday'::TIMESTAMPTZ", "invalid timestamp field format: \"yesterday\""),
        ("'300000-01-01'::TIMESTAMPTZ", "timestamp field value out of range"),
        ("strftime(now(), '%q')", "Unrecognized format for strftime/strptime: %q"),
        ("make_timestamptz(2024, 1, 1, 0, 0, 'nan'::DOUBLE)", "can't be cast"),
        ("make_timestamptz(294248, 1, 1, 0, 0, 0)", "ICU date overflows timestamp range"),
        ("timestamptz '2024-01-01' + INTERVAL 2000000000 MONTH", "ICU date overflows timestamp range"),
        ("'infinity'::TIMESTAMPTZ - now()", "Cannot subtract infinite timestamps"),
        ("time_bucket(INTERVAL '1 month 1 day', now())", "Month intervals cannot have day or time component"),
        ("time_bucket(INTERVAL '-1 day', now())", "Period must be greater than 0"),
        ("range(now(), 'infinity'::TIMESTAMPTZ, INTERVAL 1 DAY)", "infinite bounds"),
    ] {
        let error = engine.value(&format!("SELECT ({sql})::VARCHAR")).unwrap_err();
        assert!(error.contains(message), "{sql}: {error}");
    }
    assert_eq!(engine.value("SELECT TRY_CAST('yesterday' AS TIMESTAMPTZ)::VARCHAR"), Ok("NULL".to_owned()));
}

#[test]
fn a_try_cast_keeps_the_rows_that_are_times() {
    let mut engine = Engine::open("Europe/Berlin");
    let rows = engine
        .rows("SELECT TRY_CAST(c AS TIMESTAMPTZ) FROM (VALUES ('2024-01-01'), ('x'), (NULL), ('2024-07-01')) t(c)");
    let text = |text: &str| vec![Some(text.to_owned())];
    assert_eq!(rows, Ok(vec![text("2024-01-01 00:00:00+01"), vec![None], vec![None], text("2024-07-01 00:00:00+02")]));
}

#[test]
fn many_rows_of_every_form_are_read() {
    let mut engine = Engine::open("America/New_York");
    // More than one vector, repeated values, NULLs and long texts; computed once from the table and once from constants.
    let sql = "SELECT count(*) FILTER (a IS DISTINCT FROM b) FROM (SELECT \
        strftime(t, '%A %B %Y-%m-%d %H:%M:%S %z') AS a, \
        strftime(timezone('America/New_York', t), '%A %B %Y-%m-%d %H:%M:%S ') || strftime(t, '%z') AS b \
        FROM (SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE make_timestamptz((i % 1000) * 9876543210123) END AS t \
        FROM range(20000) r(i)))";
    assert_eq!(engine.value(sql), Ok("0".to_owned()));
    let sql = "SELECT sum(len(l)) FROM (SELECT range(timestamptz '2024-01-01', \
        timestamptz '2024-01-01' + to_days(i::INTEGER), INTERVAL 1 DAY) AS l FROM range(1, 100) r(i))";
    assert_eq!(engine.value(sql), Ok("4950".to_owned()));
}

/// DuckDB garbles some of these in its own extension, so they stand here and not in the golden file.
#[test]
fn nanoseconds_are_kept() {
    let mut engine = Engine::open("Europe/Berlin");
    for (sql, value) in [
        ("(TIMESTAMP_NS '2024-07-01 12:00:00.123456789')::TIMESTAMPTZ_NS", "2024-07-01 12:00:00.123456789+02"),
        ("'2024-03-31 02:30:00.000000001'::TIMESTAMPTZ_NS", "2024-03-31 03:30:00.000000001+02"),
        ("'2024-07-01 12:00:00.5 Asia/Tokyo'::TIMESTAMPTZ_NS", "2024-07-01 05:00:00.5+02"),
        ("('2024-07-01 12:00:00.000000007+00'::TIMESTAMPTZ_NS)::TIMESTAMP_NS", "2024-07-01 14:00:00.000000007"),
        (
            "timezone('Asia/Kathmandu', '2024-07-01 12:00:00.000000007+00'::TIMESTAMPTZ_NS)",
            "2024-07-01 17:45:00.000000007",
        ),
        (
            "timezone('Asia/Kathmandu', TIMESTAMP_NS '2024-07-01 12:00:00.000000007')",
            "2024-07-01 08:15:00.000000007+02",
        ),
        ("strftime('2024-07-01 12:00:00.000000007+00'::TIMESTAMPTZ_NS, '%H %n %z')", "14 000000007 +02"),
        (
            "date_diff('day', '2024-07-01 21:59:59.999999999+00'::TIMESTAMPTZ_NS, '2024-07-01 22:00:00+00'::TIMESTAMPTZ_NS)",
            "1",
        ),
        ("'infinity'::TIMESTAMPTZ_NS", "infinity"),
        ("'-infinity'::TIMESTAMPTZ_NS::TIMESTAMP_NS", "-infinity"),
    ] {
        assert_eq!(engine.value(&format!("SELECT ({sql})::VARCHAR")), Ok(value.to_owned()), "{sql}");
    }
}
