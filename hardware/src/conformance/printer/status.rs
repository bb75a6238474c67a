//! What a printer says about itself.

use std::time::Duration;

use crate::conformance::bench::{ANSWER_WITHIN, Bench, hex, median_answer, prompt};
use crate::conformance::{Check, Outcome, Unmet};
use crate::printer::protocol::{ENABLE_ASB, PAPER_SENSOR, real_time_query};
use crate::printer::status::{is_asb_first, is_real_time};

/// How long nothing must be heard to count as silence.
const SILENCE: Duration = Duration::from_millis(700);
/// `GS a 0`.
pub(super) const END_ASB: [u8; 3] = [0x1D, b'a', 0];
/// A raster one byte wide and 64 rows high.
const RASTER_HEAD: &[u8] = b"\x1Dv0\0\x01\0\x40\0";
const RASTER_BYTES: usize = 64;

pub(super) const SUITE: &[Check] = &[
    Check {
        id: "status-real-time",
        proves: "each real-time question is answered by one byte with its fixed bits",
        reference: "DLE EOT 1-4: 0xx1xx10",
        needs: &[],
        run: real_time,
    },
    Check {
        id: "answer-time",
        proves: "an idle printer answers at once",
        reference: "DLE EOT 1, twenty times",
        needs: &["status-real-time"],
        run: answer_time,
    },
    Check {
        id: "asb-on",
        proves: "the printer reports its state by itself when told to",
        reference: "GS a 15: four bytes, 0xx1xx00 and three of 0xx0xxxx",
        needs: &[],
        run: asb_on,
    },
    Check { id: "asb-off", proves: "it stops when told to", reference: "GS a 0", needs: &["asb-on"], run: asb_off },
    Check {
        id: "roll-sensor",
        proves: "the roll's sensor is answered in its turn among the data",
        reference: "GS r 1: 0xx0xxxx",
        needs: &[],
        run: sensor,
    },
    Check {
        id: "confirmation",
        proves: "a job is confirmed by its own name",
        reference: "GS ( H function 48: 37 22 name 00",
        needs: &[],
        run: confirmation,
    },
    Check {
        id: "confirmation-in-turn",
        proves: "nothing is confirmed before all bytes before it were processed",
        reference: "GS ( H among the dots of GS v 0",
        needs: &["confirmation"],
        run: confirmation_in_turn,
    },
    Check {
        id: "status-in-raster",
        proves: "the state is told also while a picture is on its way",
        reference: "DLE EOT 1 among the dots of GS v 0",
        needs: &["status-real-time"],
        run: status_in_raster,
    },
];

fn real_time(bench: &mut Bench<'_>) -> Outcome {
    bench.claims(|profile| profile.answers_status, "status answers")?;
    let mut line = bench.open()?;
    // Whoever had the line before may have left it reporting.
    line.send(&END_ASB)?;
    line.read(SILENCE / 4, |_| false)?;
    let mut replies = Vec::new();
    for n in 1..=4 {
        let reply = line.ask(&real_time_query(n), 1)?;
        if !matches!(reply[..], [byte] if is_real_time(byte)) {
            bench.status_is_wrong = true;
            return Err(Unmet::Failed(format!("DLE EOT {n} was answered by {}", hex(&reply))));
        }
        replies.extend(reply);
    }
    Ok(hex(&replies))
}

fn answer_time(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    let median = median_answer(20, || match line.ask(&real_time_query(1), 1)?[..] {
        [] => Err("no answer".to_owned()),
        _ => Ok(()),
    })?;
    prompt(median)
}

fn asb_on(bench: &mut Bench<'_>) -> Outcome {
    bench.claims(|profile| profile.asb, "automatic status")?;
    let mut line = bench.open()?;
    let report = line.ask(&ENABLE_ASB, 4)?;
    line.send(&END_ASB)?;
    match report[..] {
        [first, ref rest @ ..]
            if rest.len() == 3 && is_asb_first(first) && rest.iter().all(|byte| byte & 0x90 == 0) =>
        {
            Ok(hex(&report))
        }
        _ => Err(Unmet::Failed(format!("GS a 15 was answered by {}", hex(&report)))),
    }
}

fn asb_off(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    line.ask(&ENABLE_ASB, 4)?;
    line.send(&END_ASB)?;
    let heard = line.read(SILENCE, |_| false)?;
    if heard.is_empty() {
        Ok("silent".to_owned())
    } else {
        Err(Unmet::Failed(format!("after GS a 0: {}", hex(&heard))))
    }
}

fn sensor(bench: &mut Bench<'_>) -> Outcome {
    bench.claims(|profile| profile.answers_status, "status answers")?;
    let reply = bench.open()?.ask(&PAPER_SENSOR, 1)?;
    match reply[..] {
        [byte] if byte & 0x90 == 0 => Ok(hex(&reply)),
        _ => Err(Unmet::Failed(format!("GS r 1 was answered by {}", hex(&reply)))),
    }
}

fn confirm(name: &[u8; 4]) -> Vec<u8> {
    [b"\x1D(H\x06\0\x30\x30", &name[..]].concat()
}

fn confirmed(name: &[u8; 4]) -> Vec<u8> {
    [b"\x37\x22", &name[..], b"\0"].concat()
}

fn confirmation(bench: &mut Bench<'_>) -> Outcome {
    bench.claims(|profile| profile.confirms_by_process_id, "confirmations")?;
    let reply = bench.open()?.ask(&confirm(b"Ab1~"), 7)?;
    if reply == confirmed(b"Ab1~") {
        Ok(hex(&reply))
    } else {
        Err(Unmet::Failed(format!("answered by {}", hex(&reply))))
    }
}

/// The request stands among the dots of a raster, where it means nothing, and is waited for in vain.
fn confirmation_in_turn(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    let early = confirm(b"dots");
    line.send(&[RASTER_HEAD, &early].concat())?;
    let heard = line.read(SILENCE, |_| false)?;
    let rest = vec![0; RASTER_BYTES - early.len()];
    let reply = line.ask(&[&rest[..], &confirm(b"turn")].concat(), 7)?;
    if !heard.is_empty() {
        return Err(Unmet::Failed(format!("in the midst of a raster: {}", hex(&heard))));
    }
    if reply == confirmed(b"turn") {
        Ok(hex(&reply))
    } else {
        Err(Unmet::Failed(format!("afterwards {}", hex(&reply))))
    }
}

fn status_in_raster(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    let half = vec![0; RASTER_BYTES / 2];
    line.send(&[RASTER_HEAD, &half].concat())?;
    let reply = line.ask(&real_time_query(1), 1)?;
    // Enough to end the raster whether or not the question counted as dots; NULs mean nothing after it.
    line.send(&half)?;
    line.read(ANSWER_WITHIN / 20, |_| false)?;
    match reply[..] {
        [byte] if is_real_time(byte) => Ok(hex(&reply)),
        _ => Err(Unmet::Failed(format!("answered by {}", hex(&reply)))),
    }
}
