//! Route choice.

use model::{
    NetworkDraft, Peering, PeeringEnd, PrefixList, Route, RouteDestination, RouteOrigin,
    RouteState, Target, Value,
};

use super::build::*;

/// A target that says its name: a peering to a VPC that is not in the input, whose walk ends at once.
fn outside(draft: &mut NetworkDraft, id: &str) -> Target {
    draft.peerings.push(Peering {
        id: id.into(),
        requester: PeeringEnd::Vpc("v".into()),
        accepter: PeeringEnd::Outside(format!("outside-{id}")),
        active: true,
        tags: Default::default(),
    });
    Target::Peering(id.into())
}

const OUT: &str = "undetermined peering-outside; reply undetermined peering-outside";

fn dead(destination: &str) -> Route {
    let mut route = to(destination, unmodelled());
    route.state = RouteState::Blackhole;
    route
}

fn unmodelled() -> Target {
    Target::Unmodelled {
        kind: "transit-gateway".to_owned(),
        id: "tgw".to_owned(),
    }
}

fn list(draft: &mut NetworkDraft, id: &str, aws_managed: bool, entries: Option<&[&str]>) {
    draft.prefix_lists.push(PrefixList {
        id: id.into(),
        name: id.to_owned(),
        family: model::Family::V4,
        aws_managed,
        entries: match entries {
            Some(entries) => Value::Known(entries.iter().map(|text| block(text)).collect()),
            None => Value::Any(hole("entries")),
        },
    });
}

fn to_list(id: &str, target: Target) -> Route {
    route(RouteDestination::PrefixList(id.into()), target)
}

#[test]
fn route_reserved_range() {
    let mut draft = two_subnets();
    let target = outside(&mut draft, "p");
    add_route(&mut draft, "v-main", to("169.254.0.0/16", target));
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 169.254.168.0 tcp/443 => dropped route-reserved-range
             a 10.0.1.10 -> 169.254.171.255 tcp/443 => dropped route-reserved-range
             a 10.0.1.10 -> 169.254.167.255 tcp/443 => {OUT}
             a 10.0.1.10 -> 169.254.172.0 tcp/443 => {OUT}"
        ),
    );
}

#[test]
fn the_longest_prefix_wins_whatever_its_kind() {
    let mut draft = two_subnets();
    let target = outside(&mut draft, "p");
    list(
        &mut draft,
        "l",
        false,
        Some(&["20.1.2.0/24", "20.1.0.0/28"]),
    );
    add_route(&mut draft, "v-main", dead("20.0.0.0/8"));
    add_route(&mut draft, "v-main", to("20.1.0.0/16", target.clone()));
    add_route(&mut draft, "v-main", to_list("l", unmodelled()));
    let mut propagated = dead("20.1.0.0/25");
    propagated.origin = RouteOrigin::Propagated;
    add_route(&mut draft, "v-main", propagated);
    let tgw = "undetermined target-unmodelled; reply undetermined target-unmodelled";
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 20.2.0.1 tcp/443 => dropped route-blackhole
             a 10.0.1.10 -> 20.1.3.1 tcp/443 => {OUT}
             a 10.0.1.10 -> 20.1.2.1 tcp/443 => {tgw}
             a 10.0.1.10 -> 20.1.0.100 tcp/443 => dropped route-blackhole
             a 10.0.1.10 -> 20.1.0.15 tcp/443 => {tgw}
             a 10.0.1.10 -> 21.0.0.1 tcp/443 => dropped longest-prefix-match"
        ),
    );
}

#[test]
fn route_tie_break() {
    let mut draft = two_subnets();
    let target = outside(&mut draft, "p");
    list(&mut draft, "l", false, Some(&["20.0.0.0/8", "21.0.0.0/8"]));
    let mut propagated = dead("21.0.0.0/8");
    propagated.origin = RouteOrigin::Propagated;
    add_route(&mut draft, "v-main", propagated);
    add_route(&mut draft, "v-main", to_list("l", unmodelled()));
    add_route(&mut draft, "v-main", to("20.0.0.0/8", target));
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 20.0.0.1 tcp/443 => {OUT}
             a 10.0.1.10 -> 21.0.0.1 tcp/443 => undetermined target-unmodelled; reply undetermined target-unmodelled"
        ),
    );
}

#[test]
fn propagated_inside_vpc() {
    let mut draft = two_subnets();
    let mut propagated = dead("10.0.2.0/24");
    propagated.origin = RouteOrigin::Propagated;
    add_route(&mut draft, "v-main", propagated);
    let mut wider = dead("10.0.0.0/8");
    wider.origin = RouteOrigin::Propagated;
    add_route(&mut draft, "v-main", wider);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.1.2.10 tcp/443 => dropped route-blackhole",
    );
}

