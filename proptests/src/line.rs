//! One line of an example: a question to an engine and the answer that is expected.
//!
//! ```text
//! web  10.0.1.5 -> 10.0.2.5 tcp/443  =>  delivered interface-accepts; reply delivered reply-returns
//! main  ssm.eu-west-1.amazonaws.com  =>  interfaces ssm-a ssm-b endpoint-private-dns
//! s3  s3:GetObject arn:aws:s3:::logs/a anonymous  =>  permitted policy-allow
//! ```
//!
//! The syntax is written down in `model/semantics/README.md`, and the corpus uses it too.

use std::fmt;
use std::net::IpAddr;

use model::{
    Address, Answer, Asker, AttachmentKind, Clause, ContextKey, Decision, Disposition, Engine,
    Flow, MOST_PICKS, Network, OnPremisesGateway, Outcome, Packet, PermissionEffect, Port,
    Principal, Request, RequestContext, RequestWay, Source, TransitGatewayAttachmentId, Transport,
    VirtualPrivateGatewayId,
};

/// The client's port when a line names none.
const CLIENT_PORT: Port = 40_000;

/// How one direction is expected to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// How.
    pub disposition: Disposition,
    /// The clause that decides.
    pub clause: Clause,
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.disposition, self.clause)
    }
}

impl From<&Outcome> for Expected {
    fn from(outcome: &Outcome) -> Self {
        Self {
            disposition: outcome.disposition,
            clause: outcome.clause,
        }
    }
}

/// A line of a `flows` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowLine {
    /// What is asked.
    pub flow: Flow,
    /// How the request ends.
    pub forward: Expected,
    /// How the reply ends.
    pub reply: Option<Expected>,
}

/// A line of a `names` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameLine {
    /// Who asks.
    pub asker: Asker,
    /// The name, in any case of letters.
    pub name: String,
    /// The answer as [`answer_text`] writes it.
    pub answer: String,
    /// The clause that decides.
    pub clause: Clause,
}

/// A line of a `requests` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// How it comes.
    pub way: RequestWay,
    /// The request.
    pub request: Request,
    /// `permitted`, `denied` or `undetermined`.
    pub effect: &'static str,
    /// The clause that decides.
    pub clause: Clause,
}

/// A line of any block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What happens to a flow.
    Flow(FlowLine),
    /// What a name means.
    Name(NameLine),
    /// Whether a request passes.
    Request(RequestLine),
}

/// What is wrong with a line.
pub type Wrong = String;

impl Line {
    /// The clause that decides the question.
    pub const fn clause(&self) -> Clause {
        match self {
            Line::Flow(line) => line.forward.clause,
            Line::Name(line) => line.clause,
            Line::Request(line) => line.clause,
        }
    }

    /// Asks an engine and compares; the error shows both answers.
    ///
    /// # Errors
    ///
    /// When the answer is another one.
    pub fn check(&self, engine: &impl Engine) -> Result<(), Wrong> {
        let (expected, found) = match self {
            Line::Flow(line) => {
                let decision = engine.decide(&line.flow);
                (line.answer(), decision_text(&decision))
            }
            Line::Name(line) => {
                let resolution = engine.resolve(&line.asker, &line.name);
                let found = format!("{} {}", answer_text(&resolution.answer), resolution.clause);
                (format!("{} {}", line.answer, line.clause), found)
            }
            Line::Request(line) => {
                let permission = engine.permits(&line.way, &line.request);
                let found = format!("{} {}", effect_text(&permission.effect), permission.clause);
                (format!("{} {}", line.effect, line.clause), found)
            }
        };
        if expected == found {
            Ok(())
        } else {
            Err(format!("expected {expected}\n   found {found}"))
        }
    }
}

impl FlowLine {
    fn answer(&self) -> String {
        match &self.reply {
            Some(reply) => format!("{}; reply {reply}", self.forward),
            None => self.forward.to_string(),
        }
    }
}

impl fmt::Display for FlowLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}  =>  {}",
            flow_text(&self.flow),
            self.answer()
        )
    }
}

/// A decision in the words of a line.
pub fn decision_text(decision: &Decision) -> String {
    let forward = Expected::from(&decision.forward);
    match &decision.reply {
        Some(reply) => format!("{forward}; reply {}", Expected::from(reply)),
        None => forward.to_string(),
    }
}

