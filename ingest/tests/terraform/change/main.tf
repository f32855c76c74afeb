# A network that exists, and a change to it: what is deleted is gone, what is kept keeps its ids.
# `terraform apply -var changed=false`, then the plan with `-var changed=true`.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "ap-northeast-1"
}

variable "changed" {
  type = bool
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "kept" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_subnet" "old" {
  count      = var.changed ? 0 : 1
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
}

resource "aws_subnet" "new" {
  count      = var.changed ? 1 : 0
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.3.0/24"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "kept" {
  subnet_id      = aws_subnet.kept.id
  route_table_id = aws_route_table.main.id
}

resource "aws_route" "kept" {
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "198.51.100.0/24"
  gateway_id             = aws_internet_gateway.main.id
}

# The table is not itself changed, so the plan still shows this route in it.
resource "aws_route" "old" {
  count                  = var.changed ? 0 : 1
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_security_group" "main" {
  name   = "main"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "kept" {
  security_group_id = aws_security_group.main.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.0.0.0/8"
}

# Likewise of this rule.
resource "aws_vpc_security_group_ingress_rule" "old" {
  count             = var.changed ? 0 : 1
  security_group_id = aws_security_group.main.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_instance" "new" {
  count         = var.changed ? 1 : 0
  ami           = "ami-03cf127a"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.new[0].id
}
