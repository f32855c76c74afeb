//! The output of `aws ec2 describe-vpc-endpoint-services`: the endpoint services that AWS has in a
//! Region. It is no part of a network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::ReadError;
use crate::diagnostic::{Code, Diagnostic};
use crate::file::{File, Limits};
use crate::json::{self, Budget, Cursor};
use crate::sink::Sink;

/// Who owns AWS's own services.
const AWS: &str = "amazon";
/// How the names of those begin that follow AWS's pattern, the Region behind it.
const PREFIXES: [&str; 2] = ["com.amazonaws.", "cn.com.amazonaws."];

/// What AWS offers in some Regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointServices {
    /// AWS's own services by Region and the last part of their names.
    pub services: BTreeMap<(String, String), EndpointService>,
    /// The names of AWS's services that do not say their Region as the others do.
    pub left_out: BTreeSet<String>,
}

/// An endpoint service in a Region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointService {
    /// Whether it has gateway endpoints.
    pub gateway: bool,
    /// Whether it has interface endpoints.
    pub interface: bool,
    /// The names that private DNS answers, in lower case.
    pub private_names: BTreeSet<String>,
    /// Whether an endpoint policy can be attached.
    pub policy: Option<bool>,
}

/// Reads a file.
///
/// # Errors
///
/// Every error of it.
pub fn read(path: &Path) -> Result<EndpointServices, ReadError> {
    let mut sink = Sink::default();
    let file = File::read(path, Limits::default());
    let parsed = file.and_then(|file| {
        let value = json::parse(file.text(), &file.name, &Budget::default())?;
        Ok((file, value))
    });
    let mut read = EndpointServices::default();
    match parsed {
        Ok((file, value)) => document(&Cursor::new(&value, &file.name), &mut read, &mut sink),
        Err(diagnostic) => sink.push(*diagnostic),
    }
    if sink.has_errors() {
        return Err(sink.into_error());
    }
    Ok(read)
}

fn document(root: &Cursor<'_>, read: &mut EndpointServices, sink: &mut Sink) {
    if let Some(token) = root.get("NextToken") {
        let message = "the output is one page of several: it has a `NextToken`";
        let diagnostic = Diagnostic::error(token.place(), Code::IncompletePage, message);
        sink.push(diagnostic.help("run the AWS CLI without `--no-paginate` and `--max-items`"));
    }
    let Some(details) = root.required("ServiceDetails", sink) else {
        return;
    };
    for detail in details.as_list(sink) {
        service(&detail, read, sink);
    }
}

fn service(detail: &Cursor<'_>, read: &mut EndpointServices, sink: &mut Sink) {
    let owner = detail.text("Owner", sink);
    let region = detail.text("ServiceRegion", sink);
    let policy = detail.flag("VpcEndpointPolicySupported", sink);
    let mut kinds = Vec::new();
    for kind in detail.list("ServiceType", sink) {
        kinds.extend(kind.required_text("ServiceType", sink));
    }
    let names = private_names(detail, sink);
    let Some(name) = detail.required_text("ServiceName", sink) else {
        return;
    };
    if owner != Some(AWS) {
        return;
    }
    let Some((named, last)) = parts(name).filter(|(named, _)| region.is_none_or(|it| it == *named))
    else {
        read.left_out.insert(name.to_owned());
        return;
    };
    // S3 stands twice, once for each kind of its endpoints.
    let key = (named.to_owned(), last.to_owned());
    let service = read.services.entry(key).or_default();
    service.gateway |= kinds.contains(&"Gateway");
    service.interface |= kinds.contains(&"Interface");
    service.private_names.extend(names);
    service.policy = match (service.policy, policy) {
        (Some(one), Some(other)) => Some(one || other),
        (one, other) => one.or(other),
    };
}

