//! Making a world small while it still shows something.

use model::{Organization, Value};

use super::{World, candidates};

/// Drops one thing at a time as long as the rest still shows it.
pub fn reduced(world: &World, shows: impl Fn(&World) -> bool) -> World {
    let mut kept = world.clone();
    loop {
        let mut smaller = smaller(&kept).into_iter();
        match smaller.find(|world| *world != kept && shows(world)) {
            Some(world) => kept = world,
            None => return kept,
        }
    }
}

/// The world with one part less, large parts first.
fn smaller(world: &World) -> Vec<World> {
    let mut found = Vec::new();
    let mut with = |edit: &dyn Fn(&mut World)| {
        let mut edited = world.clone();
        edit(&mut edited);
        found.push(edited);
    };
    // Not back from none at all, or this would have no end.
    let mut candidates = candidates(&mut world.policy.clone()).to_vec();
    candidates.retain(|policy| !policy.statements.is_empty());
    if !candidates.is_empty() || world.policy.hole().is_some() {
        with(&|world| world.policy = Value::Known(super::draw::full()));
    }
    for at in 0..world.accounts.len() {
        with(&|world| drop(world.accounts.remove(at)));
        with(&|world| {
            if let Some(account) = world.accounts.get_mut(at) {
                account.organization = Organization::None;
            }
        });
        with(&|world| {
            if let Some(account) = world.accounts.get_mut(at) {
                account.resources_complete.clear();
            }
        });
    }
    for at in 0..world.principals.len() {
        with(&|world| drop(world.principals.remove(at)));
        with(&|world| {
            if let Some(principal) = world.principals.get_mut(at) {
                principal.permissions_boundary = None;
            }
        });
    }
    for at in 0..world.resource_policies.len() {
        with(&|world| drop(world.resource_policies.remove(at)));
        with(&|world| {
            if let Some(resource) = world.resource_policies.get_mut(at) {
                resource.access_control_lists = false;
                resource.public_access = true;
            }
        });
        with(&|world| {
            if let Some(resource) = world.resource_policies.get_mut(at) {
                resource.policy = None;
            }
        });
    }
    found.extend(documents(world));
    found
}

/// The world with a document less, or with less in one.
fn documents(world: &World) -> Vec<World> {
    let mut found = Vec::new();
    let mut with = |edit: &dyn Fn(&mut World)| {
        let mut edited = world.clone();
        edit(&mut edited);
        found.push(edited);
    };
    for at in 0..world.accounts.len() {
        for level in 0..3 {
            with(&|world| remove_level(world, at, level));
            with(&|world| remove_policy(world, at, level));
        }
    }
    for at in 0..world.principals.len() {
        for which in 0..2 {
            with(&|world| {
                if let Some(principal) = world.principals.get_mut(at) {
                    remove(&mut principal.identity_policies, which);
                    remove(&mut principal.session_policies, which);
                }
            });
        }
    }
    let n_documents = world.clone().documents_mut().len();
    for at in 0..=n_documents {
        with(&|world| {
            if let Some(document) = document(world, at)
                && let [first, ..] = candidates(document)
            {
                *document = Value::Known(first.clone());
            }
        });
        for statement in 0..4 {
            with(&|world| {
                let candidates = document(world, at).map(candidates).into_iter().flatten();
                candidates.for_each(|policy| remove(&mut policy.statements, statement));
            });
            with(&|world| {
                let candidates = document(world, at).map(candidates).into_iter().flatten();
                let statements = candidates.filter_map(|one| one.statements.get_mut(statement));
                statements.for_each(|one| remove(&mut one.conditions, 0));
            });
        }
    }
    found
}

/// A document of the accounts, or the endpoint's behind them.
fn document(world: &mut World, at: usize) -> Option<&mut super::Document> {
    let n_documents = world.documents_mut().len();
    if at == n_documents {
        return Some(&mut world.policy);
    }
    world.documents_mut().into_iter().nth(at)
}

fn remove_level(world: &mut World, at: usize, level: usize) {
    let account = world.accounts.get_mut(at);
    match account.map(|account| &mut account.organization) {
        Some(Organization::Member {
            service_control_policies,
            ..
        }) => remove(service_control_policies, level),
        Some(Organization::Unknown(_) | Organization::None | Organization::Management) | None => {}
    }
}

fn remove_policy(world: &mut World, at: usize, which: usize) {
    let account = world.accounts.get_mut(at);
    match account.map(|account| &mut account.organization) {
        Some(Organization::Member {
            service_control_policies,
            resource_control_policies,
        }) => {
            remove(resource_control_policies, which);
            for level in service_control_policies {
                remove(level, which);
            }
        }
        Some(Organization::Unknown(_) | Organization::None | Organization::Management) | None => {}
    }
}

fn remove<T>(from: &mut Vec<T>, at: usize) {
    if at < from.len() {
        from.remove(at);
    }
}
