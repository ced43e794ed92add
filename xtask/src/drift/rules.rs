//! The rules: what can change, what it is called, and whom it breaks.
//!
//! On the wire, the old client is one of ours, or one as careful: it builds what was described, keeps enum values
//! and union members that it does not know, and puts right what is missing or null (`pachca-api/src/repair.rs`).
//! A reader without that care is *strict*; what breaks only such readers is said, and not counted as breaking.
//!
//! For Rust, the old code uses the generated crate as it is meant to be: builders for what is sent, fields for what is
//! received, a wildcard arm for enums and unions (all are `#[non_exhaustive]`). So one thing more never breaks it; what
//! is gone or has another name or type does. The setters of optional values take a value and an `Option` of it
//! (`pachca-api/src/optional.rs`), those of required ones only the value: in a request, becoming optional compiles and
//! becoming required may not. A field's type is worked out in `rust_types.rs`.
//!
//! The list follows the checks of oasdiff. What is missing there, of ours, is what the extensions say.

use super::finding::{Class, Rust, Wire};
use super::rule::{Rule, rule, swap};

const SAFE: Option<Wire> = Some(Wire::Safe);
const STRICT: Option<Wire> = Some(Wire::Strict);
const BREAKS: Option<Wire> = Some(Wire::Breaking);
/// Depends on the values, or on the name: a missing `id` is never made up.
const BY_VALUE: Option<Wire> = None;

const COMPILES: Option<Rust> = Some(Rust::Safe);
const FAILS: Option<Rust> = Some(Rust::Breaking);
/// Depends on the Rust types before and after.
const BY_TYPE: Option<Rust> = None;

