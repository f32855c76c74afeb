//! Deciding the flow of a line, and the line that answers it.

use std::net::IpAddr;

use model::{
    Address, Answer, Arrival, Cidr, Clause, Disposition, Effect, Engine, Family, Flow,
    NetworkInterface, NetworkInterfaceId, Packet, PermissionEffect, Request, Source, Trace,
};
use serde::Serialize;
use serde_json::Value;

use super::Tracer;
use super::line::Line;
use crate::asker;
use crate::blocks;
use crate::judge::truth;
use crate::judge::way::way;
use crate::miss;
use crate::nearest::{nearest, suggest};
use crate::on_premises;
use crate::public_names;
use crate::render::json::{self, HopJson, RequestJson};

/// The answer to a line.
pub(super) enum Answered {
    /// The flow was decided, and carries a request.
    Traced(Box<Trace>, Option<Request>),
    /// The name means nothing, or nobody knows what: no packet is sent.
    Unresolved(Disposition, Clause, String),
}

impl Tracer<'_> {
    /// Finds the ends of a flow and decides it.
    pub(super) fn decide(&self, line: Line) -> Result<Answered, String> {
        let (source, given) = self.source(&line)?;
        if let (Some(gateway), Source::Interface(_) | Source::Internet) = (&line.gateway, &source) {
            return Err(format!(
                "`gateway` is `{gateway}`, but the sender `{}` is not on premises",
                line.from
            ));
        }
        let destinations = match self.destinations(&line.to, &source)? {
            Ok(destinations) => destinations,
            Err(unresolved) => return Ok(unresolved),
        };
        let mut pairs = destinations.iter().filter_map(|to| {
            let from = given.or_else(|| self.source_address(&source, to.family()))?;
            Packet::new(from, *to, line.transport)
        });
        let Some(packet) = pairs.next() else {
            return Err("sender and destination have no addresses of one family".to_owned());
        };
        let Line { picks, request, .. } = line;
        let flow = Flow {
            source,
            packet,
            picks,
        };
        let trace = self.evaluator.trace(&flow);
        Ok(Answered::Traced(Box::new(trace), request))
    }

    /// Who sends, and from which address when the line says so.
    fn source(&self, line: &Line) -> Result<(Source, Option<Address>), String> {
        let given = line.source_ip.as_deref().map(address).transpose()?;
        match line.from.as_str() {
            "internet" => return Ok((Source::Internet, given)),
            "onprem" => return Ok((self.on_premises(line.gateway.as_deref())?, given)),
            _ => {}
        }
        if let Some(gateway) = on_premises::gateway(&self.network, &line.from) {
            return Ok((Source::OnPremises(gateway), given));
        }
        let id = NetworkInterfaceId::new(&line.from);
        if self.network.network_interfaces().contains_key(&id) {
            return Ok((Source::Interface(id), given));
        }
        let Ok(found) = address(&line.from) else {
            return Err(self.unknown("from", &line.from));
        };
        let own = |interface: &&NetworkInterface| {
            miss::private_addresses(interface).any(|address| address == found)
        };
        let interfaces = self.network.network_interfaces().values().filter(own);
        let ids: Vec<&NetworkInterfaceId> = interfaces.map(|interface| &interface.id).collect();
        match ids.as_slice() {
            [] if miss::is_own(&self.network, found) => {
                Err(format!("no interface has the address `{found}`"))
            }
            [] if self.is_on_premises(found) => {
                let source = self.on_premises(line.gateway.as_deref())?;
                Ok((source, Some(found)))
            }
            [] => Ok((Source::Internet, Some(found))),
            [id] => Ok((Source::Interface((*id).clone()), Some(found))),
            [one, other, ..] => Err(format!(
                "both `{one}` and `{other}` have the address `{found}`; name the interface"
            )),
        }
    }

    /// A host on premises, behind the gateway that the line names, or the only one.
    fn on_premises(&self, named: Option<&str>) -> Result<Source, String> {
        let gateways: Vec<_> = on_premises::gateways(&self.network).collect();
        let ids: Vec<String> = gateways.iter().map(ToString::to_string).collect();
        if let Some(named) = named {
            let found = on_premises::gateway(&self.network, named);
            return found.map(Source::OnPremises).ok_or_else(|| {
                let near = suggest(named, ids.iter().map(String::as_str), "gateways");
                let near = near.map(|near| format!("; {near}")).unwrap_or_default();
                format!("`gateway` is `{named}`, by which no network on premises is reached{near}")
            });
        }
        match gateways.as_slice() {
            [] => Err("the network has no gateway to a network on premises".to_owned()),
            [only] => Ok(Source::OnPremises(only.clone())),
            [_, _, ..] => Err(format!(
                "the network has several gateways to networks on premises; name one of them as \
                 `gateway`: {}",
                ids.join(", ")
            )),
        }
    }

    /// Whether an address that is no interface's is a host's on premises: nobody on the internet has
    /// a private one.
    fn is_on_premises(&self, address: Address) -> bool {
        blocks::private_parts(Cidr::host(address)).next().is_some()
            && on_premises::has_on_premises(&self.network)
    }

    fn source_address(&self, source: &Source, family: Family) -> Option<Address> {
        match source {
            Source::Internet => miss::outside(&self.network, family),
            Source::OnPremises(gateway) => {
                let hosts = on_premises::hosts(&self.network, gateway, None);
                hosts.into_iter().find(|host| host.family() == family)
            }
            Source::Interface(id) => {
                let interface = self.network.network_interfaces().get(id)?;
                miss::private_addresses(interface).find(|address| address.family() == family)
            }
        }
    }

    /// The addresses that the destination means to the sender, or why it means none.
    fn destinations(
        &self,
        to: &str,
        source: &Source,
    ) -> Result<Result<Vec<Address>, Answered>, String> {
        if let Ok(address) = address(to) {
            return Ok(Ok(vec![address]));
        }
        let id = NetworkInterfaceId::new(to);
        if self.network.network_interfaces().contains_key(&id) {
            let found = miss::of_interfaces(&self.network, &[id].into(), source);
            if found.is_empty() {
                return Err(format!("`{to}` has no address that the sender can use"));
            }
            return Ok(Ok(found));
        }
        let is_of_names = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
        if !to.contains('.') || !to.chars().all(is_of_names) {
            return Err(self.unknown("to", to));
        }
        let asker = match source {
            Source::Interface(id) => asker::inside(&self.network, id),
            Source::Internet | Source::OnPremises(_) => None,
        };
        let Some(asker) = asker else {
            return Err(format!("what `{to}` means outside of VPCs is not modelled"));
        };
        let name = to.trim_end_matches('.').to_lowercase();
        let resolution = self.evaluator.resolve(&asker, &name);
        let unresolved = |disposition, why: String| {
            Ok(Err(Answered::Unresolved(
                disposition,
                resolution.clause,
                why,
            )))
        };
        match &resolution.answer {
            answer @ (Answer::Interfaces(_)
            | Answer::Addresses(_)
            | Answer::PublicService(_)
            | Answer::Dns64(_)) => {
                let found = miss::of_answer(&self.network, answer, source);
                if let (true, Some(service)) = (found.is_empty(), public_names::service(answer)) {
                    let hole = format!("the public addresses of {service}");
                    return unresolved(Disposition::Undetermined, hole);
                }
                Ok(Ok(found))
            }
            Answer::NoAnswer => {
                let vpc = asker::vpc(&self.network, &asker).map(|vpc| vpc.to_string());
                unresolved(Disposition::Dropped, vpc.unwrap_or_default())
            }
            Answer::Undetermined(hole) => {
                unresolved(Disposition::Undetermined, hole.attribute().to_owned())
            }
        }
    }

    fn unknown(&self, field: &str, text: &str) -> String {
        let ids = self.network.network_interfaces().keys();
        let near = nearest(text, ids.map(NetworkInterfaceId::as_str));
        let near = near
            .map(|id| format!("; did you mean `{id}`?"))
            .unwrap_or_default();
        format!("`{field}` is `{text}`, which is no interface and no address{near}")
    }
}

