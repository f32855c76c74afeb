//! The blocks of subnets that stand in resources of their own.

use crate::json::Value as Json;

use crate::sink::Sink;
use crate::terraform::declared::{Declared, Origin};

/// The type of such a block, until it is known which subnet it is of.
pub(super) const BLOCK: &str = "subnet block";

/// Gives subnets the blocks that stand in resources of their own.
pub(super) fn give_blocks(made: &mut Vec<Declared>, sink: &mut Sink) {
    let (blocks, rest): (Vec<_>, Vec<_>) = std::mem::take(made)
        .into_iter()
        .partition(|one| one.of == BLOCK);
    *made = rest;
    for block in blocks {
        let reference = block
            .declaration
            .pointer("/expressions/subnet_id/references/0");
        let reference = reference.and_then(Json::as_str).unwrap_or_default();
        let subnet = made.iter_mut().find(|one| {
            one.of == "aws_subnet" && format!("aws_subnet.{}.id", one.label) == reference
        });
        let Some(subnet) = subnet else {
            let what = "a block of a subnet that is not in the templates";
            sink.left_out(block.place, &block.address, what);
            continue;
        };
        for (to, from) in [
            (&mut subnet.values, &block.values),
            (&mut subnet.unknown, &block.unknown),
        ] {
            if let (Some(to), Some(value)) = (to.as_object_mut(), from.get("ipv6_cidr_block")) {
                to.insert("ipv6_cidr_block".to_owned(), value.clone());
            }
        }
        let expression = block.declaration.pointer("/expressions/ipv6_cidr_block");
        let declaration = subnet.declaration.as_object_mut();
        let expressions = declaration.and_then(|of| of.get_mut("expressions"));
        if let (Some(expression), Some(to)) =
            (expression, expressions.and_then(Json::as_object_mut))
        {
            to.insert("ipv6_cidr_block".to_owned(), expression.clone());
        }
        let origin = Origin {
            name: format!("Ipv6CidrBlock (by {})", block.address),
            place: block.place,
        };
        subnet.origins.insert("ipv6_cidr_block".to_owned(), origin);
    }
}
