# What a plan keeps of references: through modules, count, for_each, conditions and dynamic blocks.

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

variable "second" {
  type    = bool
  default = false
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "each" {
  for_each   = { a = "10.0.1.0/24", c = "10.0.2.0/24" }
  vpc_id     = aws_vpc.main.id
  cidr_block = each.value
}

resource "aws_subnet" "count" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet("10.0.8.0/22", 2, count.index)
}

resource "aws_route_table" "each" {
  for_each = aws_subnet.each
  vpc_id   = each.value.vpc_id
}

resource "aws_route_table" "count" {
  count  = 2
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "each" {
  for_each       = aws_subnet.each
  subnet_id      = each.value.id
  route_table_id = aws_route_table.each[each.key].id
}

# The function is not in the plan: any of the tables may be meant.
resource "aws_route_table_association" "count" {
  count          = 2
  subnet_id      = aws_subnet.count[count.index].id
  route_table_id = element(aws_route_table.count[*].id, count.index)
}

resource "aws_security_group" "clients" {
  name   = "clients"
  vpc_id = aws_vpc.main.id

  dynamic "ingress" {
    for_each = [80, 443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}

resource "aws_s3_bucket" "logs" {}

module "endpoints" {
  source     = "./endpoints"
  vpc_id     = aws_vpc.main.id
  subnet_ids = [for subnet in aws_subnet.each : subnet.id]
  tables     = aws_route_table.count[*].id
  bucket     = aws_s3_bucket.logs.arn
}

resource "aws_instance" "client" {
  ami                    = "ami-03cf127a"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.count[0].id
  vpc_security_group_ids = [aws_security_group.clients.id, module.endpoints.clients]
}

# The condition is not in the plan: one subnet or the other, and the model has no room for that.
resource "aws_instance" "either" {
  ami           = "ami-03cf127a"
  instance_type = "t3.micro"
  subnet_id     = var.second ? aws_subnet.count[1].id : aws_subnet.count[0].id
}
