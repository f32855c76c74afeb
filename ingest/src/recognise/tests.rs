use std::fs;
use std::path::PathBuf;

use crate::file::Limits;
use crate::{Code, Ingested, InputKind, ReadError};

/// Reads one file of that name and content.
fn read_file(name: &str, bytes: &[u8]) -> Result<Ingested, ReadError> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(name);
    fs::write(&path, bytes).expect("a file");
    crate::read(&[path])
}

/// Reads a directory with one file of that content.
fn read_page(bytes: &[u8]) -> Result<Ingested, ReadError> {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("page.json"), bytes).expect("a file");
    crate::read(&[directory.path().to_owned()])
}

#[track_caller]
fn assert_says(read: Result<Ingested, ReadError>, expected: &[&str]) {
    let text = read.expect_err("the input is wrong").to_string();
    for expected in expected {
        assert!(text.contains(expected), "{expected}\n\nis not in\n\n{text}");
    }
}

#[test]
fn wrong_json_is_said_with_line_and_column() {
    assert_says(
        read_page(b"{\"Vpcs\": [\n  {\"VpcId\": vpc}]}"),
        &[
            "error[invalid-json]: not valid JSON: expected value, at column 13",
            "page.json:2\n  help: expected JSON as the tool printed it",
        ],
    );
}

#[test]
fn a_truncated_file_is_said_to_end_too_early() {
    let expected = [
        "error[invalid-json]: not valid JSON: EOF while parsing a list",
        "ends too early",
    ];
    assert_says(read_page(b"{\"Vpcs\": ["), &expected);
    assert_says(
        read_file("plan.json", b"{\"format_version\": \"1.2\", \"x\": ["),
        &expected,
    );
}

#[test]
fn a_key_that_stands_twice_is_an_error() {
    assert_says(
        read_page(b"{\"Vpcs\": [], \"Vpcs\": []}"),
        &["error[invalid-json]: not valid JSON: key `Vpcs` stands twice in one object"],
    );
}

#[test]
fn deep_nesting_is_an_error_and_not_a_stack_overflow() {
    let deep = format!("{{\"Vpcs\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let expected = ["error[nesting-too-deep]: nested deeper than 128 levels"];
    assert_says(read_page(deep.as_bytes()), &expected);
    let objects = "{\"a\":".repeat(10_000);
    assert_says(read_file("plan.json", objects.as_bytes()), &expected);
    let toml = format!("x = {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_says(
        read_file("x.toml", toml.as_bytes()),
        &["error[nesting-too-deep]: nested deeper than 80 levels"],
    );
    let keys = format!("[{}]", ["a"; 10_000].join("."));
    assert_says(
        read_file("x.toml", keys.as_bytes()),
        &["error[nesting-too-deep]: nested deeper than 80 levels"],
    );
    let policy = format!(
        "[vpc.a]\n[endpoint.e]\nservice = 's'\nkind = 'gateway'\npolicy = '{}'",
        "[".repeat(10_000)
    );
    let expected = ["error[invalid-policy]: line 1 of the policy: nested deeper than 128 levels"];
    assert_says(read_file("x.toml", policy.as_bytes()), &expected);
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("plan.json");
    fs::write(&path, "{\"format_version\": \"1.2\"}").expect("a file");
    let paths = [path, directory.path().to_owned()];
    let read = super::read(
        &paths,
        &crate::Options::default(),
        Limits { file_bytes: 10 },
    );
    assert_says(
        read,
        &[
            "error[file-too-large]: the file is larger than 10 bytes",
            "help: split it by account",
        ],
    );
}

/// Ten megabytes of `{},` would take a gigabyte.
#[test]
fn a_small_text_with_very_many_values_is_not_read() {
    for (item, what) in [
        ("{},", "more than 1250000 objects"),
        ("0,", "more than 8000000 values"),
    ] {
        let text = format!("{{\"Things\": [{}0]}}", item.repeat(8_000_001));
        let message = format!("error[file-too-large]: the input has {what}\n");
        assert_says(
            read_page(text.as_bytes()),
            &[&message, "split it by account or region"],
        );
    }
    let text = format!("x = [{}]", "0,".repeat(4_200_000));
    assert_says(
        read_file("x.toml", text.as_bytes()),
        &["error[file-too-large]: the file is larger than 8388608 bytes, as TOML"],
    );
}

#[test]
fn errors_without_end_are_counted_and_not_kept() {
    let text = format!("{{\"Vpcs\": [{}0]}}", "0,".repeat(99_999));
    let error = read_page(text.as_bytes()).expect_err("the input is wrong");
    assert_eq!(error.diagnostics.len(), crate::MAX_ERRORS);
    assert!(error.n_more >= 99_000, "{}", error.n_more);
    let text = error.to_string();
    assert!(text.ends_with(&format!("\nand {} more errors", error.n_more)));
}

#[test]
fn a_file_that_is_not_utf8_says_where_and_why() {
    let text = "{\"Vpcs\": []}".encode_utf16().flat_map(u16::to_le_bytes);
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text);
    assert_says(
        read_page(&bytes),
        &[
            "error[not-utf8]: the file is not UTF-8, at byte 0",
            "PowerShell makes UTF-16",
        ],
    );
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    let read = read_page("\u{feff}{\"Vpcs\": []}".as_bytes());
    assert!(read.is_ok(), "{read:?}");
}

