//! What is known, with its source, and what is not. An unknown is shown as "hỏi cán bộ", never as zero.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A value that a source gives, or the reason why there is none.
///
/// As JSON: `{"known": {"value": …, "source": "…", "as_of": "2026-11-23"}}` or `{"unknown": {"why": "…"}}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Known<T> {
    /// A source gives it.
    Known {
        /// The value.
        value: T,
        /// Who says so.
        source: String,
        /// The day on which the source was read.
        as_of: Date,
    },
    /// No source gives it: the citizen is told to ask the officer.
    Unknown {
        /// Why it is not known.
        why: String,
    },
}

impl<T> Known<T> {
    /// The value, where it is known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Known::Known { value, .. } => Some(value),
            Known::Unknown { .. } => None,
        }
    }

    /// Who says so, where it is known.
    pub fn source(&self) -> Option<&str> {
        match self {
            Known::Known { source, .. } => Some(source),
            Known::Unknown { .. } => None,
        }
    }

    /// Whether a source gives it.
    pub fn is_known(&self) -> bool {
        self.value().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_and_written_as_documented() {
        let known = r#"{"known":{"value":3,"source":"NĐ 123/2015","as_of":"2026-11-23"}}"#;
        let read: Known<u32> = serde_json::from_str(known).unwrap();
        assert_eq!(read.value(), Some(&3));
        assert_eq!(read.source(), Some("NĐ 123/2015"));
        assert_eq!(serde_json::to_string(&read).unwrap(), known);

        let unknown = r#"{"unknown":{"why":"no source"}}"#;
        let read: Known<u32> = serde_json::from_str(unknown).unwrap();
        assert!(!read.is_known());
        assert_eq!(read.source(), None);
        assert_eq!(serde_json::to_string(&read).unwrap(), unknown);
    }

    #[test]
    fn a_value_without_a_source_is_refused() {
        assert!(serde_json::from_str::<Known<u32>>(r#"{"known":{"value":3}}"#).is_err());
    }
}
