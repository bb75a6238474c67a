//! The thread of a scanner.

use std::io;
use std::time::{Duration, Instant};

use super::DeviceEventKind;
use super::post::{BackOff, Post, Worker};
use crate::address::Address;
use crate::scanner::SerialScanner;
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

const IDLE_LOOK: Duration = Duration::from_secs(1);

/// Tells how a supervised scanner is; its codes come as events.
#[derive(Clone)]
pub struct ScannerHandle {
    post: Post,
}

impl ScannerHandle {
    /// How the scanner is, as far as is known.
    #[must_use]
    pub fn status(&self) -> DeviceStatus {
        self.post.status()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.post.name()
    }
}

pub(super) fn start(handle: Post, post: Post, address: Address) -> io::Result<(ScannerHandle, Worker)> {
    let run = post.clone();
    let worker = post.start(move || run_scanner(&run, &address))?;
    Ok((ScannerHandle { post: handle }, worker))
}

fn run_scanner(post: &Post, address: &Address) {
    let mut back_off = BackOff::new();
    while !post.stopped() {
        let fault = match SerialScanner::open(address) {
            Ok(mut scanner) => {
                back_off.reset();
                // An open line is all that can be known: a scanner says nothing about itself.
                post.publish(DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Inferred));
                serve(post, &mut scanner)
            }
            Err(fault) => Some(fault),
        };
        if let Some(fault) = fault {
            post.publish(DeviceStatus::inferred(fault));
            let until = back_off.deadline();
            while post.waits(until) {
                // A wait that fails ends early, no more.
                let _ = post.waker.wait(until);
            }
        }
    }
}

/// Listens until the line is lost (the fault) or the thread is stopped (none).
fn serve(post: &Post, scanner: &mut SerialScanner) -> Option<Fault> {
    while !post.stopped() {
        match scanner.listen(Some(&post.waker), Instant::now() + IDLE_LOOK) {
            Ok(codes) => {
                for code in codes {
                    post.tell(code.map_or_else(DeviceEventKind::ScanFault, DeviceEventKind::Scan));
                }
            }
            Err(fault) => return Some(fault),
        }
    }
    None
}
