//! The vetted list: the types and properties with which a template may prove something.
//!
//! A property is on it when it is read (here or in `family.rs`) or is known to change neither who
//! reaches what, nor names, nor policies. Whatever is not on the list takes back proofs, so that a
//! type or property which AWS adds is never passed over. What AWS documents of each stands in its
//! template reference.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>

use crate::json::Value as Json;

use crate::doubt::Touches;

use super::change_set;
use super::template::Written;
use super::unmodelled;

/// A type that is read, and its properties beside those of its family.
pub(super) struct Vetted {
    /// The type.
    pub(super) of: &'static str,
    /// What a property of it that is not vetted may change.
    pub(super) touches: Touches,
    /// The properties that are read by code of their own, as paths.
    pub(super) read: &'static [&'static str],
    /// The properties without an effect; `Name=value` is without one only with that value.
    pub(super) idle: &'static [&'static str],
}

/// Attributes of a resource that change nothing about what is made.
pub(super) const ATTRIBUTES: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Description",
    "Metadata",
    "Properties",
    "Type",
    "UpdateReplacePolicy",
];

/// Types that are not read and have no effect, whatever their properties: they put no interface into
/// a VPC, and make no route, rule, address, name or policy. Of some, another resource has the effect,
/// and is read or doubted itself: a launch template is named by what it launches.
const WITHOUT_EFFECT: [&str; 38] = [
    "AWS::CDK::Metadata",
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DAX::SubnetGroup",
    "AWS::DMS::ReplicationSubnetGroup",
    "AWS::DirectConnect::Connection",
    "AWS::EC2::CustomerGateway",
    "AWS::EC2::FlowLog",
    "AWS::EC2::IPAM",
    "AWS::EC2::KeyPair",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::NetworkInsightsAnalysis",
    "AWS::EC2::NetworkInsightsPath",
    "AWS::EC2::PlacementGroup",
    "AWS::EC2::VPCEndpointConnectionNotification",
    "AWS::EC2::Volume",
    "AWS::EC2::VolumeAttachment",
    "AWS::ECS::TaskDefinition",
    "AWS::ElastiCache::ParameterGroup",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::IAM::AccessKey",
    "AWS::IAM::InstanceProfile",
    "AWS::KMS::Alias",
    "AWS::Logs::LogGroup",
    "AWS::Logs::LogStream",
    "AWS::Logs::MetricFilter",
    "AWS::NetworkManager::GlobalNetwork",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::RDS::OptionGroup",
    "AWS::Redshift::ClusterSubnetGroup",
    "AWS::SNS::Subscription",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::SecretTargetAttachment",
];

/// Types that have no effect unless a property puts them into a VPC. What they have of policies is
/// left open by `policy::unread`.
const UNLESS_PLACED: [&str; 8] = [
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::ECS::Cluster",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
];

/// Custom resources of CDK, each with how the logical id of the function that makes it begins: the
/// name of a type alone says nothing about what a custom resource does.
pub(super) const OF_CDK: [(&str, &str); 5] = [
    (
        "Custom::CDKBucketDeployment",
        "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    ),
    (
        "Custom::ECRAutoDeleteImages",
        "CustomECRAutoDeleteImagesCustomResourceProviderHandler",
    ),
    (
        "Custom::LogRetention",
        "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    ),
    (
        "Custom::S3AutoDeleteObjects",
        "CustomS3AutoDeleteObjectsCustomResourceProviderHandler",
    ),
    (
        "Custom::VpcRestrictDefaultSG",
        "CustomVpcRestrictDefaultSGCustomResourceProviderHandler",
    ),
];

/// Whether a type has no effect, whatever its properties.
pub(super) fn is_without_effect(of: &str) -> bool {
    WITHOUT_EFFECT.contains(&of)
}

/// Whether a resource is of CDK, by the function that makes it.
pub(super) fn is_made_by_cdk(written: Written<'_>) -> bool {
    let makers = OF_CDK.iter().find(|(of, _)| *of == written.of);
    let function = written.body.pointer("/Properties/ServiceToken/Fn::GetAtt");
    let function = match function {
        Some(Json::Array(items)) => items.first().and_then(Json::as_str),
        Some(Json::String(text)) => text.split('.').next(),
        Some(Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_)) | None => None,
    };
    makers.is_some_and(|(_, start)| function.is_some_and(|name| name.starts_with(start)))
}

/// Whether a resource is a tool of CDK that changes neither network nor policies.
pub(super) fn is_tool_of_cdk(written: Written<'_>) -> bool {
    is_made_by_cdk(written) && of(written.of).is_none()
}

/// Whether a resource that is not read has no effect.
pub(super) fn is_harmless(written: Written<'_>) -> bool {
    is_without_effect(written.of)
        || (UNLESS_PLACED.contains(&written.of)
            && written
                .body
                .get("Properties")
                .is_none_or(|of| of.as_object().is_some_and(is_unplaced)))
}

fn is_unplaced(properties: &crate::json::Map) -> bool {
    !unmodelled::is_placed(properties)
}

/// What is vetted of a type that is read.
pub(super) fn of(name: &str) -> Option<&'static Vetted> {
    let listed = VETTED.iter().find(|vetted| vetted.of == name);
    listed.or_else(|| change_set::vetted_part(name))
}

