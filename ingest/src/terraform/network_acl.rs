//! Network ACLs: `aws_network_acl`, `aws_default_network_acl`, stand-alone rules, associations.

use std::collections::BTreeSet;

use model::{AclAction, AclEntry, Hole, NetworkAcl, NetworkAclId, RuleIndex, Subnet, Value, VpcId};

use crate::diagnostic::Place;
use crate::doubt::Touches;
use crate::provenance::Kind;

use super::attribute::Attribute;
use super::identity::{DefaultPart, NETWORK_ACLS, Thing};
use super::layers_differ::{self, is_unchanged};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::removal::shown;
use super::slot::Slot;
use super::traffic::{Fields, Side};
use super::{adopted, association};

const EXPECTED_ACTION: &str = "`allow` or `deny`";

/// Reads the ACLs with the entries written in them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let retired = retired(reader);
    for resource in reader.plan.managed(&NETWORK_ACLS) {
        acl(reader, resource, &retired);
    }
}

/// Reads the stand-alone entries.
pub(super) fn rules(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_network_acl_rule"]) {
        let attribute = resource.attribute("network_acl_id");
        let acl = match reader.slot(&attribute, &[Thing::NetworkAcl]) {
            Slot::Known(candidate) => candidate.id,
            Slot::OneOf(list) => {
                for candidate in list {
                    forget(reader, &candidate.id, attribute.hole());
                }
                continue;
            }
            Slot::Open | Slot::Empty => {
                let acls: Vec<_> = reader.network_acls.keys().cloned().collect();
                for acl in acls {
                    forget(reader, &acl, attribute.hole());
                }
                reader.untraced(&attribute);
                continue;
            }
        };
        let side = match resource.attribute("egress").flag() {
            Some(true) => Side::Egress,
            Some(false) | None => Side::Ingress,
        };
        let fields = Entry {
            number: resource.attribute("rule_number"),
            action: resource.attribute("rule_action"),
            ipv4: resource.attribute("cidr_block"),
            ipv6: resource.attribute("ipv6_cidr_block"),
            traffic: Fields {
                protocol: resource.attribute("protocol"),
                from: resource.attribute("from_port"),
                to: resource.attribute("to_port"),
                icmp: Some((
                    resource.attribute("icmp_type"),
                    resource.attribute("icmp_code"),
                )),
            },
        };
        entry(reader, resource, &acl, side, &fields, resource.place());
    }
}

/// The number of an entry that a stand-alone resource had before the change, with its ACL and side.
type Retired = BTreeSet<(String, bool, i64)>;

fn retired(reader: &Reader<'_, '_>) -> Retired {
    let former = reader.plan.former.iter();
    let former = former.filter(|former| former.of == "aws_network_acl_rule");
    former
        .filter_map(|former| {
            let acl = former.attribute("network_acl_id").text()?.to_owned();
            let is_egress = former.attribute("egress").flag() == Some(true);
            Some((acl, is_egress, former.attribute("rule_number").integer()?))
        })
        .collect()
}

fn acl(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, retired: &Retired) {
    let id = reader.plan.id(resource);
    let vpc = if resource.of == "aws_default_network_acl" {
        adopted::vpc(reader, resource, DefaultPart::NetworkAcl)
    } else {
        reader.vpc_id(&resource.attribute("vpc_id"))
    };
    let Some(vpc) = vpc else { return };
    let acl = NetworkAcl {
        id: NetworkAclId::new(&id),
        vpc,
        ingress: Vec::new(),
        egress: Vec::new(),
        tags: reader.tags(resource),
    };
    shelve(&mut reader.network_acls, acl, resource.place(), reader.sink);
    for (side, name) in Side::BOTH {
        let inline = resource.attribute(name);
        if inline.is_open() {
            forget(reader, &id, inline.hole());
        }
        for item in inline.items() {
            let number = item.field("rule_no");
            let is_egress = side == Side::Egress;
            let key = number
                .integer()
                .map(|number| (id.clone(), is_egress, number));
            let is_retired = key.is_some_and(|key| retired.contains(&key));
            if is_retired && !shown::is_written_anew(reader, resource, name) {
                continue;
            }
            let fields = Entry {
                number,
                action: item.field("action"),
                ipv4: item.field("cidr_block"),
                ipv6: item.field("ipv6_cidr_block"),
                traffic: Fields {
                    protocol: item.field("protocol"),
                    from: item.field("from_port"),
                    to: item.field("to_port"),
                    icmp: Some((item.field("icmp_type"), item.field("icmp_code"))),
                },
            };
            entry(reader, resource, &id, side, &fields, item.place());
        }
    }
}

