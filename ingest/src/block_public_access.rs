//! The words of AWS for VPC Block Public Access, which all formats share.

use model::{BlockPublicAccess, Exclusion};

/// What a format may say of a mode.
pub(crate) const MODES: &str = "`off`, `block-bidirectional` or `block-ingress`";
/// What a format may say of an exclusion.
pub(crate) const EXCLUSIONS: &str = "`allow-bidirectional` or `allow-egress`";

/// The mode of that name, an `InternetGatewayBlockMode`.
pub(crate) fn mode(text: &str) -> Option<BlockPublicAccess> {
    match text {
        "off" => Some(BlockPublicAccess::Off),
        "block-bidirectional" => Some(BlockPublicAccess::Bidirectional),
        "block-ingress" => Some(BlockPublicAccess::Ingress),
        _ => None,
    }
}

/// The name of a mode.
pub(crate) const fn mode_name(mode: BlockPublicAccess) -> &'static str {
    match mode {
        BlockPublicAccess::Off => "off",
        BlockPublicAccess::Bidirectional => "block-bidirectional",
        BlockPublicAccess::Ingress => "block-ingress",
    }
}

/// The exclusion of that name, an `InternetGatewayExclusionMode`.
pub(crate) fn exclusion(text: &str) -> Option<Exclusion> {
    match text {
        "allow-bidirectional" => Some(Exclusion::Bidirectional),
        "allow-egress" => Some(Exclusion::Egress),
        _ => None,
    }
}

/// The name of an exclusion.
pub(crate) const fn exclusion_name(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::Bidirectional => "allow-bidirectional",
        Exclusion::Egress => "allow-egress",
    }
}
