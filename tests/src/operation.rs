//! One operation of the description, with validators for what it takes and gives.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use openapiv3::{
    Components, MediaType, ParameterData, ParameterSchemaOrContent, ReferenceOr, RequestBody, Response, StatusCode,
};
use serde_json::Value;

use crate::schema::{Direction, Object, Schemas, type_of};

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// The operationId.
    pub id: String,
    /// The method in upper case.
    pub method: &'static str,
    /// The path as the description writes it, such as `/chats/{id}`.
    pub template: String,
    /// The segments of the path.
    pub path: Vec<Segment>,
    /// The declared parameters.
    pub parameters: Vec<Parameter>,
    /// The declared body.
    pub body: Option<Body>,
    /// The answer of a call that succeeds.
    pub success: Success,
    /// The documented statuses of calls that fail.
    pub refusals: BTreeSet<u16>,
    /// Whether a token must be sent.
    pub auth: bool,
    /// Whether the answer comes in pages.
    pub paginated: bool,
    /// The field of another operation's answer that holds this operation's address.
    pub external: Option<String>,
}

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Stands for itself.
    Literal(String),
    /// Takes the value of the named parameter.
    Parameter(String),
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// As a header.
    Header,
}

/// One declared parameter.
#[derive(Debug)]
pub struct Parameter {
    /// The name, with `[]` where the description has it.
    pub name: String,
    /// Where it is sent.
    pub place: Place,
    /// Whether it must be sent.
    pub required: bool,
    /// The schema as it is written.
    pub schema: Value,
    /// The schema with everything that it inherits.
    pub flat: Object,
    /// The schema of a list's items, with everything that it inherits.
    pub items: Object,
    /// Judges the parsed value.
    pub validator: Validator,
}

impl Parameter {
    /// Whether the value is a list.
    pub fn is_list(&self) -> bool {
        type_of(&self.flat) == Some("array")
    }

    /// The value that counts when none is sent.
    pub fn default(&self) -> Option<&Value> {
        self.flat.get("x-default").or_else(|| self.flat.get("default"))
    }
}

/// A declared body.
#[derive(Debug)]
pub struct Body {
    /// Whether it must be sent.
    pub required: bool,
    /// The media types and what each carries.
    pub content: BTreeMap<String, Content>,
}

/// What a body of one media type carries.
#[derive(Debug)]
pub struct Content {
    /// The schema as it is written.
    pub schema: Value,
    /// The properties of an object, with everything that they inherit.
    properties: BTreeMap<String, Object>,
    /// Judges the parsed value.
    pub validator: Validator,
}

impl Content {
    /// The schema of a property, with everything that it inherits.
    pub fn property(&self, name: &str) -> Option<Object> {
        self.properties.get(name).cloned()
    }
}

/// The answer of a call that succeeds.
#[derive(Debug)]
pub struct Success {
    /// The documented status.
    pub status: u16,
    /// What the body carries, if there is one.
    pub content: Option<Content>,
}

/// What operations may refer to.
pub struct Shared<'a> {
    /// The shared parameters, bodies and responses.
    pub components: Components,
    /// The named schemas.
    pub schemas: &'a Schemas,
}

impl Operation {
    /// Reads one operation.
    ///
    /// # Errors
    /// Says which part the server does not understand.
    pub fn read(
        template: &str,
        method: &'static str,
        operation: &openapiv3::Operation,
        common: &[ReferenceOr<openapiv3::Parameter>],
        shared: &Shared<'_>,
    ) -> Result<Self, String> {
        let path = template.split('/').skip(1).map(segment).collect();
        let mut parameters: Vec<Parameter> = Vec::new();
        for parameter in operation.parameters.iter().chain(common) {
            let parameter = shared.parameter(parameter)?;
            if parameters.iter().all(|known| (known.place, &known.name) != (parameter.place, &parameter.name)) {
                parameters.push(parameter);
            }
        }
        let body = operation.request_body.as_ref().map(|body| shared.body(body)).transpose()?;
        let mut success = None;
        let mut refusals = BTreeSet::new();
        for (status, response) in &operation.responses.responses {
            match status {
                StatusCode::Code(status @ 200..400) if success.is_none() => {
                    success = Some(shared.success(*status, response)?);
                }
                StatusCode::Code(status @ 400..) => {
                    refusals.insert(*status);
                }
                _ => {}
            }
        }
        let requirements = operation.extensions.get("x-requirements");
        let auth = requirements.and_then(|requirements| requirements.get("auth")) != Some(&Value::Bool(false));
        Ok(Self {
            id: operation.operation_id.clone().ok_or("no operationId")?,
            method,
            template: template.to_owned(),
            path,
            parameters,
            body,
            success: success.ok_or("no answer for a call that succeeds")?,
            refusals,
            auth,
            paginated: operation.extensions.get("x-paginated") == Some(&Value::Bool(true)),
            external: operation.extensions.get("x-external-url").and_then(Value::as_str).map(str::to_owned),
        })
    }

