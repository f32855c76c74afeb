//! Mistakes about which request it is: its way, its resource, and what AWS does besides.

use model::{Clause, ContextKey, Organization, Principal, RequestWay, Value};

use super::super::{World, draw, pool};
use super::planted::Planted;
use super::{Bug, bug};

const OPEN: Clause = Clause::AuthorizationOpen;
const OF_API: Clause = Clause::AuthorizationAnonymous;
const OF_BUCKETS: [&str; 3] = ["getbucketpolicy", "putbucketpolicy", "deletebucketpolicy"];

pub(super) const BUGS: &[Bug] = &[
    bug(
        "sts:GetCallerIdentity needs an Allow",
        Clause::AuthorizationNotAsked,
        |planted| longer(planted, "sts:getcalleridentity"),
    ),
    bug(
        "accounts are not asked",
        Clause::AuthorizationNotAsked,
        |planted| {
            planted.world.accounts.clear();
            planted.world.principals.clear();
            planted.world.resource_policies.clear();
        },
    ),
    bug(
        "accounts are asked about an endpoint's policy alone",
        Clause::AuthorizationNotAsked,
        |planted| {
            if let RequestWay::EndpointPolicy(endpoint) = &planted.way {
                planted.way = RequestWay::Endpoint(endpoint.clone(), None);
            }
        },
    ),
    bug(
        "an endpoint's policy is not asked when there are accounts",
        Clause::PolicyDefaultDeny,
        |planted| planted.world.policy = Value::Known(draw::full()),
    ),
    bug(
        "over the internet there is an endpoint",
        Clause::ContextOfPath,
        |planted| {
            if matches!(planted.way, RequestWay::Internet(_)) {
                planted.world.policy = Value::Known(draw::full());
                planted.way = RequestWay::Endpoint(planted.world.endpoint(), None);
            }
        },
    ),
    bug(
        "aws:SourceIp is absent over the internet",
        Clause::ContextOfPath,
        |planted| absent_over_internet(planted, "aws:SourceIp"),
    ),
    bug(
        "aws:VpcSourceIp is there over the internet",
        Clause::ContextOfPath,
        |planted| {
            let key = ContextKey::new("own:VpcSourceIp");
            let address = "10.0.1.5".to_owned();
            planted.request.context.insert(key, [address].into());
            absent_over_internet(planted, "aws:VpcSourceIp");
        },
    ),
    bug(
        "a request over the internet comes from no address",
        Clause::ContextOfPath,
        |planted| {
            if let RequestWay::Internet(source) = &mut planted.way {
                *source = None;
            }
        },
    ),
    bug(
        "a request by an endpoint comes from no address",
        Clause::ContextOfPath,
        |planted| {
            if let RequestWay::Endpoint(_, source) = &mut planted.way {
                *source = None;
            }
        },
    ),
    bug(
        "a request comes from the first address of its interface",
        Clause::ContextOfPath,
        |planted| {
            let ways = match &planted.way {
                RequestWay::Endpoint(_, Some(_)) => planted.world.by_endpoint(),
                RequestWay::Internet(Some(_)) => World::over_internet(),
                RequestWay::Endpoint(_, None)
                | RequestWay::Internet(None)
                | RequestWay::EndpointPolicy(_) => return,
            };
            if let Some(first) = ways.into_iter().next() {
                planted.way = first;
            }
        },
    ),
    bug(
        "the VPC's owner is the caller's account",
        Clause::ContextOfPath,
        |planted| planted.world.owner = Some(planted.caller_account()),
    ),
    bug(
        "an organization without id is the owner's",
        Clause::ContextOfPath,
        |planted| {
            for account in &mut planted.world.accounts {
                account.organization_id.get_or_insert("o-1".to_owned());
            }
        },
    ),
    bug(
        "an account in no organization is in the one that is named",
        Clause::ContextOfPath,
        |planted| {
            for account in &mut planted.world.accounts {
                if account.organization == Organization::None {
                    account.organization = Organization::Management;
                }
            }
        },
    ),
    bug("the shortest entry is chosen", OPEN, |planted| {
        let longest = planted.entry().map(|entry| entry.id.clone());
        let all = planted.world.resource_policies.clone();
        let entries = &mut planted.world.resource_policies;
        entries.retain(|one| Some(&one.id) != longest.as_ref());
        if planted.entry().is_none() {
            planted.world.resource_policies = all;
        }
    }),
    bug("an entry is for itself alone", OPEN, |planted| {
        let resource = planted.request.resource.clone();
        while let Some(entry) = planted.entry().map(|entry| entry.id.clone()) {
            if entry.as_str() == resource {
                break;
            }
            let entries = &mut planted.world.resource_policies;
            entries.retain(|one| one.id != entry);
        }
    }),
    bug(
        "every entry covers what is behind a slash",
        OPEN,
        |planted| {
            continued(planted, |rest| rest.starts_with('/'));
        },
    ),
    bug("an entry covers whatever begins so", OPEN, |planted| {
        continued(planted, |rest| !rest.is_empty());
    }),
    bug("an access point is a bucket", OPEN, |planted| {
        planted.rename_resource(":accesspoint/", ":bucket/");
    }),
    bug(
        "sts:GetSessionToken is granted like others",
        OPEN,
        |planted| {
            longer(planted, "sts:getsessiontoken");
        },
    ),
    bug("sts:AssumeRoot is granted like others", OPEN, |planted| {
        longer(planted, "sts:assumeroot");
    }),
    bug(
        "a bucket's policy may be read from another account",
        Clause::AuthorizationCrossAccount,
        |planted| {
            if planted.is_across() {
                OF_BUCKETS
                    .iter()
                    .for_each(|name| longer(planted, &format!("s3:{name}")));
            }
        },
    ),
    bug(
        "a queue may be deleted from another account",
        Clause::AuthorizationCrossAccount,
        |planted| {
            if planted.is_across() {
                longer(planted, "sqs:deletequeue");
            }
        },
    ),
    bug("a key has no grants", OPEN, |planted| {
        if planted.is_across() {
            planted.rename_resource(":key/", ":no-key/");
        }
    }),
    bug("an alias is not about a key", OPEN, |planted| {
        planted.rename_resource(":alias/", ":no-alias/");
    }),
    bug("a registry has no policy", OPEN, |planted| {
        planted.rename_resource(":repository/", ":no-repository/");
    }),
    bug("sns:Unsubscribe is granted like others", OPEN, |planted| {
        longer(planted, "sns:unsubscribe");
    }),
    bug(
        "Cognito's actions are granted like others",
        OPEN,
        |planted| {
            planted.rename_action("cognito-idp:", "own:");
        },
    ),
    bug(
        "service control policies limit all that root users do",
        OPEN,
        |planted| {
            if planted.is_root() {
                planted.rename_action("ec2:", "own:");
            }
        },
    ),
    bug("a queue's policy stops the root user", OPEN, |planted| {
        if planted.is_root() && planted.is_same_account() {
            planted.rename_action("sqs:", "sns:");
        }
    }),
    bug(
        "everyone and everything may be asked who calls",
        OPEN,
        |planted| {
            let is_asked = planted.request.resource != "*"
                || planted.request.principal == Principal::Anonymous;
            let action = &planted.request.action;
            if is_asked && action.eq_ignore_ascii_case("sts:getcalleridentity") {
                planted.request.resource = "*".to_owned();
                planted.request.principal = Principal::Root {
                    account: pool::EMPTY.to_owned(),
                };
            }
        },
    ),
    bug("roles are assumed by policies on `*`", OPEN, |planted| {
        if planted.request.resource == "*" {
            planted.rename_action("sts:AssumeRole", "sts:Own");
        }
    }),
    bug(
        "an API without a policy is one that is not listed",
        OF_API,
        |planted| {
            if planted.entry().is_some_and(|entry| entry.policy.is_none()) {
                planted.rename_resource(":execute-api:", ":own:");
            }
        },
    ),
    bug("an API that is not listed asks policies", OPEN, |planted| {
        if planted.entry().is_none() && planted.request.resource.contains(":execute-api:") {
            planted.rename_action("execute-api:", "own:");
        }
    }),
    bug("a service of VPC Lattice asks policies", OPEN, |planted| {
        planted.rename_action("vpc-lattice-svcs:", "own:");
    }),
    bug(
        "policies of every service stand at what is called",
        OPEN,
        |planted| {
            if planted.entry().is_none() {
                planted.rename_resource(":events:", ":sns:");
                for account in &mut planted.world.accounts {
                    let services = &mut account.resources_complete;
                    if services.contains("events") {
                        services.insert("sns".to_owned());
                    }
                }
            }
        },
    ),
    bug("every service asks for a signature", OPEN, |planted| {
        if planted.request.principal == Principal::Anonymous {
            planted.rename_action("events:", "kms:");
        }
    }),
    bug(
        "a bucket's settings may be another account's",
        OPEN,
        |planted| {
            if planted.is_across() {
                planted.rename_action("s3:PutBucketLogging", "s3:ListBucketLogging");
            }
        },
    ),
    bug("a table's policy may grant any action", OPEN, |planted| {
        if planted.is_same_account() {
            planted.rename_action("dynamodb:CreateBackup", "dynamodb:Query");
        }
    }),
    bug("access control lists are ignored", OPEN, |planted| {
        if let Some(entry) = planted.entry() {
            entry.access_control_lists = false;
        }
    }),
    bug("every bucket has access control lists", OPEN, |planted| {
        if let Some(entry) = planted.entry() {
            entry.access_control_lists = true;
        }
    }),
    bug("Block Public Access is ignored", OPEN, |planted| {
        if let Some(entry) = planted.entry() {
            entry.public_access = true;
        }
    }),
    bug("Block Public Access is on everywhere", OPEN, |planted| {
        if let Some(entry) = planted.entry() {
            entry.public_access = false;
        }
    }),
    bug(
        "every service asks across accounts as S3 does",
        OPEN,
        |planted| {
            if planted.is_across() {
                for service in ["sns:", "events:", "dynamodb:", "secretsmanager:"] {
                    planted.rename_action(service, "execute-api:");
                }
            }
        },
    ),
    bug(
        "every action of keys may come from another account",
        OPEN,
        |planted| {
            if planted.is_across() {
                planted.rename_action("kms:Sign", "kms:DescribeKey");
            }
        },
    ),
    bug(
        "no action of keys may come from another account",
        OPEN,
        |planted| {
            if planted.is_across() {
                planted.rename_action("kms:Decrypt", "kms:Sign");
            }
        },
    ),
    bug(
        "every service asks within an account as S3 does",
        OPEN,
        |planted| {
            if planted.is_same_account() {
                for service in ["events:", "execute-api:"] {
                    planted.rename_action(service, "sns:");
                }
            }
        },
    ),
];

