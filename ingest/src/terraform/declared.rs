//! Resources that another format declares, in the provider's words: a template's properties and the
//! provider's attributes are both the parameters of AWS's calls, so that one reader builds both.
//!
//! What differs is said here. Every value has its own expression, so that no two share their
//! references; a reference names one thing; and what the other format calls an attribute, and where
//! it stands in the file, is kept beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::json::Value as Json;

use crate::diagnostic::Place;
use crate::sink::Sink;

use super::plan::Plan;
use super::reader::Reader;

/// One resource.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// What it goes by in the network and in messages.
    pub(crate) address: String,
    /// What expressions call it, behind its type.
    pub(crate) label: String,
    /// Its type, as `aws_subnet`.
    pub(crate) of: String,
    /// Whether it is a data source.
    pub(crate) is_data: bool,
    /// The attributes that are known.
    pub(crate) values: Json,
    /// Which attributes are open.
    pub(crate) unknown: Json,
    /// The expressions behind those that are open, below `expressions`.
    pub(crate) declaration: Json,
    /// Where it stands.
    pub(crate) place: Place,
    /// What its attributes are called where it is declared.
    pub(crate) origins: Origins,
}

/// What attributes are called where they are declared, by their paths.
pub(crate) type Origins = BTreeMap<String, Origin>;

/// What an attribute is called where it is declared.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// Its name there.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) place: Place,
}

impl Declared {
    /// Gives it the id that AWS calls it by.
    pub(crate) fn identify(&mut self, id: Option<&str>) {
        self.set("id", id);
    }

    /// Sets an attribute to a text that is known.
    pub(crate) fn set(&mut self, attribute: &str, text: Option<&str>) {
        if let (Some(text), Some(values)) = (text, self.values.as_object_mut()) {
            values.insert(attribute, Json::from(text));
            if let Some(unknown) = self.unknown.as_object_mut() {
                unknown.remove(attribute);
            }
        }
    }
}

/// Reads resources, and takes those away that were there before.
pub(crate) fn read(file: &Arc<str>, resources: &[Declared], former: &[Declared], sink: &mut Sink) {
    let plan = Plan::declared(file.clone(), resources, former);
    super::build(Reader::new(&plan, sink));
}

/// The origin of the attribute at a path, or of the nearest one that it is a part of.
pub(super) fn origin<'o>(origins: &'o Origins, path: &str) -> Option<&'o Origin> {
    let mut path = path;
    loop {
        if let Some(origin) = origins.get(path) {
            return Some(origin);
        }
        path = path.rsplit_once('/')?.0;
    }
}

/// What an attribute that is not written is called there: `public_ip` is `PublicIp`.
pub(super) fn unwritten(attribute: &str) -> String {
    let mut name = String::new();
    for word in attribute.split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}
