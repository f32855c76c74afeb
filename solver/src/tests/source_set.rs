//! Claims about requests whose policies ask for the source address.

use model::{
    AddressValue, Arrival, Claim, Engine, InterfaceAddress, Invariant, NetworkDraft,
    PermissionEffect, Place, RequestSet, RequestWay, Statement, Verdict, Witness,
};

use super::account::*;
use super::authorization_set::{asked, never, these, two_ways, unknown};
use super::build::*;
use super::condition::on;
use super::policy::*;
use super::verdict::PROVED;
use crate::Solver;

const OBJECTS: &str = "arn:aws:s3:::logs/*";

/// `c` and `f` reach S3 by an endpoint, `b` over a NAT gateway, and `a` from an address of its own; the role may do
/// everything that the bucket does not deny.
fn estate(denied: Vec<Statement>) -> NetworkDraft {
    let mut draft = two_ways();
    set_public(&mut draft, "a", "52.0.0.1");
    subnet(&mut draft, "f", "v", &["10.0.4.0/24"]);
    interface(&mut draft, "f", "f", &["10.0.4.10"], &["v-open"]);
    let by_endpoint = draft.subnets[2].route_table.clone();
    draft.subnets.last_mut().expect("f").route_table = by_endpoint;
    principal(&mut draft, &own("role/app"), vec![allow_on("s3:*", "*")]);
    resource(&mut draft, "arn:aws:s3:::logs", OWN, Some(known(denied)));
    draft
}

fn unless(operator: &str, key: &str, blocks: &[&str]) -> Vec<Statement> {
    vec![on(deny_on("s3:*", "*"), operator, key, blocks)]
}

fn gets() -> RequestSet {
    asked(&["s3:GetObject"], &[OBJECTS], these(&[&own("role/app")]))
}

/// The verdict; a witness goes with its request.
fn ask(draft: &NetworkDraft, from: &[&str], claim: Claim) -> Verdict {
    let mut invariant: Invariant = every(from, Place::Service(S3.to_owned()), claim);
    invariant.scope.request = Some(gets());
    let solver = Solver::load(&valid(draft.clone()));
    let verdict = solver.check(&invariant);
    if let Verdict::Violated {
        counterexample: Some(witness),
    } = &verdict
    {
        let is_permitted = invariant.claim != Claim::PermittedAll;
        assert_goes_together(&solver, witness, is_permitted);
    }
    verdict
}

fn assert_goes_together(solver: &Solver, witness: &Witness, is_permitted: bool) {
    let forward = solver.decide(&witness.flow).forward;
    let way = match forward.arrival {
        Some(Arrival::GatewayEndpoint(id)) => RequestWay::Endpoint(id, forward.source),
        Some(Arrival::Internet) => RequestWay::Internet(forward.source),
        other => panic!("{other:?}"),
    };
    let request = witness.request.as_ref().expect("a request");
    let expected = if is_permitted {
        PermissionEffect::Permitted
    } else {
        PermissionEffect::Denied
    };
    assert_eq!(solver.permits(&way, request).effect, expected, "{way:?}");
}