/// All of it, for the list in the book.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = String> {
    let types = VETTED.iter().map(|vetted| vetted.of);
    let others = WITHOUT_EFFECT.iter().chain(&UNLESS_PLACED).copied();
    let of_cdk = OF_CDK.iter().map(|(of, _)| *of);
    types.chain(others).chain(of_cdk).map(str::to_owned)
}

macro_rules! vetted {
    ($($of:literal, $touches:ident, read [$($read:literal),* $(,)?], idle [$($idle:literal),* $(,)?];)*) => {
        /// The types that are read.
        pub(super) const VETTED: &[Vetted] = &[$(Vetted {
            of: $of,
            touches: Touches::$touches,
            read: &[$($read),*],
            idle: &[$($idle),*],
        }),*];
    };
}

vetted! {
    "AWS::EC2::VPC", Everything,
        read ["Ipv4IpamPoolId"],
        idle ["InstanceTenancy", "Ipv4NetmaskLength"];
    "AWS::EC2::VPCCidrBlock", Everything,
        read ["VpcId", "CidrBlock", "Ipv6CidrBlock", "Ipv4IpamPoolId", "Ipv6IpamPoolId", "AmazonProvidedIpv6CidrBlock=true"],
        idle ["Ipv4NetmaskLength", "Ipv6NetmaskLength", "Ipv6Pool", "Ipv6CidrBlockNetworkBorderGroup"];
    "AWS::EC2::Subnet", Everything,
        read ["Ipv4IpamPoolId", "Ipv6IpamPoolId"],
        idle ["Ipv4NetmaskLength", "Ipv6NetmaskLength", "Ipv6Native=false"];
    "AWS::EC2::SubnetCidrBlock", Everything,
        read ["SubnetId", "Ipv6CidrBlock", "Ipv6IpamPoolId"],
        idle ["Ipv6NetmaskLength"];
    "AWS::EC2::InternetGateway", Everything, read [], idle [];
    "AWS::EC2::EgressOnlyInternetGateway", Everything, read [], idle [];
    "AWS::EC2::VPCGatewayAttachment", Everything,
        read ["VpcId", "InternetGatewayId", "VpnGatewayId"],
        idle [];
    "AWS::EC2::RouteTable", Everything, read [], idle [];
    "AWS::EC2::Route", Everything, read [], idle [];
    "AWS::EC2::SubnetRouteTableAssociation", Everything, read [], idle [];
    "AWS::EC2::GatewayRouteTableAssociation", Everything, read [], idle [];
    "AWS::EC2::NetworkAcl", Everything, read [], idle [];
    "AWS::EC2::NetworkAclEntry", Everything, read [], idle [];
    "AWS::EC2::SubnetNetworkAclAssociation", Everything, read [], idle [];
    "AWS::EC2::SecurityGroup", Everything,
        read [],
        idle ["GroupDescription", "SecurityGroupIngress.Description", "SecurityGroupEgress.Description"];
    "AWS::EC2::SecurityGroupIngress", Everything, read [], idle ["Description"];
    "AWS::EC2::SecurityGroupEgress", Everything, read [], idle ["Description"];
    "AWS::EC2::NatGateway", Everything, read [], idle ["MaxDrainDurationSeconds"];
    // Which public address it is stays open.
    "AWS::EC2::EIP", Everything, read [], idle ["Address", "Domain=vpc", "IpamPoolId", "PublicIpv4Pool"];
    "AWS::EC2::EIPAssociation", Everything, read ["EIP"], idle [];
    "AWS::EC2::PrefixList", Everything, read [], idle ["MaxEntries", "Entries.Description"];
    "AWS::EC2::NetworkInterface", Everything,
        read ["PrivateIpAddresses.PrivateIpAddress", "PrivateIpAddresses.Primary", "Ipv6Addresses.Ipv6Address"],
        idle ["Description", "EnablePrimaryIpv6"];
    "AWS::EC2::NetworkInterfaceAttachment", Everything, read [], idle ["DeleteOnTermination"];
    "AWS::EC2::Instance", Everything,
        read [
            "Ipv6Addresses.Ipv6Address",
            "LaunchTemplate.LaunchTemplateId",
            "LaunchTemplate.LaunchTemplateName",
            "LaunchTemplate.Version",
            "NetworkInterfaces.NetworkInterfaceId",
            "NetworkInterfaces.DeviceIndex",
            "NetworkInterfaces.SubnetId",
            "NetworkInterfaces.PrivateIpAddress",
            "NetworkInterfaces.Ipv6AddressCount",
            "NetworkInterfaces.Ipv6Addresses.Ipv6Address",
            "NetworkInterfaces.GroupSet",
            "NetworkInterfaces.AssociatePublicIpAddress",
        ],
        idle [
            "AvailabilityZone", "BlockDeviceMappings", "CpuOptions", "CreditSpecification", "DisableApiTermination",
            "EbsOptimized", "EnclaveOptions", "HibernationOptions", "HostId", "IamInstanceProfile", "ImageId",
            "InstanceInitiatedShutdownBehavior", "InstanceType", "KeyName", "MetadataOptions", "Monitoring",
            "NetworkInterfaces.DeleteOnTermination", "NetworkInterfaces.Description", "PlacementGroupName",
            "PropagateTagsToVolumeOnCreation", "Tenancy", "UserData", "Volumes",
        ];
    "AWS::EC2::VPCEndpoint", Everything, read [], idle [];
    "AWS::EC2::VPCEndpointService", Everything, read [], idle ["ContributorInsightsEnabled", "PayerResponsibility"];
    "AWS::EC2::VPCEndpointServicePermissions", Everything, read ["AllowedPrincipals", "ServiceId"], idle [];
    // These are AWS's defaults; with another value they are not vetted.
    "AWS::EC2::TransitGateway", Everything,
        read ["AutoAcceptSharedAttachments=disable", "DnsSupport=enable", "MulticastSupport=disable"],
        idle ["AmazonSideAsn", "Description", "VpnEcmpSupport"];
    "AWS::EC2::TransitGatewayAttachment", Everything, read ["Options.DnsSupport=enable"], idle [];
    "AWS::EC2::TransitGatewayVpcAttachment", Everything, read ["Options.DnsSupport=enable"], idle [];
    "AWS::EC2::TransitGatewayRouteTable", Everything, read [], idle [];
    "AWS::EC2::TransitGatewayRouteTableAssociation", Everything, read [], idle [];
    "AWS::EC2::TransitGatewayRouteTablePropagation", Everything, read [], idle [];
    "AWS::EC2::TransitGatewayRoute", Everything, read [], idle [];
    "AWS::EC2::VPCBlockPublicAccessOptions", Everything, read [], idle [];
    "AWS::EC2::VPCBlockPublicAccessExclusion", Everything, read [], idle ["Tags"];
    // Groups of a peer in another Region cannot be named in rules, so `PeerRegion` is not here.
    "AWS::EC2::VPCPeeringConnection", Everything, read ["PeerOwnerId", "PeerRoleArn"], idle [];
    "AWS::EC2::VPNGateway", Everything, read [], idle ["AmazonSideAsn", "Type"];
    "AWS::EC2::VPNGatewayRoutePropagation", Everything, read ["RouteTableIds", "VpnGatewayId"], idle [];
    "AWS::EC2::VPNConnection", Everything, read [], idle ["CustomerGatewayId", "Type"];
    "AWS::EC2::VPNConnectionRoute", Everything, read [], idle [];
    // Claims name hosts in full, so that no search domain is added.
    "AWS::EC2::DHCPOptions", Everything,
        read [],
        idle ["DomainName", "Ipv6AddressPreferredLeaseTime", "NetbiosNameServers", "NetbiosNodeType", "NtpServers"];
    "AWS::EC2::VPCDHCPOptionsAssociation", Everything, read [], idle [];
    // The keys of `LoadBalancerAttributes` and `TargetGroupAttributes` are vetted in `vet.rs`.
    "AWS::ElasticLoadBalancingV2::LoadBalancer", Everything,
        read ["LoadBalancerAttributes", "Scheme"],
        idle ["MinimumLoadBalancerCapacity", "Name"];
    "AWS::ElasticLoadBalancingV2::Listener", Everything,
        read [],
        idle [
            "AlpnPolicy", "Certificates", "MutualAuthentication", "SslPolicy", "DefaultActions.FixedResponseConfig",
            "DefaultActions.Order", "DefaultActions.RedirectConfig", "Tags",
        ];
    "AWS::ElasticLoadBalancingV2::ListenerRule", Everything,
        read [],
        idle ["Actions.FixedResponseConfig", "Actions.Order", "Actions.RedirectConfig", "Conditions", "Priority", "Tags"];
    "AWS::ElasticLoadBalancingV2::TargetGroup", Everything,
        read ["TargetGroupAttributes", "Targets.Id", "Targets.Port"],
        idle [
            "HealthCheckEnabled", "HealthCheckIntervalSeconds", "HealthCheckPath", "HealthCheckPort",
            "HealthCheckProtocol", "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "Matcher", "Name",
            "ProtocolVersion", "UnhealthyThresholdCount",
        ];
    "AWS::Route53::HostedZone", Everything,
        read [],
        idle ["HostedZoneConfig", "QueryLoggingConfig", "VPCs.VPCRegion"];
    "AWS::Route53::RecordSet", Everything,
        read [
            "CidrRoutingConfig", "Failover", "GeoLocation", "GeoProximityLocation", "HostedZoneName",
            "MultiValueAnswer", "Region", "Weight",
        ],
        idle ["AliasTarget.EvaluateTargetHealth=false", "Comment", "TTL"];
    "AWS::Route53::RecordSetGroup", Everything,
        read [
            "HostedZoneId", "HostedZoneName", "RecordSets.HostedZoneId", "RecordSets.HostedZoneName",
            "RecordSets.Name", "RecordSets.Type", "RecordSets.ResourceRecords", "RecordSets.SetIdentifier",
            "RecordSets.AliasTarget.DNSName", "RecordSets.AliasTarget.HostedZoneId", "RecordSets.Failover",
            "RecordSets.GeoLocation", "RecordSets.GeoProximityLocation", "RecordSets.MultiValueAnswer",
            "RecordSets.Region", "RecordSets.Weight", "RecordSets.CidrRoutingConfig",
        ],
        idle ["Comment", "RecordSets.AliasTarget.EvaluateTargetHealth=false", "RecordSets.TTL"];
    "AWS::Route53Resolver::ResolverRule", Everything, read [], idle ["Name"];
    "AWS::Route53Resolver::ResolverRuleAssociation", Everything, read [], idle ["Name"];
    "AWS::IAM::Role", Requests, read [], idle ["Description", "MaxSessionDuration"];
    "AWS::IAM::User", Requests, read [], idle ["LoginProfile"];
    "AWS::IAM::Group", Requests, read [], idle [];
    "AWS::IAM::ManagedPolicy", Requests, read ["Groups", "Roles", "Users"], idle ["Description"];
    "AWS::IAM::Policy", Requests, read ["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"], idle [];
    "AWS::IAM::RolePolicy", Requests, read [], idle [];
    "AWS::IAM::UserPolicy", Requests, read [], idle [];
    "AWS::IAM::GroupPolicy", Requests, read [], idle [];
    "AWS::IAM::UserToGroupAddition", Requests, read [], idle [];
    "AWS::S3::Bucket", Requests,
        read [
            "OwnershipControls.Rules.ObjectOwnership",
            "PublicAccessBlockConfiguration.RestrictPublicBuckets",
        ],
        idle [
            "BucketEncryption", "CorsConfiguration", "LifecycleConfiguration", "LoggingConfiguration",
            "NotificationConfiguration", "ObjectLockConfiguration", "ObjectLockEnabled",
            // These refuse what is not in the template: other policies and lists.
            "PublicAccessBlockConfiguration.BlockPublicAcls", "PublicAccessBlockConfiguration.BlockPublicPolicy",
            "PublicAccessBlockConfiguration.IgnorePublicAcls", "VersioningConfiguration",
        ];
    "AWS::S3::BucketPolicy", Requests, read [], idle [];
    "AWS::SQS::Queue", Requests,
        read [],
        idle [
            "ContentBasedDeduplication", "DelaySeconds", "FifoQueue", "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId",
            "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy",
            "SqsManagedSseEnabled", "VisibilityTimeout",
        ];
    "AWS::SQS::QueuePolicy", Requests, read ["PolicyDocument", "Queues"], idle [];
    "AWS::SNS::Topic", Requests, read [], idle ["DisplayName", "FifoTopic", "KmsMasterKeyId", "Subscription"];
    "AWS::SNS::TopicPolicy", Requests, read ["PolicyDocument", "Topics"], idle [];
    "AWS::KMS::Key", Requests,
        read [],
        idle ["Description", "EnableKeyRotation", "KeySpec", "KeyUsage", "PendingWindowInDays", "RotationPeriodInDays"];
    "AWS::SecretsManager::Secret", Requests, read [], idle ["Description", "GenerateSecretString", "KmsKeyId", "SecretString"];
    "AWS::SecretsManager::ResourcePolicy", Requests, read [], idle ["BlockPublicPolicy"];
    "Custom::VpcRestrictDefaultSG", Everything,
        read ["DefaultSecurityGroupId", "ServiceToken"],
        idle ["Account"];
}
