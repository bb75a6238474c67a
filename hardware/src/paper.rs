//! Paper: a page that knows nothing of printers. A station makes it; a driver turns it into its printer's bytes.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The size of a text. The em, at 203 dpi (8 dots a millimetre); none is below what reads on thermal paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    /// 24 dots: notes.
    Small,
    /// 28 dots: running text.
    #[default]
    Normal,
    /// 44 dots: the name of a service.
    Large,
    /// 120 dots: a queue number, read at arm's length.
    Huge,
}

impl TextSize {
    /// The em of the font in dots.
    #[must_use]
    pub const fn em_dots(self) -> u32 {
        match self {
            Self::Small => 24,
            Self::Normal => 28,
            Self::Large => 44,
            Self::Huge => 120,
        }
    }
}

/// Where a line stands between the margins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the left margin.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right margin.
    Right,
}

/// One thing on paper, below the one before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A text, broken into lines between words where it is too wide.
    Text {
        text: String,
        #[serde(default)]
        size: TextSize,
        #[serde(default)]
        bold: bool,
        #[serde(default)]
        align: Align,
    },
    /// A text at the left and one at the right margin of the same line (the right one moves below when both do not fit).
    Columns { left: String, right: String },
    /// A QR code in the middle; `module_dots` is the edge of one module.
    Qr { text: String, module_dots: u8 },
    /// A line across the paper.
    Rule,
    /// Blank paper.
    Space { dots: u16 },
}

/// A slip of paper, from top to cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Paper {
    /// From the top.
    pub blocks: Vec<Block>,
}

impl Paper {
    /// An empty slip.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, text: &str, size: TextSize, align: Align) -> Self {
        self.with(Block::Text { text: text.to_owned(), size, bold: false, align })
    }

    /// Adds a bold text.
    #[must_use]
    pub fn bold(self, text: &str, size: TextSize, align: Align) -> Self {
        self.with(Block::Text { text: text.to_owned(), size, bold: true, align })
    }

    /// Adds two texts at both margins of a line.
    #[must_use]
    pub fn columns(self, left: &str, right: &str) -> Self {
        self.with(Block::Columns { left: left.to_owned(), right: right.to_owned() })
    }

    /// Adds a QR code.
    #[must_use]
    pub fn qr(self, text: &str, module_dots: u8) -> Self {
        self.with(Block::Qr { text: text.to_owned(), module_dots })
    }

    /// Adds a line across.
    #[must_use]
    pub fn rule(self) -> Self {
        self.with(Block::Rule)
    }

    /// Adds blank paper.
    #[must_use]
    pub fn space(self, dots: u16) -> Self {
        self.with(Block::Space { dots })
    }

    /// Adds a block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The same slip with every printed text in NFC, so that decomposed letters give the same paper. QR texts are data and stay as
    /// they are.
    #[must_use]
    pub fn normalised(&self) -> Self {
        Self { blocks: self.blocks.iter().map(normalise).collect() }
    }
}

fn normalise(block: &Block) -> Block {
    let nfc = |text: &str| text.nfc().collect::<String>();
    match block {
        Block::Text { text, size, bold, align } => {
            Block::Text { text: nfc(text), size: *size, bold: *bold, align: *align }
        }
        Block::Columns { left, right } => Block::Columns { left: nfc(left), right: nfc(right) },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_text_becomes_the_same_paper() {
        let nfc = Paper::new().text("Nguyễn Thị Mẫu", TextSize::Normal, Align::Left).columns("Quầy số", "3");
        let nfd: String = "Nguyễn Thị Mẫu".nfd().collect();
        let other = Paper::new().text(&nfd, TextSize::Normal, Align::Left).columns("Quầy số", "3");
        assert_ne!(nfc, other);
        assert_eq!(nfc.normalised(), other.normalised());
    }

    #[test]
    fn paper_round_trips_as_json() {
        let paper = Paper::new().bold("A105", TextSize::Huge, Align::Center).qr("HELLO", 6).rule().space(12);
        let json = serde_json::to_string(&paper).unwrap();
        assert_eq!(serde_json::from_str::<Paper>(&json).unwrap(), paper);
    }
}
