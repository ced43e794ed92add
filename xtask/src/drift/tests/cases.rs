//! The table: for each rule the smallest change that it is for, and whom the change and its reverse break.

/// What the two parts of a case are parts of.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// The schemas, of which `Box` is sent.
    Sent,
    /// The schemas, of which `Box` is received.
    Received,
    /// The operation `GET /boxes/{id}`.
    Operation,
    /// The whole description.
    Whole,
    /// The whole description, of which what is answered matters.
    Answer,
    /// The operations beside one that receives `Box`.
    Beside,
}

/// One change.
pub struct Case {
    /// The rule that finds it; the reverse is found by the mirror of the rule.
    pub rule: &'static str,
    /// What the parts are parts of.
    pub place: Place,
    /// What was there.
    pub before: &'static str,
    /// What is there.
    pub after: &'static str,
    /// Whom the change breaks.
    pub forth: &'static str,
    /// Whom the reverse breaks.
    pub back: &'static str,
}

macro_rules! cases {
    ($($rule:literal, $place:ident, $before:literal => $after:literal, $forth:literal | $back:literal;)*) => {
        /// Every case.
        pub const CASES: &[Case] = &[$(Case {
            rule: $rule,
            place: Place::$place,
            before: $before,
            after: $after,
            forth: $forth,
            back: $back,
        }),*];
    };
}

