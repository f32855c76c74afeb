//! What `explain-code` says of each built-in check.

/// The codes with their texts, in the order of the checks.
pub(crate) const TEXTS: [(&str, &str); 15] = [
    (
        "world-open",
        "An interface takes connections from a stranger on the internet on a port of administration or of a \
         database. A stranger is a public address in none of the blocks narrower than /8 (IPv6: /32) that a rule \
         names, so an interface that is open to an office's block only is not meant. Narrow the rule that is \
         named, or reach the interface by Session Manager or a VPN.",
    ),
    (
        "endpoint-bypassed",
        "The VPC has a gateway endpoint for a service, but the route table of some subnet lacks its route, so that \
         traffic to the service leaves by a NAT gateway or an internet gateway: it costs, it shows a public source \
         address, and policies that ask for the endpoint deny it. Associate the route table with the endpoint.",
    ),
    (
        "endpoint-unreachable",
        "No interface of the VPC is answered on tcp/443 by the interfaces of an interface endpoint; usually the \
         endpoint's security group does not admit the clients. With private DNS on, clients do not fall back to \
         public addresses: the service is gone for them. Let the named group admit tcp/443 from the clients.",
    ),
    (
        "endpoint-policy-open",
        "The endpoint's policy lets any principal reach any resource, which is AWS's default. Whoever runs code \
         in the VPC can send data to a bucket of another account with keys of that account. Restrict the policy \
         to your own principals and resources.",
    ),
    (
        "endpoint-name-public",
        "The VPC has an interface endpoint for a service, but the service's own name means public addresses \
         there: private DNS is off, or an attribute of the VPC that it needs. Clients that do not name the \
         endpoint itself pass it by. Switch private DNS on, with enableDnsSupport and enableDnsHostnames. An S3 \
         interface endpoint beside a gateway endpoint is usual, and only advice; DynamoDB has no private DNS.",
    ),
    (
        "endpoint-name-captures",
        "Private DNS of the endpoint for private REST APIs takes the names of all APIs of the Region, public ones \
         too, whose default endpoints it does not serve: calls of them from this VPC fail. Reach public APIs by \
         custom domain names; or switch private DNS off and name the endpoint, or make a hosted zone for the \
         one API that is meant.",
    ),
    (
        "endpoint-missing-companion",
        "The VPC has some endpoints of what a task needs at once, such as pulling images from ECR or sessions of \
         Systems Manager, and from some subnet that uses them another name of the task is reached neither by an \
         endpoint nor over the internet. Add the endpoint that is named, for S3 its gateway endpoint in the \
         subnet's route table, or a way out.",
    ),
    (
        "service-needs-internet",
        "A claim wants to reach a name of a service that has no endpoint, such as a hosted login page of Cognito, \
         from a subnet out of which nothing leads to the internet. Give the subnet a way out, or do without. An \
         endpoint beside which such a service is often used is only advice.",
    ),
    (
        "endpoint-service-open",
        "An endpoint service allows every principal and does not ask for acceptance, so that whoever in AWS learns \
         its name can connect, and nobody notices. Allow the accounts of your consumers only, or ask for \
         acceptance.",
    ),
    (
        "endpoint-zone-mismatch",
        "An interface of an endpoint stands in a zone in which no load balancer of its service has a node, or \
         whose node has no target while cross-zone load balancing is off. Clients that use its address, by the \
         zone's own name or by chance, are not served. Zones are compared by their ids, since names differ \
         between accounts. Enable the zone at the load balancer, switch cross-zone load balancing on, or take \
         the interface away.",
    ),
    (
        "endpoint-other-vpc",
        "A route sends traffic for a service over a peering connection or a transit gateway to a VPC that has a \
         gateway endpoint for it. A gateway endpoint serves its own VPC only, and a peering carries nothing beyond \
         the other VPC's own addresses: the packets are dropped. Give this VPC its own gateway endpoint.",
    ),
    (
        "nat-pays-for-free",
        "Traffic of a VPC to S3 or DynamoDB passes a NAT gateway, which charges for each gigabyte, and a gateway \
         endpoint would carry it for nothing. Where it is not known that the VPC uses the service, it is only \
         advice. Give the VPC a gateway endpoint, or associate the route tables with the one that it has.",
    ),
    (
        "reply-blocked",
        "A TCP connection's first packet arrives, but its reply is dropped: a network ACL keeps no state and \
         lacks an entry for the client's port (1024-65535), or a route back is missing. The client sees a \
         time-out. Add the entry or the route that is named.",
    ),
    (
        "route-blackhole",
        "A route that a subnet uses leads to a target that is gone. Packets that it takes are dropped, and no \
         shorter route is tried instead. Remove the route or give it a new target.",
    ),
    (
        "rule-shadowed",
        "An entry of a network ACL, or a route, takes no packet: entries with lower numbers, or more specific \
         routes, take all of them. Where the entry says the opposite of what decides before it, somebody is \
         mistaken about what is open. Renumber or remove it.",
    ),
];
