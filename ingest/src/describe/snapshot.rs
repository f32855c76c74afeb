//! A snapshot: the items of all files by the kind of call that printed them.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value;

use super::config::{Config, Listed};
use super::directory::Document;
use crate::diagnostic::{Code, Diagnostic};
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::sink::Sink;

/// The top-level keys that are read, and the field that identifies an item of each.
pub(super) const CALLS: &[(&str, &str)] = &[
    ("Addresses", "AllocationId"),
    // One endpoint has several of these, all from one folder.
    ("AuthorizationRules", "ClientVpnEndpointId"),
    ("ClientVpnEndpoints", "ClientVpnEndpointId"),
    ("ClientVpnTargetNetworks", "AssociationId"),
    ("DhcpOptions", "DhcpOptionsId"),
    ("EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"),
    ("FirewallRuleGroupAssociations", "Id"),
    ("FirewallRules", "FirewallRuleGroupId"),
    ("HostedZones", "Id"),
    ("InternetGateways", "InternetGatewayId"),
    ("Listeners", "ListenerArn"),
    ("LoadBalancers", "LoadBalancerArn"),
    ("NatGateways", "NatGatewayId"),
    ("NetworkAcls", "NetworkAclId"),
    ("NetworkInterfaces", "NetworkInterfaceId"),
    ("PrefixLists", "PrefixListId"),
    ("Reservations", "ReservationId"),
    ("ResolverEndpoints", "Id"),
    ("ResolverRuleAssociations", "Id"),
    ("ResolverRules", "Id"),
    ("RouteTables", "RouteTableId"),
    ("Routes", "ClientVpnEndpointId"),
    ("Rules", "RuleArn"),
    ("SecurityGroupRules", "SecurityGroupRuleId"),
    ("SecurityGroups", "GroupId"),
    ("ServiceConfigurations", "ServiceId"),
    ("ServiceDetails", "ServiceName"),
    ("Subnets", "SubnetId"),
    ("TagDescriptions", "ResourceArn"),
    ("TargetGroups", "TargetGroupArn"),
    ("TransitGatewayRouteTables", "TransitGatewayRouteTableId"),
    ("TransitGateways", "TransitGatewayId"),
    ("VpcBlockPublicAccessExclusions", "ExclusionId"),
    ("VpcEndpoints", "VpcEndpointId"),
    ("VpcPeeringConnections", "VpcPeeringConnectionId"),
    ("Vpcs", "VpcId"),
    ("VpnConnections", "VpnConnectionId"),
    ("VpnGateways", "VpnGatewayId"),
    // Direct Connect writes its keys so.
    ("directConnectGatewayAssociations", "associationId"),
    ("virtualInterfaces", "virtualInterfaceId"),
];

/// The top-level keys of calls whose output does not name its subject.
pub(super) const NAMED: &[&str] = &[
    "Domains",
    "Entries",
    "HostedZoneSummaries",
    "IpAddresses",
    "ResourceRecordSets",
];

/// A list that says something of the object beside it, in the output of `get-hosted-zone`.
const BESIDE: &str = "VPCs";

/// The top-level keys that are read and of which an item may say something else in each folder: both
/// gateways of a peering describe it.
pub(super) const SEVERAL: &[&str] = &[
    "TransitGatewayAttachments",
    "TransitGatewayPeeringAttachments",
    "TransitGatewayPrefixListReferences",
    "TransitGatewayVpcAttachments",
];

/// The top-level keys of calls about one route table of a transit gateway, which their output does
/// not name, and the calls.
const OF_TABLES: &[(&str, &str)] = &[
    (
        "Associations",
        "get-transit-gateway-route-table-associations",
    ),
    ("Routes", "search-transit-gateway-routes"),
    (
        "TransitGatewayRouteTablePropagations",
        "get-transit-gateway-route-table-propagations",
    ),
];

/// The top-level keys of calls about one load balancer, target group or endpoint service, and the
/// calls: the file's name has to say which where the output does not. That of a load balancer without
/// listeners is one of these.
pub(super) const OF_SUBJECTS: &[(&str, &str)] = &[
    ("AllowedPrincipals", PERMISSIONS),
    ("Attributes", LOAD_BALANCER_ATTRIBUTES),
    ("Attributes", TARGET_GROUP_ATTRIBUTES),
    ("Listeners", LISTENERS),
    ("TargetHealthDescriptions", TARGET_HEALTH),
];