/// A flow in the words of a line.
pub fn flow_text(flow: &Flow) -> String {
    let packet = flow.packet;
    let traffic = match packet.transport() {
        Transport::Tcp {
            source_port,
            destination_port,
        } => format!("tcp/{source_port}>{destination_port}"),
        Transport::Udp {
            source_port,
            destination_port,
        } => format!("udp/{source_port}>{destination_port}"),
        Transport::Icmp { icmp_type, code } => format!("icmp/{icmp_type}/{code}"),
        Transport::Icmpv6 { icmp_type, code } => format!("icmpv6/{icmp_type}/{code}"),
        Transport::Other(protocol) => format!("protocol/{}", protocol.number()),
    };
    let source = match &flow.source {
        Source::OnPremises(gateway) => gateway.to_string(),
        Source::Interface(_) | Source::Internet => flow.source.to_string(),
    };
    let (from, to) = (packet.source(), packet.destination());
    let picks: Vec<_> = flow.picks.iter().map(u16::to_string).collect();
    let picks = match picks.as_slice() {
        [] => String::new(),
        picks => format!(" pick {}", picks.join(".")),
    };
    format!("{source}  {from} -> {to} {traffic}{picks}")
}

/// The answer to a name in the words of a line.
pub fn answer_text(answer: &Answer) -> String {
    match answer {
        Answer::Interfaces(interfaces) => {
            let ids = interfaces.iter().map(|id| format!(" {id}"));
            format!("interfaces{}", ids.collect::<String>())
        }
        Answer::Addresses(addresses) => {
            let addresses = addresses.iter().map(|address| format!(" {address}"));
            format!("addresses{}", addresses.collect::<String>())
        }
        Answer::PublicService(service) => format!("service {service}"),
        Answer::Dns64(of) => format!("nat64 {}", answer_text(of)),
        Answer::NoAnswer => "no-answer".to_owned(),
        Answer::Undetermined(_) => "undetermined".to_owned(),
    }
}

/// The answer to a request in the words of a line.
pub const fn effect_text(effect: &PermissionEffect) -> &'static str {
    match effect {
        PermissionEffect::Permitted => "permitted",
        PermissionEffect::Denied => "denied",
        PermissionEffect::Undetermined(_) => "undetermined",
    }
}

fn split(text: &str) -> Result<(&str, &str), Wrong> {
    let (question, answer) = text
        .split_once("=>")
        .ok_or_else(|| "there is no `=>`".to_owned())?;
    Ok((question.trim(), answer.trim()))
}

fn clause(text: &str) -> Result<Clause, Wrong> {
    Clause::from_name(text).ok_or_else(|| format!("`{text}` is no clause"))
}

/// Reads a line of a `flows` block about a network.
///
/// # Errors
///
/// What is wrong with it.
pub fn flow_line(text: &str, network: &Network) -> Result<FlowLine, Wrong> {
    let (question, answer) = split(text)?;
    let (forward, reply) = match answer.split_once(';') {
        Some((forward, reply)) => {
            let reply = reply.trim().strip_prefix("reply ");
            let reply = reply.ok_or_else(|| "`reply` is missing after `;`".to_owned())?;
            (forward, Some(expected(reply)?))
        }
        None => (answer, None),
    };
    Ok(FlowLine {
        flow: flow(question, network)?,
        forward: expected(forward)?,
        reply,
    })
}

fn expected(text: &str) -> Result<Expected, Wrong> {
    let (disposition, name) = text
        .trim()
        .split_once(' ')
        .ok_or_else(|| format!("`{text}` is not like `dropped source-check`"))?;
    let disposition = match disposition {
        "delivered" => Disposition::Delivered,
        "dropped" => Disposition::Dropped,
        "undetermined" => Disposition::Undetermined,
        other => return Err(format!("`{other}` is no disposition")),
    };
    Ok(Expected {
        disposition,
        clause: clause(name.trim())?,
    })
}

