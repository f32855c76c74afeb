#!/usr/bin/env python3
"""Makes a small network in the emulator, with what the collector has to ask one by one."""

import json

import boto3

ACCOUNT = "123456789012"
REGION = "eu-central-2"

ec2 = boto3.client("ec2")


def tags(kind, **values):
    pairs = [{"Key": key, "Value": value} for key, value in values.items()]
    return [{"ResourceType": kind, "Tags": pairs}]


def network():
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags("vpc", Name="main"))["Vpc"]["VpcId"]
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    table = tables[0]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for number, tier in enumerate(("web", "database"), 1):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(VpcId=vpc, GroupName=tier, Description=tier)["GroupId"]
        ec2.create_network_interface(
            SubnetId=subnet,
            Groups=[group],
            PrivateIpAddress=f"10.0.{number}.10",
            TagSpecifications=tags("network-interface", tier=tier),
        )
    ec2.create_vpc_endpoint(VpcId=vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[table])
    ec2.create_managed_prefix_list(
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=2,
        Entries=[{"Cidr": "198.51.100.0/24"}],
    )
    return vpc


def beyond(vpc):
    transit = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=transit, VpcId=vpc, SubnetIds=[subnets[0]["SubnetId"]]
    )
    customer = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="198.51.100.1", BgpAsn=65000)
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    # Its configuration has pre-shared keys.
    ec2.create_vpn_connection(
        Type="ipsec.1",
        CustomerGatewayId=customer["CustomerGateway"]["CustomerGatewayId"],
        VpnGatewayId=gateway,
        Options={"StaticRoutesOnly": True},
    )
    private_zone(vpc)


# AWS's ids of zones begin with Z, and the emulator's with any letter.
def private_zone(vpc):
    route53 = boto3.client("route53")
    for attempt in range(1000):
        zone = route53.create_hosted_zone(
            Name="internal.example",
            CallerReference=str(attempt),
            VPC={"VPCRegion": REGION, "VPCId": vpc},
            HostedZoneConfig={"PrivateZone": True},
        )["HostedZone"]["Id"]
        if zone.startswith("/hostedzone/Z"):
            return
        route53.delete_hosted_zone(Id=zone)
    raise SystemExit("no zone got an id like AWS's")


def policies():
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    boto3.client("iam").create_role(
        RoleName="app", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
    )
    s3 = boto3.client("s3")
    for bucket in ("with-policy", "without-policy"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::with-policy/*",
    }
    s3.put_bucket_policy(
        Bucket="with-policy", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    boto3.client("kms").create_key()
    boto3.client("sqs").create_queue(QueueName="orders")
    boto3.client("sns").create_topic(Name="news")
    boto3.client("secretsmanager").create_secret(Name="team/password", SecretString="never-to-be-seen")
    boto3.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("ecr").create_repository(repositoryName="team/app")


if __name__ == "__main__":
    beyond(network())
    policies()