fn sender(verdict: Verdict) -> String {
    let Verdict::Violated {
        counterexample: Some(witness),
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    witness.flow.packet.source().to_string()
}

#[test]
fn clients_of_one_subnet_may_and_those_of_another_may_not() {
    for operator in ["NotIpAddress", "NotIpAddressIfExists"] {
        let draft = estate(unless(operator, "aws:VpcSourceIp", &["10.0.3.0/24"]));
        assert_eq!(ask(&draft, &["c"], Claim::PermittedAll), PROVED);
        assert_eq!(ask(&draft, &["f"], never()), PROVED);
        let denied = ask(&draft, &["c", "f"], Claim::PermittedAll);
        assert_eq!(sender(denied), "10.0.4.10");
        assert_eq!(sender(ask(&draft, &["c", "f"], never())), "10.0.3.10");
        // Over the internet it is absent.
        assert_eq!(ask(&draft, &["b"], never()), PROVED);
    }
}

#[test]
fn an_endpoint_s_policy_may_ask_too() {
    let mut draft = estate(vec![deny_on("s3:Nothing", "*")]);
    let allow = on(
        allow_on("*", "*"),
        "IpAddress",
        "aws:VpcSourceIp",
        &["10.0.4.0/24"],
    );
    draft.vpc_endpoints[0].policy = known(vec![allow]);
    assert_eq!(ask(&draft, &["f"], Claim::PermittedAll), PROVED);
    assert_eq!(ask(&draft, &["c"], never()), PROVED);
}

#[test]
fn a_bound_in_the_middle_of_a_subnet() {
    let mut draft = estate(unless("NotIpAddress", "aws:VpcSourceIp", &["10.0.3.0/28"]));
    for (id, private) in [("last", "10.0.3.15"), ("behind", "10.0.3.16")] {
        interface(&mut draft, id, "e", &[private], &["v-open"]);
    }
    assert_eq!(ask(&draft, &["c", "last"], Claim::PermittedAll), PROVED);
    assert_eq!(ask(&draft, &["behind"], never()), PROVED);
    let denied = ask(&draft, &["c", "last", "behind"], Claim::PermittedAll);
    assert_eq!(sender(denied), "10.0.3.16");
    // An address that is open is on one side or the other.
    let open = AddressValue::Within(block("10.0.3.0/24"), hole("last.private_ip"));
    interface_mut(&mut draft, "last").addresses[0].private = open;
    let verdict = ask(&draft, &["last"], Claim::PermittedAll);
    assert_eq!(unknown(verdict), ["last.private_ip".to_owned()].into());
    let inside = AddressValue::Within(block("10.0.3.0/29"), hole("last.private_ip"));
    interface_mut(&mut draft, "last").addresses[0].private = inside;
    assert_eq!(ask(&draft, &["last"], Claim::PermittedAll), PROVED);
}

#[test]
fn the_public_address_of_a_nat_gateway() {
    let only = |block: &str| estate(unless("NotIpAddress", "aws:SourceIp", &[block]));
    let draft = only("52.0.0.200/32");
    assert_eq!(ask(&draft, &["b"], Claim::PermittedAll), PROVED);
    assert_eq!(ask(&draft, &["a"], never()), PROVED);
    let denied = ask(&draft, &["a", "b"], Claim::PermittedAll);
    assert_eq!(sender(denied), "10.0.1.10");
    // By an endpoint it is absent, and so the negated operator matches.
    assert_eq!(ask(&draft, &["c"], never()), PROVED);
    assert_eq!(
        ask(&only("52.0.0.1/32"), &["a"], Claim::PermittedAll),
        PROVED
    );
    assert_eq!(ask(&only("10.0.0.0/8"), &["a", "b"], never()), PROVED);

    let mut draft = draft;
    let public = |text: &str| AddressValue::Within(block(text), hole("eip.public_ip"));
    interface_mut(&mut draft, "nat-if").addresses[0].public = Some(public("52.0.0.128/25"));
    let verdict = ask(&draft, &["b"], Claim::PermittedAll);
    assert_eq!(unknown(verdict), ["eip.public_ip".to_owned()].into());
    let mut draft = only("52.0.0.128/25");
    interface_mut(&mut draft, "nat-if").addresses[0].public = Some(public("52.0.0.128/25"));
    assert_eq!(ask(&draft, &["b"], Claim::PermittedAll), PROVED);
}

#[test]
fn one_of_several_addresses_is_open() {
    let mut draft = estate(unless("NotIpAddress", "aws:SourceIp", &["52.0.0.0/24"]));
    let second = InterfaceAddress {
        private: AddressValue::Known(address("10.0.1.201")),
        public: Some(AddressValue::Known(address("52.0.0.201"))),
    };
    let interface = interface_mut(&mut draft, "nat-if");
    interface.addresses.push(second);
    let verdict = ask(&draft, &["b"], Claim::PermittedAll);
    let open = ["NotIpAddress aws:SourceIp".to_owned()].into();
    assert_eq!(unknown(verdict), open);
    assert_eq!(ask(&draft, &["a"], Claim::PermittedAll), PROVED);
}

#[test]
fn that_there_is_an_address_and_another_operator() {
    let null = |key| estate(unless("Null", key, &["true"]));
    let draft = null("aws:VpcSourceIp");
    assert_eq!(ask(&draft, &["c", "f"], Claim::PermittedAll), PROVED);
    assert_eq!(ask(&draft, &["a", "b"], never()), PROVED);
    let draft = null("aws:SourceIp");
    assert_eq!(ask(&draft, &["a", "b"], Claim::PermittedAll), PROVED);
    assert_eq!(ask(&draft, &["c"], never()), PROVED);
    let draft = estate(unless("StringNotEquals", "aws:SourceIp", &["52.0.0.1"]));
    let open = ["StringNotEquals aws:SourceIp".to_owned()].into();
    assert_eq!(unknown(ask(&draft, &["a"], Claim::PermittedAll)), open);
}

#[test]
fn more_classes_than_are_looked_at_are_a_limit_with_a_name() {
    let statement = |number: u8| {
        let blocks = format!("10.{number}.0.0/16");
        on(
            deny_on("s3:*", "*"),
            "IpAddress",
            "aws:VpcSourceIp",
            &[&blocks],
        )
    };
    let many = |n: u8| estate((100..100 + n).map(statement).collect());
    assert_eq!(ask(&many(63), &["c"], Claim::PermittedAll), PROVED);
    let limit = ["too many classes of source addresses".to_owned()].into();
    assert_eq!(unknown(ask(&many(64), &["c"], Claim::PermittedAll)), limit);
}

#[test]
fn an_interface_endpoint_is_asked_by_the_client_s_address() {
    let mut draft = estate(unless("NotIpAddress", "aws:VpcSourceIp", &["10.0.1.0/24"]));
    interface_endpoint(&mut draft, "interface", S3, "i", "10.0.2.60");
    let gateway = virtual_private_gateway(&mut draft, "g", "v", &["192.168.0.0/16"]);
    let by_gateway = to("192.168.0.0/16", gateway);
    add_route(&mut draft, "v-main", by_gateway.clone());
    add_route(&mut draft, "by-nat", by_gateway);
    let solver = |draft: &NetworkDraft| Solver::load(&valid(draft.clone()));
    let about = |mut invariant: Invariant| {
        invariant.scope.request = Some(gets());
        invariant
    };
    let to_endpoint = || to_interfaces(&["i"]);
    let from_a = about(every(&["a"], to_endpoint(), Claim::PermittedAll));
    assert_eq!(solver(&draft).check(&from_a), PROVED);
    let from_f = about(every(&["f"], to_endpoint(), never()));
    assert_eq!(solver(&draft).check(&from_f), PROVED);
    let outside = about(every_from_on_premises(to_endpoint(), never()));
    assert_eq!(solver(&draft).check(&outside), PROVED);
}