/// Reads a flow: `web  10.0.1.5 -> 10.0.2.5 tcp/443`, and behind it `pick 1.3` where relays hand it on. The network says whether a sender is an
/// interface or a gateway to a network on premises.
///
/// # Errors
///
/// What is wrong with it.
pub fn flow(text: &str, network: &Network) -> Result<Flow, Wrong> {
    let words: Vec<_> = text.split_whitespace().collect();
    let [source, from, "->", to, traffic, picks @ ..] = words.as_slice() else {
        return Err(format!(
            "`{text}` is not like `web 10.0.1.5 -> 10.0.2.5 tcp/443`"
        ));
    };
    let source = match *source {
        "internet" => Source::Internet,
        id => on_premises(id, network)
            .map_or_else(|| Source::Interface(id.into()), Source::OnPremises),
    };
    let packet = Packet::new(address(from)?, address(to)?, transport(traffic)?);
    let packet = packet.ok_or_else(|| "the addresses are of different families".to_owned())?;
    Ok(Flow {
        source,
        packet,
        picks: self::picks(picks)?,
    })
}

/// Reads which candidates relays choose: nothing, or `pick 1.3`.
fn picks(words: &[&str]) -> Result<Vec<u16>, Wrong> {
    let picks: Vec<u16> = match words {
        [] => return Ok(Vec::new()),
        ["pick", picks] => picks.split('.').map(number).collect::<Result<_, _>>()?,
        other => return Err(format!("`{}` is not like `pick 1.3`", other.join(" "))),
    };
    if picks.contains(&0) || picks.len() > MOST_PICKS {
        return Err(format!("picks are one to {MOST_PICKS} numbers from 1 on"));
    }
    Ok(picks)
}

/// The gateway of that id which leads on premises.
fn on_premises(id: &str, network: &Network) -> Option<OnPremisesGateway> {
    let gateway = VirtualPrivateGatewayId::new(id);
    if network.virtual_private_gateways().contains_key(&gateway) {
        return Some(OnPremisesGateway::VirtualPrivate(gateway));
    }
    let attachment = TransitGatewayAttachmentId::new(id);
    let found = network.transit_gateway_attachments().get(&attachment)?;
    let leads_there = matches!(found.kind, AttachmentKind::OnPremises { .. });
    leads_there.then_some(OnPremisesGateway::Transit(attachment))
}

