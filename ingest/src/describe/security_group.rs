//! `describe-security-groups`, and the ids of rules from `describe-security-group-rules`.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    GroupRule, PrefixListId, RuleIndex, RulePeer, RuleTraffic, SecurityGroup, SecurityGroupId,
    VpcId,
};

use super::prefix_list;
use super::snapshot::Snapshot;
use super::traffic::{self, Numbers};
use crate::diagnostic::Place;
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::provenance::Kind;
use crate::sink::Sink;

/// Notes rules that name a group with interfaces in another VPC than its own: AWS's documents do not
/// say whom they mean, and who is a member is told by the group's VPC here.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSecurityGroupVpc.html>
pub(super) fn associated(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let items = snapshot.cursors("SecurityGroupVpcAssociations");
    let ids: Vec<&str> = items
        .filter_map(|item| item.text("GroupId", sink))
        .collect();
    let groups = sink.draft.security_groups.iter();
    let rules = groups.flat_map(|group| group.ingress.iter().chain(&group.egress));
    let named = rules.filter_map(|rule| match &rule.peer {
        RulePeer::Group(group) => Some(group.as_str().to_owned()),
        RulePeer::Cidr(_) | RulePeer::PrefixList(_) | RulePeer::OutsideGroup(_) => None,
    });
    let named: BTreeSet<String> = named
        .filter(|group| ids.contains(&group.as_str()))
        .collect();
    for group in named {
        let what =
            format!("{group} (whom rules mean by a group that is associated with a second VPC)");
        sink.unread(Touches::Everything, what, true);
    }
}

/// Notes VPCs that others share with the accounts of the input: who takes part in one sees neither what
/// its owner has in it nor what others have. That an owner's groups are there tells that it was asked.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html>
pub(super) fn shared(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for list in ["SecurityGroups", "NetworkInterfaces"] {
        for item in snapshot.cursors(list) {
            if let (Some(vpc), Some(owner)) = (item.text("VpcId", sink), item.text("OwnerId", sink))
            {
                owners.entry(vpc).or_default().insert(owner);
            }
        }
    }
    for cursor in snapshot.cursors("Vpcs") {
        let (id, owner) = (cursor.text("VpcId", sink), cursor.text("OwnerId", sink));
        let (Some(id), Some(owner)) = (id, owner) else {
            continue;
        };
        if owners.get(id).is_some_and(|seen| !seen.contains(owner)) {
            let what = format!("{id} (what its owner {owner} and other accounts have in it)");
            sink.unread(Touches::Interfaces, what, false);
        }
    }
}

/// Reads the security groups.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors("SecurityGroups") {
        let id = cursor.required_text("GroupId", sink);
        let vpc = cursor.required_text("VpcId", sink);
        let (Some(id), Some(vpc)) = (id, vpc) else {
            continue;
        };
        let ingress = rules(cursor, "IpPermissions", snapshot, sink);
        let egress = rules(cursor, "IpPermissionsEgress", snapshot, sink);
        let name = cursor.text("GroupName", sink).unwrap_or(id);
        let only_rules = |rules: &[(GroupRule, Place)]| {
            let rules = rules.iter().map(|(rule, _)| rule.clone());
            rules.collect()
        };
        let group = SecurityGroup {
            id: SecurityGroupId::new(id),
            vpc: VpcId::new(vpc),
            name: name.to_owned(),
            ingress: only_rules(&ingress),
            egress: only_rules(&egress),
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(group, cursor.place());
        for (position, (_, place)) in ingress.into_iter().enumerate() {
            let index = RuleIndex::IngressRule(position);
            sink.rule(Kind::SecurityGroup, id, index, place);
        }
        for (position, (_, place)) in egress.into_iter().enumerate() {
            let index = RuleIndex::EgressRule(position);
            sink.rule(Kind::SecurityGroup, id, index, place);
        }
    }
    name_rules(snapshot, sink);
}