pub(super) const PERMISSIONS: &str = "describe-vpc-endpoint-service-permissions";
pub(super) const LOAD_BALANCER_ATTRIBUTES: &str = "describe-load-balancer-attributes";
pub(super) const TARGET_GROUP_ATTRIBUTES: &str = "describe-target-group-attributes";
pub(super) const LISTENERS: &str = "describe-listeners";
pub(super) const TARGET_HEALTH: &str = "describe-target-health";

/// The top-level keys of what says something of an account's policies, which is read document by
/// document.
pub(super) const OF_ACCOUNTS: &[&str] = &[
    "Buckets",
    "GroupDetailList",
    "Keys",
    "Parents",
    "Policies",
    "RoleDetailList",
    "Roots",
    "UserDetailList",
];

/// The top-level keys of outputs that have neither a list nor an object: of policies as one text, and
/// of `get-caller-identity`. Beside the name of a secret its policy may be missing.
pub(super) const TEXTS: &[&str] = &["Policy", "ARN", "policyText", "Account"];

/// The calls without which the network is not known, by top-level key and the call's name.
const NEEDED: &[(&str, &str)] = &[
    ("Vpcs", "describe-vpcs"),
    ("Subnets", "describe-subnets"),
    ("RouteTables", "describe-route-tables"),
    ("NetworkAcls", "describe-network-acls"),
    ("SecurityGroups", "describe-security-groups"),
    ("NetworkInterfaces", "describe-network-interfaces"),
    ("InternetGateways", "describe-internet-gateways"),
    (
        "EgressOnlyInternetGateways",
        "describe-egress-only-internet-gateways",
    ),
    ("NatGateways", "describe-nat-gateways"),
    ("VpcEndpoints", "describe-vpc-endpoints"),
    ("PrefixLists", "describe-managed-prefix-lists"),
    ("VpcPeeringConnections", "describe-vpc-peering-connections"),
];

/// One item of a list that a call printed.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    pub(super) cursor: Cursor<'a>,
    /// The folder of its file.
    pub(super) folder: &'a str,
}

/// A whole output.
#[derive(Clone, Debug)]
pub(super) struct Whole<'a> {
    pub(super) cursor: Cursor<'a>,
    /// The folder of its file.
    pub(super) folder: &'a str,
    /// The name of its file, without `.json`.
    pub(super) stem: &'a str,
}

/// What a call said of one route table of a transit gateway.
#[derive(Clone, Debug, Default)]
pub(super) struct OfTable<'a> {
    pub(super) items: Vec<Cursor<'a>>,
    /// Whether the call left some out.
    pub(super) has_more: bool,
}

/// What a call said of one subject.
#[derive(Clone, Debug)]
pub(super) struct OfSubject<'a> {
    /// The call.
    call: &'static str,
    /// What stands behind the call in the file's name.
    pub(super) subject: &'a str,
    /// The folder of the file.
    pub(super) folder: &'a str,
    /// The list.
    pub(super) cursor: Cursor<'a>,
}

/// The items of all files.
#[derive(Debug, Default)]
pub(super) struct Snapshot<'a> {
    lists: BTreeMap<&'a str, Vec<Item<'a>>>,
    /// The folders of the files that have a list, even an empty one.
    folders: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The ids in the lists that are read, by top-level key.
    ids: BTreeMap<&'static str, BTreeSet<&'a str>>,
    /// All documents, for what has its meaning from several keys: `describe-vpc-attribute` and the
    /// like.
    pub(super) documents: Vec<Whole<'a>>,
    /// The lists of calls whose output does not name its subject, with the stem of their file's
    /// name, which has to.
    named: BTreeMap<&'a str, Vec<(&'a str, Cursor<'a>)>>,
    /// What a call said of a route table of a transit gateway, by its top-level key and the table.
    of_tables: BTreeMap<(&'static str, String), OfTable<'a>>,
    /// What a call said of one subject, in the order of the files.
    of_subjects: Vec<OfSubject<'a>>,
}

impl<'a> Snapshot<'a> {
    /// Sorts the documents; what is no output of a call, or an incomplete one, is an error.
    pub(super) fn new(documents: &'a [Document], config: &'a Config, sink: &mut Sink) -> Self {
        let mut snapshot = Self::default();
        for document in documents {
            snapshot.add(document, sink);
        }
        snapshot.add_config(config, sink);
        for (key, id) in CALLS {
            if let Some(items) = snapshot.lists.get_mut(key) {
                merge_folders(items, id, sink);
                let ids = items.iter().map(|item| text(item.cursor.value(), id));
                snapshot.ids.insert(key, ids.flatten().collect());
            }
        }
        // What AWS Config did not record it says by itself.
        let needed = NEEDED.iter().filter(|_| config.made.is_empty());
        for (key, call) in needed {
            if !snapshot.lists.contains_key(key) {
                let text = format!("the output of `{call}` is not in the input: taken as empty");
                sink.assume("call-missing", text);
            }
        }
        snapshot
    }