#[test]
fn route_ambiguous() {
    let mut draft = two_subnets();
    let target = outside(&mut draft, "p");
    list(&mut draft, "l", false, Some(&["20.0.0.0/8", "21.0.0.0/8"]));
    list(
        &mut draft,
        "m",
        false,
        Some(&["20.0.0.0/8", "21.1.0.0/16", "22.0.0.0/8"]),
    );
    list(&mut draft, "n", false, Some(&["22.0.0.0/8"]));
    add_route(&mut draft, "v-main", to_list("l", target.clone()));
    add_route(&mut draft, "v-main", to_list("m", unmodelled()));
    add_route(&mut draft, "v-main", to_list("n", unmodelled()));
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 20.0.0.1 tcp/443 => undetermined route-ambiguous; reply undetermined route-ambiguous
             a 10.0.1.10 -> 21.0.0.1 tcp/443 => {OUT}
             a 10.0.1.10 -> 21.1.0.1 tcp/443 => undetermined target-unmodelled; reply undetermined target-unmodelled
             a 10.0.1.10 -> 22.1.0.1 tcp/443 => undetermined target-unmodelled; reply undetermined target-unmodelled"
        ),
    );
}

#[test]
fn route_inside_vpc() {
    let mut draft = two_subnets();
    add_route(&mut draft, "v-main", to("10.0.2.0/28", unmodelled()));
    let mut gone = dead("10.0.3.0/24");
    gone.state = RouteState::Blackhole;
    add_route(&mut draft, "v-main", gone);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => undetermined route-inside-vpc; reply undetermined route-inside-vpc
         a 10.0.1.10 -> 10.0.3.10 tcp/443 => undetermined route-inside-vpc; reply undetermined route-inside-vpc
         a 10.0.1.10 -> 10.0.2.99 tcp/443 => dropped address-owner",
    );
}

#[test]
fn prefix_list_entries_unknown() {
    let open =
        "undetermined prefix-list-entries-unknown; reply undetermined prefix-list-entries-unknown";
    for aws_managed in [false, true] {
        let mut draft = two_subnets();
        let target = outside(&mut draft, "p");
        list(&mut draft, "l", aws_managed, None);
        add_route(&mut draft, "v-main", to_list("l", unmodelled()));
        add_route(&mut draft, "v-main", to("20.0.0.1/32", target.clone()));
        add_route(&mut draft, "v-main", to("172.16.0.0/12", target));
        let (private, inside) = if aws_managed {
            (
                OUT,
                "delivered interface-accepts; reply delivered reply-returns",
            )
        } else {
            (open, open)
        };
        assert_decides(
            draft,
            &format!(
                "a 10.0.1.10 -> 20.0.0.1 tcp/443 => {OUT}
                 a 10.0.1.10 -> 20.0.0.2 tcp/443 => {open}
                 a 10.0.1.10 -> 172.16.0.1 tcp/443 => {private}
                 a 10.0.1.10 -> 10.0.2.10 tcp/443 => {inside}"
            ),
        );
    }
}

#[test]
fn route_unknown() {
    let open = "undetermined route-unknown; reply undetermined route-unknown";
    let mut draft = two_subnets();
    let target = outside(&mut draft, "p");
    add_route(&mut draft, "v-main", to("20.0.0.0/16", target.clone()));
    let mut one_of = to("20.0.0.0/8", target.clone());
    one_of.destination = Value::OneOf(
        vec![
            RouteDestination::Cidr(block("20.0.0.0/12")),
            RouteDestination::Cidr(block("20.0.7.0/24")),
        ],
        hole("which"),
    );
    add_route(&mut draft, "v-main", one_of);
    let mut open_target = to("30.0.0.0/8", target);
    open_target.target = Value::Any(hole("target"));
    add_route(&mut draft, "v-main", open_target);
    subnet(&mut draft, "t", "v", &["10.0.3.0/24"]);
    draft.subnets[2].route_table = Some(Value::Any(hole("table")));
    interface(&mut draft, "c", "t", &["10.0.3.10"], &["v-open"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 20.0.1.1 tcp/443 => {OUT}
             a 10.0.1.10 -> 20.1.0.1 tcp/443 => {open}
             a 10.0.1.10 -> 20.0.7.1 tcp/443 => {open}
             a 10.0.1.10 -> 30.0.7.1 tcp/443 => {open}
             a 10.0.1.10 -> 40.0.7.1 tcp/443 => dropped longest-prefix-match
             c 10.0.3.10 -> 10.0.1.10 tcp/443 => {open}
             a 10.0.1.10 -> 10.0.3.10 tcp/443 => delivered interface-accepts; reply undetermined route-unknown"
        ),
    );
}

#[test]
fn a_route_to_anywhere_may_take_every_address() {
    let mut draft = two_subnets();
    let mut any = to("20.0.0.0/8", unmodelled());
    any.destination = Value::Any(hole("destination"));
    add_route(&mut draft, "v-main", any);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => undetermined route-unknown; reply undetermined route-unknown
         a 10.0.1.10 -> 169.254.168.1 tcp/443 => dropped route-reserved-range",
    );
}
