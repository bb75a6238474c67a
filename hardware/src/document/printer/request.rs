//! What is asked of a document printer.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::printer::JobId;

/// The largest document that is taken, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;
/// Where the end of a PDF is looked for, from its last byte.
const TAIL_BYTES: usize = 1024;
const LONGEST_KIND: usize = 24;

/// Why something is no document to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It does not begin as a PDF begins.
    #[error("not a PDF")]
    NotPdf,
    /// Its end is missing.
    #[error("the PDF is not whole")]
    Cut,
    /// Over 64 MB.
    #[error("the PDF is larger than 64 MB")]
    TooLarge,
    /// The kind is not one to 24 small letters and hyphens. It stands in queues and file names that anybody can see, so nothing of a person fits in.
    #[error("the kind of a document is 1 to 24 small letters and hyphens")]
    Kind,
}

/// A whole PDF. It may be a person's: `Debug` tells only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdf {
    bytes: Vec<u8>,
}

impl Pdf {
    /// Takes a document that has a beginning and an end.
    ///
    /// # Errors
    /// [`DocumentError`] says what is wrong.
    pub fn new(bytes: Vec<u8>) -> Result<Self, DocumentError> {
        if bytes.len() > LARGEST {
            return Err(DocumentError::TooLarge);
        }
        if !bytes.starts_with(b"%PDF-") {
            return Err(DocumentError::NotPdf);
        }
        let tail = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
        if !tail.windows(5).any(|window| window == b"%%EOF") {
            return Err(DocumentError::Cut);
        }
        Ok(Self { bytes })
    }

    /// The document.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Pdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pdf({} bytes)", self.bytes.len())
    }
}

/// The paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// 210 by 297 mm.
    #[default]
    A4,
    /// 148 by 210 mm.
    A5,
}

impl Media {
    pub(super) const fn keyword(self) -> &'static str {
        match self {
            Self::A4 => "iso_a4_210x297mm",
            Self::A5 => "iso_a5_148x210mm",
        }
    }
}

/// Which sides are printed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// The front alone.
    #[default]
    One,
    /// Both, turned as the leaves of a book.
    LongEdge,
    /// Both, turned as the leaves of a calendar.
    ShortEdge,
}

impl Sides {
    pub(super) const fn keyword(self) -> &'static str {
        match self {
            Self::One => "one-sided",
            Self::LongEdge => "two-sided-long-edge",
            Self::ShortEdge => "two-sided-short-edge",
        }
    }
}

/// A document to be printed once, however often it is asked for with the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentJob {
    /// Its number, chosen by whoever asks.
    pub id: JobId,
    /// The document.
    pub pdf: Pdf,
    /// How many; at least one. A folder takes one file whatever this says, and knows nothing of paper and sides.
    pub copies: u16,
    /// On what.
    pub media: Media,
    /// On which sides.
    pub sides: Sides,
    kind: String,
}

impl DocumentJob {
    /// One copy on one side of A4. `kind` says what it is (`receipt`, `hand-over`) and is seen by others.
    ///
    /// # Errors
    /// [`DocumentError::Kind`].
    pub fn new(id: JobId, kind: &str, pdf: Pdf) -> Result<Self, DocumentError> {
        let fits = (1..=LONGEST_KIND).contains(&kind.len());
        if !fits || !kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
            return Err(DocumentError::Kind);
        }
        Ok(Self { id, pdf, copies: 1, media: Media::A4, sides: Sides::One, kind: kind.to_owned() })
    }

    /// Its name in queues and folders.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{:032x}", self.kind, self.id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_documents_with_names_that_say_nothing_of_a_person_are_taken() {
        let pdf = |text: &str| Pdf::new(text.as_bytes().to_vec());
        assert_eq!(pdf("%PDF-1.7 ... %%EOF\n").unwrap().bytes().len(), 19);
        assert_eq!(pdf("<html>%%EOF").unwrap_err(), DocumentError::NotPdf);
        assert_eq!(pdf("").unwrap_err(), DocumentError::NotPdf);
        assert_eq!(pdf("%PDF-1.7 %%EOF").map(|pdf| format!("{pdf:?}")), Ok("Pdf(14 bytes)".to_owned()));
        assert_eq!(pdf(&format!("%PDF-1.7 %%EOF{}", "x".repeat(2000))).unwrap_err(), DocumentError::Cut);
        assert_eq!(Pdf::new(vec![b'%'; LARGEST + 1]).unwrap_err(), DocumentError::TooLarge);
        let whole = pdf("%PDF-1.7 %%EOF").unwrap();
        for kind in ["", "Nguyễn Thị Mẫu", "001199000123", "a/../b", "abcdefghijklmnopqrstuvwxyz"] {
            assert_eq!(DocumentJob::new(JobId(1), kind, whole.clone()).unwrap_err(), DocumentError::Kind, "{kind}");
        }
        let name = DocumentJob::new(JobId(0xAB), "hand-over", whole).unwrap().name();
        assert_eq!(name, "hand-over-000000000000000000000000000000ab");
    }
}
