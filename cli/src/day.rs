//! The day on which the program runs.

use std::time::{SystemTime, UNIX_EPOCH};

use catalogue::Day;

/// 9999-12-31, behind which no date has four digits.
const LAST: u64 = 2_932_896;

/// The day that it is, in UTC: the one place where the program asks for it.
#[expect(
    clippy::expect_used,
    reason = "Every day from 1970-01-01 to 9999-12-31 has a date, which a test reads for many."
)]
pub(crate) fn today() -> Day {
    const SECONDS: u64 = 24 * 60 * 60;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock that stands before 1970 is wrong; then no waiver counts that has an end.
    let days = now.map_or(LAST, |time| time.as_secs() / SECONDS);
    date(days.min(LAST)).parse().expect("a date")
}

/// The date of a day that is counted from 1970-01-01 on. Years are counted from March, so that the day
/// that some lack is their last, and 400 of them have 146,097 days.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (year, month + 3)
    } else {
        (year + 1, month - 9)
    };
    format!("{:04}-{month:02}-{day:02}", year + era * 400)
}

#[cfg(test)]
mod tests {
    use catalogue::Day;

    use super::{LAST, date};

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        let known = [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (19_782, "2024-02-29"),
            (19_783, "2024-03-01"),
            (20_784, "2026-11-27"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
            (LAST, "9999-12-31"),
        ];
        for (days, expected) in known {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn every_day_is_a_date_behind_the_one_before() {
        let mut before: Day = date(0).parse().unwrap();
        for days in 1..=100_000 {
            let day: Day = date(days).parse().unwrap();
            assert!(before < day, "{before} {day}");
            before = day;
        }
    }
}
