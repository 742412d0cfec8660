//! What the macros of the routes cannot say in one place: every status that occurs, and names for all schemas.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, Discriminator, Object, OneOf, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, ResponseBuilder, Schema};

/// The statuses of problems: name in the document, and meaning.
const PROBLEMS: [(u16, &str, &str); 15] = [
    (400, "BadRequest", "The body, the path, the query or a header is unreadable, repeated or missing"),
    (401, "KeyInvalid", "The key of this gateway, or the signature of a webhook, is missing or wrong"),
    (403, "ScopeMissing", "The key of this gateway does not allow this"),
    (404, "NotFound", "The tenant has no such envelope, recipient, account or call"),
    (408, "BodySlow", "The body did not arrive in time"),
    (409, "Conflict", "The state of the envelope, the recipient, the account or the key does not allow it"),
    (413, "BodyTooLarge", "The body is too large"),
    (415, "BodyNotJson", "The body is not declared as JSON"),
    (422, "RequestInvalid", "The request is wrong, or the vendor does not support it"),
    (424, "AccountRefused", "The vendor refuses the account's credentials, or its settings are wrong"),
    (429, "LimitReached", "A limit of the vendor or of this gateway is reached"),
    (500, "Mistake", "A mistake in the gateway; `outcome` says whether something may have happened"),
    (502, "VendorFailed", "The vendor failed; `outcome` says whether it may have taken effect"),
    (503, "Away", "The database, the vendor or the gateway is away, and nothing took effect"),
    (504, "VendorSlow", "The vendor was slow; `outcome` says whether it may have taken effect"),
];

/// Statuses after which a request may be repeated: they can have `Retry-After`.
const REPEATABLE: [u16; 4] = [409, 429, 502, 503];

/// Completes the document.
pub(super) fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (operation, is_read) in operations(item) {
            replace_default(path, operation, is_read);
            operation.parameters.iter_mut().flatten().for_each(without_null);
        }
    }
    let components = document.components.get_or_insert_default();
    let problem = || RefOr::Ref(Ref::from_schema_name("Problem"));
    for (status, name, meaning) in PROBLEMS {
        let content = ContentBuilder::new().schema(Some(problem())).build();
        let mut response =
            ResponseBuilder::new().description(meaning).content("application/problem+json", content);
        if REPEATABLE.contains(&status) {
            let seconds = HeaderBuilder::new()
                .schema(Some(Object::with_type(Type::Integer)))
                .description(Some("Seconds, if it is known when a repetition may succeed"));
            response = response.header("Retry-After", seconds.build());
        }
        components.responses.insert(name.to_owned(), response.build().into());
    }
    let mut named = BTreeMap::new();
    for schema in components.schemas.values_mut() {
        if let RefOr::T(Schema::OneOf(one_of)) = schema {
            name_variants(one_of, &mut named);
        }
    }
    components.schemas.extend(named);
}

/// The operations of a path, and whether they only read.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let PathItem { get, put, post, patch, delete, .. } = item;
    let changing = [put, post, patch, delete].into_iter().flatten().map(|operation| (operation, false));
    get.iter_mut().map(|operation| (operation, true)).chain(changing)
}

/// Puts the statuses that occur in the place of `default`.
fn replace_default(path: &str, operation: &mut Operation, is_read: bool) {
    if operation.responses.responses.remove("default").is_none() {
        return;
    }
    let is_of = |tag: &str| operation.tags.iter().flatten().any(|known| known == tag);
    let is_webhook = path.starts_with("/hooks/");
    let has_body = operation.request_body.is_some();
    let has_key = operation.security.is_none();
    // A new account's settings are checked, but nothing is sent to the vendor.
    let has_settings =
        is_of("accounts") && operation.operation_id.as_deref() != Some("deleteAccount") && !is_read;
    let calls_vendor = is_of("envelopes") || (has_settings && path != "/v1/accounts");
    for (status, name, _) in PROBLEMS {
        let occurs = match status {
            400 => has_key || has_body,
            401 => has_key || is_webhook,
            403 | 429 => has_key,
            404 => path.contains('{') || calls_vendor || is_of("erasure"),
            408 | 413 => has_body,
            415 => has_body && !is_webhook,
            409 => !is_read || calls_vendor,
            422 => has_body || calls_vendor,
            424 => calls_vendor || has_settings,
            502 | 504 => calls_vendor,
            _ => true,
        };
        if occurs {
            let response = RefOr::Ref(Ref::from_response_name(name));
            operation.responses.responses.insert(status.to_string(), response);
        }
    }
}

/// A parameter is absent or has a value; it cannot be null.
fn without_null(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(Parameter { schema: Some(RefOr::T(Schema::Object(object))), .. }) = parameter else {
        return;
    };
    if let SchemaType::Array(types) = &object.schema_type
        && let Some(one) = types.iter().find(|one| **one != Type::Null)
    {
        object.schema_type = SchemaType::Type(one.clone());
    }
}

/// Gives each variant the name that its title says: generators make up names for variants without one.
fn name_variants(one_of: &mut OneOf, named: &mut BTreeMap<String, RefOr<Schema>>) {
    for item in &mut one_of.items {
        let RefOr::T(Schema::Object(variant)) = item else { continue };
        let Some(name) = variant.title.take() else { continue };
        variant.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        // Each variant has one property with one word, which tells them apart.
        let tag = variant.properties.iter().find_map(|(property, schema)| match schema {
            RefOr::T(Schema::Object(word)) => {
                Some((property.clone(), word.enum_values.as_ref()?.first()?.as_str()?.to_owned()))
            }
            _ => None,
        });
        let reference = Ref::from_schema_name(&name);
        if let Some((property, word)) = tag {
            let discriminator = one_of.discriminator.get_or_insert_with(|| Discriminator::new(property));
            discriminator.mapping.insert(word, reference.ref_location.clone());
        }
        let variant = std::mem::replace(item, RefOr::Ref(reference));
        named.insert(name, variant);
    }
}
