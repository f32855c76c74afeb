//! Wrong templates: each an error with its place and what to do.

use super::{errors, read, with_vpc};

#[track_caller]
fn assert_says(text: &str, expected: &[&str]) {
    let said = errors(text);
    for expected in expected {
        assert!(said.contains(expected), "{expected}\n\nis not in\n\n{said}");
    }
}

#[test]
fn a_tag_that_is_no_function_is_an_error() {
    assert_says(
        "Resources:\n  A:\n    Type: !Reff x\n",
        &[
            "error[invalid-yaml]: `!Reff` is no function",
            "template.yaml:3",
            "did you mean `!Ref`?",
        ],
    );
}

#[test]
fn yaml_that_is_cut_off_is_an_error() {
    assert_says(
        "Resources:\n  A: { Type: 'AWS::EC2::VPC'",
        &["error[invalid-yaml]: not valid YAML", "template.yaml:"],
    );
    assert_says(
        "Resources:\n  A:\n    Type: 'AWS::EC2",
        &["error[invalid-yaml]: not valid YAML"],
    );
}

#[test]
fn a_key_that_stands_twice_is_an_error() {
    assert_says(
        "Resources:\n  A: { Type: x }\n  A: { Type: y }\n",
        &[
            "error[invalid-yaml]: key `A` stands twice",
            "template.yaml:3",
        ],
    );
}

#[test]
fn aliases_cannot_make_a_small_file_a_large_one() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        let items = vec![format!("*a{before}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_says(
        &text,
        &["error[file-too-large]: the file has more than 1000000 values"],
    );
}

#[test]
fn deep_nesting_is_an_error() {
    let text = format!("Resources: {}", "[".repeat(5000));
    assert_says(
        &text,
        &["error[nesting-too-deep]: nested deeper than 128 levels"],
    );
    let mut text = "a0: &a0 x\n".to_owned();
    for level in 1..200 {
        text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert_says(&text, &["error[nesting-too-deep]"]);
}

#[test]
fn a_merge_of_mappings_is_an_error() {
    assert_says(
        "a: &a {x: 1}\nb:\n  <<: *a\n",
        &["error[invalid-yaml]: a merge", "template.yaml:3"],
    );
}

#[test]
fn a_name_that_is_not_there_is_an_error() {
    let text = with_vpc(
        "  A: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Mian, CidrBlock: !GetAtt Mein.CidrBlock } }\n",
    );
    assert_says(
        &text,
        &[
            "error[not-defined]: `Mian` is neither a parameter nor a resource",
            "template.yaml:6 at /Resources/A/Properties/VpcId/Ref",
            "did you mean `Main`?",
            "error[not-defined]: `Mein` is not a resource",
        ],
    );
}

#[test]
fn resources_in_a_circle_are_an_error() {
    let text = with_vpc(
        "  A: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Main, Tags: [{ Key: a, Value: !Sub '${B}' }] } }
  B: { Type: 'AWS::EC2::RouteTable', DependsOn: A, Properties: { VpcId: !Ref Main } }
",
    );
    assert_says(
        &text,
        &["in a circle: `A` to `B` to `A`", "at /Resources/A"],
    );
}

#[test]
fn a_condition_that_depends_on_itself_is_an_error() {
    let text = format!(
        "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n{}",
        with_vpc(
            "  T: { Type: 'AWS::EC2::RouteTable', Condition: A, Properties: { VpcId: !Ref Main } }\n"
        )
    );
    assert_says(&text, &["condition `A` depends on itself"]);
}

#[test]
fn whether_a_resource_is_there_has_to_be_known() {
    let text = format!(
        "Parameters:\n  Open: {{ Type: String }}\nConditions:\n  IsOpen: !Equals [!Ref Open, x]\n{}",
        with_vpc(
            "  T: { Type: 'AWS::EC2::RouteTable', Condition: IsOpen, Properties: { VpcId: !Ref Main } }\n"
        )
    );
    assert_says(
        &text,
        &[
            "whether `T` is made is not known: its condition depends on parameter Open",
            "give the value in a file of parameters",
        ],
    );
}

#[test]
fn a_macro_is_an_error() {
    assert_says(
        &format!("Transform: MyMacro\n{}", with_vpc("")),
        &[
            "`MyMacro` changes the template",
            "--template-stage Processed",
        ],
    );
    let text = with_vpc("  Fn::ForEach::Subnets: [x, [a], {}]\n");
    assert_says(&text, &["`Fn::ForEach::Subnets` makes resources"]);
}

#[test]
fn wrong_functions_are_errors() {
    for (value, expected) in [
        ("!Select [3, [a]]", "item 3 of a list of 1"),
        (
            "!FindInMap [No, a, b]",
            "there is no `No`, `a`, `b` in `Mappings`",
        ),
        (
            "!Cidr [10.0.0.0/16, 300, 8]",
            "`Fn::Cidr` has no such parts",
        ),
        ("!Sub '${Main'", "is not closed"),
        ("!Join [x]", "`Fn::Join` without its arguments"),
        ("!If [No, a, b]", "there is no condition `No`"),
        (
            "{ 'Fn::Frobnicate': x }",
            "`Fn::Frobnicate` is not a function",
        ),
        ("!Ref AWS::Regoin", "`AWS::Regoin` is no pseudo parameter"),
    ] {
        let text = with_vpc("").replace("10.0.0.0/16", value);
        assert_says(
            &text,
            &[
                expected,
                "template.yaml:5 at /Resources/Main/Properties/CidrBlock",
            ],
        );
    }
}

/// Each attribute is that of the next resource, twice.
#[test]
fn expressions_that_double_are_bounded() {
    let mut text = "Resources:\n".to_owned();
    for level in 0..60 {
        let next = level + 1;
        text.push_str(&format!(
            "  V{level}: {{ Type: 'AWS::EC2::VPC', Properties: {{ CidrBlock: !Join ['', [!GetAtt V{next}.CidrBlock, !GetAtt V{next}.CidrBlock]] }} }}\n"
        ));
    }
    text.push_str("  V60: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: x } }\n");
    assert_says(&text, &["the expressions of the template are too many"]);
}

#[test]
fn parameters_without_a_template_or_that_no_template_has_are_errors() {
    let alone = read(&[("p.json", r#"{"Name": "x"}"#)])
        .unwrap_err()
        .to_string();
    assert!(
        alone.contains("a file of parameters without a template"),
        "{alone}"
    );
    let text = with_vpc("");
    let files = [("t.yaml", text.as_str()), ("p.json", r#"{"Name": "x"}"#)];
    let unknown = read(&files).unwrap_err().to_string();
    assert!(
        unknown.contains("no template has a parameter `Name`"),
        "{unknown}"
    );
}

#[test]
fn a_flag_that_is_no_boolean_is_an_error() {
    let text = with_vpc("      EnableDnsHostnames: maybe\n");
    let expected = "`EnableDnsHostnames` is `maybe`, which is no boolean";
    assert_says(&text, &[expected]);
}

#[test]
fn parameters_of_a_template_that_cannot_be_read_are_no_second_error() {
    let files = [
        ("t.yaml", "Resources: { a: 1, a: 2 }"),
        ("p.json", r#"{"Name": "x"}"#),
    ];
    let told = read(&files).unwrap_err().to_string();
    assert!(!told.contains("without a template"), "{told}");
}