/// The rules of one direction: a permission is one for each of its other ends.
fn rules(
    group: &Cursor<'_>,
    key: &str,
    snapshot: &Snapshot<'_>,
    sink: &mut Sink,
) -> Vec<(GroupRule, Place)> {
    let mut rules = Vec::new();
    for permission in group.list(key, sink) {
        let traffic = rule_traffic(&permission, sink);
        let mut push = |peer: Option<RulePeer>, place| {
            // The other ends are read even so, to find their mistakes too.
            if let (Some(traffic), Some(peer)) = (traffic.clone(), peer) {
                rules.push((GroupRule { traffic, peer }, place));
            }
        };
        for (list, field) in [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")] {
            for item in permission.list(list, sink) {
                let block = item.required(field, sink);
                let cidr = block.and_then(|block| block.as_cidr(sink));
                push(cidr.map(RulePeer::Cidr), item.place());
            }
        }
        for item in permission.list("PrefixListIds", sink) {
            let id = item.required_text("PrefixListId", sink);
            let id = id.filter(|id| prefix_list::is_known(id, &item, sink));
            let peer = id.map(|id| RulePeer::PrefixList(PrefixListId::new(id)));
            push(peer, item.place());
        }
        for item in permission.list("UserIdGroupPairs", sink) {
            let id = item.required_text("GroupId", sink);
            let owner = item.text("UserId", sink);
            let peer = id.map(|id| group_peer(id, owner, group, snapshot, sink));
            push(peer, item.place());
        }
    }
    rules
}

fn rule_traffic(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<RuleTraffic> {
    let protocol = traffic::protocol(cursor, "IpProtocol", sink)?;
    let numbers = Numbers {
        cursor,
        within: None,
        from: "FromPort",
        to: "ToPort",
    };
    traffic::traffic(protocol, &numbers, &numbers, sink)
}

fn group_peer(
    id: &str,
    owner: Option<&str>,
    group: &Cursor<'_>,
    snapshot: &Snapshot<'_>,
    sink: &mut Sink,
) -> RulePeer {
    if snapshot.has("SecurityGroups", id) {
        return RulePeer::Group(SecurityGroupId::new(id));
    }
    let user = group.text("GroupId", sink).unwrap_or_default();
    let text = format!(
        "security group `{id}`, which a rule of `{user}` names, is not in the input: what it \
         matches is open"
    );
    sink.assume("outside-group", text);
    RulePeer::OutsideGroup(match owner {
        Some(owner) => format!("{owner}/{id}"),
        None => id.to_owned(),
    })
}

/// Gives the rules the ids that `describe-security-group-rules` has for them.
fn name_rules(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let mut ids: BTreeMap<(String, bool, RuleTraffic, RulePeer), String> = BTreeMap::new();
    for cursor in snapshot.cursors("SecurityGroupRules") {
        // The rules themselves are read from the groups; here a rule that cannot be read has
        // no id, and that is all.
        let mut ignored = Sink::default();
        let text = |key| cursor.text(key, &mut Sink::default());
        let egress = cursor.flag("IsEgress", &mut ignored);
        let traffic = rule_traffic(cursor, &mut ignored);
        let peer = rule_peer(cursor, snapshot, &mut ignored);
        if let (Some(group), Some(egress), Some(traffic), Some(peer), Some(id)) = (
            text("GroupId"),
            egress,
            traffic,
            peer,
            text("SecurityGroupRuleId"),
        ) {
            ids.insert((group.to_owned(), egress, traffic, peer), id.to_owned());
        }
    }
    for group in &sink.draft.security_groups {
        let id = group.id.to_string();
        let ingress = group.ingress.iter().enumerate();
        let ingress = ingress.map(|(position, rule)| (RuleIndex::IngressRule(position), rule));
        let egress = group.egress.iter().enumerate();
        let egress = egress.map(|(position, rule)| (RuleIndex::EgressRule(position), rule));
        for (index, rule) in ingress.chain(egress) {
            let is_egress = matches!(index, RuleIndex::EgressRule(_));
            let (traffic, peer) = (rule.traffic.clone(), rule.peer.clone());
            if let Some(rule_id) = ids.get(&(id.clone(), is_egress, traffic, peer)) {
                let provenance = &mut sink.provenance;
                provenance.name_rule(Kind::SecurityGroup, &id, index, rule_id);
            }
        }
    }
}

fn rule_peer(cursor: &Cursor<'_>, snapshot: &Snapshot<'_>, sink: &mut Sink) -> Option<RulePeer> {
    if let Some(cidr) = cursor.get("CidrIpv4").or_else(|| cursor.get("CidrIpv6")) {
        return cidr.as_cidr(sink).map(RulePeer::Cidr);
    }
    if let Some(list) = cursor.text("PrefixListId", sink) {
        return Some(RulePeer::PrefixList(PrefixListId::new(list)));
    }
    let group = cursor.get("ReferencedGroupInfo")?;
    let id = group.text("GroupId", sink)?;
    let owner = group.text("UserId", sink);
    Some(group_peer(id, owner, cursor, snapshot, sink))
}
