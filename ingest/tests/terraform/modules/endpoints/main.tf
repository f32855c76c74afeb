variable "vpc_id" {}
variable "subnet_ids" {}
variable "tables" {}
variable "bucket" {}

resource "aws_security_group" "clients" {
  name   = "endpoint-clients"
  vpc_id = var.vpc_id
}

resource "aws_security_group" "kms" {
  name   = "kms"
  vpc_id = var.vpc_id

  ingress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    security_groups = [aws_security_group.clients.id]
  }
}

# The bucket's ARN is not known, and so nothing of the policy is.
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = var.vpc_id
  service_name    = "com.amazonaws.ap-northeast-1.s3"
  route_table_ids = var.tables

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = var.bucket }]
  })
}

resource "aws_vpc_endpoint" "kms" {
  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.ap-northeast-1.kms"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.subnet_ids
  security_group_ids  = [aws_security_group.kms.id]
  private_dns_enabled = true
}

output "clients" {
  value = aws_security_group.clients.id
}
