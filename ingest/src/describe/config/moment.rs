//! When an item was recorded. AWS Config writes UTC into snapshots; the AWS CLI prints its machine's time,
//! with the distance to UTC behind it.
//!
//! Source: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html> (`cli_timestamp_format`)

use std::cmp::Ordering;

/// A time as seconds from 1970-01-01 on, and the digits of its fraction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    seconds: i64,
    fraction: String,
}

impl Moment {
    /// Reads `2026-11-20T08:00:00.000Z`, or the same with `+09:00`; `None` when it is no such time.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let mut date = date.split('-').map(str::parse::<i64>);
        let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
        let (time, behind_utc) = offset(time)?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
        let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
        let in_range = (1..=12).contains(&month) && (1..=31).contains(&day);
        (is_fraction && in_range).then_some(())?;
        Some(Self {
            seconds: days(year, month, day) * 86_400 + seconds(clock)? - behind_utc,
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }
}

/// Which of two is the newer, where both are told.
pub(super) fn compare(one: Option<&Moment>, other: Option<&Moment>) -> Option<Ordering> {
    Some(one?.cmp(other?))
}

/// A time without its distance to UTC, and that in seconds.
fn offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix('Z') {
        return Some((time, 0));
    }
    let position = time.rfind(['+', '-'])?;
    let (time, offset) = time.split_at_checked(position)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (_, distance) = offset.split_at_checked(1)?;
    Some((time, sign * seconds(distance)?))
}

/// The seconds of `08:30:15`, or of `09:00`.
fn seconds(clock: &str) -> Option<i64> {
    let parts: Option<Vec<i64>> = clock.split(':').map(|part| part.parse().ok()).collect();
    match parts?.as_slice() {
        [hours, minutes] => Some(hours * 3_600 + minutes * 60),
        [hours, minutes, seconds] => Some(hours * 3_600 + minutes * 60 + seconds),
        _ => None,
    }
}

/// The days from 1970-01-01 to a date. Years are counted from March, so that the day that some lack is
/// their last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_in_every_zone() {
        let read = |text: &str| Moment::read(text).expect("a time");
        let utc = read("2026-11-27T23:30:00.000Z");
        assert_eq!(utc, read("2026-11-28T08:30:00+09:00"));
        assert_eq!(utc, read("2026-11-27T18:30:00.0-05:00"));
        assert_eq!(utc.seconds, 1_795_822_200);
        assert_eq!(read("2000-03-01T00:00:00Z").seconds, 951_868_800);
        assert_eq!(read("2000-02-29T00:00:00Z").seconds, 951_782_400);
        assert!(read("2026-11-28T00:00:00Z") > read("2026-11-28T08:59:59.9+09:00"));
        assert!(read("2026-11-28T00:00:00.521Z") > read("2026-11-28T00:00:00.5Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-11-28",
            "2026-11-28T08:00:00",
            "2026-13-01T00:00:00Z",
        ] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }
}
