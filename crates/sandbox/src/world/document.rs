//! The documents of an envelope.

use std::sync::Arc;

/// Of larger documents, only the name is kept.
const LARGEST: usize = 4 * 1024 * 1024;

/// One document of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) name: String,
    /// Content type, without parameters.
    pub(crate) kind: &'static str,
    /// None if it cannot be shown, because it was too large or a web address. Shared, because every webhook uses a
    /// copy of the envelope.
    pub(crate) content: Option<Arc<[u8]>>,
}

impl Document {
    /// By name and contents. The extension determines the type, or else the first bytes.
    pub(crate) fn new(name: String, extension: Option<&str>, content: Option<Vec<u8>>) -> Self {
        let content: Option<Arc<[u8]>> = content.filter(|content| content.len() <= LARGEST).map(Into::into);
        let extension = extension.or_else(|| name.rsplit_once('.').map(|(_, extension)| extension));
        let kind = match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
            "txt" | "text" | "md" => "text/plain",
            "pdf" => "application/pdf",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            _ => match content.as_deref() {
                Some(bytes) if bytes.starts_with(b"%PDF") => "application/pdf",
                _ => "application/octet-stream",
            },
        };
        Self { name, kind, content }
    }

    /// Plain text, entered in the console or by a test.
    pub(crate) fn written(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), kind: "text/plain", content: Some(text.into_bytes().into()) }
    }

    /// The text, if it is plain text.
    pub(crate) fn text(&self) -> Option<&str> {
        let content = self.content.as_deref().filter(|_| self.kind == "text/plain")?;
        std::str::from_utf8(content).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_shown_as_text() {
        let kind = |name: &str, extension, content: &[u8]| {
            Document::new(name.to_owned(), extension, Some(content.to_vec())).kind
        };
        assert_eq!(kind("lease", Some("TXT"), b"x"), "text/plain");
        assert_eq!(kind("lease.pdf", None, b"%PDF-1.4"), "application/pdf");
        assert_eq!(kind("lease", None, b"%PDF-1.4"), "application/pdf");
        assert_eq!(kind("lease.html", None, b"<script>"), "application/octet-stream");
        assert_eq!(Document::written("a", "Terms".to_owned()).text(), Some("Terms"));
        assert_eq!(Document::new("a.pdf".to_owned(), None, Some(b"x".to_vec())).text(), None);
        let huge = Document::new("a.txt".to_owned(), None, Some(vec![b'x'; LARGEST + 1]));
        assert_eq!(huge.content, None);
    }
}
