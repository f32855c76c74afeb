#!/usr/bin/env python3
"""A proxy in front of the AWS emulator, which fails where it is told to.

    faulty.py PORT EMULATOR_PORT FOLDER

It is an HTTP proxy on loopback (HTTP_PROXY), so that the names of hosts do not matter.
In FOLDER,

- faults   says which operations fail: lines of OPERATION STATUS CODE;
- log      gets the name of each operation that is asked.

What the emulator (moto 5.2.1) does not implement, or answers wrongly, is answered here with what
AWS says when there is nothing, or with two pages of something.
"""

import http.client
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "123456789012"
EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"

# Operations of REST services, by method and path.
PATHS = (
    (r"GET /2013-04-01/hostedzonesbyvpc", "ListHostedZonesByVPC"),
    (r"GET /2013-04-01/hostedzone/[^/?]+/rrset", "ListResourceRecordSets"),
    (r"GET /2013-04-01/hostedzone/[^/?]+$", "GetHostedZone"),
    (r"GET /2013-04-01/hostedzone", "ListHostedZones"),
    (r"GET /v20180820/configuration/publicAccessBlock", "GetAccountPublicAccessBlock"),
    (r"GET /restapis", "GetRestApis"),
    (r"GET /2015-03-31/functions/[^/]+/policy", "GetPolicy"),
    (r"GET /2015-03-31/functions", "ListFunctions"),
    (r"GET /[^/?]+\?policy", "GetBucketPolicy"),
    (r"GET /[^/?]+\?ownershipControls", "GetBucketOwnershipControls"),
    (r"GET /[^/?]+\?publicAccessBlock", "GetBucketPublicAccessBlock"),
    (r"GET /($|\?)", "ListBuckets"),
)


def ec2(operation, content):
    return "text/xml", (
        f'<{operation}Response xmlns="{EC2}"><requestId>0</requestId>{content}</{operation}Response>'
    )


def exclusion(number):
    return (
        f"<item><exclusionId>vpcbpa-exclude-{number:017x}</exclusionId>"
        "<internetGatewayExclusionMode>allow-egress</internetGatewayExclusionMode>"
        f"<resourceArn>arn:aws:ec2:eu-central-2:{ACCOUNT}:vpc/vpc-{number:017x}</resourceArn>"
        "<state>create-complete</state></item>"
    )


def exclusions(parameters):
    operation = "DescribeVpcBlockPublicAccessExclusions"
    first = "NextToken" not in parameters
    rows = exclusion(1) if first else exclusion(2)
    token = "<nextToken>second</nextToken>" if first else ""
    rows = f"<vpcBlockPublicAccessExclusionSet>{rows}</vpcBlockPublicAccessExclusionSet>"
    return ec2(operation, rows + token)


# What the emulator does not answer.
ANSWERS = {
    "DescribeClientVpnEndpoints": lambda _: ec2(
        "DescribeClientVpnEndpoints", "<clientVpnEndpoint/>"
    ),
    "DescribeVpcBlockPublicAccessOptions": lambda _: ec2(
        "DescribeVpcBlockPublicAccessOptions",
        f"<vpcBlockPublicAccessOptions><awsAccountId>{ACCOUNT}</awsAccountId>"
        "<awsRegion>eu-central-2</awsRegion><state>default-state</state>"
        "<internetGatewayBlockMode>off</internetGatewayBlockMode></vpcBlockPublicAccessOptions>",
    ),
    "DescribeVpcBlockPublicAccessExclusions": exclusions,
    # The emulator lists all attachments there.
    "DescribeTransitGatewayPeeringAttachments": lambda _: ec2(
        "DescribeTransitGatewayPeeringAttachments", "<transitGatewayPeeringAttachments/>"
    ),
    "GetTransitGatewayPrefixListReferences": lambda _: ec2(
        "GetTransitGatewayPrefixListReferences", "<transitGatewayPrefixListReferenceSet/>"
    ),
    "DescribeDirectConnectGatewayAssociations": lambda _: (
        "application/x-amz-json-1.1",
        '{"directConnectGatewayAssociations": []}',
    ),
    "DescribeVirtualInterfaces": lambda _: (
        "application/x-amz-json-1.1",
        '{"virtualInterfaces": [{"virtualInterfaceId": "dxvif-1", "virtualInterfaceState": "deleted",'
        ' "authKey": "key-of-the-peers", "customerRouterConfig": "key-of-the-peers"}]}',
    ),
    "ListFirewallDomainLists": lambda _: (
        "application/x-amz-json-1.1",
        '{"FirewallDomainLists": [{"Id": "rslvr-fdl-1", "ManagedOwnerName": "Route 53 Resolver DNS Firewall"}]}',
    ),
    "ListFirewallRuleGroupAssociations": lambda _: (
        "application/x-amz-json-1.1",
        '{"FirewallRuleGroupAssociations": []}',
    ),
}


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        parameters = parse_qs(body.decode(errors="replace"))
        operation = self.operation(path, parameters)
        with open(folder / "log", "a") as log:
            log.write(operation + "\n")
        for fault in (folder / "faults").read_text().splitlines():
            name, status, code = fault.split()
            if name == operation:
                return self.fail(int(status), code)
        if operation in ANSWERS:
            return self.send(200, *ANSWERS[operation](parameters))
        return self.forward(path, body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer

    def operation(self, path, parameters):
        if "Action" in parameters:
            return parameters["Action"][0]
        target = self.headers.get("X-Amz-Target")
        if target:
            return target.rpartition(".")[2]
        line = f"{self.command} {path}"
        return next((name for pattern, name in PATHS if re.match(pattern, line)), line)

    # As the protocol of the request has it; botocore reads the first for EC2 and for query
    # protocols, the other for JSON.
    def fail(self, status, code):
        message = f"you are not allowed ({code})"
        if self.headers.get("X-Amz-Target"):
            self.send(status, "application/x-amz-json-1.1", f'{{"__type": "{code}", "message": "{message}"}}')
            return
        error = f"<Code>{code}</Code><Message>{message}</Message>"
        host = urlsplit(self.path).path
        if host == "/" and self.command == "POST":
            ec2_like = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>"
            query_like = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
            is_ec2 = "/ec2/" in self.headers.get("Authorization", "")
            self.send(status, "text/xml", ec2_like if is_ec2 else query_like)
            return
        self.send(status, "application/xml", f"<Error>{error}</Error>")

    def forward(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", emulator_port, timeout=120)
        headers = {k: v for k, v in self.headers.items() if not k.lower().startswith("proxy-")}
        # The emulator would take the first part of another name for a bucket's.
        headers["Host"] = f"127.0.0.1:{emulator_port}"
        connection.request(self.command, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send(self, status, kind, text):
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    port, emulator_port, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    ThreadingHTTPServer(("127.0.0.1", port), Proxy).serve_forever()
