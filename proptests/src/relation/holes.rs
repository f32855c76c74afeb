//! The law of holes.

use model::{
    AttachmentKind, AuthorizationRule, BlockPublicAccess, Cidr, ClientVpnRoute, Disposition,
    Engine, Listener, ListenerProtocol, NetworkDraft, RegisteredTarget, RouteDestination, RulePeer,
    Target, TargetDestination, Value,
};

use super::{Case, Checked, changed, compare};
use crate::dice::Dice;
use crate::pool;

/// `D(n, f) determined ⇒ D(c(n), f)` has the same disposition and arrival, for every completion c of
/// n: whatever the holes hold, a determined answer stands. (The clause may change: a filter that
/// was undetermined may now drop before the step that certainly did.)
pub fn a_determined_answer_holds_in_every_completion<E: Engine>(case: &Case) -> Checked {
    let network = &case.world.network;
    let mut dice = case.dice.clone();
    let mut any = false;
    let after = changed(network, |draft| any = complete(draft, &mut dice));
    if !any {
        return Checked::default();
    }
    compare::<E>(network, after, &case.flows, |_, one, other| {
        let forward = (one.forward.disposition != Disposition::Undetermined).then_some(
            one.forward.disposition == other.forward.disposition
                && one.forward.arrival == other.forward.arrival,
        )?;
        let back = match (&one.reply, &other.reply) {
            (Some(one), Some(other)) if one.disposition != Disposition::Undetermined => {
                one.disposition == other.disposition
            }
            (_, _) => true,
        };
        Some(forward && back)
    })
}

/// Gives every hole but open addresses a value; says whether there was one.
pub(super) fn complete(draft: &mut NetworkDraft, dice: &mut Dice) -> bool {
    let mut any = false;
    let groups: Vec<_> = draft
        .security_groups
        .iter()
        .map(|one| one.id.clone())
        .collect();
    for vpc in &mut draft.vpcs {
        let modes = [
            BlockPublicAccess::Off,
            BlockPublicAccess::Bidirectional,
            BlockPublicAccess::Ingress,
        ];
        let some = dice.pick(&modes).copied();
        any |= close(&mut vpc.block_public_access, some, dice);
    }
    for interface in &mut draft.network_interfaces {
        let some = dice.pick(&groups).filter(|_| dice.percent(85));
        let some = some.cloned().into_iter().collect();
        any |= close(&mut interface.groups, Some(some), dice);
    }
    for subnet in &mut draft.subnets {
        let tables = draft
            .route_tables
            .iter()
            .filter(|table| table.vpc == subnet.vpc);
        let tables: Vec<_> = tables.map(|table| table.id.clone()).collect();
        if let Some(table) = &mut subnet.route_table {
            any |= close(table, dice.pick(&tables).cloned(), dice);
        }
        let acls = draft
            .network_acls
            .iter()
            .filter(|acl| acl.vpc == subnet.vpc);
        let acls: Vec<_> = acls.map(|acl| acl.id.clone()).collect();
        any |= close(&mut subnet.network_acl, dice.pick(&acls).cloned(), dice);
    }
    for list in &mut draft.prefix_lists {
        let v4 = pool::PUBLIC_V4.map(pool::cidr).to_vec();
        let v6 = pool::PUBLIC_V6.map(pool::cidr).to_vec();
        let pool = if list.family == model::Family::V4 {
            v4
        } else {
            v6
        };
        let mut some: Vec<Cidr> = dice.pick(&pool).copied().into_iter().collect();
        if !list.aws_managed && dice.percent(30) {
            let own = ["10.0.0.0/17", "10.0.0.0/8", "0.0.0.0/0"].map(pool::cidr);
            some.extend(own.into_iter().filter(|cidr| cidr.family() == list.family));
        }
        any |= close(&mut list.entries, Some(some.into_iter().collect()), dice);
    }
    let attachments = draft.transit_gateway_attachments.iter_mut();
    let behind = attachments.filter_map(|one| match &mut one.kind {
        AttachmentKind::OnPremises { prefixes, .. } => Some(prefixes),
        AttachmentKind::Vpc { .. }
        | AttachmentKind::Peering { .. }
        | AttachmentKind::Unmodelled(_) => None,
    });
    let gateways = draft.virtual_private_gateways.iter_mut();
    for prefixes in gateways.map(|one| &mut one.prefixes).chain(behind) {
        let blocks = pool::ON_PREMISES_V4.iter().chain(&pool::ON_PREMISES_V6);
        let blocks: Vec<_> = blocks.map(|text| pool::cidr(text)).collect();
        let some = (0..2).filter_map(|_| dice.pick(&blocks).copied());
        any |= close(prefixes, Some(some.collect()), dice);
    }
    any |= complete_relays(draft, dice);
    any |= complete_clients(draft, dice);
    for table in &mut draft.route_tables {
        for route in &mut table.routes {
            let blocks = ["203.0.113.0/24", "0.0.0.0/1", "203.0.113.7/32", "2000::/4"];
            let block = dice.pick(&blocks).map(|text| pool::cidr(text));
            any |= close(
                &mut route.destination,
                block.map(RouteDestination::Cidr),
                dice,
            );
            let target = Target::Unmodelled {
                kind: "core-network".to_owned(),
                id: "core-9".to_owned(),
            };
            any |= close(&mut route.target, Some(target), dice);
        }
    }
    for group in &mut draft.security_groups {
        for rules in [&mut group.ingress, &mut group.egress] {
            for rule in rules {
                if let RulePeer::OutsideGroup(_) = rule.peer {
                    let blocks = ["10.0.0.0/8", "192.168.0.0/16", "10.0.0.0/17"];
                    let block = dice.pick(&blocks).map(|text| pool::cidr(text));
                    rule.peer = RulePeer::Cidr(block.unwrap_or(pool::cidr("10.0.0.0/8")));
                    any = true;
                }
            }
        }
    }
    any
}

