//! What a printer can be told.

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A letter of text in the printer's own code page.
    Text(u8),
    /// LF: print the line.
    Line,
    /// HT: go to the next tab stop.
    Tab,
    /// FF: print the page in page mode and leave it.
    FormFeed,
    /// CAN: forget the page in page mode.
    Cancel,
    /// `ESC @`.
    Initialise,
    /// `ESC a`: 0 left, 1 centre, 2 right.
    Align(u8),
    /// `ESC !`: font, bold, sizes and underline at once.
    Mode(u8),
    /// `GS !`: how many times as wide and as high.
    Large(Large),
    /// `ESC M`: 0 is font A, 1 is font B.
    Font(u8),
    /// `ESC E` and `ESC G`.
    Bold(bool),
    /// `ESC -`: how many dots thick; 0 is none.
    Underline(u8),
    /// `GS B`: white on black.
    Reverse(bool),
    /// `ESC {`: the line stands on its head.
    UpsideDown(bool),
    /// `ESC V`: each letter is turned by a quarter.
    Turned(bool),
    /// `ESC SP`: dots after each letter.
    LetterSpace(u8),
    /// `ESC 3`, or `ESC 2` for the one of power-on.
    LineSpacing(Option<u8>),
    /// `ESC J`: print the line and feed motion units.
    FeedDots(u8),
    /// `ESC d`: print the line and feed lines.
    FeedLines(u8),
    /// `ESC $`: go to a place from the left margin.
    Absolute(u16),
    /// `ESC \`: go on from here, back where negative.
    Relative(i16),
    /// `GS L`.
    LeftMargin(u16),
    /// `GS W`.
    AreaWidth(u16),
    /// `GS P`: motion units an inch, across and down; 0 is the one of power-on.
    MotionUnits(u8, u8),
    /// `ESC D`: tab stops, in letters.
    Tabs(Vec<u8>),
    /// `ESC t`.
    CodePage(u8),
    /// `ESC &`: letters that the sender draws.
    DefineLetters(UserLetters),
    /// `ESC %`: whether they are used.
    UseLetters(bool),
    /// `ESC ?`: forget one.
    ForgetLetter(u8),
    /// `ESC *`: a bit image as part of the line, column after column.
    BitImage {
        /// 0, 1: 8 dots high; 32, 33: 24 dots; 0 and 32 at half density across.
        mode: u8,
        /// The columns.
        columns: Vec<u8>,
    },
    /// `GS v 0`.
    Raster {
        /// Bit 0: twice as wide; bit 1: twice as high.
        mode: u8,
        /// Bytes a row.
        width_bytes: usize,
        /// The rows.
        dots: Vec<u8>,
    },
    /// Stored pictures, and pictures of the newer graphics commands.
    Graphics(Graphics),
    /// `GS ( k` function 65: 49 model 1, 50 model 2, 51 micro.
    QrModel(u8),
    /// `GS ( k` function 67: the size of a QR module.
    QrModule(u8),
    /// `GS ( k` function 69: the error level, 48 (L) to 51 (H).
    QrLevel(u8),
    /// `GS ( k` function 80: the text of a QR code.
    QrText(Vec<u8>),
    /// `GS ( k` function 81: print it.
    QrPrint,
    /// `GS k`.
    Barcode {
        /// Which code; 65 and above (0 to 6 are told as 65 to 71).
        kind: u8,
        /// Its text.
        data: Vec<u8>,
    },
    /// `GS h`: its height in dots.
    BarcodeHeight(u8),
    /// `GS w`: dots of its thinnest bar.
    BarcodeModule(u8),
    /// `GS H`: its text 0 nowhere, 1 above, 2 below, 3 both.
    BarcodeText(u8),
    /// `ESC p`: a pulse for the drawer at this connector.
    Drawer(u8),
    /// `GS V`, `ESC i`, `ESC m`: cut, after feeding so many dots.
    Cut(u8),
    /// `ESC L`.
    PageMode,
    /// `ESC S`: back to lines, the page forgotten.
    StandardMode,
    /// `ESC FF`: print the page and stay.
    PrintPage,
    /// `ESC W`: x, y, width, height of the page's area in motion units.
    PageArea([u16; 4]),
    /// `GS $` and `GS \`: where the next line of the page stands; the latter from here on.
    PageLine {
        /// In motion units.
        units: i32,
        /// From the line before.
        relative: bool,
    },
    /// `GS a`: what to report by itself.
    EnableAsb(u8),
    /// `GS r`.
    SendSensor(u8),
    /// `GS I`: say what it is.
    SendId(u8),
    /// `GS ( H` function 48: say that all before was processed.
    Confirm([u8; 4]),
    /// Understood, and nothing to do here (settings that do not change the paper; real-time commands, which were obeyed on arrival).
    Nothing,
    /// Not understood.
    Unknown,
}

/// How many times as wide and as high letters are, 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Large {
    /// Across.
    pub wide: u8,
    /// Down.
    pub high: u8,
}

/// Letters that the sender drew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLetters {
    /// The code of the first.
    pub first: u8,
    /// Bytes a column.
    pub column_bytes: u8,
    /// The columns of each.
    pub letters: Vec<Vec<u8>>,
}

/// The name of a stored picture: two letters, or a number with a leading zero (`FS q`).
pub type ImageKey = [u8; 2];

/// Dots as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// Row after row.
    Rows {
        /// Dots.
        width: u16,
        /// Dots.
        height: u16,
        /// Rows of whole bytes.
        dots: Vec<u8>,
    },
    /// Column after column.
    Columns {
        /// Dots.
        width: u16,
        /// Dots.
        height: u16,
        /// Columns of whole bytes.
        dots: Vec<u8>,
    },
}

/// What is done with pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Graphics {
    /// `GS ( L` 112, 113: put one into the buffer, so many times as wide and high.
    Load(ImageSource, Large),
    /// `GS ( L` 50: print the buffer.
    Print,
    /// `GS ( L` 67, 68, `FS q`: keep pictures for good. `true`: those kept before are forgotten.
    Keep(Vec<(ImageKey, ImageSource)>, bool),
    /// `GS ( L` 83, 84, `GS *`: keep one until `ESC @`.
    Download(ImageKey, ImageSource),
    /// `GS ( L` 69, `FS p`: print a kept one.
    PrintKept(ImageKey, Large),
    /// `GS ( L` 85, `GS /`: print a downloaded one.
    PrintDownloaded(ImageKey, Large),
    /// `GS ( L` 65, 66: forget all, or one.
    Forget(Option<ImageKey>),
}
