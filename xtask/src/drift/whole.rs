//! The comparison of two whole descriptions.

use serde_json::Value;

use super::comparison::{Change, Comparison, keys};
use super::finding::Direction::{self, Both, Request, Response};
use super::finding::Finding;
use super::place::Place;
use super::side::Side;
use super::{names, operations, rules, schema};
use crate::document::{Object, escape};

/// Everything that differs, the worst first.
pub fn compare(old: &Side, new: &Side) -> Vec<Finding> {
    let mut found = Comparison::new(old, new);
    about(&mut found);
    operations::compare(&mut found);
    unmet(&mut found);
    found.findings()
}

/// Compares what is said about the API as a whole.
fn about(found: &mut Comparison<'_>) {
    let (old, new) = (&found.old.document.root, &found.new.document.root);
    let description = Place::document("", "the description");
    match (old.pointer("/info/version"), new.pointer("/info/version")) {
        (Some(old), Some(new)) if old != new => {
            found.note(Change::new(&rules::VERSION_CHANGED, Both, &description).before(old.clone()).after(new.clone()));
        }
        _ => {}
    }
    let servers = |root: &Value| -> Vec<Value> {
        let servers = root.get("servers").and_then(Value::as_array).into_iter().flatten();
        servers.filter_map(|server| server.get("url")).cloned().collect()
    };
    let (old_servers, new_servers) = (servers(old), servers(new));
    let place = Place::document("/servers", "the servers");
    for server in new_servers.iter().filter(|server| !old_servers.contains(server)) {
        found.note(Change::new(&rules::SERVER_ADDED, Both, &place).after(server.clone()));
    }
    for server in old_servers.iter().filter(|server| !new_servers.contains(server)) {
        found.note(Change::new(&rules::SERVER_REMOVED, Both, &place).before(server.clone()));
    }
    let schemes = |root: &Value| -> Object {
        root.pointer("/components/securitySchemes").and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let (old_schemes, new_schemes) = (schemes(old), schemes(new));
    for name in keys(&old_schemes, &new_schemes) {
        let pointer = format!("/components/securitySchemes/{}", escape(name));
        let place = Place::document(&pointer, &format!("the security scheme `{name}`"));
        let rules = (&rules::SECURITY_SCHEME_ADDED, &rules::SECURITY_SCHEME_REMOVED, &rules::SECURITY_SCHEME_CHANGED);
        let schemes = (old_schemes.get(name), new_schemes.get(name));
        found.differs(rules, schemes, |rule| Change::new(rule, Both, &place));
    }
    for patch in found.new.stale.difference(&found.old.stale) {
        found.note(Change::new(&rules::PATCH_STALE, Both, &description).before(*patch));
    }
    for patch in found.old.stale.difference(&found.new.stale) {
        found.note(Change::new(&rules::PATCH_NEEDED, Both, &description).after(*patch));
    }
}

/// Compares the named schemas that no two operations have in common, and those that none uses.
fn unmet(found: &mut Comparison<'_>) {
    let (old, new) = (found.old.document.components(), found.new.document.components());
    for name in old.keys().filter(|name| new.contains_key(*name)) {
        let ways = ways(found, name);
        let met = |way: &Direction| found.compared.contains(&(name.clone(), name.clone(), *way));
        if ways.iter().any(met) {
            continue;
        }
        for way in ways {
            schema::named(found, name, name, way);
        }
    }
    // One that an operation uses comes and goes with a finding of its own.
    let unused = |side: &Side, other: &Side, name: &&String| {
        !other.document.components().contains_key(*name) && !side.reach.contains_key(*name)
    };
    let mut removed: Vec<&String> = old.keys().filter(|name| unused(found.old, found.new, name)).collect();
    let mut added: Vec<&String> = new.keys().filter(|name| unused(found.new, found.old, name)).collect();
    removed.retain(|name| {
        let Some(position) = added.iter().position(|other| found.is_renamed(name, other)) else { return true };
        let other = added.remove(position);
        for way in [Request, Response] {
            names::rename(found, name, other, way);
        }
        false
    });
    for name in removed {
        found.note(Change::new(&rules::SCHEMA_REMOVED, Both, &Place::schema(Some(name), None)).before(name.as_str()));
    }
    for name in added {
        found.note(Change::new(&rules::SCHEMA_ADDED, Both, &Place::schema(None, Some(name))).after(name.as_str()));
    }
}

/// The ways in which a schema of both descriptions goes; both where nothing is known.
fn ways(found: &Comparison<'_>, name: &str) -> Vec<Direction> {
    let reached = |way: fn(&super::reach::Reach) -> bool| {
        [found.old, found.new].iter().filter_map(|side| side.reach.get(name)).any(way)
    };
    match (reached(|reach| !reach.request.is_empty()), reached(|reach| !reach.response.is_empty())) {
        (true, false) => vec![Request],
        (false, true) => vec![Response],
        _ => vec![Request, Response],
    }
}