/// Takes an action for one that is nothing in particular.
fn longer(planted: &mut Planted, action: &str) {
    if planted.request.action.eq_ignore_ascii_case(action) {
        planted.request.action.push('x');
    }
}

/// Takes, over the internet, a key for one that only the request's context has.
fn absent_over_internet(planted: &mut Planted, name: &str) {
    if !matches!(planted.way, RequestWay::Internet(_)) {
        return;
    }
    let own = ContextKey::new(&name.replace("aws:", "own:"));
    planted.world.each_policy(|policy| {
        let statements = policy.statements.iter_mut();
        for condition in statements.flat_map(|one| &mut one.conditions) {
            if condition.key == ContextKey::new(name) {
                condition.key = own.clone();
            }
        }
    });
}

/// Lists the resource itself, where one continues an entry in some way that does not cover it.
fn continued(planted: &mut Planted, is_meant: impl Fn(&str) -> bool) {
    if planted.entry().is_some() {
        return;
    }
    let resource = planted.request.resource.clone();
    let entries = planted.world.resource_policies.iter();
    let mut begun = entries.filter(|one| {
        resource
            .strip_prefix(one.id.as_str())
            .is_some_and(&is_meant)
    });
    if let Some(mut entry) = begun.next().cloned() {
        entry.id = resource.as_str().into();
        planted.world.resource_policies.push(entry);
    }
}
