//! What a line that fails means for a printer.

use crate::status::Fault;
use crate::transport::{LineError, Refusal};

/// The fault of an address that cannot be opened.
pub(super) fn opening(error: &LineError) -> Fault {
    match error {
        LineError::TimedOut => Fault::PrinterNoAnswer,
        LineError::Denied => Fault::PrinterDenied,
        LineError::InUse => Fault::PrinterInUse,
        LineError::Refused(refusal) => refused(*refusal),
        LineError::Absent | LineError::Closed | LineError::Failed(_) => Fault::PrinterAbsent,
    }
}

/// The fault of a line that was open.
pub(super) fn losing(error: &LineError) -> Fault {
    match error {
        LineError::TimedOut => Fault::PrinterNoAnswer,
        LineError::Refused(refusal) => refused(*refusal),
        _ => Fault::PrinterLineLost,
    }
}

fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::SpoolerDown => Fault::SpoolerDown,
        Refusal::NoQueue => Fault::QueueAbsent,
        Refusal::NotAllowed => Fault::PrinterDenied,
        Refusal::Stopped => Fault::QueueStopped,
        Refusal::Rejecting => Fault::QueueRejecting,
        Refusal::Job => Fault::JobRejected,
        Refusal::PaperOut => Fault::PaperOut,
        Refusal::CoverOpen => Fault::CoverOpen,
        Refusal::Jam => Fault::PaperJam,
        Refusal::Offline => Fault::PrinterOffline,
    }
}