#[test]
fn an_empty_file_and_an_empty_directory_are_errors() {
    assert_says(read_page(b" \n"), &["error[empty-file]: the file is empty"]);
    assert_says(
        read_file("x.toml", b""),
        &["error[empty-file]: the file is empty"],
    );
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("main.tf"), "").expect("a file");
    assert_says(
        crate::read(&[directory.path().to_owned()]),
        &[
            "error[empty-directory]: the directory has no JSON file",
            "aws ec2 describe-vpcs",
        ],
    );
}

#[test]
fn a_file_that_says_nothing_is_an_error() {
    assert_says(
        read_file("x.toml", b"# to be done\n"),
        &["error[empty-file]: the file has nothing but comments"],
    );
    assert_says(
        read_file("x.json", b"{\"format_version\": \"1.0\"}"),
        &[
            "error[empty-file]: the Terraform state is empty",
            "`terraform show -json` prints this where there is no state",
        ],
    );
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let path = PathBuf::from("/nowhere/plan.json");
    assert_says(
        crate::read(&[path]),
        &[
            "error[unreadable-file]: cannot be read: ",
            "--> /nowhere/plan.json",
        ],
    );
}

#[test]
fn what_is_no_known_format_is_told_what_was_expected() {
    let expected = "help: expected a directory of AWS CLI describe-* JSON, a snapshot of AWS Config, a Terraform plan";
    for (name, text, what) in [
        ("x.json", "[1]", "this is JSON of no kind that is known"),
        ("x.json", "{}", "this is an empty JSON object"),
        (
            "x",
            "{\"Vpcs\": []}",
            "this is one file of AWS CLI output, not the directory that holds it",
        ),
        (
            "x.yaml",
            "services:\n  web:\n    image: x\n",
            "this is YAML that is no CloudFormation template",
        ),
        ("x", "- a\n- b\n", "this is neither JSON, YAML nor TOML"),
    ] {
        let what = format!("error[unrecognised-input]: {what}");
        assert_says(read_file(name, text.as_bytes()), &[&what, expected]);
    }
}

