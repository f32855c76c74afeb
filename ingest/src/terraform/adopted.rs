//! The parts of a VPC that AWS makes with it, where a resource adopts them: they are those of the VPC,
//! which may be in an earlier input only.

use std::collections::BTreeMap;

use model::{NetworkAcl, NetworkDraft, RouteTable, VpcId};

use super::identity::{DefaultPart, VPCS};
use super::plan::Resource;
use super::reader::Reader;

/// Says of a default VPC that a plan adopts anew that it may be any of an earlier input, which does not
/// say which one is the default.
pub(super) fn default_vpcs(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_default_vpc"]) {
        if resource.is_created && !reader.sink.draft.vpcs.is_empty() {
            reader.unplaced(&resource.attribute("id"));
        }
    }
}

/// The default groups of a network, by their VPCs.
pub(super) fn default_groups(draft: &NetworkDraft) -> BTreeMap<String, String> {
    let groups = draft.security_groups.iter();
    let defaults = groups.filter(|group| group.name == "default");
    defaults
        .map(|group| (group.vpc.to_string(), group.id.to_string()))
        .collect()
}

/// The VPC whose table or ACL a resource adopts, which it need not say.
pub(super) fn vpc(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    part: DefaultPart,
) -> Option<VpcId> {
    if let Some(vpc) = resource.attribute("vpc_id").text() {
        return Some(VpcId::new(vpc));
    }
    let id = reader.plan.id(resource);
    let vpcs = reader.plan.managed(&VPCS);
    let planned = vpcs.iter().find(|vpc| part.id(vpc) == id);
    let planned = planned.map(|vpc| VpcId::new(reader.plan.id(vpc)));
    let found = planned.or_else(|| earlier(reader, &id, part));
    if found.is_none() {
        let attribute = resource.attribute(part.attribute());
        reader.may_be_earlier(&attribute);
        reader.untraced(&attribute);
    }
    found
}

fn earlier(reader: &mut Reader<'_, '_>, id: &str, part: DefaultPart) -> Option<VpcId> {
    match part {
        DefaultPart::RouteTable => {
            let table = reader.sink.get::<RouteTable>(id);
            table.map(|table| table.vpc.clone())
        }
        DefaultPart::NetworkAcl => {
            let acl = reader.sink.get::<NetworkAcl>(id);
            acl.map(|acl| acl.vpc.clone())
        }
        // It is found by its VPC.
        DefaultPart::SecurityGroup => None,
    }
}
