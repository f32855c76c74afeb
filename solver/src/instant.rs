//! Points in time (`condition-date`).
//!
//! The two conversions between days and dates are those of Howard Hinnant, "chrono-Compatible Low-Level Date
//! Algorithms".

use crate::decimal::is_digits;

/// A point in time: seconds since 1970, and what is behind them as digits without trailing zeros.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    seconds: i128,
    fraction: String,
}

/// The seconds of years with four digits.
const WRITTEN: std::ops::Range<i128> = -62_167_219_200..253_402_300_800;

impl Instant {
    /// A date with a time and an offset, or seconds in five digits or more; `None` of anything else, and of a date
    /// that does not exist.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if is_digits(text) {
            let seconds = if text.len() < 5 {
                None
            } else {
                text.parse().ok()
            };
            return Some(Instant {
                seconds: seconds?,
                fraction: String::new(),
            });
        }
        let (date, time) = text.split_once('T')?;
        let days = days_of_date(date)?;
        let (time, offset) = match time.strip_suffix('Z') {
            Some(time) => (time, 0),
            None => {
                let (time, offset) = time.split_at_checked(time.len().checked_sub(6)?)?;
                (time, seconds_of_offset(offset)?)
            }
        };
        let (seconds, fraction) = seconds_of_time(time)?;
        Some(Instant {
            seconds: days * 86_400 + seconds - offset,
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }

    /// The second before, the second behind, or a point between this one and a later one; `None` where no date is
    /// written so.
    pub(crate) fn before(&self) -> Option<String> {
        written(self.seconds - 1, "")
    }

    pub(crate) fn after(&self) -> Option<String> {
        written(self.seconds.checked_add(1)?, "")
    }

    pub(crate) fn until(&self, later: &Instant) -> Option<String> {
        let next = Instant {
            seconds: self.seconds.checked_add(1)?,
            fraction: String::new(),
        };
        if next < *later {
            return written(next.seconds, "");
        }
        let n_digits = self.fraction.len().max(later.fraction.len());
        written(self.seconds, &format!("{:0<n_digits$}1", self.fraction))
    }

    /// The point itself.
    pub(crate) fn spelled(&self) -> Option<String> {
        written(self.seconds, &self.fraction)
    }
}

/// Two, or four, digits between bounds.
fn number(text: &str, length: usize, bounds: std::ops::RangeInclusive<i128>) -> Option<i128> {
    if text.len() != length || !is_digits(text) {
        return None;
    }
    text.parse().ok().filter(|number| bounds.contains(number))
}

fn days_of_date(text: &str) -> Option<i128> {
    let mut parts = text.splitn(3, '-');
    let year = number(parts.next()?, 4, 0..=9999)?;
    let month = number(parts.next()?, 2, 1..=12)?;
    let day = number(parts.next()?, 2, 1..=31)?;
    let days = days_from_civil(year, month, day);
    (civil_from_days(days) == (year, month, day)).then_some(days)
}

/// `hh:mm`, with seconds and their fraction or without.
fn seconds_of_time(text: &str) -> Option<(i128, &str)> {
    let (hour, rest) = text.split_once(':')?;
    let (minute, second, fraction) = match rest.split_once(':') {
        None => (rest, "00", ""),
        Some((minute, second)) => match second.split_once('.') {
            None => (minute, second, ""),
            Some((second, fraction)) if is_digits(fraction) => (minute, second, fraction),
            Some(_) => return None,
        },
    };
    let hour = number(hour, 2, 0..=23)?;
    let minute = number(minute, 2, 0..=59)?;
    let second = number(second, 2, 0..=59)?;
    Some((hour * 3_600 + minute * 60 + second, fraction))
}

/// `+hh:mm` or `-hh:mm`.
fn seconds_of_offset(text: &str) -> Option<i128> {
    let (sign, time) = match text.strip_prefix('+') {
        Some(time) => (1, time),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hour, minute) = time.split_once(':')?;
    Some(sign * (number(hour, 2, 0..=23)? * 3_600 + number(minute, 2, 0..=59)? * 60))
}

fn written(seconds: i128, fraction: &str) -> Option<String> {
    if !WRITTEN.contains(&seconds) {
        return (seconds > 0 && fraction.is_empty()).then(|| seconds.to_string());
    }
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}Z"
    ))
}

fn days_from_civil(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_it_is_written() {
        for seconds in [
            -62_167_219_200,
            -1,
            0,
            951_782_400,
            1_767_225_600,
            253_402_300_799,
        ] {
            let text = written(seconds, "25").expect("of four digits");
            let read = Instant::parse(&text).expect("a date");
            assert_eq!(
                (read.seconds, read.fraction.as_str()),
                (seconds, "25"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "2026",
            "2026-01",
            "2026-01-01",
            "2025-02-30T00:00Z",
            "2025-01-01T24:00Z",
            "1234",
            "2025-01-01T00:00",
            "2025-01-01T00:00:00.Z",
            "2025-01-01T00:00+1:00",
            "é",
            "2025-01-01T00:00é1:00",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn between_points_there_are_others() {
        let points = [
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00.5Z",
            "1767225601",
            "1767229999",
        ];
        let points = points.map(|text| Instant::parse(text).expect("a date"));
        for pair in points.windows(2) {
            let [one, other] = pair else { continue };
            let between = one.until(other).and_then(|text| Instant::parse(&text));
            let between = between.expect("a date");
            assert!(*one < between && between < *other, "{between:?}");
        }
    }
}
