//! Receipts on paper: a document goes to the first document printer that takes it.

use super::{Devices, Handle};
use hardware::document::printer::{DocumentJob, DocumentReport};
use hardware::{DocumentPrinterHandle, Outcome};

/// The folder in a station's folder where document printers keep which jobs they have handed over. They share it: a job that one of them
/// took is known to the others.
pub(super) const RECORDS: &str = "document-jobs";

impl Devices {
    /// Whether there is a printer for documents.
    pub(crate) fn prints_documents(&self) -> bool {
        self.document_printers().next().is_some()
    }

    /// Prints a document, once however often it is asked for, and waits until it is settled. The next printer is tried only where it is
    /// sure that the one before printed nothing. None where no printer answered.
    pub(crate) fn print_document(&self, job: &DocumentJob) -> Option<DocumentReport> {
        let mut refused = None;
        for printer in self.document_printers() {
            let Ok(report) = printer.print(job.clone()).recv() else { continue };
            let (outcome, fault) = (report.outcome.name(), report.fault.map(hardware::Fault::code));
            tracing::info!(device = printer.name(), job = %job.id, outcome, fault, again = report.repeated, "document");
            if report.outcome != Outcome::NotPrinted {
                return Some(report);
            }
            refused.get_or_insert(report);
        }
        refused
    }

    fn document_printers(&self) -> impl Iterator<Item = &DocumentPrinterHandle> {
        self.known.iter().filter_map(|known| match &known.handle {
            Handle::DocumentPrinter(printer) => Some(printer),
            _ => None,
        })
    }
}
