use super::*;

fn parsed(text: &str) -> Value {
    parse(text, &"a.json".into(), &Budget::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().collect()
}

#[test]
fn an_object_has_its_fields_in_the_order_of_their_keys() {
    let value = parsed(r#"{"b": 1, "d": 2, "a": 3, "c": 4, "e": 5}"#);
    assert_eq!(keys(&value), ["a", "b", "c", "d", "e"]);
    let values = ["a", "b", "c", "d", "e"].map(|key| value.get(key).and_then(Value::as_i64));
    assert_eq!(values, [3, 1, 4, 2, 5].map(Some));
    assert_eq!(value.get("f"), None);
    assert_eq!(value, json!({"a": 3, "b": 1, "c": 4, "d": 2, "e": 5}));
}

/// Wherever the two stand, and whatever is between them.
#[test]
fn a_key_that_stands_twice_is_found_in_any_order() {
    for text in [
        r#"{"a": 1, "a": 2}"#,
        r#"{"b": 1, "a": 2, "b": 3}"#,
        r#"{"b": 1, "a": 2, "a": 3}"#,
        r#"{"a": 1, "c": 2, "b": 3, "d": 4, "b": 5}"#,
        r#"{"x": [{"b": 1, "c": 2, "a": 3, "c": 4}]}"#,
    ] {
        let error = parse(text, &"a.json".into(), &Budget::default());
        let error = error.expect_err(text).to_string();
        assert!(error.contains("stands twice in one object"), "{error}");
    }
}

#[test]
fn equal_keys_of_an_input_are_one_text() {
    let budget = Budget::default();
    let of = |text| match parse(text, &"a.json".into(), &budget) {
        Ok(Value::Object(fields)) => fields.into_iter().next().expect("a field").0,
        other => panic!("{other:?}"),
    };
    assert!(Arc::ptr_eq(&of(r#"{"key": 1}"#), &of(r#"{"key": {}}"#)));
}

/// It is what a plan of a hundred megabytes has three million of.
#[test]
fn a_field_takes_little_room() {
    assert!(size_of::<(Arc<str>, Value)>() <= 48);
}

#[test]
fn a_parsed_object_can_be_changed() {
    let mut value = parsed(r#"{"a": 1, "c": {"x": null}}"#);
    let fields = value.as_object_mut().expect("an object");
    assert_eq!(fields.insert("b", true.into()), None);
    assert_eq!(fields.insert("a", "one".into()), Some(Value::from(1_i64)));
    *fields.get_mut("c").expect("a field") = Value::Null;
    assert_eq!(keys(&value), ["a", "b", "c"]);
    assert_eq!(value, parsed(r#"{"c": null, "b": true, "a": "one"}"#));
    let fields = value.as_object_mut().expect("an object");
    assert_eq!(fields.remove("b"), Some(Value::Bool(true)));
    assert_eq!(value.to_string(), r#"{"a":"one","c":null}"#);
}

#[test]
fn a_pointer_leads_to_what_it_names() {
    let value = parsed(r#"{"a/b": [{"c~d": "here"}], "": 1}"#);
    let at = |pointer| value.pointer(pointer);
    assert_eq!(at("/a~1b/0/c~0d"), Some(&Value::from("here")));
    assert_eq!(at("/"), Some(&Value::from(1_i64)));
    assert_eq!(at(""), Some(&value));
    for nowhere in ["/a~1b/1", "/a~1b/x", "/a~1b/0/c~0d/e", "a", "/b"] {
        assert_eq!(at(nowhere), None, "{nowhere}");
    }
}

/// What is written is what was read, with whatever a text may hold.
#[test]
fn a_value_is_written_as_it_was_read() {
    let text = r#"{"a":[1,-2,2.5,18446744073709551615],"b":"\"\\\n","c":[null,true,{}]}"#;
    assert_eq!(parsed(text).to_string(), text);
    let by_serde: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(Value::from(by_serde), parsed(text));
}
