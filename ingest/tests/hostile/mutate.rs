//! Mistakes made on purpose, the same for the same seed: in bytes, and in the structure of JSON.
//!
//! The fuzz targets include this file too, so that both make the same mistakes.

use serde_json::Value;

/// Numbers that look random and are the same in every run (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// Makes one mistake somewhere in a document.
pub fn mutate(document: &mut Value, random: &mut Random) {
    let n_values = count(document);
    // Something else that stands in the document: an id in the place of another, say.
    let mut other = random.below(n_values);
    let other = at(document, &mut other).clone();
    let mut position = random.below(n_values);
    let value = at(document, &mut position);
    match random.below(8) {
        0 | 1 => *value = wrong(random),
        2 | 3 => *value = other,
        4 | 5 => delete(value, random),
        6 => duplicate(value, random),
        _ => garble(value, random),
    }
}

/// How many values a document has, itself included.
pub fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(entries) => entries.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The value of that number, in the order of the text.
fn at<'a>(value: &'a mut Value, position: &mut usize) -> &'a mut Value {
    if *position == 0 || !(value.is_array() || value.is_object()) {
        return value;
    }
    *position -= 1;
    let children: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(entries) => entries.values_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for child in children {
        let n_values = count(child);
        if *position < n_values {
            return at(child, position);
        }
        *position -= n_values;
    }
    unreachable!("a position below the count is somewhere")
}

/// A value that is rarely the right one.
fn wrong(random: &mut Random) -> Value {
    const TEXTS: [&str; 22] = [
        "",
        " ",
        "x",
        "\u{0}",
        "é€𝄞",
        "*",
        "-1",
        "443",
        "true",
        "null",
        "{}",
        "[",
        "/",
        "0.0.0.0/0",
        "10.0.0.1/16",
        "10.0.0.0/33",
        "::/0",
        "::ffff:10.0.0.1",
        "tcp",
        "arn:aws:iam::123456789012:root",
        "module.a.module.b[\"c\"].d",
        "${aws:username}",
    ];
    match random.below(10) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 => [-1, 0, 1, 255, 256, 65_535, 65_536, i64::MAX, i64::MIN][random.below(9)].into(),
        3 => [0.5, -0.0, 1e300][random.below(3)].into(),
        4 => Value::Array(vec![wrong(random)]),
        5 => Value::Array(Vec::new()),
        6 => Value::Object(serde_json::Map::new()),
        7 => serde_json::json!({ "x": wrong(random) }),
        8 | 9 => TEXTS[random.below(TEXTS.len())].into(),
        _ => unreachable!("the number is below ten"),
    }
}

fn delete(value: &mut Value, random: &mut Random) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            items.remove(random.below(items.len()));
        }
        Value::Object(entries) if !entries.is_empty() => {
            let key = entries.keys().nth(random.below(entries.len())).cloned();
            entries.remove(&key.unwrap_or_default());
        }
        other => *other = Value::Null,
    }
}

fn duplicate(value: &mut Value, random: &mut Random) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            items.push(items[random.below(items.len())].clone());
        }
        Value::Object(entries) if !entries.is_empty() => {
            let key = entries.keys().nth(random.below(entries.len())).cloned();
            let copy = entries[&key.unwrap_or_default()].clone();
            entries.insert("Copy".to_owned(), copy);
        }
        other => *other = Value::Array(vec![other.clone(), other.clone()]),
    }
}

/// A string with a character less, more or another; a number beside itself.
fn garble(value: &mut Value, random: &mut Random) {
    match value {
        Value::String(text) => {
            let mut characters: Vec<char> = text.chars().collect();
            let position = random.below(characters.len() + 1);
            let letter = ['0', '9', '/', ':', '.', '[', '"', ' ', 'é'][random.below(9)];
            match random.below(3) {
                0 if position < characters.len() => drop(characters.remove(position)),
                1 if position < characters.len() => characters[position] = letter,
                _ => characters.insert(position, letter),
            }
            *text = characters.into_iter().collect();
        }
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            *value =
                [number.wrapping_add(1), number.wrapping_neg(), number / 2][random.below(3)].into();
        }
        other => *other = wrong(random),
    }
}
