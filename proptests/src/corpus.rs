//! The corpus: networks that were once answered wrongly, with the answers that are right.
//!
//! A file is TOML: a `sentence` that says what was wrong, the `network` in the native format, and
//! what is asked of it, in the syntax of the semantics' examples.
//!
//! ```toml
//! sentence = "A blackhole was skipped, and the next shorter route taken."
//! flows = ["web  10.0.1.5 -> 203.0.113.9 tcp/443  =>  dropped route-blackhole"]
//! network = '''
//! [vpc.main]
//! cidrs = ["10.0.0.0/16"]
//! '''
//!
//! [[invariants]]
//! quantifier = "every"
//! from = ["web"]
//! to = ["internet"]
//! traffic = "tcp/443"
//! claim = "not delivered"
//! verdict = "holds"
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use model::{
    Claim, Clause, Engine, Family, Invariant, InvariantName, Network, Origin, Place, Quantifier,
    Scope, Traffic, TrafficClass, Transport,
};
use toml::{Table, Value};

use crate::line::{self, Line};
use crate::page;
use crate::run::Kind;

/// A file of the corpus.
#[derive(Clone, Debug)]
pub struct Regression {
    /// The file's name without `.toml`: what was wrong.
    pub name: String,
    /// One sentence.
    pub sentence: String,
    /// The network.
    pub network: Network,
    /// What is asked, each as it is written.
    pub lines: Vec<(String, Line)>,
    /// Invariants and their verdicts.
    pub invariants: Vec<(Invariant, Kind)>,
}

/// Where the regressions are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/regressions")
}

/// Reads every regression, in the order of their names.
///
/// # Errors
///
/// Everything that is wrong with any of them.
pub fn regressions() -> Result<Vec<Regression>, Vec<String>> {
    let entries = fs::read_dir(directory()).map_err(|error| vec![error.to_string()])?;
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut paths: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    paths.sort();
    let mut regressions = Vec::new();
    let mut wrongs = Vec::new();
    for path in paths {
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let read = fs::read_to_string(&path).map_err(|error| error.to_string());
        match read.and_then(|text| regression(&name, &text)) {
            Ok(regression) => regressions.push(regression),
            Err(wrong) => wrongs.push(format!("{name}.toml: {wrong}")),
        }
    }
    if wrongs.is_empty() {
        Ok(regressions)
    } else {
        Err(wrongs)
    }
}

/// Reads one regression.
///
/// # Errors
///
/// What is wrong with it.
pub fn regression(name: &str, text: &str) -> Result<Regression, String> {
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| error.to_string())?;
    let sentence = string(&table, "sentence")?;
    let network = page::network(&string(&table, "network")?, name)?;
    let mut lines = Vec::new();
    for text in strings(&table, "flows")? {
        lines.push((text.clone(), Line::Flow(line::flow_line(&text, &network)?)));
    }
    for text in strings(&table, "names")? {
        lines.push((text.clone(), Line::Name(line::name_line(&text)?)));
    }
    for text in strings(&table, "requests")? {
        lines.push((text.clone(), Line::Request(line::request_line(&text)?)));
    }
    let mut invariants = Vec::new();
    if let Some(Value::Array(tables)) = table.get("invariants") {
        for table in tables {
            let table = table.as_table().ok_or("an invariant is a table")?;
            invariants.push(invariant(table, &network)?);
        }
    }
    if lines.is_empty() && invariants.is_empty() {
        return Err("nothing is asked".to_owned());
    }
    Ok(Regression {
        name: name.to_owned(),
        sentence,
        network,
        lines,
        invariants,
    })
}

fn string(table: &Table, key: &str) -> Result<String, String> {
    let text = table.get(key).and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| format!("`{key}` is missing"))
}

fn strings(table: &Table, key: &str) -> Result<Vec<String>, String> {
    let Some(value) = table.get(key) else {
        return Ok(Vec::new());
    };
    let wrong = || format!("`{key}` is not an array of strings");
    let items = value.as_array().ok_or_else(wrong)?;
    let texts = items
        .iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong));
    texts.collect()
}

fn invariant(table: &Table, network: &Network) -> Result<(Invariant, Kind), String> {
    let quantifier = match string(table, "quantifier")?.as_str() {
        "every" => Quantifier::Every,
        "exists" => Quantifier::Exists,
        other => return Err(format!("`{other}` is no quantifier")),
    };
    let mut from = Vec::new();
    for text in strings(table, "from")? {
        from.push(match text.as_str() {
            "internet" => Origin::Internet(None),
            "onprem" => Origin::OnPremises {
                blocks: None,
                resolver: None,
            },
            id => Origin::Interfaces([id.into()].into()),
        });
    }
    let public_from_inside = table.get("public-from-inside").and_then(Value::as_bool);
    let mut to = Vec::new();
    for text in strings(table, "to")? {
        to.push(place(&text, public_from_inside.unwrap_or(false), network)?);
    }
    let (traffic, families) = traffic(&string(table, "traffic")?)?;
    let relayed = table.get("relayed").and_then(Value::as_bool);
    let premise = match table.get("premise") {
        Some(_) => Some(claim(&string(table, "premise")?)?),
        None => None,
    };
    let verdict = match string(table, "verdict")?.as_str() {
        "holds" => Kind::Holds,
        "violated" => Kind::Violated,
        "vacuous" => Kind::Vacuous,
        "unknown" => Kind::Unknown,
        other => return Err(format!("`{other}` is no verdict")),
    };
    let invariant = Invariant {
        name: InvariantName::new("regression"),
        quantifier,
        scope: Scope {
            from,
            to,
            traffic,
            families: families.into(),
            relayed: relayed.unwrap_or(false),
            request: None,
        },
        premise,
        claim: claim(&string(table, "claim")?)?,
    };
    Ok((invariant, verdict))
}

