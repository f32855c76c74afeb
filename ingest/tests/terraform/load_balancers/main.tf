# Both kinds of load balancers, who registers their targets, and an endpoint service with its consumer.

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

resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "ap-northeast-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "ap-northeast-1b"
}
resource "aws_security_group" "lb" { vpc_id = aws_vpc.main.id }
resource "aws_eip" "n" { domain = "vpc" }
resource "aws_lb" "web" {
  name               = "web"
  load_balancer_type = "application"
  subnets            = [aws_subnet.a.id, aws_subnet.b.id]
  security_groups    = [aws_security_group.lb.id]
}
resource "aws_lb" "front" {
  name               = "front"
  internal           = true
  load_balancer_type = "network"
  subnet_mapping {
    subnet_id            = aws_subnet.a.id
    private_ipv4_address = "10.0.1.15"
  }
  subnet_mapping {
    subnet_id = aws_subnet.b.id
  }
}
resource "aws_lb" "pub" {
  name               = "pub"
  load_balancer_type = "network"
  subnet_mapping {
    subnet_id     = aws_subnet.a.id
    allocation_id = aws_eip.n.id
  }
}
resource "aws_lb_target_group" "app" {
  name     = "app"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
resource "aws_lb_target_group" "albs" {
  name        = "albs"
  port        = 80
  protocol    = "TCP"
  target_type = "alb"
  vpc_id      = aws_vpc.main.id
}
resource "aws_lb_target_group" "ips" {
  name        = "ips"
  port        = 53
  protocol    = "TCP_UDP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id
}
resource "aws_lb_target_group" "fn" {
  name        = "fn"
  target_type = "lambda"
}
resource "aws_lb_target_group" "none" {
  name     = "none"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "fixed-response"
    fixed_response { content_type = "text/plain" }
  }
}
resource "aws_lb_listener_rule" "r" {
  listener_arn = aws_lb_listener.web.arn
  action {
    type = "forward"
    forward {
      target_group { arn = aws_lb_target_group.app.arn }
      target_group { arn = aws_lb_target_group.fn.arn }
    }
  }
  condition {
    path_pattern {
      values = ["/x"]
    }
  }
}
resource "aws_lb_listener" "front" {
  load_balancer_arn = aws_lb.front.arn
  port              = 80
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.albs.arn
  }
}
resource "aws_instance" "i" {
  count         = 2
  ami           = "ami-1"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.a.id
}
resource "aws_lb_target_group_attachment" "i" {
  count            = 2
  target_group_arn = aws_lb_target_group.app.arn
  target_id        = aws_instance.i[count.index].id
}
resource "aws_lb_target_group_attachment" "alb" {
  target_group_arn = aws_lb_target_group.albs.arn
  target_id        = aws_lb.web.arn
  port             = 80
}
resource "aws_lb_target_group_attachment" "ip" {
  target_group_arn = aws_lb_target_group.ips.arn
  target_id        = aws_instance.i[0].private_ip
}
resource "aws_vpc_endpoint_service" "s" {
  acceptance_required        = false
  network_load_balancer_arns = [aws_lb.front.arn]
  allowed_principals         = ["arn:aws:iam::444455556666:root"]
}
resource "aws_vpc_endpoint_service_allowed_principal" "p" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.s.id
  principal_arn           = "*"
}
resource "aws_vpc" "c" { cidr_block = "10.9.0.0/16" }
resource "aws_subnet" "c" {
  vpc_id            = aws_vpc.c.id
  cidr_block        = "10.9.1.0/24"
  availability_zone = "ap-northeast-1a"
}
resource "aws_vpc_endpoint" "e" {
  vpc_id            = aws_vpc.c.id
  service_name      = aws_vpc_endpoint_service.s.service_name
  vpc_endpoint_type = "Interface"
  subnet_ids        = [aws_subnet.c.id]
}
resource "aws_launch_template" "t" { image_id = "ami-1" }
resource "aws_autoscaling_group" "g" {
  min_size = 1
  max_size = 1
  launch_template { id = aws_launch_template.t.id }
  vpc_zone_identifier = [aws_subnet.a.id]
  target_group_arns   = [aws_lb_target_group.ips.arn]
}
resource "aws_autoscaling_attachment" "g" {
  autoscaling_group_name = aws_autoscaling_group.g.id
  lb_target_group_arn    = aws_lb_target_group.ips.arn
}
resource "aws_ecs_service" "e" {
  name            = "e"
  task_definition = "x"
  load_balancer {
    target_group_arn = aws_lb_target_group.ips.arn
    container_name   = "c"
    container_port   = 80
  }
}