fn address(text: &str) -> Result<Address, String> {
    let address: Result<IpAddr, _> = text.parse();
    address
        .map(Address::from)
        .map_err(|_| format!("`{text}` is not an address"))
}

#[derive(Serialize)]
struct AnswerJson<'a> {
    id: &'a Value,
    disposition: String,
    answered: Option<bool>,
    via: Vec<String>,
    decided_by: DeciderJson,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestJson>,
    forward: Vec<HopJson>,
    reply: Vec<HopJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumed: Vec<AssumedJson>,
}

#[derive(Serialize)]
struct DeciderJson {
    component: Option<String>,
    clause: &'static str,
}

/// An address that the input leaves open, and the value that the answer took for it.
#[derive(Serialize)]
struct AssumedJson {
    interface: String,
    public: bool,
    address: String,
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    id: &'a Value,
    error: &'a str,
}

/// The line that answers.
pub(super) fn render(id: &Value, answered: &Answered, tracer: &Tracer<'_>) -> String {
    let answer = match answered {
        Answered::Traced(trace, request) => traced(id, trace, request.as_ref(), tracer),
        Answered::Unresolved(disposition, clause, why) => AnswerJson {
            id,
            disposition: disposition.to_string(),
            answered: (*disposition == Disposition::Dropped).then_some(false),
            via: Vec::new(),
            decided_by: DeciderJson {
                component: (*disposition == Disposition::Dropped).then(|| why.clone()),
                clause: clause.name(),
            },
            holes: match disposition {
                Disposition::Undetermined => vec![why.clone()],
                Disposition::Delivered | Disposition::Dropped => Vec::new(),
            },
            request: None,
            forward: Vec::new(),
            reply: Vec::new(),
            assumed: Vec::new(),
        },
    };
    // Every key is a string and nothing is a non-finite number, so writing does not fail.
    serde_json::to_string(&answer).unwrap_or_default()
}

