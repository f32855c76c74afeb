//! Dates as points in time (`condition-date`): seconds since 1970, exactly.

use crate::decimal::{Decimal, complement};

const DAY: i64 = 86_400;

/// Reads a date with its time, or seconds since 1970 in five digits or more.
pub(crate) fn read(text: &str) -> Option<Decimal> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == text.len() {
        return (digits >= 5).then(|| Decimal::read(text)).flatten();
    }
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let exists = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    let (clock, offset) = split_offset(time)?;
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, fraction),
        None => (clock, "0"),
    };
    let has_fraction = clock.len() < time.len() && time.contains('.');
    let [hour, minute, second] = match clock.len() {
        5 if !has_fraction => {
            let [hour, minute] = numbers(clock, ':', [2, 2])?;
            [hour, minute, 0]
        }
        _ => numbers(clock, ':', [2, 2, 2])?,
    };
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = hour < 24 && minute < 60 && second < 60 && is_fraction;
    let seconds = hour * 3600 + minute * 60 + second - offset;
    (exists && is_time).then(|| {
        let whole = days_from_civil(year, month, day) * DAY + seconds;
        Decimal::seconds(whole, fraction)
    })
}

/// Splits `Z`, or hours and minutes before or behind it, off a time; the offset in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let sign = time.rfind(['+', '-'])?;
    let (clock, offset) = time.split_at_checked(sign)?;
    let direction = if offset.starts_with('+') { 1 } else { -1 };
    let [hours, minutes] = numbers(offset.get(1..)?, ':', [2, 2])?;
    let exists = hours < 24 && minutes < 60;
    exists.then_some((clock, direction * (hours * 3600 + minutes * 60)))
}

/// Reads numbers of so many digits each.
fn numbers<const N: usize>(text: &str, between: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        let is_number = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_number.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

const fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, by Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms".
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The reverse of [`days_from_civil`]: year, month and day.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

/// Writes a whole second as a date, when its year has four digits.
pub(crate) fn write(seconds: i64) -> Option<String> {
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    (0..=9999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// A date for a point in time; `None` when none can be written.
pub(crate) fn written(point: &Decimal) -> Option<String> {
    let text = point.to_string();
    let date = match text.split_once('.') {
        None => point.whole().and_then(write),
        Some((whole, fraction)) => {
            let second: Option<i64> = whole.parse().ok();
            // Before 1970 a fraction counts back.
            let (second, fraction) = match whole.starts_with('-') {
                true => (second.map(|second| second - 1), complement(fraction)),
                false => (second, fraction.to_owned()),
            };
            let date = second.and_then(write);
            date.map(|date| format!("{}.{fraction}Z", date.trim_end_matches('Z')))
        }
    };
    date.or_else(|| read(&text).map(|_| text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_points_in_time() {
        let second = |text: &str| read(text).map(|point| point.to_string());
        let new_year = Some("1767225600".to_owned());
        for text in [
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00+01:00",
            "2025-12-31T23:30:00-00:30",
            "1767225600",
            "2026-01-01T00:00Z",
        ] {
            assert_eq!(second(text), new_year, "{text}");
        }
        assert_eq!(
            second("2026-01-01T00:00:00.50Z"),
            Some("1767225600.5".into())
        );
        assert_eq!(second("1969-12-31T23:59:59.25Z"), Some("-0.75".into()));
        assert_eq!(second("2000-02-29T00:00Z"), Some("951782400".into()));
        for text in [
            "2026",
            "2026-01",
            "2026-01-01",
            "2025-02-30T00:00:00Z",
            "1900-02-29T00:00Z",
            "2026-01-01T00:00",
            "2026-01-01T24:00Z",
            "2026-01-01T00:00.5Z",
            "2026-01-01T00:00:00.Z",
            "2026-1-01T00:00Z",
            "-12345",
            "12345.5",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

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
            let text = write(seconds).expect("a year of four digits");
            assert_eq!(
                read(&text).and_then(|point| point.whole()),
                Some(seconds),
                "{text}"
            );
        }
        for text in ["-0.75", "-1.5", "0.25", "1767225600.001"] {
            let point = Decimal::read(text).expect("a number");
            let written = written(&point).expect("a year of four digits");
            assert_eq!(read(&written), Some(point), "{written}");
        }
    }
}
