//! `openapi.json` against what the server really answers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::Server;
use crate::sounds::{self, clip};

/// Checks a value against a schema: types, fields (all that are there are described, all required ones are there), items.
fn check(doc: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = doc
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} does not exist"));
        return check(doc, target, value, at);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let failed: Vec<String> = options
            .iter()
            .map_while(|o| check(doc, o, value, at).err())
            .collect();
        return match failed.len() == options.len() {
            true => Err(failed.join("; or ")),
            false => Ok(()),
        };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => return Err(format!("{at}: the schema has no type")),
    };
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{at}: no type {other}"),
    };
    if !kinds.iter().any(|kind| is(kind)) {
        return Err(format!("{at}: {value} is not of {kinds:?}"));
    }
    for (bound, outside) in [("minimum", -1.0), ("maximum", 1.0)] {
        if let (Some(limit), Some(x)) = (schema[bound].as_f64(), value.as_f64())
            && (x - limit) * outside > 1e-12
        {
            return Err(format!("{at}: {x} is beyond the {bound} {limit}"));
        }
    }
    if let Some(values) = value.as_array() {
        for (i, item) in values.iter().enumerate() {
            check(doc, &schema["items"], item, &format!("{at}[{i}]"))?;
        }
    }
    if let (Some(fields), Some(properties)) = (value.as_object(), schema["properties"].as_object()) {
        for (name, field) in fields {
            let Some(described) = properties.get(name) else {
                return Err(format!("{at}.{name} is not described"));
            };
            check(doc, described, field, &format!("{at}.{name}"))?;
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                return Err(format!("{at}: {name} is missing"));
            }
        }
    }
    Ok(())
}

#[test]
fn every_field_of_real_answers_is_described() {
    for neighbours in [false, true] {
        check_answers(neighbours);
    }
}

fn check_answers(neighbours: bool) {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("features.csv");
    sounds::write_features(&path);
    let options = ["--neighbours", path.to_str().unwrap()];
    let server = Server::start(if neighbours { &options } else { &[] });
    let doc = server.get("/openapi.json").json();
    assert_eq!(doc["openapi"], "3.1.0");
    let audio = clip(0, 1, 1.0);
    let files: [(&str, &[u8]); 2] = [("a.wav", &audio), ("b.wav", b"garbage")];
    for (path, method, answer) in [
        ("/v1/classify", "post", server.post_files("/v1/classify", &files)),
        ("/v1/classify", "post", server.post_audio("/v1/classify", &audio)),
        (
            "/v1/classify",
            "post",
            server.post_audio("/v1/classify", b"garbage"),
        ),
        ("/v1/classify", "post", server.post_audio("/v1/classify", b"")),
        ("/v1/features", "post", server.post_files("/v1/features", &files)),
        ("/v1/model", "get", server.get("/v1/model")),
        ("/report", "get", server.get("/report")),
        ("/page/{file}", "get", server.get("/page/none")),
    ] {
        let mut described = &doc["paths"][path][method]["responses"][answer.status.to_string()];
        if let Some(reference) = described["$ref"].as_str() {
            described = doc.pointer(reference.trim_start_matches('#')).unwrap();
        }
        let kind = &answer.headers["content-type"];
        let schema = &described["content"][kind]["schema"];
        assert!(
            schema.is_object(),
            "{method} {path}: no {} of {kind}",
            answer.status
        );
        if let Err(wrong) = check(&doc, schema, &answer.json(), "answer") {
            panic!("{method} {path}: {wrong}");
        }
    }
}

#[test]
fn a_field_that_is_not_described_is_noticed() {
    let doc: Value = serde_json::json!({"s": {"type": "object", "properties": {"a": {"type": ["null", "integer"]}},
        "required": ["a"]}});
    let schema = serde_json::json!({"type": "array", "items": {"$ref": "#/s"}});
    let checked = |text: &str| check(&doc, &schema, &serde_json::from_str(text).unwrap(), "x");
    checked("[{\"a\": 1}, {\"a\": null}]").unwrap();
    for wrong in [
        "{}",
        "[{}]",
        "[{\"a\": \"1\"}]",
        "[{\"a\": 1, \"b\": 2}]",
        "[{\"a\": 1.5}]",
    ] {
        assert!(checked(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn routes_and_description_are_the_same() {
    let server = Server::start(&[]);
    let doc = server.get("/openapi.json").json();
    let described: BTreeSet<&str> = doc["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let source = include_str!("../../../server/src/app.rs");
    let routes: BTreeSet<String> = source
        .split(".route(\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("{*", "{"))
        .collect();
    let routes: BTreeSet<&str> = routes.iter().map(String::as_str).collect();
    assert_eq!(described, routes);
    for path in described {
        let methods = doc["paths"][path].as_object().unwrap();
        let there = path.replace("{file}", "main.js").replace("{path}", "x");
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let known = methods.contains_key(&method.to_lowercase());
            let status = server.send(method, &there, &[], b"").status;
            assert_eq!(status != 405, known, "{method} {path}: {status}");
        }
    }
}