cases! {
    "version-changed", Whole, "info: { title: Boxes, version: '1' }" => "info: { title: Boxes, version: '2' }", "nobody" | "nobody";
    "server-added", Whole,
        "servers: [{ url: 'https://a.example' }]" => "servers: [{ url: 'https://a.example' }, { url: 'https://b.example' }]", "nobody" | "wire";
    "security-scheme-added", Whole,
        "components: { securitySchemes: {} }" => "components: { securitySchemes: { Key: { type: http, scheme: Bearer } } }", "nobody" | "nobody";
    "security-scheme-changed", Whole,
        "components: { securitySchemes: { Key: { type: http, scheme: Basic } } }" => "components: { securitySchemes: { Key: { type: http, scheme: Bearer } } }", "wire" | "wire";
    "security-added", Whole, "security: []" => "security: [{ Key: [] }]", "wire" | "nobody";
    "security-added", Whole, "security: [{ Key: [] }]" => "security: [{ Key: [] }, { Card: [] }]", "nobody" | "wire";
    "security-added", Operation, "security: []" => "security: [{ Key: [] }]", "wire" | "nobody";
    "patch-stale", Whole,
        "components: { schemas: { Box: { type: object, properties: { opens_at: { type: string, format: time } } } } }" =>
        "components: { schemas: { Box: { type: object, properties: { opens_at: { type: string } } } } }", "nobody" | "nobody";

    "operation-added", Whole,
        "paths: { /a: { get: { operationId: a, responses: { '204': {} } } } }" =>
        "paths: { /a: { get: { operationId: a, responses: { '204': {} } }, put: { operationId: b, responses: { '204': {} } } } }", "nobody" | "wire, rust";
    "operation-moved", Whole,
        "paths: { /a: { get: { operationId: Old_a, responses: { '204': {} } } } }" =>
        "paths: { /b: { get: { operationId: New_a, responses: { '204': {} } } } }", "wire" | "wire";
    "operation-moved", Whole,
        "paths: { /a: { put: { operationId: a, responses: { '204': {} } } } }" =>
        "paths: { /a: { patch: { operationId: a, responses: { '204': {} } } } }", "wire" | "wire";
    "operation-renamed", Whole,
        "paths: { /a: { get: { operationId: Boxes_a, responses: { '200': { content: { application/json: { schema: { type: object, properties: { size: { type: number } } } } } } } } } }" =>
        "paths: { /a: { get: { operationId: Boxes_b, responses: { '200': { content: { application/json: { schema: { type: object, properties: { size: { type: number } } } } } } } } } }", "rust" | "rust";
    "operation-deprecated", Operation, "" => "deprecated: true", "nobody" | "nobody";
    "pagination-added", Operation, "" => "x-paginated: true", "nobody" | "rust";
    "scope-added", Operation, "" => "x-requirements: { scope: 'boxes:read' }", "wire" | "nobody";
    "scope-changed", Operation,
        "x-requirements: { scope: 'boxes:read' }" => "x-requirements: { scope: 'boxes:see' }", "wire" | "wire";
    "plan-added", Operation, "" => "x-requirements: { plan: large }", "wire" | "nobody";
    "plan-changed", Operation, "x-requirements: { plan: small }" => "x-requirements: { plan: large }", "wire" | "wire";
    "auth-added", Operation, "x-requirements: { auth: false }" => "", "wire" | "nobody";
    "requirement-added", Operation, "" => "x-requirements: { age: 18 }", "wire" | "nobody";
    "requirement-changed", Operation, "x-requirements: { age: 18 }" => "x-requirements: { age: 21 }", "wire" | "wire";
    "extension-added", Operation, "" => "x-external-url: directUrl", "rust" | "rust";
    "extension-added", Received, "Box: { type: object }" => "Box: { type: object, x-scope-roles: { a: b } }", "nobody" | "nobody";
    "extension-changed", Received,
        "Box: { type: object, x-scope-roles: { a: [b], c: [d] } }" => "Box: { type: object, x-scope-roles: { a: [b], c: [e] } }", "nobody" | "nobody";

    "required-parameter-added", Operation, "" => "parameters: [{ in: query, name: size, required: true, schema: { type: number } }]", "wire" | "wire, rust";
    "optional-parameter-added", Operation, "" => "parameters: [{ in: query, name: size, schema: { type: number } }]", "nobody" | "wire, rust";
    "parameter-renamed", Whole,
        "paths: { '/a/{id}/{no}': { get: { operationId: a, parameters: [{ in: path, name: no, required: true, schema: { type: string } }, { in: path, name: id, required: true, schema: { type: integer } }], responses: { '204': {} } } } }" =>
        "paths: { '/a/{number}/{no}': { get: { operationId: a, parameters: [{ in: path, name: number, required: true, schema: { type: integer } }, { in: path, name: no, required: true, schema: { type: string } }], responses: { '204': {} } } } }", "rust" | "rust";
    "parameter-moved", Operation,
        "parameters: [{ in: query, name: size, schema: { type: number } }]" => "parameters: [{ in: header, name: size, schema: { type: number } }]", "wire" | "wire";
    "parameter-became-required", Operation,
        "parameters: [{ in: query, name: size, schema: { type: number } }]" =>
        "parameters: [{ in: query, name: size, required: true, schema: { type: number } }]", "wire, rust" | "nobody";
    "parameter-style-changed", Operation,
        "parameters: [{ in: header, name: sizes, explode: false, schema: { type: array, items: { type: number } } }]" =>
        "parameters: [{ in: header, name: sizes, explode: true, schema: { type: array, items: { type: number } } }]", "wire" | "wire";
    "parameter-deprecated", Operation,
        "parameters: [{ in: query, name: size, schema: { type: number } }]" =>
        "parameters: [{ in: query, name: size, deprecated: true, schema: { type: number } }]", "nobody" | "nobody";
    "media-type-added", Answer,
        "paths: { /a: { get: { operationId: a, responses: { '204': {} } } } }" =>
        "paths: { /a: { get: { operationId: a, responses: { '204': { content: { application/json: { schema: { type: string } } } } } } } }", "rust" | "rust";
    "type-changed", Operation,
        "parameters: [{ in: query, name: size, schema: { type: integer } }]" => "parameters: [{ in: query, name: size, schema: { type: string } }]", "rust" | "wire, rust";
    "schema-replaced", Received,
        "Box: { type: object, properties: { lid: { type: object, additionalProperties: {} } } }, Lid: { oneOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Lid' } } }, Lid: { oneOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }", "rust" | "wire, rust";
    "extension-changed", Operation, "x-external-url: directUrl" => "x-external-url: url", "rust" | "rust";
    "type-changed", Operation,
        "parameters: [{ in: query, name: size, schema: { type: number } }]" => "parameters: [{ in: query, name: size, schema: { type: array, items: { type: number } } }]", "wire, rust" | "wire, rust";
    "enum-value-added", Operation,
        "parameters: [{ in: query, name: size, schema: { type: string, enum: [s] } }]" => "parameters: [{ in: query, name: size, schema: { type: string, enum: [s, m] } }]", "nobody" | "wire, rust";

    "required-body-added", Operation, "" => "requestBody: { required: true, content: { application/json: { schema: { type: string } } } }", "wire" | "wire, rust";
    "optional-body-added", Operation, "" => "requestBody: { content: { application/json: { schema: { type: string } } } }", "nobody" | "wire, rust";
    "body-became-required", Operation,
        "requestBody: { content: { application/json: { schema: { type: string } } } }" =>
        "requestBody: { required: true, content: { application/json: { schema: { type: string } } } }", "wire, rust" | "rust";
    "media-type-added", Operation,
        "requestBody: { content: { application/json: { schema: { type: string } } } }" =>
        "requestBody: { content: { application/json: { schema: { type: string } }, text/plain: { schema: { type: string } } } }", "nobody" | "wire, rust";
    "media-type-added", Answer,
        "paths: { /a: { get: { operationId: a, responses: { '200': {} } } } }" =>
        "paths: { /a: { get: { operationId: a, responses: { '200': { content: { application/json: { schema: { type: string } } } } } } } }", "rust" | "wire, rust";

    "success-status-added", Whole,
        "paths: { /a: { get: { operationId: a, responses: { '200': {} } } } }" => "paths: { /a: { get: { operationId: a, responses: { '200': {}, '202': {} } } } }", "strict" | "nobody";
    "success-status-changed", Whole,
        "paths: { /a: { get: { operationId: a, responses: { '200': {} } } } }" => "paths: { /a: { get: { operationId: a, responses: { '201': {} } } } }", "strict" | "strict";
    "success-status-changed", Whole,
        "paths: { /a: { get: { operationId: a, responses: { '200': {} } } } }" => "paths: { /a: { get: { operationId: a, responses: { '302': {} } } } }", "wire, rust" | "wire, rust";
    "error-status-added", Whole,
        "paths: { /a: { get: { operationId: a, responses: { '200': {} } } } }" => "paths: { /a: { get: { operationId: a, responses: { '200': {}, '410': {} } } } }", "nobody" | "nobody";
    "header-added", Whole,
        "paths: { /a: { get: { operationId: a, responses: { '200': {} } } } }" =>
        "paths: { /a: { get: { operationId: a, responses: { '200': { headers: { Etag: { schema: { type: string } } } } } } } }", "nobody" | "strict";
    "header-became-required", Whole,
        "paths: { /a: { get: { operationId: a, responses: { '200': { headers: { Etag: { schema: { type: string } } } } } } } }" =>
        "paths: { /a: { get: { operationId: a, responses: { '200': { headers: { Etag: { required: true, schema: { type: string } } } } } } } }", "nobody" | "strict";

    "schema-added", Whole, "components: { schemas: {} }" => "components: { schemas: { Lid: { type: object } } }", "nobody" | "rust";
    "schema-renamed", Sent,
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Lid' } } }, Lid: { type: object, properties: { size: { type: number } } }" =>
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Cover' } } }, Cover: { type: object, properties: { size: { type: number } } }", "rust" | "rust";
    "schema-renamed", Received,
        "Box: { type: object, properties: { lids: { type: array, items: { $ref: '#/components/schemas/Lid' } } } }, Lid: { type: object, properties: { size: { type: number } } }" =>
        "Box: { type: object, properties: { lids: { type: array, items: { $ref: '#/components/schemas/Cover' } } } }, Cover: { type: object, properties: { size: { type: number } } }", "rust" | "rust";
    "schema-renamed", Received,
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }, B: { type: object, properties: { kind: { $ref: '#/components/schemas/Kind' } } }, Kind: { type: string, enum: [b] }" =>
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/C' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }, C: { type: object, properties: { kind: { $ref: '#/components/schemas/Kind' } } }, Kind: { type: string, enum: [b] }", "rust" | "rust";
    "schema-replaced", Sent,
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Lid' }, cover: { $ref: '#/components/schemas/Cover' } } }, Lid: { type: object, properties: { size: { type: number } } }, Cover: { type: object, required: [size], properties: { size: { type: number } } }" =>
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Cover' }, cover: { $ref: '#/components/schemas/Cover' } } }, Lid: { type: object, properties: { size: { type: number } } }, Cover: { type: object, required: [size], properties: { size: { type: number } } }", "wire, rust" | "rust";
    "schema-replaced", Received,
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Lid' }, cover: { $ref: '#/components/schemas/Cover' } } }, Lid: { type: object, properties: { size: { type: number } } }, Cover: { type: object, required: [size], properties: { size: { type: number } } }" =>
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Cover' }, cover: { $ref: '#/components/schemas/Cover' } } }, Lid: { type: object, properties: { size: { type: number } } }, Cover: { type: object, required: [size], properties: { size: { type: number } } }", "rust" | "strict, rust";
    "schema-deprecated", Sent, "Box: { type: object }" => "Box: { type: object, deprecated: true }", "nobody" | "nobody";
    "schema-deprecated", Received,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, properties: { size: { type: number, deprecated: true } } }", "nobody" | "nobody";

    "type-changed", Sent,
        "Box: { type: object, properties: { size: { type: integer } } }" => "Box: { type: object, properties: { size: { type: number } } }", "rust" | "wire, rust";
    "type-changed", Received,
        "Box: { type: object, properties: { size: { type: integer } } }" => "Box: { type: object, properties: { size: { type: number } } }", "wire, rust" | "rust";
    "type-changed", Received,
        "Box: { type: object, properties: { size: { type: integer } } }" => "Box: { type: object, properties: { size: { type: string } } }", "wire, rust" | "wire, rust";
    "type-changed", Received,
        "Box: { type: object, properties: { size: {} } }" => "Box: { type: object, properties: { size: { type: string } } }", "rust" | "wire, rust";
    "type-changed", Sent,
        "Box: { type: object, additionalProperties: { type: string } }" => "Box: { type: object, additionalProperties: { type: boolean } }", "wire, rust" | "wire, rust";
    "format-added", Sent,
        "Box: { type: object, properties: { at: { type: string } } }" => "Box: { type: object, properties: { at: { type: string, format: date } } }", "wire, rust" | "rust";
    "format-added", Received,
        "Box: { type: object, properties: { at: { type: string } } }" => "Box: { type: object, properties: { at: { type: string, format: date } } }", "rust" | "wire, rust";
    "format-changed", Sent,
        "Box: { type: object, properties: { at: { type: string, format: date } } }" => "Box: { type: object, properties: { at: { type: string, format: date-time } } }", "wire, rust" | "wire, rust";
    "format-changed", Received,
        "Box: { type: array, items: { type: string, format: date } }" => "Box: { type: array, items: { type: string, format: date-time } }", "wire, rust" | "wire, rust";
    "became-nullable", Sent,
        "Box: { type: object, required: [size], properties: { size: { type: number } } }" => "Box: { type: object, required: [size], properties: { size: { type: number, nullable: true } } }", "nobody" | "wire, rust";
    "became-nullable", Sent,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, properties: { size: { type: number, nullable: true } } }", "rust" | "wire, rust";
    "became-nullable", Sent,
        "Box: { type: object, properties: { sizes: { type: array, items: { type: number } } } }" => "Box: { type: object, properties: { sizes: { type: array, nullable: true, items: { type: number } } } }", "rust" | "wire, rust";
    "became-nullable", Received,
        "Box: { type: object, required: [size], properties: { size: { type: number } } }" => "Box: { type: object, required: [size], properties: { size: { type: number, nullable: true } } }", "strict, rust" | "rust";
    "became-nullable", Received,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, properties: { size: { type: number, nullable: true } } }", "strict" | "nobody";
    "became-nullable", Received,
        "Box: { type: object, required: [id], properties: { id: { type: integer } } }" => "Box: { type: object, required: [id], properties: { id: { type: integer, nullable: true } } }", "wire, rust" | "rust";
    "became-nullable", Received,
        "Box: { type: array, items: { type: integer } }" => "Box: { type: array, items: { type: integer, nullable: true } }", "wire, rust" | "rust";
    "enum-value-added", Sent, "Box: { type: string, enum: [a] }" => "Box: { type: string, enum: [b, a] }", "nobody" | "wire, rust";
    "enum-value-added", Received, "Box: { type: string, enum: [a] }" => "Box: { type: string, enum: [b, a] }", "strict" | "rust";
    "enum-value-added", Received, "Box: { type: integer, enum: [1] }" => "Box: { type: integer, enum: [1, 2] }", "wire" | "rust";
    "enum-introduced", Sent,
        "Box: { type: object, properties: { size: { type: string } } }" => "Box: { type: object, properties: { size: { type: string, enum: [s, m] } } }", "wire, rust" | "rust";
    "enum-introduced", Received,
        "Box: { type: object, properties: { size: { type: string } } }" => "Box: { type: object, properties: { size: { type: string, enum: [s, m] } } }", "rust" | "strict, rust";
    "enum-introduced", Received, "Box: { type: string }" => "Box: { type: string, enum: [s, m] }", "rust" | "strict, rust";
    "bound-added", Sent, "Box: { type: string }" => "Box: { type: string, maxLength: 9 }", "wire" | "nobody";
    "bound-added", Received, "Box: { type: string }" => "Box: { type: string, maxLength: 9 }", "nobody" | "strict";
    "bound-tightened", Sent, "Box: { type: string, maxLength: 9 }" => "Box: { type: string, maxLength: 8 }", "wire" | "nobody";
    "bound-tightened", Sent, "Box: { type: string, minLength: 8 }" => "Box: { type: string, minLength: 9 }", "wire" | "nobody";
    "bound-tightened", Sent, "Box: { type: number, multipleOf: 2 }" => "Box: { type: number, multipleOf: 4 }", "wire" | "nobody";
    "bound-tightened", Received, "Box: { type: string, maxLength: 9 }" => "Box: { type: string, maxLength: 8 }", "nobody" | "strict";
    "bound-changed", Sent, "Box: { type: string, pattern: '^a' }" => "Box: { type: string, pattern: '^b' }", "wire" | "wire";
    "bound-changed", Received, "Box: { type: string, pattern: '^a' }" => "Box: { type: string, pattern: '^b' }", "strict" | "strict";
    "default-added", Sent,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, properties: { size: { type: number, default: 7 } } }", "nobody" | "nobody";
    "default-added", Received,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, properties: { size: { type: number, default: 7 } } }", "rust" | "rust";
    "default-changed", Sent,
        "Box: { type: object, properties: { size: { type: number, default: 7 } } }" => "Box: { type: object, properties: { size: { type: number, default: 8 } } }", "wire" | "wire";
    "default-changed", Received,
        "Box: { type: object, properties: { size: { type: number, default: 7 } } }" => "Box: { type: object, properties: { size: { type: number, default: 8 } } }", "nobody" | "nobody";
    "rust-type-changed", Beside, "" =>
        "put: { operationId: b, requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Box' } } } }, responses: { '204': {} } }", "rust" | "rust";

    "required-property-added", Sent,
        "Box: { type: object }" => "Box: { type: object, required: [size], properties: { size: { type: number } } }", "wire" | "wire, rust";
    "required-property-added", Received,
        "Box: { type: object }" => "Box: { type: object, required: [size], properties: { size: { type: number } } }", "nobody" | "strict, rust";
    "required-property-added", Received,
        "Box: { type: object }" => "Box: { type: object, required: [id], properties: { id: { type: integer } } }", "nobody" | "wire, rust";
    "optional-property-added", Sent,
        "Box: { type: object }" => "Box: { type: object, properties: { size: { type: number } } }", "nobody" | "wire, rust";
    "optional-property-added", Received,
        "Box: { type: object }" => "Box: { type: object, properties: { size: { type: number } } }", "nobody" | "rust";
    "property-became-required", Sent,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, required: [size], properties: { size: { type: number } } }", "wire, rust" | "nobody";
    "property-became-required", Received,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, required: [size], properties: { size: { type: number } } }", "rust" | "strict, rust";
    "property-became-required", Received,
        "Box: { type: object, properties: { sizes: { type: array, items: { type: number } } } }" => "Box: { type: object, required: [sizes], properties: { sizes: { type: array, items: { type: number } } } }", "nobody" | "strict";
    "property-became-required", Sent,
        "Box: { type: object, properties: { sizes: { type: array, items: { type: number } } } }" => "Box: { type: object, required: [sizes], properties: { sizes: { type: array, items: { type: number } } } }", "wire, rust" | "nobody";
    "other-properties-forbidden", Sent,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, additionalProperties: false, properties: { size: { type: number } } }", "wire" | "nobody";
    "other-properties-forbidden", Received,
        "Box: { type: object, properties: { size: { type: number } } }" => "Box: { type: object, additionalProperties: false, properties: { size: { type: number } } }", "nobody" | "strict";

    "union-member-added", Sent,
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }, B: { type: object, properties: { kind: { type: string, enum: [b] } } }" =>
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }, B: { type: object, properties: { kind: { type: string, enum: [b] } } }", "nobody" | "wire, rust";
    "union-member-added", Received,
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { oneOf: [{ $ref: '#/components/schemas/B' }, { $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }, B: { type: object, properties: { kind: { type: string, enum: [b] } } }", "strict" | "rust";
    "union-variant-renamed", Sent,
        "Box: { oneOf: [{ $ref: '#/components/schemas/RoundLid' }] }, RoundLid: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { oneOf: [{ $ref: '#/components/schemas/RoundLid' }, { $ref: '#/components/schemas/Cork' }] }, RoundLid: { type: object, properties: { kind: { type: string, enum: [a] } } }, Cork: { type: object, properties: { kind: { type: string, enum: [b] } } }", "rust" | "rust";
    "union-variant-renamed", Received,
        "Box: { oneOf: [{ $ref: '#/components/schemas/RoundLid' }] }, RoundLid: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { oneOf: [{ $ref: '#/components/schemas/RoundLid' }, { $ref: '#/components/schemas/Cork' }] }, RoundLid: { type: object, properties: { kind: { type: string, enum: [a] } } }, Cork: { type: object, properties: { kind: { type: string, enum: [b] } } }", "rust" | "rust";
    "union-kind-changed", Sent,
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { anyOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }", "nobody" | "nobody";
    "union-kind-changed", Received,
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { anyOf: [{ $ref: '#/components/schemas/A' }] }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }", "nobody" | "nobody";
    "discriminator-changed", Sent,
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }], discriminator: { propertyName: kind } }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }], discriminator: { propertyName: sort } }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }", "nobody" | "nobody";
    "discriminator-changed", Received,
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }], discriminator: { propertyName: kind } }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }" =>
        "Box: { oneOf: [{ $ref: '#/components/schemas/A' }], discriminator: { propertyName: sort } }, A: { type: object, properties: { kind: { type: string, enum: [a] } } }", "strict" | "strict";
}
