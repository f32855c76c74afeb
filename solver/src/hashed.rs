//! Maps and sets by hashes that are the same in every run.
//!
//! z3 numbers its terms, takes the numbers of those that are given up for later ones, and prefers some answers
//! to others by these numbers. So what a map with terms is dropped by decides which witness is found, and must
//! not be left to chance.

use std::collections;
use std::hash::{BuildHasherDefault, DefaultHasher};

type Fixed = BuildHasherDefault<DefaultHasher>;

pub(crate) type HashMap<K, V> = collections::HashMap<K, V, Fixed>;
pub(crate) type HashSet<T> = collections::HashSet<T, Fixed>;