/// The attributes of an entry.
struct Entry<'f> {
    number: Attribute<'f>,
    action: Attribute<'f>,
    ipv4: Attribute<'f>,
    ipv6: Attribute<'f>,
    traffic: Fields<'f>,
}

impl Entry<'_> {
    /// The attribute that is open, if one is. The model has no hole in an entry.
    fn open(&self) -> Option<&Attribute<'_>> {
        let icmp = self
            .traffic
            .icmp
            .iter()
            .flat_map(|(icmp_type, code)| [icmp_type, code]);
        [&self.number, &self.action, &self.ipv4, &self.ipv6]
            .into_iter()
            .chain([&self.traffic.protocol, &self.traffic.from, &self.traffic.to])
            .chain(icmp)
            .find(|attribute| attribute.is_unknown())
    }

    fn read(&self, reader: &mut Reader<'_, '_>) -> Option<AclEntry> {
        let number = self
            .number
            .integer()
            .and_then(|number| u16::try_from(number).ok());
        if number.is_none() {
            reader.invalid(&self.number, "a number, 1 to 32766");
        }
        let action = match self.action.text().map(str::to_ascii_lowercase).as_deref() {
            Some("allow") => Some(AclAction::Allow),
            Some("deny") => Some(AclAction::Deny),
            _ => {
                reader.invalid(&self.action, EXPECTED_ACTION);
                None
            }
        };
        let traffic = self.traffic.read(reader);
        let cidr = match (self.ipv4.text(), self.ipv6.text()) {
            (Some(_), _) => self.ipv4.cidr(reader.sink),
            (None, Some(_)) => self.ipv6.cidr(reader.sink),
            (None, None) => {
                reader.invalid(&self.ipv4, "a block");
                None
            }
        };
        Some(AclEntry {
            number: number?,
            action: action?,
            traffic: traffic?,
            cidr: cidr?,
        })
    }
}

fn entry(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    acl: &str,
    side: Side,
    fields: &Entry<'_>,
    place: Place,
) {
    if let Some(open) = fields.open() {
        forget(reader, acl, open.hole());
        return;
    }
    let Some(entry) = fields.read(reader) else {
        return;
    };
    let (found, own) = match reader.network_acls.get_mut(acl) {
        Some(acl) => (Some(&mut acl.component), Some(&mut acl.rules)),
        None => (reader.sink.get::<NetworkAcl>(acl), None),
    };
    let Some(found) = found else {
        reader.omit(
            resource,
            "an entry of a network ACL that is not in the input",
        );
        return;
    };
    let (entries, rule) = match side {
        Side::Ingress => (&mut found.ingress, RuleIndex::IngressEntry(entry.number)),
        Side::Egress => (&mut found.egress, RuleIndex::EgressEntry(entry.number)),
    };
    // An earlier state of the ACL may show the entry already, as it was.
    let is_alone = resource.of == "aws_network_acl_rule";
    let is_other = own.is_none() && !entries.contains(&entry);
    let same = entries
        .iter_mut()
        .find(|other| is_alone && other.number == entry.number);
    match same {
        Some(same) => *same = entry,
        None => entries.push(entry),
    }
    match own {
        Some(rules) => {
            rules.insert(rule, place);
        }
        None => reader.sink.rule(Kind::NetworkAcl, acl, rule, place),
    }
    if is_other && layers_differ::may_be_gone(reader, resource, Kind::NetworkAcl) {
        forget(reader, acl, Hole::new(resource.address));
        layers_differ::note(reader.sink, acl);
    }
}

/// An ACL with an entry that is open decides nothing for sure: first match makes every entry behind
/// it uncertain too. Its subnets then have an ACL that is not known.
fn forget(reader: &mut Reader<'_, '_>, acl: &str, hole: Hole) {
    reader.open_acls.entry(acl.to_owned()).or_insert(hole);
}

/// Reads which ACL each subnet has.
pub(super) fn associations(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&NETWORK_ACLS) {
        of_acl(reader, resource);
    }
    for resource in reader.plan.managed(&["aws_network_acl_association"]) {
        let (subnet, acl) = (
            resource.attribute("subnet_id"),
            resource.attribute("network_acl_id"),
        );
        let subnets = association::subnets(reader, &subnet, None);
        let slot = reader.slot(&acl, &[Thing::NetworkAcl]);
        for id in subnets.ids {
            let vpc = reader.subnet(&id).map(|subnet| subnet.vpc.clone());
            let fallback = |reader: &Reader<'_, '_>| of_vpc(reader, vpc.as_ref());
            let make = |id: &str| NetworkAclId::new(id);
            let Some(value) = reader.value(slot.clone(), acl.hole(), fallback, make) else {
                reader.untraced(&acl);
                break;
            };
            let end = End {
                subnet: &id,
                is_exact: subnets.is_exact,
                is_asked: true,
                is_kept: is_unchanged(reader.plan, resource),
                by: &subnet,
            };
            set(reader, end, value);
        }
    }
    for (acl, hole) in std::mem::take(&mut reader.open_acls) {
        open(reader, &acl, &hole);
    }
}