/// An interface, `internet`, `onprem`, a block, `service:name`, `endpoint:id` or `name:www.example.com`.
fn place(text: &str, public_from_inside: bool, network: &Network) -> Result<Place, String> {
    if text == "internet" {
        return Ok(Place::Internet);
    }
    if text == "onprem" {
        return Ok(Place::OnPremises(None));
    }
    if let Some(service) = text.strip_prefix("service:") {
        return Ok(Place::Service(service.to_owned()));
    }
    if let Some(id) = text.strip_prefix("endpoint:") {
        return Ok(Place::GatewayEndpoints([id.into()].into()));
    }
    if let Some(name) = text.strip_prefix("name:") {
        return Ok(Place::Name(name.to_owned()));
    }
    if let Ok(cidr) = text.parse() {
        return Ok(Place::Cidrs([cidr].into()));
    }
    let id = text.into();
    if !network.network_interfaces().contains_key(&id) {
        return Err(format!("`{text}` is no place"));
    }
    Ok(Place::Interfaces {
        interfaces: [id].into(),
        public_from_inside,
    })
}

/// `all`, or one kind as in a flow, from any port; ICMPv6 is IPv6, the rest IPv4.
fn traffic(text: &str) -> Result<(Traffic, [Family; 1]), String> {
    let any = 0..=u16::MAX;
    let mut family = Family::V4;
    let classes = if text == "all" {
        vec![
            TrafficClass::Tcp {
                source_ports: any.clone(),
                destination_ports: any.clone(),
            },
            TrafficClass::Udp {
                source_ports: any.clone(),
                destination_ports: any,
            },
        ]
    } else {
        vec![match line::transport(text)? {
            Transport::Tcp {
                destination_port, ..
            } => TrafficClass::Tcp {
                source_ports: any,
                destination_ports: destination_port..=destination_port,
            },
            Transport::Udp {
                destination_port, ..
            } => TrafficClass::Udp {
                source_ports: any,
                destination_ports: destination_port..=destination_port,
            },
            Transport::Icmp { icmp_type, code } => TrafficClass::Icmp {
                types: icmp_type..=icmp_type,
                codes: code..=code,
            },
            Transport::Icmpv6 { icmp_type, code } => {
                family = Family::V6;
                TrafficClass::Icmpv6 {
                    types: icmp_type..=icmp_type,
                    codes: code..=code,
                }
            }
            Transport::Other(protocol) => TrafficClass::Other {
                protocols: protocol.number()..=protocol.number(),
            },
        }]
    };
    Ok((Traffic { classes }, [family]))
}

/// `delivered`, `answered`, the name of a clause, or `not` and one of these.
fn claim(text: &str) -> Result<Claim, String> {
    if let Some(rest) = text.strip_prefix("not ") {
        return Ok(Claim::Not(Box::new(claim(rest)?)));
    }
    match text {
        "delivered" => Ok(Claim::Delivered),
        "answered" => Ok(Claim::Answered),
        name => {
            let clause = Clause::from_name(name);
            clause
                .map(Claim::DecidedBy)
                .ok_or_else(|| format!("`{name}` is no claim"))
        }
    }
}

impl Regression {
    /// Asks an engine everything.
    ///
    /// # Errors
    ///
    /// Each answer that is another one.
    pub fn check<E: Engine>(&self) -> Result<(), String> {
        let engine = E::load(&self.network);
        let mut wrongs = Vec::new();
        for (text, line) in &self.lines {
            wrongs.extend(
                line.check(&engine)
                    .err()
                    .map(|wrong| format!("{text}\n{wrong}")),
            );
        }
        for (invariant, expected) in &self.invariants {
            let verdict = engine.check(invariant);
            if Kind::of(&verdict) != *expected {
                wrongs.push(format!(
                    "{invariant:?}\nexpected {expected:?}, found {verdict:?}"
                ));
            }
        }
        if wrongs.is_empty() {
            Ok(())
        } else {
            Err(format!("{}\n{}", self.sentence, wrongs.join("\n")))
        }
    }
}

/// The text of a regression with flows.
pub fn write(sentence: &str, network: &Network, flows: &[String]) -> String {
    let flows: Vec<_> = flows
        .iter()
        .map(|flow| format!("    {flow:?},\n"))
        .collect();
    let network = ingest::native::write(network);
    format!(
        "sentence = {sentence:?}\nflows = [\n{}]\nnetwork = '''\n{}'''\n",
        flows.concat(),
        network.replace("'''", "\"\"\""),
    )
}