macro_rules! rules {
    ($($(#[$about:meta])* $name:ident = $rule:expr;)*) => {
        $($(#[$about])* pub const $name: Rule = $rule;)*

        /// Every rule.
        #[cfg(test)]
        pub const ALL: &[&Rule] = &[$(&$name),*];
    };
}

use Class::{Additive, Info};

rules! {
    // The description as a whole.
    /// The version that the vendor states, which says nothing about the API.
    VERSION_CHANGED = swap("version-changed", "The version of {place} changed from {before} to {after}")
        .both(SAFE, COMPILES);
    SERVER_ADDED = rule("server-added", "server-removed", Additive, "The server {after} was added")
        .both(SAFE, COMPILES);
    /// An old client goes on calling an address that is no longer named.
    SERVER_REMOVED = rule("server-removed", "server-added", Info, "The server {before} is gone")
        .both(BREAKS, COMPILES);
    SECURITY_SCHEME_ADDED = rule("security-scheme-added", "security-scheme-removed", Additive, "{place} was added")
        .both(SAFE, COMPILES);
    /// Whom it breaks is said where the scheme was asked for.
    SECURITY_SCHEME_REMOVED = rule("security-scheme-removed", "security-scheme-added", Info, "{place} is gone")
        .both(SAFE, COMPILES);
    SECURITY_SCHEME_CHANGED = swap("security-scheme-changed", "{place} changed from {before} to {after}")
        .both(BREAKS, COMPILES);
    /// Breaks where nothing was asked for before.
    SECURITY_ADDED = rule("security-added", "security-removed", Additive, "{place} now takes the security {after}")
        .request(BY_VALUE, COMPILES);
    /// Harmless where nothing is asked for any more.
    SECURITY_REMOVED = rule("security-removed", "security-added", Info, "{place} no longer takes the security {before}")
        .request(BY_VALUE, COMPILES);
    /// What it stood for is no longer there, or is there in another form; only `regen` can tell which.
    PATCH_STALE = rule("patch-stale", "patch-needed", Info, "The patch {before} no longer hits anything in {place}")
        .both(SAFE, COMPILES);
    PATCH_NEEDED = rule("patch-needed", "patch-stale", Info, "The patch {after}, which hit nothing, now does in {place}")
        .both(SAFE, COMPILES);

    // Operations.
    OPERATION_ADDED = rule("operation-added", "operation-removed", Additive, "{place} was added")
        .both(SAFE, COMPILES);
    OPERATION_REMOVED = rule("operation-removed", "operation-added", Info, "{place} is gone")
        .both(BREAKS, FAILS);
    /// The method of the client keeps its name.
    OPERATION_MOVED = swap("operation-moved", "{before} moved to {after}")
        .both(BREAKS, COMPILES);
    OPERATION_RENAMED = swap("operation-renamed", "{place} is now called {after} instead of {before}")
        .both(SAFE, FAILS);
    OPERATION_DEPRECATED = rule("operation-deprecated", "operation-undeprecated", Info, "{place} is deprecated")
        .both(SAFE, COMPILES);
    OPERATION_UNDEPRECATED =
        rule("operation-undeprecated", "operation-deprecated", Info, "{place} is no longer deprecated")
            .both(SAFE, COMPILES);
    /// The builder gets `Paginated`.
    PAGINATION_ADDED = rule("pagination-added", "pagination-removed", Additive, "{place} is now paginated")
        .response(SAFE, COMPILES);
    /// `items()` and `pages()` no longer exist.
    PAGINATION_REMOVED = rule("pagination-removed", "pagination-added", Info, "{place} is no longer paginated")
        .response(SAFE, FAILS);
    /// A token without the scope is refused.
    SCOPE_ADDED = rule("scope-added", "scope-removed", Info, "{place} now needs the scope {after}")
        .request(BREAKS, COMPILES);
    SCOPE_REMOVED = rule("scope-removed", "scope-added", Info, "{place} no longer needs the scope {before}")
        .request(SAFE, COMPILES);
    SCOPE_CHANGED = swap("scope-changed", "{place} now needs the scope {after} instead of {before}")
        .request(BREAKS, COMPILES);
    /// A workspace on another plan is refused.
    PLAN_ADDED = rule("plan-added", "plan-removed", Info, "{place} now needs the plan {after}")
        .request(BREAKS, COMPILES);
    PLAN_REMOVED = rule("plan-removed", "plan-added", Info, "{place} no longer needs the plan {before}")
        .request(SAFE, COMPILES);
    PLAN_CHANGED = swap("plan-changed", "{place} now needs the plan {after} instead of {before}")
        .request(BREAKS, COMPILES);
    /// The old client sends no token there.
    AUTH_ADDED = rule("auth-added", "auth-removed", Info, "{place} now needs a token")
        .request(BREAKS, COMPILES);
    /// A token that nobody asks for does no harm.
    AUTH_REMOVED = rule("auth-removed", "auth-added", Info, "{place} no longer needs a token")
        .request(SAFE, COMPILES);
    REQUIREMENT_ADDED =
        rule("requirement-added", "requirement-removed", Info, "{place} was added with the value {after}")
            .request(BREAKS, COMPILES);
    REQUIREMENT_REMOVED = rule("requirement-removed", "requirement-added", Info, "{place}, {before}, is gone")
        .request(SAFE, COMPILES);
    REQUIREMENT_CHANGED = swap("requirement-changed", "{place} changed from {before} to {after}")
        .request(BREAKS, COMPILES);
    /// `x-external-url` makes the address an argument; no other extension changes what is generated.
    EXTENSION_ADDED = rule("extension-added", "extension-removed", Info, "{place} got {after}")
        .both(SAFE, BY_TYPE);
    EXTENSION_REMOVED = rule("extension-removed", "extension-added", Info, "{place} lost {before}")
        .both(SAFE, BY_TYPE);
    EXTENSION_CHANGED = swap("extension-changed", "{place} changed from {before} to {after}")
        .both(SAFE, BY_TYPE);

    // Parameters.
    /// The builder reports it when it sends, so code compiles.
    REQUIRED_PARAMETER_ADDED =
        rule("required-parameter-added", "required-parameter-removed", Info, "{place}, which is required, was added")
            .request(BREAKS, COMPILES);
    REQUIRED_PARAMETER_REMOVED =
        rule("required-parameter-removed", "required-parameter-added", Info, "{place}, which was required, is gone")
            .request(BREAKS, FAILS);
    OPTIONAL_PARAMETER_ADDED =
        rule("optional-parameter-added", "optional-parameter-removed", Additive, "{place}, which is optional, was added")
            .request(SAFE, COMPILES);
    /// What it asked for is no longer done.
    OPTIONAL_PARAMETER_REMOVED =
        rule("optional-parameter-removed", "optional-parameter-added", Info, "{place}, which was optional, is gone")
            .request(BREAKS, FAILS);
    /// A place in a path is filled by its position; the setter has the name.
    PARAMETER_RENAMED = swap("parameter-renamed", "{place} was called {before}")
        .request(SAFE, FAILS);
    PARAMETER_MOVED = swap("parameter-moved", "{place} moved from the {before} to the {after}")
        .request(BREAKS, COMPILES);
    PARAMETER_BECAME_REQUIRED =
        rule("parameter-became-required", "parameter-became-optional", Info, "{place} became required")
            .request(BREAKS, BY_TYPE);
    PARAMETER_BECAME_OPTIONAL =
        rule("parameter-became-optional", "parameter-became-required", Additive, "{place} became optional")
            .request(SAFE, BY_TYPE);
    /// Style or explode, of what they say something about.
    PARAMETER_STYLE_CHANGED =
        swap("parameter-style-changed", "{place} is written as {after} instead of {before}")
            .request(BREAKS, COMPILES);
    PARAMETER_DEPRECATED = rule("parameter-deprecated", "parameter-undeprecated", Info, "{place} is deprecated")
        .request(SAFE, COMPILES);
    PARAMETER_UNDEPRECATED =
        rule("parameter-undeprecated", "parameter-deprecated", Info, "{place} is no longer deprecated")
            .request(SAFE, COMPILES);

    // Bodies.
    REQUIRED_BODY_ADDED = rule("required-body-added", "required-body-removed", Info, "{place} was added and is required")
        .request(BREAKS, COMPILES);
    REQUIRED_BODY_REMOVED = rule("required-body-removed", "required-body-added", Info, "{place}, which was required, is gone")
        .request(BREAKS, FAILS);
    OPTIONAL_BODY_ADDED =
        rule("optional-body-added", "optional-body-removed", Additive, "{place} was added and is optional")
            .request(SAFE, COMPILES);
    OPTIONAL_BODY_REMOVED = rule("optional-body-removed", "optional-body-added", Info, "{place}, which was optional, is gone")
        .request(BREAKS, FAILS);
    /// Only a required body has `body_map`, and only the setter of an optional one takes an `Option`.
    BODY_BECAME_REQUIRED = rule("body-became-required", "body-became-optional", Info, "{place} became required")
        .request(BREAKS, FAILS);
    BODY_BECAME_OPTIONAL = rule("body-became-optional", "body-became-required", Additive, "{place} became optional")
        .request(SAFE, FAILS);
    /// A second media type of a body changes how the client is generated; of an answer, only the first does.
    MEDIA_TYPE_ADDED = rule("media-type-added", "media-type-removed", Additive, "{place} may now be {after}")
        .request(SAFE, BY_TYPE)
        .response(BY_VALUE, BY_TYPE);
    MEDIA_TYPE_REMOVED = rule("media-type-removed", "media-type-added", Info, "{place} is no longer {before}")
        .request(BREAKS, FAILS)
        .response(BY_VALUE, FAILS);

    // Answers.
    SUCCESS_STATUS_ADDED = rule("success-status-added", "success-status-removed", Additive, "{place} was added")
        .response(STRICT, COMPILES);
    SUCCESS_STATUS_REMOVED = rule("success-status-removed", "success-status-added", Info, "{place} is gone")
        .response(SAFE, COMPILES);
    /// Any 2xx is taken for success; an answer turned redirect, or back, is not.
    SUCCESS_STATUS_CHANGED = swap("success-status-changed", "{place} has the status {after} instead of {before}")
        .response(BY_VALUE, BY_TYPE);
    /// Every refusal is read alike, described or not.
    ERROR_STATUS_ADDED = rule("error-status-added", "error-status-removed", Info, "{place} was added")
        .response(SAFE, COMPILES);
    ERROR_STATUS_REMOVED = rule("error-status-removed", "error-status-added", Info, "{place} is gone")
        .response(SAFE, COMPILES);
    HEADER_ADDED = rule("header-added", "header-removed", Additive, "{place} was added")
        .response(SAFE, COMPILES);
    /// Headers are not typed, so nothing of ours was generated for it.
    HEADER_REMOVED = rule("header-removed", "header-added", Info, "{place} is gone")
        .response(STRICT, COMPILES);
    HEADER_BECAME_REQUIRED = rule("header-became-required", "header-became-optional", Info, "{place} became required")
        .response(SAFE, COMPILES);
    HEADER_BECAME_OPTIONAL = rule("header-became-optional", "header-became-required", Info, "{place} became optional")
        .response(STRICT, COMPILES);

    // Schemas by name.
    SCHEMA_ADDED = rule("schema-added", "schema-removed", Additive, "The schema {place}, which no operation uses, was added")
        .both(SAFE, COMPILES);
    SCHEMA_REMOVED = rule("schema-removed", "schema-added", Info, "The schema {place}, which no operation used, is gone")
        .both(SAFE, FAILS);
    /// The name is that of a type.
    SCHEMA_RENAMED = swap("schema-renamed", "The schema {before} is now called {after}")
        .request(SAFE, FAILS)
        .response(SAFE, FAILS);
    /// Another schema stands there; on the wire it breaks what the two schemas differ in.
    SCHEMA_REPLACED = swap("schema-replaced", "{place} is now {after} instead of {before}")
        .request(BY_VALUE, FAILS)
        .response(BY_VALUE, FAILS);
    SCHEMA_DEPRECATED = rule("schema-deprecated", "schema-undeprecated", Info, "{place} is deprecated")
        .request(SAFE, COMPILES)
        .response(SAFE, COMPILES);
    SCHEMA_UNDEPRECATED = rule("schema-undeprecated", "schema-deprecated", Info, "{place} is no longer deprecated")
        .request(SAFE, COMPILES)
        .response(SAFE, COMPILES);

    // Values.
    /// Harmless on the wire where the new type takes, or gives, no more than the old one.
    TYPE_CHANGED = swap("type-changed", "The type of {place} changed from {before} to {after}")
        .request(BY_VALUE, FAILS)
        .response(BY_VALUE, FAILS);
    FORMAT_ADDED = rule("format-added", "format-removed", Info, "{place} now has the format {after}")
        .request(BREAKS, BY_TYPE)
        .response(SAFE, BY_TYPE);
    FORMAT_REMOVED = rule("format-removed", "format-added", Info, "{place} no longer has the format {before}")
        .request(SAFE, BY_TYPE)
        .response(BREAKS, BY_TYPE);
    FORMAT_CHANGED = swap("format-changed", "The format of {place} changed from {before} to {after}")
        .request(BREAKS, BY_TYPE)
        .response(BREAKS, BY_TYPE);
    BECAME_NULLABLE = rule("became-nullable", "became-not-nullable", Additive, "{place} may now be null")
        .request(SAFE, BY_TYPE)
        .response(BY_VALUE, BY_TYPE);
    BECAME_NOT_NULLABLE = rule("became-not-nullable", "became-nullable", Info, "{place} may no longer be null")
        .request(BREAKS, BY_TYPE)
        .response(SAFE, BY_TYPE);
    /// Ours are open when they are of strings.
    ENUM_VALUE_ADDED = rule("enum-value-added", "enum-value-removed", Additive, "{place} has the new value {after}")
        .request(SAFE, COMPILES)
        .response(BY_VALUE, COMPILES);
    /// The variant is gone.
    ENUM_VALUE_REMOVED = rule("enum-value-removed", "enum-value-added", Info, "{place} no longer has the value {before}")
        .request(BREAKS, FAILS)
        .response(SAFE, FAILS);
    ENUM_INTRODUCED = rule("enum-introduced", "enum-lifted", Info, "{place} is now one of {after}")
        .request(BREAKS, FAILS)
        .response(SAFE, FAILS);
    ENUM_LIFTED = rule("enum-lifted", "enum-introduced", Additive, "{place} is no longer limited to {before}")
        .request(SAFE, FAILS)
        .response(BY_VALUE, FAILS);
    /// The client checks no bounds.
    BOUND_ADDED = rule("bound-added", "bound-removed", Info, "{place} got the bound {after}")
        .request(BREAKS, COMPILES)
        .response(SAFE, COMPILES);
    BOUND_REMOVED = rule("bound-removed", "bound-added", Info, "{place} lost the bound {before}")
        .request(SAFE, COMPILES)
        .response(STRICT, COMPILES);
    BOUND_TIGHTENED = rule("bound-tightened", "bound-loosened", Info, "A bound of {place} is tighter: {after} instead of {before}")
        .request(BREAKS, COMPILES)
        .response(SAFE, COMPILES);
    BOUND_LOOSENED = rule("bound-loosened", "bound-tightened", Info, "A bound of {place} is looser: {after} instead of {before}")
        .request(SAFE, COMPILES)
        .response(STRICT, COMPILES);
    /// A pattern, whose old and new values nothing compares.
    BOUND_CHANGED = swap("bound-changed", "A bound of {place} changed from {before} to {after}")
        .request(BREAKS, COMPILES)
        .response(STRICT, COMPILES);
    /// It may have been so before without being said.
    DEFAULT_ADDED = rule("default-added", "default-removed", Info, "{place} now has the default {after}")
        .request(SAFE, BY_TYPE)
        .response(SAFE, BY_TYPE);
    DEFAULT_REMOVED = rule("default-removed", "default-added", Info, "{place} no longer has the default {before}")
        .request(SAFE, BY_TYPE)
        .response(SAFE, BY_TYPE);
    /// What an old client leaves out now means something else.
    DEFAULT_CHANGED = swap("default-changed", "The default of {place} changed from {before} to {after}")
        .request(BREAKS, BY_TYPE)
        .response(SAFE, BY_TYPE);
    /// What the wire does not show, such as a list that is sent now as well and so gets an `Option` around it.
    RUST_TYPE_CHANGED = swap("rust-type-changed", "The Rust type of {place} changed from {before} to {after}")
        .response(SAFE, FAILS);

    // Objects.
    REQUIRED_PROPERTY_ADDED =
        rule("required-property-added", "required-property-removed", Additive, "{place}, which is required, was added")
            .request(BREAKS, COMPILES)
            .response(SAFE, COMPILES);
    REQUIRED_PROPERTY_REMOVED =
        rule("required-property-removed", "required-property-added", Info, "{place}, which was required, is gone")
            .request(BREAKS, FAILS)
            .response(BY_VALUE, FAILS);
    OPTIONAL_PROPERTY_ADDED =
        rule("optional-property-added", "optional-property-removed", Additive, "{place}, which is optional, was added")
            .request(SAFE, COMPILES)
            .response(SAFE, COMPILES);
    /// In a request it is refused or ignored; an answer could always lack it.
    OPTIONAL_PROPERTY_REMOVED =
        rule("optional-property-removed", "optional-property-added", Info, "{place}, which was optional, is gone")
            .request(BREAKS, FAILS)
            .response(SAFE, FAILS);
    PROPERTY_BECAME_REQUIRED =
        rule("property-became-required", "property-became-optional", Info, "{place} became required")
            .request(BREAKS, BY_TYPE)
            .response(SAFE, BY_TYPE);
    PROPERTY_BECAME_OPTIONAL =
        rule("property-became-optional", "property-became-required", Additive, "{place} became optional")
            .request(SAFE, BY_TYPE)
            .response(BY_VALUE, BY_TYPE);
    /// Properties that are not described.
    OTHER_PROPERTIES_FORBIDDEN =
        rule("other-properties-forbidden", "other-properties-allowed", Info, "{place} may no longer have other properties")
            .request(BREAKS, COMPILES)
            .response(SAFE, COMPILES);
    OTHER_PROPERTIES_ALLOWED =
        rule("other-properties-allowed", "other-properties-forbidden", Additive, "{place} may now have other properties")
            .request(SAFE, COMPILES)
            .response(STRICT, COMPILES);

    // Unions.
    /// Ours keep what they do not know.
    UNION_MEMBER_ADDED = rule("union-member-added", "union-member-removed", Additive, "{place} may now be {after}")
        .request(SAFE, COMPILES)
        .response(STRICT, COMPILES);
    UNION_MEMBER_REMOVED = rule("union-member-removed", "union-member-added", Info, "{place} is no longer {before}")
        .request(BREAKS, FAILS)
        .response(SAFE, FAILS);
    /// Variants go without the words that all members begin or end with, so a member that comes or goes may rename
    /// the others.
    UNION_VARIANT_RENAMED = swap("union-variant-renamed", "The variant {before} of {place} is now called {after}")
        .request(SAFE, FAILS)
        .response(SAFE, FAILS);
    /// `anyOf` instead of `oneOf`, which are read alike.
    UNION_KIND_CHANGED = swap("union-kind-changed", "{place} is now {after} instead of {before}")
        .request(SAFE, COMPILES)
        .response(SAFE, COMPILES);
    DISCRIMINATOR_CHANGED = swap("discriminator-changed", "What tells the members of {place} apart changed from {before} to {after}")
        .request(SAFE, COMPILES)
        .response(STRICT, COMPILES);
}