    /// Adds what AWS Config recorded. Where a call says something of it, the call counts: it says
    /// more, and was made on purpose.
    fn add_config(&mut self, config: &'a Config, sink: &mut Sink) {
        config.say_missing(|key| self.lists.contains_key(key), sink);
        let mut said: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, id) in CALLS {
            let items = self.items(key).iter();
            let ids = items.filter_map(|item| text(item.cursor.value(), id));
            said.insert(key, ids.collect());
            if let Some(folders) = self.folders.get(key) {
                let items = self.cursors(key).map(Cursor::value).collect();
                config.compare(
                    &Listed {
                        key,
                        id,
                        items,
                        folders,
                    },
                    sink,
                );
            }
        }
        for made in &config.made {
            let (cursor, folder) = (made.cursor(), made.folder.as_str());
            let Some(key) = made.list else {
                self.documents.push(Whole {
                    cursor,
                    folder,
                    stem: &made.id,
                });
                continue;
            };
            let id = text(cursor.value(), made.id_field).unwrap_or(&made.id);
            if said.get(key).is_some_and(|ids| ids.contains(id)) {
                let text = format!(
                    "`{id}` is recorded by AWS Config and described by a call: taken from the call"
                );
                sink.assume("described-twice", text);
                continue;
            }
            if let Some(entries) = cursor.get("Entries").filter(|_| key == "PrefixLists") {
                let named = self.named.entry("Entries").or_default();
                named.push((&made.id, entries));
            }
            let lists = self.lists.entry(key).or_default();
            lists.push(Item { cursor, folder });
        }
    }

    fn add(&mut self, document: &'a Document, sink: &mut Sink) {
        let cursor = Cursor::new(&document.value, &document.file);
        let tokens = ["NextToken", "nextToken", "NextMarker"];
        let token = |key: &&&str| {
            cursor
                .get(key)
                .is_some_and(|it| it.value().as_str() != Some(""))
        };
        if let Some(token) = tokens.iter().find(token) {
            let message = format!("the output is one page of several: it has a `{token}`");
            let diagnostic = Diagnostic::error(cursor.place(), Code::IncompletePage, message);
            sink.push(diagnostic.help("run the call again without --max-items and --no-paginate"));
        } else if let Some(cut) = cursor.get("IsTruncated")
            && cut.value().as_bool() == Some(true)
            // What it leaves out there is open, and `iam` says so.
            && cursor.get("RoleDetailList").is_none()
        {
            let message = "the output is one page of several: `IsTruncated` is true";
            let diagnostic = Diagnostic::error(cursor.place(), Code::IncompletePage, message);
            sink.push(diagnostic.help("run the call again without --max-items and --no-paginate"));
        }
        let Some(object) = document.value.as_object() else {
            unrecognised(&cursor, sink);
            return;
        };
        if object.contains_key("Statement") {
            policy_alone(&cursor, sink);
            return;
        }
        if is_of_something_else(&document.value) {
            unrecognised(&cursor, sink);
            return;
        }
        let mut recognised = false;
        for (key, value) in object {
            let Some(field) = cursor.get(key) else {
                continue;
            };
            if NAMED.contains(&key) {
                let named = self.named.entry(key).or_default();
                named.push((document.stem(), field));
                recognised = true;
            } else if key == BESIDE {
                recognised = true;
            } else if let Some(of_table) = OF_TABLES.iter().find(|(of_table, _)| *of_table == key)
                && self.add_of_table(of_table, document, &cursor, &field, sink)
            {
                recognised = true;
            } else if self.add_of_subject(key, document, &field, sink) {
                recognised = true;
            } else if value.is_array() {
                let folder = document.folder();
                let items = field.as_list(sink).into_iter();
                let items = items.map(|cursor| Item { cursor, folder });
                self.lists.entry(key).or_default().extend(items);
                self.folders.entry(key).or_default().insert(folder);
                recognised = true;
            } else {
                let is_object = value.is_object() && key != "ResponseMetadata";
                recognised |= is_object || TEXTS.contains(&key);
            }
        }
        if recognised {
            self.documents.push(Whole {
                cursor,
                folder: document.folder(),
                stem: document.stem(),
            });
        } else {
            unrecognised(&cursor, sink);
        }
    }

    /// Takes what a call said of a route table of a transit gateway, whose id stands in the file's
    /// name; another call's output with the same key is none of it.
    fn add_of_table(
        &mut self,
        (key, call): &(&'static str, &str),
        document: &'a Document,
        cursor: &Cursor<'a>,
        field: &Cursor<'a>,
        sink: &mut Sink,
    ) -> bool {
        let stem = document.stem();
        if *key == "Routes" && is_of_client_vpn(stem, field) {
            return false;
        }
        let Some(position) = stem.find("tgw-rtb-") else {
            if *key != "Associations" {
                let message = "the file's name does not say which transit gateway route table \
                               this is of";
                let diagnostic = Diagnostic::error(field.place(), Code::MissingField, message);
                let help = format!("name it `{call}-<transit gateway route table id>.json`");
                sink.push(diagnostic.help(help));
            }
            return *key != "Associations";
        };
        let id = stem.get(position..).unwrap_or_default();
        let of_table = self.of_tables.entry((key, id.to_owned())).or_default();
        of_table.items.extend(field.as_list(sink));
        of_table.has_more |= cursor.flag("AdditionalRoutesAvailable", sink) == Some(true);
        true
    }

    /// Takes what a call said of one subject, which stands in the file's name; another call's output
    /// with the same key is none of it. That listeners name their load balancer makes them a list too.
    fn add_of_subject(
        &mut self,
        key: &str,
        document: &'a Document,
        field: &Cursor<'a>,
        sink: &mut Sink,
    ) -> bool {
        let of_key = OF_SUBJECTS.iter().filter(|(of, _)| *of == key);
        let calls: Vec<_> = of_key.map(|(_, call)| *call).collect();
        let behind = |call: &&'static str| {
            let (_, behind) = document.stem().split_once(*call)?;
            Some((*call, behind.trim_start_matches('-')))
        };
        let found = calls.iter().find_map(behind);
        let (call, subject) = match (found, calls.as_slice()) {
            (Some(found), _) => found,
            // Each of these may say which service it is of.
            (None, [PERMISSIONS]) => (PERMISSIONS, ""),
            (None, [_, ..]) if calls == [TARGET_HEALTH] || is_of_load_balancing(field) => {
                let message = "the file's name does not say what this is of";
                let diagnostic = Diagnostic::error(field.place(), Code::MissingField, message);
                let names = calls.iter().map(|call| format!("`{call}-<name>.json`"));
                let names = names.collect::<Vec<_>>().join(" or ");
                sink.push(diagnostic.help(format!("name it {names}")));
                return true;
            }
            (None, _) => return false,
        };
        self.of_subjects.push(OfSubject {
            call,
            subject,
            folder: document.folder(),
            cursor: field.clone(),
        });
        call != LISTENERS
    }

    /// What a call said of one subject after the other.
    pub(super) fn of_subjects(&self, call: &str) -> impl Iterator<Item = &OfSubject<'a>> {
        self.of_subjects.iter().filter(move |one| one.call == call)
    }

    /// What a call said of a route table of a transit gateway; `None` when it is not in the input.
    pub(super) fn of_table(&self, key: &'static str, table: &str) -> Option<&OfTable<'a>> {
        self.of_tables.get(&(key, table.to_owned()))
    }

    /// Whether a call's output is in the input, even an empty one.
    pub(super) fn is_there(&self, key: &str) -> bool {
        self.lists.contains_key(key)
    }

    /// The items of a list, by its top-level key.
    pub(super) fn items(&self, key: &str) -> &[Item<'a>] {
        self.lists.get(key).map_or(&[], Vec::as_slice)
    }

    /// The lists of a call whose output does not name its subject, with the stem of their file's
    /// name, by the top-level key.
    pub(super) fn named(&self, key: &str) -> &[(&'a str, Cursor<'a>)] {
        self.named.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether some file has such a list.
    pub(super) fn has_named(&self, key: &str) -> bool {
        self.named.contains_key(key)
    }

    /// Whether some file has a list, even an empty one.
    pub(super) fn has_list(&self, key: &str) -> bool {
        self.lists.contains_key(key)
    }

    /// Each item of a list as a cursor.
    pub(super) fn cursors(&self, key: &str) -> impl Iterator<Item = &Cursor<'a>> {
        self.items(key).iter().map(|item| &item.cursor)
    }

    /// Whether a list that is read has an item of that id.
    pub(super) fn has(&self, key: &str, id: &str) -> bool {
        self.ids.get(key).is_some_and(|ids| ids.contains(id))
    }

    /// The lists that are not read.
    pub(super) fn unread(&self) -> impl Iterator<Item = (&'a str, &[Item<'a>])> {
        let known = CALLS.iter().map(|(key, _)| *key);
        let known = known.chain(SEVERAL.iter().copied());
        let known: BTreeSet<_> = known.chain(OF_ACCOUNTS.iter().copied()).collect();
        let lists = self.lists.iter();
        lists
            .filter(move |(key, _)| !known.contains(*key))
            .map(|(key, items)| (*key, items.as_slice()))
    }
}