fn private_names(detail: &Cursor<'_>, sink: &mut Sink) -> BTreeSet<String> {
    let mut cursors: Vec<_> = detail.get("PrivateDnsName").into_iter().collect();
    for name in detail.list("PrivateDnsNames", sink) {
        cursors.extend(name.required("PrivateDnsName", sink));
    }
    let mut names = BTreeSet::new();
    for cursor in cursors {
        let Some(name) = cursor.as_text(sink) else {
            continue;
        };
        if is_name(name) {
            names.insert(name.to_ascii_lowercase());
        } else {
            let message = format!("`{name}` is not a DNS name");
            cursor.error(sink, Code::InvalidValue, message);
        }
    }
    names
}

/// Whether a text is a DNS name, or `*.` and one.
fn is_name(text: &str) -> bool {
    let mut labels = text.strip_prefix("*.").unwrap_or(text).split('.');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || [b'-', b'_'].contains(&byte);
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(fits);
    text.len() <= 253 && text.contains('.') && labels.all(is_label)
}

/// The Region and the last part of a name, as `us-west-2` and `ecr.api`.
fn parts(name: &str) -> Option<(&str, &str)> {
    let mut prefixes = PREFIXES.iter();
    let rest = prefixes.find_map(|prefix| name.strip_prefix(prefix))?;
    let (region, last) = rest.split_once('.')?;
    let is_region =
        region.split('-').count() >= 3 && region.ends_with(|letter: char| letter.is_ascii_digit());
    (is_region && !last.is_empty()).then_some((region, last))
}

#[cfg(test)]
mod tests {
    use super::{EndpointServices, read};

    const SERVICES: &str = r#"{"ServiceDetails": [
        {"ServiceName": "com.amazonaws.us-west-2.ecr.dkr", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "amazon",
         "PrivateDnsName": "*.dkr.ecr.us-west-2.amazonaws.com", "VpcEndpointPolicySupported": true},
        {"ServiceName": "com.amazonaws.us-west-2.s3", "ServiceType": [{"ServiceType": "Gateway"}], "Owner": "amazon"},
        {"ServiceName": "com.amazonaws.us-west-2.s3", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "amazon"},
        {"ServiceName": "com.amazonaws.vpce.us-west-2.vpce-svc-1", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "111122223333"},
        {"ServiceName": "com.amazonaws.iam", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "amazon"}]}"#;

    fn services(text: &str) -> Result<EndpointServices, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("services.json");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn the_services_of_aws_are_read_once_for_each_region() {
        let read = services(SERVICES).unwrap();
        let key = |name: &str| ("us-west-2".to_owned(), name.to_owned());
        assert_eq!(read.services.len(), 2);
        let s3 = &read.services[&key("s3")];
        assert!(s3.gateway && s3.interface && s3.policy.is_none());
        let dkr = &read.services[&key("ecr.dkr")];
        assert!(!dkr.gateway && dkr.policy == Some(true));
        assert!(
            dkr.private_names
                .contains("*.dkr.ecr.us-west-2.amazonaws.com")
        );
        assert!(read.left_out.contains("com.amazonaws.iam"));
    }

    #[test]
    fn every_mistake_is_told_with_its_pointer() {
        let text = SERVICES.replace(
            "\"ServiceName\": \"com.amazonaws.iam\"",
            "\"ServiceName\": 7",
        );
        let text = text.replace(
            "VpcEndpointPolicySupported\": true",
            "VpcEndpointPolicySupported\": \"yes\"",
        );
        let errors = services(&text).unwrap_err();
        assert!(
            errors.contains("at /ServiceDetails/0/VpcEndpointPolicySupported"),
            "{errors}"
        );
        assert!(
            errors.contains("at /ServiceDetails/4/ServiceName"),
            "{errors}"
        );
        let page = SERVICES.replacen('{', "{\"NextToken\": \"x\", ", 1);
        assert!(
            services(&page)
                .unwrap_err()
                .contains("error[incomplete-page]")
        );
    }
}
