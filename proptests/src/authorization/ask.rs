//! Requests and sets of requests that have to do with a world.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Patterns, Principal, PrincipalElement, PrincipalPattern, PrincipalSet, Request, RequestSet,
    RequestWay, VpcEndpointId,
};

use super::{World, pool};
use crate::dice::Dice;
use crate::policy::draw::{self, Key};
use crate::policy::member;

/// A request, and how it comes.
pub fn request(world: &World, keys: &[Key], dice: &mut Dice) -> (RequestWay, Request) {
    let way = match dice.below(100) {
        0..45 => one_of(&world.by_endpoint(), dice),
        45..55 => RequestWay::Endpoint(world.endpoint(), None),
        55..62 => RequestWay::EndpointPolicy(world.endpoint()),
        62..65 => RequestWay::Endpoint(VpcEndpointId::new("i"), None),
        65..72 => RequestWay::Internet(None),
        _ => one_of(&World::over_internet(), dice),
    };
    let (action, resource) = called(world, dice);
    let request = Request {
        action,
        resource,
        principal: caller(world, dice),
        context: draw::context(keys, dice),
    };
    (way, request)
}

fn one_of(ways: &[RequestWay], dice: &mut Dice) -> RequestWay {
    let way = dice.pick(ways).cloned();
    way.unwrap_or(RequestWay::Internet(None))
}

/// The accounts of the world, and one that is not there.
fn accounts(world: &World) -> Vec<String> {
    let own = world.accounts.iter().map(|account| account.id.to_string());
    own.chain([pool::FOREIGN.to_owned()]).collect()
}

fn caller(world: &World, dice: &mut Dice) -> Principal {
    let accounts = accounts(world);
    let account = dice.pick(&accounts).cloned().unwrap_or_default();
    let mut of = |patterns: &[&str]| {
        let pattern = dice.pick(patterns).copied().unwrap_or_default();
        pool::principal(&pool::of(&account, pattern))
    };
    let (listed, unlisted) = (of(&pool::LISTED), of(&pool::UNLISTED));
    let session = pool::principal(&pool::of(&account, "arn:aws:sts::@:assumed-role/app/one"));
    match dice.below(100) {
        0..10 => Principal::Anonymous,
        10..22 => Principal::Root { account },
        22..60 => {
            let own = dice.pick(&world.principals);
            own.map_or(listed, |own| pool::principal(own.id.as_str()))
        }
        60..75 => listed,
        75..83 => session,
        83..93 => named(world, dice).unwrap_or(unlisted),
        _ => unlisted,
    }
}

/// A user, role or session whom the policy of a resource names.
fn named(world: &World, dice: &mut Dice) -> Option<Principal> {
    let policies = world.resource_policies.iter();
    let policies = policies.filter_map(|one| one.policy.as_ref()?.known());
    let statements = policies.flat_map(|policy| &policy.statements);
    let patterns = statements.flat_map(|one| match &one.principal {
        PrincipalElement::Principal(patterns) => patterns.as_slice(),
        PrincipalElement::NotPrincipal(_) => &[],
    });
    let arns = patterns.filter_map(|pattern| match pattern {
        PrincipalPattern::Arn(arn) => Some(arn.as_str()),
        PrincipalPattern::Everyone
        | PrincipalPattern::Account(_)
        | PrincipalPattern::Open(_)
        | PrincipalPattern::Other { .. } => None,
    });
    let arns: Vec<&str> = arns.collect();
    dice.pick(&arns).map(|arn| pool::principal(arn))
}

/// An action and a resource, which mostly fit.
fn called(world: &World, dice: &mut Dice) -> (String, String) {
    let accounts = accounts(world);
    let account = dice.pick(&accounts).cloned().unwrap_or_default();
    let text = |pool: &[&'static str], dice: &mut Dice| dice.pick(pool).copied().unwrap_or("*");
    let other = pool::of(&account, text(&pool::RESOURCES, dice));
    let own = dice.pick(&world.resource_policies);
    let own = own.map_or(other.clone(), |own| own.id.to_string());
    let resource = match dice.below(100) {
        0..45 => own,
        45..65 => own + text(&pool::CONTINUED, dice),
        65..82 => other,
        _ => text(&pool::ODD, dice).to_owned(),
    };
    let action = if dice.percent(88) {
        text(pool::actions(&resource), dice)
    } else {
        text(&pool::any_actions(), dice)
    };
    (action.to_owned(), resource)
}

/// A set of requests around one: small ones often, since what is said of large ones seldom holds.
pub fn set(world: &World, keys: &[Key], dice: &mut Dice) -> RequestSet {
    let (_, around) = request(world, keys, dice);
    let wider = |text: &str, dice: &mut Dice| match dice.below(6) {
        0..3 => vec![text.to_owned()],
        3 => {
            let (begin, _) = text.rsplit_once([':', '/']).unwrap_or((text, ""));
            vec![format!("{begin}*")]
        }
        4 => vec![format!("{text}*")],
        _ => Vec::new(),
    };
    let excluded = |percent: usize, text: &str, dice: &mut Dice| {
        let is_excluded = dice.percent(percent);
        is_excluded.then(|| text.to_owned()).into_iter().collect()
    };
    let (_, other) = called(world, dice);
    let actions = Patterns {
        include: wider(&around.action, dice),
        exclude: excluded(8, "s3:PutObject", dice),
    };
    let include = wider(&around.resource, dice);
    let exclude = if include.contains(&other) {
        Vec::new()
    } else {
        excluded(8, &other, dice)
    };
    RequestSet {
        actions,
        resources: Patterns { include, exclude },
        without: without(world, &around.principal, dice),
        principals: principals(world, around.principal, dice),
        context: if dice.percent(40) {
            draw::context_of_set(keys, dice)
        } else {
            BTreeMap::new()
        },
    }
}

/// Whom the set leaves out: at times the caller around whom it is, or another one.
fn without(world: &World, around: &Principal, dice: &mut Dice) -> BTreeSet<Principal> {
    let one = match dice.below(10) {
        0 => around.clone(),
        1 | 2 => caller(world, dice),
        _ => return BTreeSet::new(),
    };
    let is_session = member::is_session(&one);
    (!is_session).then_some(one).into_iter().collect()
}

fn principals(world: &World, around: Principal, dice: &mut Dice) -> PrincipalSet {
    let accounts = accounts(world);
    let mut account = || {
        let one = dice.pick(&accounts).cloned();
        one.into_iter().collect::<BTreeSet<_>>()
    };
    let (of, not_of) = (account(), account());
    match dice.below(10) {
        0..5 => PrincipalSet::These(vec![around]),
        5 => PrincipalSet::These(vec![around, caller(world, dice)]),
        6 | 7 => PrincipalSet::OfAccounts(of),
        8 => PrincipalSet::NotOfAccounts(not_of),
        _ => PrincipalSet::Every,
    }
}