fn traced<'a>(
    id: &'a Value,
    trace: &Trace,
    request: Option<&Request>,
    tracer: &Tracer<'_>,
) -> AnswerJson<'a> {
    let forward = &trace.decision.forward;
    let replied = match trace.decision.reply.as_ref().map(|reply| reply.disposition) {
        None | Some(Disposition::Dropped) => Some(false),
        Some(Disposition::Delivered) => Some(true),
        Some(Disposition::Undetermined) => None,
    };
    let answered = match forward.disposition {
        Disposition::Dropped => Some(false),
        Disposition::Delivered => replied,
        Disposition::Undetermined => replied.filter(|replied| !replied),
    };
    let decider = trace
        .forward
        .iter()
        .find(|hop| hop.clause == forward.clause && decides(&hop.effect));
    let decider = decider.or(trace.forward.last());
    let packet = trace.flow.packet;
    let used = [packet.source(), packet.destination()];
    let slots = tracer.completion.addresses.iter();
    let slots = slots.filter(|(_, address)| used.contains(address));
    let holes = trace
        .forward
        .iter()
        .chain(&trace.reply)
        .filter_map(|hop| match &hop.effect {
            Effect::Undetermined(hole) => Some(hole.attribute().to_owned()),
            Effect::Passed | Effect::Delivered | Effect::Dropped => None,
        });
    let delivered = forward.disposition == Disposition::Delivered;
    let permission = request
        .filter(|_| delivered)
        .and_then(|request| truth::permission(trace, request, &tracer.network, &tracer.evaluator));
    let unsettled = permission
        .as_ref()
        .and_then(|(_, permission)| match &permission.effect {
            PermissionEffect::Undetermined(hole) => Some(hole.attribute().to_owned()),
            PermissionEffect::Permitted | PermissionEffect::Denied => None,
        });
    let mut way = way(trace, &tracer.network);
    // The receiver's interface is where the way ends, not what it goes by.
    if let Some(Arrival::Interface(_)) = &forward.arrival {
        way.pop();
    }
    AnswerJson {
        id,
        disposition: forward.disposition.to_string(),
        answered,
        via: way.iter().map(ToString::to_string).collect(),
        decided_by: DeciderJson {
            component: decider.map(|hop| hop.component.to_string()),
            clause: forward.clause.name(),
        },
        holes: holes.chain(unsettled).collect(),
        request: request.map(|request| json::request(request, permission.as_ref())),
        forward: json::hops(&trace.forward, tracer.validated),
        reply: json::hops(&trace.reply, tracer.validated),
        assumed: slots
            .map(|(slot, address)| AssumedJson {
                interface: slot.interface.to_string(),
                public: slot.public,
                address: address.to_string(),
            })
            .collect(),
    }
}

fn decides(effect: &Effect) -> bool {
    match effect {
        Effect::Delivered | Effect::Dropped | Effect::Undetermined(_) => true,
        Effect::Passed => false,
    }
}

/// The line in the place of one that cannot be answered.
pub(super) fn error(id: &Value, error: &str) -> String {
    serde_json::to_string(&ErrorJson { id, error }).unwrap_or_default()
}