/// Whether a list that does not say what it is of is one of Elastic Load Balancing, rather than of
/// another service that has the same key.
fn is_of_load_balancing(field: &Cursor<'_>) -> bool {
    let items = field.value().as_array();
    let has = |item: &Value| text(item, "Key").is_some_and(|key| key.contains('.'));
    items.is_some_and(|items| items.iter().any(has))
}

/// Whether a list of routes is one of `describe-client-vpn-routes`.
fn is_of_client_vpn(stem: &str, field: &Cursor<'_>) -> bool {
    let items = field.value().as_array();
    let named = |item: &Value| text(item, "ClientVpnEndpointId").is_some();
    stem.contains("client-vpn") || items.is_some_and(|items| items.iter().any(named))
}

/// Whether a document is a template, a plan, a state or an error, which print objects too.
fn is_of_something_else(document: &Value) -> bool {
    let is_object = |key: &str| document.get(key).is_some_and(Value::is_object);
    let is_there = |key: &str| document.get(key).is_some();
    ["Resources", "Error"].into_iter().any(is_object)
        || ["format_version", "terraform_version"]
            .into_iter()
            .any(is_there)
}

fn unrecognised(cursor: &Cursor<'_>, sink: &mut Sink) {
    let message = "this is not the output of an AWS CLI describe call";
    let diagnostic = Diagnostic::error(cursor.place(), Code::UnrecognisedInput, message);
    sink.push(diagnostic.help("expected an object with a list such as `Vpcs` or `RouteTables`"));
}

