//! Days and dates of the proleptic Gregorian calendar, for every year in the engine's range.
//!
//! A day is a number of days since 1970-01-01. Year 0 is 1 BC.

/// Microseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds of a day on which the clocks do not change.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// The number of days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;
const DAYS_OF_400_YEARS: i64 = 146_097;

/// Returns the day of a date. A month outside 1 to 12, or a day outside its month, carries over.
pub(crate) fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    // A year that starts in March has its leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_OF_400_YEARS + day_of_era - EPOCH + day - 1
}

/// Returns the date of a day: year, month from 1, day from 1.
pub(crate) fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + EPOCH;
    let era = day.div_euclid(DAYS_OF_400_YEARS);
    let day_of_era = day.rem_euclid(DAYS_OF_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Whether a year has a 29 February.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Returns the number of days of a month from 1 to 12.
pub(crate) fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the day of the week: Sunday is 0, Saturday 6.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

/// Returns the Monday on or before a day.
pub(crate) fn monday(day: i64) -> i64 {
    day - (day + 3).rem_euclid(7)
}

/// Returns the Monday of the first week of a year, as ISO 8601 counts.
pub(crate) fn first_monday(iso_year: i64) -> i64 {
    monday(day_of(iso_year, 1, 4))
}

/// Returns the year and week of a day, as ISO 8601 counts.
pub(crate) fn iso_week(day: i64) -> (i64, i64) {
    let year = date_of(monday(day) + 3).0;
    (year, (day - first_monday(year)).div_euclid(7) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        assert_eq!((day_of(1970, 1, 1), day_of(2000, 3, 1), day_of(1969, 12, 31)), (0, 11_017, -1));
        for day in (-107_000_000..107_000_000).step_by(9_973).chain(-800..800) {
            let (year, month, of_month) = date_of(day);
            assert_eq!(day_of(year, month, of_month), day);
            assert!((1..=days_of_month(year, month)).contains(&of_month), "{year}-{month}-{of_month}");
        }
    }

    #[test]
    fn months_and_days_count_on() {
        assert_eq!(day_of(2023, 14, 1), day_of(2024, 2, 1));
        assert_eq!(day_of(2024, 0, 31), day_of(2023, 12, 31));
        assert_eq!(day_of(2023, 2, 29), day_of(2023, 3, 1));
    }

    #[test]
    fn weeks_start_on_monday() {
        assert_eq!(weekday(day_of(2024, 2, 29)), 4);
        assert_eq!(iso_week(day_of(2021, 1, 3)), (2020, 53));
        assert_eq!(iso_week(day_of(2021, 1, 4)), (2021, 1));
        assert_eq!(iso_week(day_of(2018, 12, 31)), (2019, 1));
        assert_eq!(date_of(first_monday(2020)), (2019, 12, 30));
    }
}
