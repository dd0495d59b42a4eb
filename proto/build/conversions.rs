//! Generates what every request and every answer of the same shape needs, from the fields that its message has: requests
//! that bound the basis of their answer, requests for a page, and answers that say what they reflect.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use prost_types::{DescriptorProto, FileDescriptorSet};

/// Writes `conversions.rs` with the implementations of the traits in `src/conversions.rs`.
pub(crate) fn write(schema: &FileDescriptorSet, out: &Path) -> io::Result<()> {
    let ours = schema.file.iter();
    let ours = ours.filter(|file| file.name().starts_with("ownerline/"));
    let mut code = String::new();
    for message in ours.flat_map(|file| &file.message_type) {
        for written in [bounded(message), paged(message), based(message)] {
            code.push_str(&written.unwrap_or_default());
        }
    }
    fs::write(out.join("conversions.rs"), code)
}

fn has(message: &DescriptorProto, names: &[&str]) -> bool {
    let has = |name: &&str| message.field.iter().any(|field| field.name() == *name);
    names.iter().all(has)
}

/// The position in the log is text, in a request for a page of the log itself.
fn is_message(message: &DescriptorProto, name: &str) -> bool {
    let mut fields = message.field.iter();
    fields.any(|field| field.name() == name && field.type_name.is_some())
}

fn bounded(message: &DescriptorProto) -> Option<String> {
    let fields = ["at_least", "known_at", "as_of"];
    (has(message, &fields) && is_message(message, "known_at")).then(|| {
        let name = message.name();
        format!(
            "impl BoundedRequest for crate::v1::{name} {{
                fn at_least(&self) -> &str {{ &self.at_least }}
                fn known_at(&self) -> Option<&crate::v1::KnownAt> {{ self.known_at.as_ref() }}
                fn as_of(&self) -> Option<&pbjson_types::Timestamp> {{ self.as_of.as_ref() }}
            }}\n"
        )
    })
}

fn paged(message: &DescriptorProto) -> Option<String> {
    has(message, &["page_size", "page_token"]).then(|| {
        let mut cleared = String::new();
        if has(message, &["at_least"]) {
            let _ = write!(cleared, "query.at_least.clear();");
        }
        let name = message.name();
        format!(
            "impl PagedRequest for crate::v1::{name} {{
                fn page_size(&self) -> u32 {{ self.page_size }}
                fn page_token(&self) -> &str {{ &self.page_token }}
                fn query(&self) -> Self {{
                    let mut query = self.clone();
                    query.page_size = 0;
                    query.page_token.clear();
                    {cleared}
                    query
                }}
            }}\n"
        )
    })
}

fn based(message: &DescriptorProto) -> Option<String> {
    has(message, &["as_of", "position", "stale"]).then(|| {
        let name = message.name();
        format!(
            "impl BasedAnswer for crate::v1::{name} {{
                fn set_basis(&mut self, as_of: pbjson_types::Timestamp, position: String, stale: bool) {{
                    self.as_of = Some(as_of);
                    self.position = position;
                    self.stale = stale;
                }}
            }}\n"
        )
    })
}