#[test]
fn what_is_known_and_not_read_is_told_by_name_and_what_to_give_instead() {
    for (name, text, what, instead) in [
        (
            "preview.json",
            "{\"config\": {}, \"steps\": [{\"op\": \"create\", \"newState\": {\"inputs\": \
             {\"vpcId\": \"04da6b54-80e4-46f7-96ec-b56ff0331ba9\"}}}], \"changeSummary\": {\"create\": 1}}",
            "a Pulumi preview",
            "give a directory of AWS CLI describe-* JSON",
        ),
        (
            "encrypted.json",
            "{\"meta\": {}, \"encrypted_data\": \"x\", \"encryption_version\": \"v0\"}",
            "an encrypted OpenTofu plan or state",
            "decrypt it: give what `tofu show -json` prints",
        ),
        (
            "stack.json",
            "{\"version\": 3, \"deployment\": {\"manifest\": {}, \"resources\": []}}",
            "a Pulumi stack",
            "give a directory of AWS CLI describe-* JSON",
        ),
        (
            "answer.json",
            "{\"TemplateBody\": \"Resources: {}\", \"StagesAvailable\": [\"Original\"]}",
            "a CloudFormation template in the answer of a call",
            "--query TemplateBody",
        ),
        (
            "main.tf",
            "resource \"aws_vpc\" \"main\" {}\n",
            "what a Terraform plan is made of",
            "terraform show -json plan > plan.json",
        ),
        (
            "cdk.tf.json",
            "{\"resource\": {\"aws_vpc\": {}}}",
            "what a Terraform plan is made of",
            "terraform show -json plan > plan.json",
        ),
        (
            "vpc.json",
            "{\"resource\": {\"aws_vpc\": {}}}",
            "what a Terraform plan is made of",
            "terraform show -json plan > plan.json",
        ),
        (
            "plan.json",
            "{\"@level\":\"info\",\"@message\":\"Terraform 1.11.4\"}\n{\"@level\":\"info\"}\n",
            "what `terraform plan` says while it runs",
            "terraform show -json plan > plan.json",
        ),
        (
            "plan.txt",
            "aws_vpc.main: Refreshing state...\n\nTerraform will perform the following actions:\n",
            "what `terraform plan` says while it runs",
            "terraform show -json plan > plan.json",
        ),
        (
            "plan",
            "PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0tfplan",
            "a plan as `terraform plan -out` writes it",
            "`terraform show -json` prints of it",
        ),
        ("a.zip", "PK\x03\x04", "a zip archive", "unpack it"),
    ] {
        let what = format!("error[unsupported-input]: this is {what}");
        assert_says(read_file(name, text.as_bytes()), &[&what, instead]);
    }
    let packed = [0x1f, 0x8b, 0x08, 0x00];
    let expected = ["error[unreadable-file]: cannot be unpacked"];
    assert_says(read_file("snapshot.json.gz", &packed), &expected);
}

#[test]
fn parameters_of_any_name_are_parameters() {
    let text = "{\"TemplateBody\": \"a\", \"ChangeSetName\": \"b\", \"resource\": \"c\", \"steps\": 3, \"config\": 1}";
    let error = read_file("p.json", text.as_bytes()).map(|read| read.inputs[0].kind);
    match error {
        Ok(kind) => assert_eq!(kind, InputKind::CloudFormationParameters),
        Err(error) => assert!(!error.to_string().contains("unsupported-input"), "{error}"),
    }
}

#[test]
fn a_template_may_quote_what_terraform_says() {
    let text = "Description: Terraform will perform the following actions\nResources:\n  \
                Main:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n";
    assert!(read_file("x.yaml", text.as_bytes()).is_ok());
}

#[test]
fn a_directory_of_terraform_files_is_told_apart_from_a_snapshot_beside_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        fs::write(directory.path().join(name), text).expect("a file");
    };
    write("main.tf", "");
    let read = || crate::read(&[directory.path().to_owned()]);
    let expected = [
        "error[empty-directory]",
        "error[unsupported-input]: this is what a Terraform plan is made of, and not the plan",
    ];
    assert_says(read(), &expected);
    write("describe-vpcs.json", "{\"Vpcs\": []}");
    assert!(read().is_ok());
}

