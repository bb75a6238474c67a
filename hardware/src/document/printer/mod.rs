//! Printers of pages: whole PDF documents through a queue of the print spooler, or as files in a folder where there is none.

mod device;
mod folder;
mod records;
mod request;

pub use device::{DocumentPrinter, DocumentReport};
pub use request::{DocumentError, DocumentJob, Media, Pdf, Sides};