    /// The first of the statuses that the operation documents, or 400.
    pub fn status(&self, wanted: &[u16]) -> u16 {
        wanted.iter().copied().find(|status| self.refusals.contains(status)).unwrap_or(400)
    }

    /// The declared parameter with this name.
    pub fn parameter(&self, place: Place, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.place == place && parameter.name == name)
    }
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => Segment::Parameter(name.to_owned()),
        None => Segment::Literal(text.to_owned()),
    }
}

impl Shared<'_> {
    fn parameter(&self, parameter: &ReferenceOr<openapiv3::Parameter>) -> Result<Parameter, String> {
        let parameter = match parameter {
            ReferenceOr::Item(parameter) => parameter,
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/parameters/").unwrap_or(reference);
                let found = self.components.parameters.get(name).and_then(ReferenceOr::as_item);
                found.ok_or_else(|| format!("no parameter {reference}"))?
            }
        };
        let (place, data): (Place, &ParameterData) = match parameter {
            openapiv3::Parameter::Path { parameter_data, .. } => (Place::Path, parameter_data),
            openapiv3::Parameter::Query { parameter_data, .. } => (Place::Query, parameter_data),
            openapiv3::Parameter::Header { parameter_data, .. } => (Place::Header, parameter_data),
            openapiv3::Parameter::Cookie { parameter_data, .. } => {
                return Err(format!("a cookie parameter {}", parameter_data.name));
            }
        };
        let ParameterSchemaOrContent::Schema(schema) = &data.format else {
            return Err(format!("the parameter {} has no schema", data.name));
        };
        let schema = serde_json::to_value(schema).map_err(|error| error.to_string())?;
        let flat = self.schemas.flat(&schema);
        Ok(Parameter {
            name: data.name.clone(),
            place,
            required: data.required,
            items: flat.get("items").map(|items| self.schemas.flat(items)).unwrap_or_default(),
            flat,
            validator: self.validator(&schema, Direction::Request)?,
            schema,
        })
    }

    fn body(&self, body: &ReferenceOr<RequestBody>) -> Result<Body, String> {
        let body = match body {
            ReferenceOr::Item(body) => body,
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/requestBodies/").unwrap_or(reference);
                let found = self.components.request_bodies.get(name).and_then(ReferenceOr::as_item);
                found.ok_or_else(|| format!("no body {reference}"))?
            }
        };
        let mut content = BTreeMap::new();
        for (kind, media) in &body.content {
            content.insert(kind.to_ascii_lowercase(), self.content(media, Direction::Request)?);
        }
        Ok(Body { required: body.required, content })
    }

    fn success(&self, status: u16, response: &ReferenceOr<Response>) -> Result<Success, String> {
        let response = match response {
            ReferenceOr::Item(response) => response,
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/responses/").unwrap_or(reference);
                let found = self.components.responses.get(name).and_then(ReferenceOr::as_item);
                found.ok_or_else(|| format!("no response {reference}"))?
            }
        };
        let media = response.content.get("application/json");
        Ok(Success { status, content: media.map(|media| self.content(media, Direction::Response)).transpose()? })
    }

    fn content(&self, media: &MediaType, direction: Direction) -> Result<Content, String> {
        let schema = media.schema.as_ref().ok_or("a body without a schema")?;
        let schema = serde_json::to_value(schema).map_err(|error| error.to_string())?;
        let properties = self.schemas.properties(&schema);
        let properties = properties.iter().map(|(name, schema)| (name.clone(), self.schemas.flat(schema))).collect();
        Ok(Content { validator: self.validator(&schema, direction)?, properties, schema })
    }

    fn validator(&self, schema: &Value, direction: Direction) -> Result<Validator, String> {
        let translated = self.schemas.translate(schema, direction);
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        options.build(&translated).map_err(|error| error.to_string())
    }
}
