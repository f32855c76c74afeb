//! The rules that AWS adds to a group without rules for what goes out.

use crate::json::json;

use crate::terraform::declared::{Declared, Origin};

/// A group without rules for what goes out admits everything: AWS adds two rules. When rules stand
/// in resources of their own, AWS's documents do not say whether the two stay.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html>
pub(super) fn egress(made: &mut [Declared]) {
    const RULE: &str = "aws_vpc_security_group_egress_rule";
    let rules = made.iter().filter(|one| one.of == RULE);
    let named: Vec<Option<String>> = rules
        .map(|rule| {
            let references = rule
                .declaration
                .pointer("/expressions/security_group_id/references")?;
            let [only] = references.as_array()?.as_slice() else {
                return None;
            };
            only.as_str().map(str::to_owned)
        })
        .collect();
    for group in made.iter_mut().filter(|one| one.of == "aws_security_group") {
        let own = group.values.get("egress");
        if own.is_some_and(|rules| rules.as_array().is_none_or(|rules| !rules.is_empty())) {
            continue;
        }
        let own = format!("aws_security_group.{}.id", group.label);
        let is_uncertain = named.iter().any(|name| {
            name.as_ref()
                .is_none_or(|name| *name == own || name == "local.open")
        });
        default_egress(group, is_uncertain);
    }
}

fn default_egress(group: &mut Declared, is_uncertain: bool) {
    let (value, unknown) = if is_uncertain {
        let open = json!({"cidr_blocks": [true], "ipv6_cidr_blocks": [true]});
        (
            json!({"protocol": "-1", "cidr_blocks": [null], "ipv6_cidr_blocks": [null]}),
            open,
        )
    } else {
        let all = json!({
            "protocol": "-1",
            "cidr_blocks": ["0.0.0.0/0"],
            "ipv6_cidr_blocks": ["::/0"],
        });
        (all, json!({}))
    };
    if let (Some(values), Some(mask)) =
        (group.values.as_object_mut(), group.unknown.as_object_mut())
    {
        values.insert("egress".to_owned(), json!([value]));
        mask.insert("egress".to_owned(), json!([unknown]));
    }
    let origin = Origin {
        name: "SecurityGroupEgress (whether AWS's own rules stay)".to_owned(),
        place: group.place.clone(),
    };
    group.origins.insert("egress".to_owned(), origin);
}