/// Warns of a policy that was saved as a text, and so without the output that it was a part of.
fn policy_alone(cursor: &Cursor<'_>, sink: &mut Sink) {
    let message = "this is a policy without the output of the call that prints it, and is not read";
    let warning = Diagnostic::warning(cursor.place(), Code::UnrecognisedInput, message);
    let help = "save the whole output, without `--query` and with `--output json`";
    sink.push(warning.help(help));
}

/// Several accounts see what they share: an item that other folders describe too is taken once,
/// from its owner's folder when there is one. In one folder it stays, and is an error. Where no folder
/// counts more than the other, as of two times, nothing is certain of what they do not say alike.
fn merge_folders(items: &mut Vec<Item<'_>>, id: &str, sink: &mut Sink) {
    let mut chosen: BTreeMap<&str, (&str, &Value, bool)> = BTreeMap::new();
    for item in items.iter() {
        let value = item.cursor.value();
        let Some(id) = text(value, id) else { continue };
        let owned = text(value, "OwnerId").is_some_and(|owner| item.folder.starts_with(owner));
        match chosen.get(id) {
            Some((folder, other, other_owned)) => {
                if *folder != item.folder && *other != value {
                    let text = format!(
                        "`{id}` is described in several folders, not alike: taken from its \
                         owner's or else the first"
                    );
                    sink.assume("described-twice", text);
                    if owned == *other_owned && is_other(value, other) {
                        let what = format!("`{id}`, which two folders do not describe alike");
                        sink.unread(Touches::Everything, what, true);
                    }
                }
                if owned && !other_owned {
                    chosen.insert(id, (item.folder, value, owned));
                }
            }
            None => {
                chosen.insert(id, (item.folder, value, owned));
            }
        }
    }
    items.retain(|item| {
        let chosen = text(item.cursor.value(), id).and_then(|id| chosen.get(id));
        chosen.is_none_or(|(folder, ..)| *folder == item.folder)
    });
}

/// What each account has of its own of a thing that it shares, or that changes by itself.
const OWN: [&str; 2] = ["AvailableIpAddressCount", "Tags"];

/// Whether one of two items says something else of the network.
fn is_other(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        return one != other;
    };
    let keys = one.keys().chain(other.keys());
    let mut keys = keys.filter(|key| !OWN.contains(key));
    keys.any(|key| one.get(key) != other.get(key))
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}
