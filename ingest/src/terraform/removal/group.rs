//! Security groups that the change deletes. One that an earlier input shows in use is no group that AWS
//! would delete, and stays.

use std::collections::BTreeSet;

use model::{RulePeer, SecurityGroup, SecurityGroupId, Value};

use super::super::reader::Reader;

/// Takes away the groups that nothing has and no rule names, but for those that go with them.
pub(super) fn take(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let former = plan.former.iter();
    let ids = former.filter(|former| former.of == "aws_security_group");
    let ids = ids.filter_map(|former| former.attribute("id").text());
    let ids = ids.filter(|id| plan.made(&["aws_security_group"], id).is_none());
    let mut gone: BTreeSet<SecurityGroupId> = ids.map(SecurityGroupId::new).collect();
    let draft = &reader.sink.draft;
    for interface in &draft.network_interfaces {
        match &interface.groups {
            Value::Known(groups) => gone.retain(|id| !groups.contains(id)),
            Value::OneOf(sets, _) => {
                gone.retain(|id| !sets.iter().any(|groups| groups.contains(id)));
            }
            Value::Any(_) => {}
        }
    }
    // What a group that stays names stays too, and then what that one names.
    let mut n_gone = usize::MAX;
    while gone.len() < n_gone {
        n_gone = gone.len();
        let staying = draft.security_groups.iter();
        let staying = staying.filter(|group| !gone.contains(&group.id));
        let named: BTreeSet<SecurityGroupId> = staying.flat_map(named).collect();
        gone.retain(|id| !named.contains(id));
    }
    reader
        .sink
        .remove::<SecurityGroup>(|group| gone.contains(&group.id));
}

/// The groups that the rules of one name.
fn named(group: &SecurityGroup) -> impl Iterator<Item = SecurityGroupId> {
    let rules = group.ingress.iter().chain(&group.egress);
    rules.filter_map(|rule| match &rule.peer {
        RulePeer::Group(id) => Some(id.clone()),
        RulePeer::Cidr(_) | RulePeer::PrefixList(_) | RulePeer::OutsideGroup(_) => None,
    })
}
