//! What sort of printer is emulated, and what is wrong with it by design.

/// A model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrinterModel {
    /// Printable width.
    pub width_dots: u16,
    /// Answers `DLE EOT` and `GS r`.
    pub answers_status: bool,
    /// Reports changes by itself when told to.
    pub asb: bool,
    /// Confirms jobs (`GS ( H`).
    pub process_id: bool,
    /// Obeys `DLE DC4 8`.
    pub clears_buffer: bool,
    /// What its firmware does wrong; so that each check of the conformance kit is seen to fail.
    pub defect: Option<Defect>,
}

impl Default for PrinterModel {
    fn default() -> Self {
        Self { width_dots: 576, answers_status: true, asb: true, process_id: true, clears_buffer: true, defect: None }
    }
}

/// A fault of a printer's firmware, as found in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Replies to `DLE EOT 3` lack their fixed bits.
    WrongFixedBits,
    /// A question in the midst of a raster is not answered.
    DeafInRaster,
    /// A job is confirmed when the request arrives, not when all before it was processed.
    EarlyConfirmation,
    /// The confirmation names another job.
    WrongConfirmation,
    /// `GS a 0` is answered by a report instead of ending them.
    AsbCannotEnd,
    /// Automatic reports lack their fixed bits.
    WrongAsbBits,
    /// `GS r` is not answered.
    NoSensor,
    /// Half a raster before a lost line is waited for, for ever.
    StuckInTornRaster,
    /// A long run of NULs hangs it.
    HangsOnNuls,
    /// An open cover is not reported.
    HidesCover,
    /// The end of the roll is not reported.
    HidesPaperEnd,
}
