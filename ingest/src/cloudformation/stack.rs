//! Stacks that are deployed already, as far as an earlier input tells.
//!
//! A template is read as a new stack. CloudFormation gives what it makes the tags
//! `aws:cloudformation:stack-name` and `aws:cloudformation:logical-id`, so that a snapshot tells
//! whether a resource of the template is in it.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html>

use crate::json::Value as Json;
use model::{NetworkDraft, Tags};

use crate::doubt::Touches;
use crate::sink::Sink;

use super::template::Template;

/// Types that CloudFormation gives its tags, and whose tags a snapshot has.
const TAGGED: [&str; 8] = [
    "AWS::EC2::Instance",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
];

/// Takes back what is certain where the stack of a template is in an earlier input: what the change takes away is
/// still there, so that a flow over it violates nothing. Where nothing tells, that the stack is new is an assumption
/// on which no proof rests.
pub(super) fn check(templates: &[Template], sink: &mut Sink) {
    for template in templates {
        if let Some(what) = deployed(template, &sink.draft) {
            sink.guess(Touches::Everything, what);
        } else if let Some(what) = untold(template) {
            sink.no_proof(Touches::Everything, what);
        }
    }
}

/// A thing of an earlier input that is a resource of the template.
fn deployed(template: &Template, draft: &NetworkDraft) -> Option<String> {
    let given = template.given.get("AWS::StackName").and_then(Json::as_str);
    let is_it = |tags: &Tags| {
        let name = tags.get("aws:cloudformation:stack-name");
        let id = tags.get("aws:cloudformation:logical-id");
        let is_stack = given.is_none_or(|given| name.is_some_and(|name| name == given));
        let is_resource = id.is_some_and(|id| template.entry("Resources", id).is_some());
        // All of a stack of that name is of an earlier state of it.
        is_stack && (is_resource || (given.is_some() && name.is_some()))
    };
    let (thing, tags) = tagged(draft).into_iter().find(|(_, tags)| is_it(tags))?;
    let text = |tag: &str| tags.get(tag).map_or("", String::as_str);
    Some(format!(
        "`{thing}` of the network before `{}` is `{}` of the stack `{}` by its tags: the template changes what is \
         there already, and is read as new beside it",
        template.file,
        text("aws:cloudformation:logical-id"),
        text("aws:cloudformation:stack-name"),
    ))
}

/// Of a template without a resource that has tags in a snapshot, nothing tells.
fn untold(template: &Template) -> Option<String> {
    let resources = template.resources();
    let mut always = resources
        .iter()
        .filter(|one| one.body.get("Condition").is_none());
    let is_told = always.any(|one| TAGGED.contains(&one.of));
    (!is_told && !resources.is_empty()).then(|| {
        format!(
            "nothing tells whether the stack of `{}` is deployed already: none of its resources has tags \
             in a snapshot",
            template.file
        )
    })
}

/// What of a draft has tags, by its id.
fn tagged(draft: &NetworkDraft) -> Vec<(String, &Tags)> {
    let mut list: Vec<(String, &Tags)> = Vec::new();
    list.extend(draft.vpcs.iter().map(|one| (one.id.to_string(), &one.tags)));
    list.extend(
        draft
            .subnets
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .route_tables
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .network_acls
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .security_groups
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .network_interfaces
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .internet_gateways
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .nat_gateways
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .vpc_endpoints
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list.extend(
        draft
            .load_balancers
            .iter()
            .map(|one| (one.id.to_string(), &one.tags)),
    );
    list
}
