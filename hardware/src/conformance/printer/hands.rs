//! What a printer notices that a person does to it.

use std::time::Instant;

use crate::conformance::bench::{ANSWER_WITHIN, Bench, Raw, hex};
use crate::conformance::{Check, Outcome, Step, Unmet};
use crate::printer::protocol::all_real_time_queries;
use crate::printer::status::{Condition, StatusEvent, StatusStream};

pub(super) const SUITE: &[Check] = &[
    Check {
        id: "cover",
        proves: "an open cover is told, and that it was closed",
        reference: "DLE EOT 1, 2",
        needs: &["status-real-time"],
        run: cover,
    },
    Check {
        id: "paper-end",
        proves: "an empty roll is told, and the new one",
        reference: "DLE EOT 2, 4",
        needs: &["status-real-time"],
        run: paper_end,
    },
];

fn cover(bench: &mut Bench<'_>) -> Outcome {
    let opened = noticed(bench, &Step::OpenCover, |now| now.cover_open && now.offline);
    let closed = noticed(bench, &Step::CloseCover, |now| !now.cover_open && !now.offline);
    Ok(format!("open: {}, closed: {}", opened?, closed?))
}

fn paper_end(bench: &mut Bench<'_>) -> Outcome {
    let out = noticed(bench, &Step::TakePaperOut, |now| now.paper_end);
    let back = noticed(bench, &Step::PutPaperIn, |now| !now.paper_end && !now.offline);
    Ok(format!("out: {}, in: {}", out?, back?))
}

/// Asks the person, then the printer until it says so; gives its replies.
fn noticed(bench: &mut Bench<'_>, step: &Step, is: fn(Condition) -> bool) -> Outcome {
    bench.please(step)?;
    let mut line = bench.open()?;
    let deadline = Instant::now() + bench.hands_within;
    loop {
        let replies = replies(&mut line)?;
        if is(Condition::from_real_time(replies)) {
            return Ok(hex(&replies));
        }
        if Instant::now() >= deadline {
            return Err(Unmet::Failed(format!("after {step:?} it says {}", hex(&replies))));
        }
    }
}

/// The four replies, whatever the printer says by itself among them.
fn replies(line: &mut Raw) -> Result<[u8; 4], String> {
    line.send(&all_real_time_queries())?;
    let read = line.read(ANSWER_WITHIN, |read| real_time(read).len() >= 4)?;
    <[u8; 4]>::try_from(&real_time(&read)[..]).map_err(|_| format!("answered by {}", hex(&read)))
}

fn real_time(read: &[u8]) -> Vec<u8> {
    let mut events = Vec::new();
    StatusStream::new().push(read, &mut events);
    events
        .into_iter()
        .filter_map(|event| if let StatusEvent::RealTime(byte) = event { Some(byte) } else { None })
        .collect()
}