/// Gives listeners and targets that are not known a value: some that take most of what is asked.
fn complete_relays(draft: &mut NetworkDraft, dice: &mut Dice) -> bool {
    let mut any = false;
    let groups = draft.target_groups.iter();
    // An Application Load Balancer's may be none that preserves.
    let groups: Vec<_> = groups
        .filter(|one| !one.preserve_client_address)
        .map(|one| one.id.clone())
        .collect();
    for balancer in &mut draft.load_balancers {
        let target_groups = dice.pick(&groups).cloned().into_iter().collect();
        let some = Listener {
            protocol: ListenerProtocol::Tcp,
            port: dice.pick(&pool::PORTS).copied().unwrap_or(443),
            target_groups,
        };
        any |= close(&mut balancer.listeners, Some(vec![some]), dice);
    }
    let interfaces: Vec<_> = draft
        .network_interfaces
        .iter()
        .map(|one| one.id.clone())
        .collect();
    for group in &mut draft.target_groups {
        let some = dice.pick(&interfaces).map(|id| RegisteredTarget {
            destination: TargetDestination::Interface(id.clone()),
            port: 443,
        });
        let some = some.into_iter().collect();
        any |= close(&mut group.targets, Some(some), dice);
    }
    any
}

/// Gives rules and routes of Client VPN endpoints, and allowed prefixes, a value: some for a block.
fn complete_clients(draft: &mut NetworkDraft, dice: &mut Dice) -> bool {
    let blocks = ["0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/8", "::/0"].map(pool::cidr);
    let everything = pool::cidr("0.0.0.0/0");
    let mut some = || dice.pick(&blocks).copied().unwrap_or(everything);
    let (authorized, routed, allowed) = (some(), some(), some());
    let mut any = false;
    for endpoint in &mut draft.client_vpn_endpoints {
        let mut interfaces = draft.network_interfaces.iter();
        let first = interfaces.find(|one| endpoint.interfaces.contains(&one.id));
        let rule = AuthorizationRule {
            destination: authorized,
            group: None,
        };
        let route = ClientVpnRoute {
            destination: routed,
            subnet: first.map(|one| one.subnet.clone()),
        };
        let rules = Some([rule].into());
        any |= close(&mut endpoint.authorization_rules, rules, dice);
        any |= close(&mut endpoint.routes, Some([route].into()), dice);
    }
    for association in &mut draft.direct_connect_associations {
        let prefixes = Some([allowed].into());
        any |= close(&mut association.allowed_prefixes, prefixes, dice);
    }
    any
}

fn close<T: Clone>(value: &mut Value<T>, of_its_type: Option<T>, dice: &mut Dice) -> bool {
    let closed = match value {
        Value::Known(_) => None,
        Value::OneOf(values, _) => dice.pick(values).cloned(),
        Value::Any(_) => of_its_type,
    };
    let any = closed.is_some();
    if let Some(closed) = closed {
        *value = Value::Known(closed);
    }
    any
}