fn address(text: &str) -> Result<Address, Wrong> {
    let address: Result<IpAddr, _> = text.parse();
    let address = address.map_err(|_| format!("`{text}` is no address"))?;
    Ok(address.into())
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, Wrong> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// Reads traffic: `tcp/443`, `udp/40000>53`, `icmp/8/0`, `protocol/47`.
///
/// # Errors
///
/// What is wrong with it.
pub fn transport(text: &str) -> Result<Transport, Wrong> {
    let wrong = || format!("`{text}` is no traffic");
    let (protocol, rest) = text.split_once('/').ok_or_else(wrong)?;
    let ports = |rest: &str| -> Result<(Port, Port), Wrong> {
        Ok(match rest.split_once('>') {
            Some((source, destination)) => (number(source)?, number(destination)?),
            None => (CLIENT_PORT, number(rest)?),
        })
    };
    let icmp = |rest: &str| -> Result<(u8, u8), Wrong> {
        let (icmp_type, code) = rest.split_once('/').ok_or_else(wrong)?;
        Ok((number(icmp_type)?, number(code)?))
    };
    match protocol {
        "tcp" => ports(rest).map(|(source_port, destination_port)| Transport::Tcp {
            source_port,
            destination_port,
        }),
        "udp" => ports(rest).map(|(source_port, destination_port)| Transport::Udp {
            source_port,
            destination_port,
        }),
        "icmp" => icmp(rest).map(|(icmp_type, code)| Transport::Icmp { icmp_type, code }),
        "icmpv6" => icmp(rest).map(|(icmp_type, code)| Transport::Icmpv6 { icmp_type, code }),
        "protocol" => Transport::other(number(rest)?).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// Reads a line of a `names` block.
///
/// # Errors
///
/// What is wrong with it.
pub fn name_line(text: &str) -> Result<NameLine, Wrong> {
    let (question, answer) = split(text)?;
    let words: Vec<_> = question.split_whitespace().collect();
    let [asker, name] = words.as_slice() else {
        return Err(format!("`{question}` is not like `main www.example.com`"));
    };
    let (answer, name_of_clause) = answer
        .rsplit_once(' ')
        .ok_or_else(|| format!("`{answer}` is not like `no-answer dns-support`"))?;
    Ok(NameLine {
        asker: self::asker(asker),
        name: (*name).to_owned(),
        answer: answer.trim().to_owned(),
        clause: clause(name_of_clause)?,
    })
}

/// `main`, a client in that VPC; `subnet:a`, one in that subnet; or `inbound:main`, a client outside
/// by the VPC's inbound endpoint.
fn asker(text: &str) -> Asker {
    match text.split_once(':') {
        Some(("inbound", vpc)) => Asker::Inbound(vpc.into()),
        Some(("subnet", subnet)) => Asker::Subnet(subnet.into()),
        Some(_) | None => Asker::Vpc(text.into()),
    }
}

/// Who asks, in the words of a line.
pub fn asker_text(asker: &Asker) -> String {
    match asker {
        Asker::Vpc(vpc) => vpc.to_string(),
        Asker::Subnet(subnet) => format!("subnet:{subnet}"),
        Asker::Inbound(vpc) => format!("inbound:{vpc}"),
    }
}

/// Reads a line of a `requests` block.
///
/// # Errors
///
/// What is wrong with it.
pub fn request_line(text: &str) -> Result<RequestLine, Wrong> {
    let (question, answer) = split(text)?;
    let words: Vec<_> = question.split_whitespace().collect();
    let [way, action, resource, principal, context @ ..] = words.as_slice() else {
        return Err(format!(
            "`{question}` is not like `s3 s3:GetObject arn:… anonymous key=value`"
        ));
    };
    let (effect, name_of_clause) = answer
        .split_once(' ')
        .ok_or_else(|| format!("`{answer}` is not like `denied policy-default-deny`"))?;
    let effects = ["permitted", "denied", "undetermined"];
    let effect = effects.into_iter().find(|one| *one == effect);
    Ok(RequestLine {
        way: self::way(way)?,
        request: Request {
            action: (*action).to_owned(),
            resource: (*resource).to_owned(),
            principal: self::principal(principal)?,
            context: self::context(context)?,
        },
        effect: effect.ok_or_else(|| format!("`{answer}` names no effect"))?,
        clause: clause(name_of_clause.trim())?,
    })
}

fn way(text: &str) -> Result<RequestWay, Wrong> {
    let (by, source) = match text.split_once('@') {
        None => (text, None),
        Some((by, source)) => (by, Some(address(source)?)),
    };
    Ok(match by {
        "internet" => RequestWay::Internet(source),
        endpoint => RequestWay::Endpoint(endpoint.into(), source),
    })
}

/// How a request comes, as the first word of a line.
pub fn way_text(way: &RequestWay) -> String {
    let (by, source) = match way {
        RequestWay::Endpoint(endpoint, source) => (endpoint.as_str(), source.as_ref()),
        RequestWay::EndpointPolicy(endpoint) => (endpoint.as_str(), None),
        RequestWay::Internet(source) => ("internet", source.as_ref()),
    };
    source.map_or_else(|| by.to_owned(), |source| format!("{by}@{source}"))
}

/// Words `key=value`; a key that is there twice has two values.
fn context(words: &[&str]) -> Result<RequestContext, Wrong> {
    let mut context = RequestContext::new();
    for word in words {
        let entry = word.split_once('=');
        let (key, value) = entry.ok_or_else(|| format!("`{word}` is not like `key=value`"))?;
        let values = context.entry(ContextKey::new(key)).or_default();
        values.insert(value.to_owned());
    }
    Ok(context)
}

fn principal(text: &str) -> Result<Principal, Wrong> {
    if text == "anonymous" {
        return Ok(Principal::Anonymous);
    }
    if let Some(account) = text.strip_prefix("root:") {
        let account = account.to_owned();
        return Ok(Principal::Root { account });
    }
    let account = text.split(':').nth(4);
    let account = account.ok_or_else(|| format!("`{text}` is no principal"))?;
    Ok(Principal::Arn {
        account: account.to_owned(),
        arn: text.to_owned(),
    })
}