#[test]
fn all_templates_of_the_cdks_directory_are_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let template = |id: &str| {
        format!(
            "{{\"Resources\": {{\"{id}\": {{\"Type\": \"AWS::EC2::VPC\", \
             \"Properties\": {{\"CidrBlock\": \"10.0.0.0/16\"}}}}}}}}"
        )
    };
    let assembly = |path: &std::path::Path| {
        fs::create_dir_all(path).expect("a directory");
        for (name, text) in [
            ("cdk.out", "{\"version\": \"36.0.0\"}"),
            (
                "manifest.json",
                "{\"version\": \"36.0.0\", \"artifacts\": {}}",
            ),
            ("tree.json", "{}"),
        ] {
            fs::write(path.join(name), text).expect("a file");
        }
    };
    assembly(path);
    assert_says(
        crate::read(&[path.to_owned()]),
        &["error[empty-directory]: the CDK's directory has no template"],
    );
    fs::write(path.join("A.template.json"), template("One")).expect("a file");
    let stage = path.join("assembly-Stage");
    assembly(&stage);
    fs::write(stage.join("B.template.json"), template("Two")).expect("a file");
    let read = crate::read(&[path.to_owned()]).expect("a network");
    let kinds: Vec<_> = read.inputs.iter().map(|input| input.kind).collect();
    assert_eq!(kinds, [InputKind::CloudFormation; 2]);
    let vpcs: Vec<_> = read.draft.vpcs.iter().map(|vpc| vpc.id.as_str()).collect();
    assert_eq!(vpcs, ["A.One", "B.Two"]);
}

/// The manifest of an assembly with one stack, of this environment.
fn synthesized(environment: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = serde_json::json!({
        "version": "36.0.0",
        "artifacts": {
            "Tree": { "type": "cdk:tree" },
            "Stack": {
                "type": "aws:cloudformation:stack",
                "environment": environment,
                "properties": { "templateFile": "Stack.template.json" },
            },
        },
    });
    let template = serde_json::json!({
        "Resources": {
            "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
            "Endpoint": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {
                    "VpcId": { "Ref": "Vpc" },
                    "ServiceName": { "Fn::Sub": "com.amazonaws.${AWS::Region}.s3" },
                },
            },
        },
    });
    for (name, text) in [
        ("cdk.out", "{\"version\": \"36.0.0\"}".to_owned()),
        ("manifest.json", manifest.to_string()),
        ("Stack.template.json", template.to_string()),
    ] {
        fs::write(directory.path().join(name), text).expect("a file");
    }
    directory
}

#[test]
fn the_cdks_manifest_says_the_region_of_a_template() {
    let region = |path: &std::path::Path| {
        let read = crate::read(&[path.to_owned()]).expect("a network");
        let kinds: Vec<_> = read.inputs.iter().map(|input| input.kind).collect();
        let assumed = read.assumptions.iter().map(|one| one.code);
        let is_assumed = assumed.clone().any(|code| code == "template-region");
        let vpc = read.draft.vpcs.first().expect("a VPC");
        let service = read
            .draft
            .vpc_endpoints
            .first()
            .map(|one| one.service.clone());
        (vpc.region.clone(), service, kinds, is_assumed)
    };
    let known = synthesized("aws://111122223333/eu-west-3");
    let (template, manifest) = (InputKind::CloudFormation, InputKind::CdkManifest);
    let expected = (
        "eu-west-3".to_owned(),
        Some("com.amazonaws.eu-west-3.s3".to_owned()),
        vec![template, manifest],
        false,
    );
    assert_eq!(region(known.path()), expected);
    assert_eq!(region(&known.path().join("Stack.template.json")), expected);
    // A copy elsewhere has no manifest beside it, and a file of parameters says more than one.
    let copy = tempfile::tempdir().expect("a directory");
    let file = copy.path().join("Stack.template.json");
    fs::copy(known.path().join("Stack.template.json"), &file).expect("a copy");
    assert_ne!(region(&file).0, "eu-west-3");
    let parameters = copy.path().join("parameters.json");
    fs::write(&parameters, "{\"AWS::Region\": \"eu-north-1\"}").expect("a file");
    let both = crate::read(&[known.path().to_owned(), parameters]).expect("a network");
    assert_eq!(both.draft.vpcs[0].region, "eu-north-1");

    let unknown = synthesized("aws://unknown-account/unknown-region");
    let (_, service, kinds, _) = region(unknown.path());
    assert_eq!(kinds, [template]);
    assert_ne!(service.as_deref(), Some("com.amazonaws.unknown-region.s3"));
}

