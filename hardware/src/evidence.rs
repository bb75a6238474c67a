//! How well an identity is proved, from a chip that proved itself to what somebody typed.

use serde::{Deserialize, Serialize};

/// What an identity rests on, the strongest last, so that levels can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Somebody typed it.
    Typed,
    /// The QR code on the card says it; anyone can print such a code.
    QrOnly,
    /// A chip said it. That it was signed by an authority that we trust, or that the chip is no copy, is not proved.
    ChipRead,
    /// A chip said it, an authority that we trust signed it, and the chip proved that it is no copy.
    ChipAuthenticated,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_compare_and_have_stable_names() {
        assert!(Evidence::ChipAuthenticated > Evidence::ChipRead && Evidence::QrOnly > Evidence::Typed);
        let names = [Evidence::ChipAuthenticated, Evidence::ChipRead, Evidence::QrOnly, Evidence::Typed];
        let json = serde_json::to_string(&names).unwrap();
        assert_eq!(json, r#"["chip_authenticated","chip_read","qr_only","typed"]"#);
    }
}