/// Leaves open what the ACL of those subnets decides that may have one.
pub(super) fn open(reader: &mut Reader<'_, '_>, acl: &str, hole: &Hole) {
    let planned = reader.subnets.values_mut();
    let planned = planned.map(|subnet| &mut subnet.component);
    for subnet in planned.chain(&mut reader.sink.draft.subnets) {
        if may_be(&subnet.network_acl, acl) {
            subnet.network_acl = Value::Any(hole.clone());
        }
    }
}

/// Whether a value is an ACL, as far as it names any.
pub(super) fn may_be(value: &Value<NetworkAclId>, acl: &str) -> bool {
    match value {
        Value::Known(id) => id.as_str() == acl,
        Value::OneOf(ids, _) => ids.iter().any(|id| id.as_str() == acl),
        Value::Any(_) => false,
    }
}

fn of_acl(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let subnets = resource.attribute("subnet_ids");
    let id = reader.plan.id(resource);
    let Some(acl) = reader.network_acls.get(&id) else {
        return;
    };
    let vpc = acl.component.vpc.clone();
    let members = reader.members(&subnets, Thing::Subnet);
    let mut ids: Vec<_> = members.list.into_iter().map(|member| member.id).collect();
    if members.is_set && !members.is_exact && ids.is_empty() {
        reader.may_be_earlier(&subnets);
        ids = association::of_vpc(reader, Some(&vpc));
    }
    let taken = ["network_acl_id", "subnet_id"];
    let taken = shown::taken(reader.plan, "aws_network_acl_association", taken, &id);
    let is_declared = resource.is_declared("subnet_ids");
    let value = Value::Known(NetworkAclId::new(&id));
    for subnet in ids {
        let is_taken = taken.contains(subnet.as_str());
        if is_taken && !is_declared {
            continue;
        }
        let end = End {
            subnet: &subnet,
            is_exact: members.is_exact && !is_taken,
            is_asked: resource.is_created || is_declared,
            is_kept: is_unchanged(reader.plan, resource),
            by: &subnets,
        };
        if !set(reader, end, value.clone()) {
            layers_differ::keep(reader, resource, "subnet_ids", Touches::Everything);
        }
    }
}

fn of_vpc(reader: &Reader<'_, '_>, vpc: Option<&VpcId>) -> Vec<String> {
    let acls = reader.network_acls.iter();
    let of_vpc = acls.filter(|(_, acl)| Some(&acl.component.vpc) == vpc);
    of_vpc.map(|(id, _)| id.clone()).collect()
}

/// A subnet that an association is for, or only may be for.
struct End<'e> {
    subnet: &'e str,
    is_exact: bool,
    /// Whether the change asks for it: else it is what was before it, which may be taken away.
    is_asked: bool,
    /// Whether the change leaves it as it is.
    is_kept: bool,
    by: &'e Attribute<'e>,
}

/// Gives a subnet its ACL; one that it only may have stands beside the one it had. A subnet has one
/// ACL, and each association takes the place of the one before: which comes last is not known.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>
///
/// Whether an earlier input says the same.
fn set(reader: &mut Reader<'_, '_>, end: End<'_>, value: Value<NetworkAclId>) -> bool {
    let is_given = end.is_asked && !reader.subnets_with_acl.insert(end.subnet.to_owned());
    let earlier = reader.sink.get::<Subnet>(end.subnet);
    let earlier = earlier.and_then(|subnet| subnet.network_acl.known().cloned());
    // Either may be the younger (see `layers_differ.rs`).
    let is_another = end.is_kept && earlier.is_some_and(|acl| Value::Known(acl) != value);
    // A state may name subnets of other stacks: without them there is nothing to say.
    if let Some(subnet) = association::subnet_mut(reader, end.subnet) {
        subnet.network_acl = if end.is_exact && !is_given && !is_another {
            value
        } else {
            association::either(Some(subnet.network_acl.clone()), value, end.by.hole())
        };
    }
    !is_another
}