#[test]
fn an_environment_of_another_form_is_told_with_its_place() {
    for environment in ["eu-west-3", "aws://111122223333", "aws:///eu-west-3"] {
        let directory = synthesized(environment);
        let message = format!("the environment of the stack is `{environment}`");
        assert_says(
            crate::read(&[directory.path().to_owned()]),
            &[
                &message,
                "/artifacts/Stack/environment",
                "aws://ACCOUNT/REGION",
            ],
        );
    }
}

#[test]
fn each_input_is_recognised_by_its_content_and_hashed() {
    let read = read_file("network", b"[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\n").expect("a network");
    let [input] = read.inputs.as_slice() else {
        panic!("one input");
    };
    assert_eq!(input.kind, InputKind::Native);
    assert_eq!(
        input.sha256,
        "98e00ecd2efc970de7c722ec94dc2d6543ad5c6aed41874c57a0e72de4b3154d"
    );
    let kind = |name: &str, text: &str| {
        let read = read_file(name, text.as_bytes()).expect("an input");
        read.inputs.first().map(|input| input.kind)
    };
    let plan = "{\"format_version\": \"1.2\", \"planned_values\": {}, \"resource_changes\": []}";
    assert_eq!(kind("p", plan), Some(InputKind::TerraformPlan));
    let state = "{\"format_version\": \"1.0\", \"values\": {}}";
    assert_eq!(kind("s", state), Some(InputKind::TerraformState));
    let read = read_page(b"{\"Vpcs\": []}").expect("a directory");
    let kinds: Vec<_> = read.inputs.iter().map(|input| input.kind).collect();
    assert_eq!(kinds, [InputKind::Describe]);
}

#[test]
fn a_directory_has_the_same_hash_wherever_it_lies() {
    let hash = || {
        let read = read_page(b"{\"Vpcs\": []}").expect("a directory");
        read.inputs.first().map(|input| input.sha256.clone())
    };
    assert_eq!(hash(), hash());
}

#[test]
fn the_mistakes_of_all_inputs_are_said_in_one_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let paths = ["a.json", "b.toml"].map(|name| directory.path().join(name));
    fs::write(&paths[0], "{").expect("a file");
    fs::write(&paths[1], "[vpc.a]\nx = 1").expect("a file");
    assert_says(
        crate::read(&paths),
        &["error[invalid-json]", "error[unknown-key]"],
    );
}

#[test]
fn a_reference_to_nothing_names_the_nearest_and_its_line() {
    let text = b"[vpc.main]\ncidrs = ['10.0.0.0/16']\n[subnet.app]\ncidrs = ['10.0.1.0/24']\n\
                 [security-group.web]\n[interface.i]\nsubnet = 'app'\ngroups = ['weeb']\n";
    let read = read_file("x.toml", text).expect("a draft");
    let error = read.validate().expect_err("a defect").to_string();
    assert!(
        error.contains("security group `weeb` is used by `i` but is not defined\n")
            && error.contains("x.toml:6 at interface.i\n  help: did you mean `web`"),
        "{error}"
    );
}

/// Scripts know these names: none may change, and a new one needs a page of documentation.
#[test]
fn the_codes_are_these() {
    let names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(
        names,
        [
            "unreadable-file",
            "file-too-large",
            "not-utf8",
            "empty-file",
            "empty-directory",
            "invalid-json",
            "nesting-too-deep",
            "invalid-yaml",
            "invalid-toml",
            "unrecognised-input",
            "unsupported-input",
            "incomplete-page",
            "call-failed",
            "missing-field",
            "wrong-type",
            "unknown-key",
            "invalid-value",
            "invalid-cidr",
            "invalid-address",
            "invalid-policy",
            "refused-policy",
            "files-differ",
            "mixed-styles",
            "duplicate-id",
            "not-defined",
            "not-exact",
            "not-modelled",
        ]
    );
}
