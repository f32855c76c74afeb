//! VPC Block Public Access in AWS's words.

use model::{BlockPublicAccess, Exclusion, Network, SubnetId, Value, Vpc};

/// The mode of a VPC and its exclusion, unless the mode is off and there is none.
pub(crate) fn of_vpc(vpc: &Vpc) -> Option<String> {
    let is_off = vpc.block_public_access == Value::Known(BlockPublicAccess::Off);
    if is_off && vpc.exclusion.is_none() {
        return None;
    }
    let mut line = format!("VPC Block Public Access {}", mode(vpc));
    if let Some(exclusion) = vpc.exclusion {
        line.push_str(&format!(", exclusion {}", self::exclusion(exclusion)));
    }
    Some(line)
}

/// What stands in the way at a subnet, as `VPC Block Public Access is block-ingress, and the subnet
/// has no exclusion`.
pub(crate) fn at_subnet(network: &Network, subnet: &SubnetId) -> Option<String> {
    let subnet = network.subnets().get(subnet)?;
    let vpc = network.vpcs().get(&subnet.vpc)?;
    let exclusions = match (vpc.exclusion, subnet.exclusion) {
        (None, None) => "neither the subnet nor its VPC has an exclusion".to_owned(),
        (Some(vpc), None) => format!("its VPC has the exclusion {}", exclusion(vpc)),
        (None, Some(own)) => format!("the subnet has the exclusion {}", exclusion(own)),
        (Some(vpc), Some(own)) => format!(
            "the subnet has the exclusion {}, its VPC {}",
            exclusion(own),
            exclusion(vpc)
        ),
    };
    Some(format!(
        "VPC Block Public Access is {}; {exclusions}",
        mode(vpc)
    ))
}

fn mode(vpc: &Vpc) -> String {
    let name = |mode: &BlockPublicAccess| match mode {
        BlockPublicAccess::Off => "off",
        BlockPublicAccess::Bidirectional => "block-bidirectional",
        BlockPublicAccess::Ingress => "block-ingress",
    };
    match &vpc.block_public_access {
        Value::Known(mode) => name(mode).to_owned(),
        Value::OneOf(modes, hole) => {
            let modes: Vec<_> = modes.iter().map(name).collect();
            format!("{} (open: {hole})", modes.join(" or "))
        }
        Value::Any(hole) => format!("open: {hole}"),
    }
}

/// The name of an exclusion.
pub(crate) const fn exclusion(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::Bidirectional => "allow-bidirectional",
        Exclusion::Egress => "allow-egress",
    }
}
