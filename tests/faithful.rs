//! The generated types say what the description says, property by property, but for the differences named here.
//!
//! The JSON schema of each Rust type, as schemars derives it, is set beside the schema of the same name: in
//! `openapi.yaml` always, and in the official description where `PACHCA_OFFICIAL_SPEC` points to it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use pachca_api::catalog::Type;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// Why a Rust type may differ from the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    /// An optional field is an `Option`, which reads null as absence.
    OptionalIsOption,
    /// A nullable field may be missing as well, because older and newer servers leave it out.
    NullableMayBeMissing,
    /// Every integer has 64 bits.
    Integers64,
    /// What is inside an error body may be missing.
    ErrorsAreLoose,
    /// A time of day and an address are plain strings.
    PlainFormats,
    /// The webhook of a finished export is a member that the official description lacks.
    ExportWebhook,
}

/// The differences that were found, each with the places.
#[derive(Debug, Default)]
struct Findings {
    allowed: BTreeMap<Rule, BTreeSet<String>>,
    wrong: Vec<String>,
}

impl Findings {
    fn allow(&mut self, rule: Rule, place: &str) {
        self.allowed.entry(rule).or_default().insert(place.to_owned());
    }
}

/// The described side and the Rust side, and what was found between them.
struct Comparison<'a> {
    described: &'a Map<String, Value>,
    rust: &'a Map<String, Value>,
    /// The schemas that stand inside errors.
    loose: BTreeSet<String>,
    findings: Findings,
}

#[test]
fn every_type_says_what_openapi_yaml_says() {
    let document = parse(include_str!("../openapi.yaml"));
    let findings = compare(&document);
    assert_eq!(findings.wrong, Vec::<String>::new());
    let rules: Vec<Rule> = findings.allowed.into_keys().collect();
    assert_eq!(rules, [Rule::OptionalIsOption, Rule::NullableMayBeMissing]);
}

#[test]
fn every_type_says_what_the_official_description_says() {
    let Some(path) = std::env::var_os("PACHCA_OFFICIAL_SPEC") else {
        println!("skipped: PACHCA_OFFICIAL_SPEC does not point to the official description");
        return;
    };
    let document = parse(&std::fs::read_to_string(path).unwrap());
    let findings = compare(&document);
    for (rule, places) in &findings.allowed {
        println!("{rule:?}: {} places, such as {:?}", places.len(), places.first());
    }
    assert_eq!(findings.wrong, Vec::<String>::new());
    let met: BTreeSet<Rule> = findings.allowed.into_keys().collect();
    let all = [
        Rule::OptionalIsOption,
        Rule::NullableMayBeMissing,
        Rule::Integers64,
        Rule::ErrorsAreLoose,
        Rule::PlainFormats,
        Rule::ExportWebhook,
    ];
    assert_eq!(met, BTreeSet::from(all), "a rule that is never met is stale");
}

#[test]
fn a_difference_that_is_not_named_is_found() {
    let mut document = parse(include_str!("../openapi.yaml"));
    for (place, wrong) in [
        ("/components/schemas/Chat/properties/owner_id/type", json!("string")),
        ("/components/schemas/Chat/properties/name", json!({ "type": "string", "nullable": true })),
        ("/components/schemas/SortOrder/enum", json!(["asc", "desc", "sideways"])),
        ("/components/schemas/Chat/required", json!(["id"])),
        ("/components/schemas/Chat/properties/member_ids/items/type", json!("boolean")),
        ("/components/schemas/ViewBlockUnion/anyOf/3", json!({ "$ref": "#/components/schemas/Chat" })),
    ] {
        let slot = document.pointer_mut(place).unwrap();
        let right = std::mem::replace(slot, wrong);
        assert!(!compare(&document).wrong.is_empty(), "{place}");
        *document.pointer_mut(place).unwrap() = right;
    }
    let properties = document.pointer_mut("/components/schemas/Chat/properties").unwrap().as_object_mut().unwrap();
    properties.insert("brand_new".to_owned(), json!({ "type": "string" }));
    assert_eq!(compare(&document).wrong, ["Chat.brand_new: the Rust type has no such property"]);
}

fn parse(text: &str) -> Value {
    pachca_tests::read_yaml(text).unwrap()
}

fn compare(document: &Value) -> Findings {
    let mut generator = SchemaGenerator::default();
    let rust: Map<String, Value> =
        Type::all().iter().map(|entry| (entry.name().to_owned(), entry.schema(&mut generator).to_value())).collect();
    let described = document.pointer("/components/schemas").and_then(Value::as_object).unwrap();
    // The official description has two error shapes, which are one type here.
    let errors = described.iter().filter(|(_, schema)| schema.get("x-error").is_some());
    let loose = errors.clone().map(|(name, _)| name.as_str()).chain(["ApiErrorItem", "ErrorBody"]).map(str::to_owned);
    let mut comparison = Comparison { described, rust: &rust, loose: loose.collect(), findings: Findings::default() };
    for (name, schema) in described {
        let counterpart = if schema.get("x-error").is_some() { "ErrorBody" } else { name };
        match rust.get(counterpart) {
            Some(rust) => comparison.schema(name, schema, rust),
            None => comparison.findings.wrong.push(format!("{name}: there is no such Rust type")),
        }
    }
    comparison.findings
}

impl Comparison<'_> {
    fn schema(&mut self, place: &str, described: &Value, rust: &Value) {
        if referred(described).is_some_and(|name| referred(rust) == Some(name)) {
            return;
        }
        let (described, described_null) = self.described_core(described);
        let (rust, rust_null) = self.rust_core(rust);
        if described_null != rust_null {
            self.findings.wrong.push(format!("{place}: nullable {described_null}, in Rust {rust_null}"));
        }
        self.core(place, &described, &rust);
    }

    fn core(&mut self, place: &str, described: &Value, rust: &Value) {
        let type_of = |schema: &Value| schema.get("type").and_then(Value::as_str).unwrap_or("any").to_owned();
        if let Some(members) = described.get("anyOf").or(described.get("oneOf")) {
            return self.union(place, members, rust);
        }
        if let Some(values) = described.get("enum").and_then(Value::as_array) {
            let known = rust.pointer("/anyOf/0/enum").and_then(Value::as_array);
            if known != Some(values) {
                self.findings.wrong.push(format!("{place}: values {values:?}, in Rust {known:?}"));
            }
            return;
        }
        let (expected, found) = (type_of(described), type_of(rust));
        if expected != found {
            return self.findings.wrong.push(format!("{place}: {expected}, in Rust {found}"));
        }
        let format = |schema: &Value| schema.get("format").and_then(Value::as_str).map(str::to_owned);
        match (format(described), format(rust)) {
            (Some(old), Some(new)) if old == "int32" && new == "int64" => {
                self.findings.allow(Rule::Integers64, place);
            }
            (Some(old), None) if matches!(old.as_str(), "time" | "uri") => {
                self.findings.allow(Rule::PlainFormats, place);
            }
            // The content of a file is no JSON.
            (Some(old), None) if old == "binary" => {}
            (old, new) if old != new => {
                self.findings.wrong.push(format!("{place}: format {old:?}, in Rust {new:?}"));
            }
            _ => {}
        }
        match expected.as_str() {
            "array" => self.schema(&format!("{place}[]"), &described["items"], &rust["items"]),
            "object" => self.object(place, described, rust),
            _ => {}
        }
    }

    fn union(&mut self, place: &str, members: &Value, rust: &Value) {
        let names = |members: &Value| -> BTreeSet<String> {
            let references = members.as_array().into_iter().flatten().filter_map(|member| member.get("$ref"));
            references.filter_map(Value::as_str).filter_map(|path| path.rsplit('/').next()).map(str::to_owned).collect()
        };
        let (described, mut found) = (names(members), names(rust.get("anyOf").unwrap_or(&Value::Null)));
        if !described.contains("ExportWebhookPayload") && found.remove("ExportWebhookPayload") {
            self.findings.allow(Rule::ExportWebhook, place);
        }
        if described != found {
            self.findings.wrong.push(format!("{place}: members {described:?}, in Rust {found:?}"));
        }
    }

    fn object(&mut self, place: &str, described: &Value, rust: &Value) {
        let empty = Map::new();
        let properties = |schema: &'_ Value| schema.get("properties").and_then(Value::as_object).cloned();
        let (described_properties, rust_properties) = (properties(described), properties(rust).unwrap_or(empty));
        let Some(described_properties) = described_properties else {
            if let Some(values) = described.get("additionalProperties").filter(|values| values.get("$ref").is_some()) {
                self.schema(&format!("{place}{{}}"), values, &rust["additionalProperties"]);
            }
            return;
        };
        let required = |schema: &Value, name: &str| {
            let names = schema.get("required").and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|entry| entry.as_str() == Some(name)))
        };
        let loose = self.loose.contains(place);
        for (name, property) in &described_properties {
            let place = format!("{place}.{name}");
            let Some(counterpart) = rust_properties.get(name) else {
                self.findings.wrong.push(format!("{place}: the Rust type has no such property"));
                continue;
            };
            let (core, null) = self.described_core(property);
            let (rust_core, rust_null) = self.rust_core(counterpart);
            match (required(described, name), required(rust, name)) {
                (true, false) if loose => self.findings.allow(Rule::ErrorsAreLoose, &place),
                (true, false) if null => self.findings.allow(Rule::NullableMayBeMissing, &place),
                (described, rust) if described != rust => {
                    self.findings.wrong.push(format!("{place}: required {described}, in Rust {rust}"));
                }
                _ => {}
            }
            if !null && rust_null && !required(described, name) {
                self.findings.allow(Rule::OptionalIsOption, &place);
            } else if !null && rust_null && loose {
                self.findings.allow(Rule::ErrorsAreLoose, &place);
            } else if null != rust_null {
                self.findings.wrong.push(format!("{place}: nullable {null}, in Rust {rust_null}"));
            }
            // What both sides refer to by the same name is compared under that name.
            if referred(property).is_none_or(|name| referred(counterpart) != Some(name)) {
                self.core(&place, &core, &rust_core);
            }
        }
        // One error type has the properties of all the shapes.
        for name in rust_properties.keys().filter(|name| !loose && !described_properties.contains_key(*name)) {
            self.findings.wrong.push(format!("{place}.{name}: the description has no such property"));
        }
    }

    /// What a described schema is once references are followed, and whether it may be null.
    fn described_core(&self, schema: &Value) -> (Value, bool) {
        let null = schema.get("nullable") == Some(&Value::Bool(true));
        let sole = schema.get("allOf").and_then(Value::as_array).filter(|members| members.len() == 1);
        let inner = sole.and_then(|members| members.first()).or(schema.get("$ref").map(|_| schema));
        match inner.and_then(|inner| inner.get("$ref")).and_then(Value::as_str) {
            Some(path) => {
                let (core, inner_null) = self.described_core(&self.described[path.rsplit('/').next().unwrap()]);
                (core, null || inner_null)
            }
            None => (schema.clone(), null),
        }
    }

    /// The same for the Rust side, where null is one of the types or one of the alternatives.
    fn rust_core(&self, schema: &Value) -> (Value, bool) {
        if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
            return self.rust_core(&self.rust[path.rsplit('/').next().unwrap()]);
        }
        let mut core = schema.clone();
        let types = schema.get("type").and_then(Value::as_array).cloned().unwrap_or_default();
        if let [own, Value::String(null)] = types.as_slice()
            && null == "null"
        {
            core["type"] = own.clone();
            return (core, true);
        }
        let alternatives = schema.get("anyOf").and_then(Value::as_array).cloned().unwrap_or_default();
        match alternatives.as_slice() {
            [own, null] if null.get("type").and_then(Value::as_str) == Some("null") => (self.rust_core(own).0, true),
            _ => (core, false),
        }
    }
}

/// The name of the schema that a property refers to, on either side, null or not.
fn referred(schema: &Value) -> Option<&str> {
    let list = |key: &str| schema.get(key).and_then(Value::as_array).map(Vec::as_slice);
    let inner = match (list("allOf"), list("anyOf")) {
        (Some([sole]), _) => sole,
        (_, Some([own, null])) if null.get("type").and_then(Value::as_str) == Some("null") => own,
        _ => schema,
    };
    inner.get("$ref")?.as_str()?.rsplit('/').next()
}
