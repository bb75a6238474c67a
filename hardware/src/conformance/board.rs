//! The suite of boards: the rules of the board's protocol, one by one.

use std::time::Duration;

use super::bench::{ANSWER_WITHIN, Bench, Raw, hex, median_answer, prompt};
use super::{Check, Outcome, Unmet};
use crate::board::protocol::{BoardMessage, Call, Frame, FrameStream, Received, crc16};

/// How long nothing must be heard to count as no answer.
const SILENCE: Duration = Duration::from_millis(700);

pub(super) const SUITE: &[Check] = &[
    Check { id: "ack", proves: "a call is acknowledged by its sequence", reference: "CALL, ACK", needs: &[], run: ack },
    check("answer-time", "acknowledgements come at once", "BEAT, ten times", answer_time),
    check("repeat", "a frame that is sent again is acknowledged again", "CALL with the same sequence", repeat),
    check("unknown-kind", "what it does not know is refused", "NAK", unknown_kind),
    check("no-numbers", "nine digits in a row are not shown", "NEWS, NAK", no_numbers),
    check("damaged", "a damaged frame is not answered, and the next one is", "CRC-16", damaged),
    check("junk", "junk before a frame does not hide it", "STX", junk),
    check("pieces", "a frame may come byte by byte", "ETX", pieces),
    check("clear", "all calls are forgotten when told to", "CLEAR, ACK", clear),
];

/// Every other check needs a board that acknowledges.
const fn check(
    id: &'static str,
    proves: &'static str,
    reference: &'static str,
    run: fn(&mut Bench<'_>) -> Outcome,
) -> Check {
    Check { id, proves, reference, needs: &["ack"], run }
}

fn call(sequence: u16) -> Frame {
    Frame { sequence, message: BoardMessage::Call(Call { number: "A105".to_owned(), desk: 3, times: 1 }) }
}

/// The frames among bytes.
fn frames(read: &[u8]) -> Vec<Frame> {
    let frame = |received| if let Received::Frame(frame) = received { Some(frame) } else { None };
    FrameStream::new().push(read).into_iter().filter_map(frame).collect()
}

/// The frames that answer, until there are enough.
fn answers(line: &mut Raw, within: Duration, enough: usize) -> Result<Vec<Frame>, String> {
    Ok(frames(&line.read(within, |read| frames(read).len() >= enough)?))
}

fn expect(line: &mut Raw, bytes: &[u8], expected: Frame) -> Outcome {
    line.send(bytes)?;
    let answers = answers(line, ANSWER_WITHIN, 1)?;
    if answers == [expected] {
        Ok(format!("{answers:?}"))
    } else {
        Err(Unmet::Failed(format!("answered by {answers:?}")))
    }
}

const fn acked(sequence: u16) -> Frame {
    Frame { sequence, message: BoardMessage::Ack }
}

fn ack(bench: &mut Bench<'_>) -> Outcome {
    expect(&mut bench.open()?, &call(11).encode(), acked(11))
}

fn answer_time(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    let mut sequence = 20;
    prompt(median_answer(10, || {
        sequence += 1;
        line.send(&Frame { sequence, message: BoardMessage::Beat }.encode())?;
        match answers(&mut line, ANSWER_WITHIN, 1)?[..] {
            [] => Err("no answer".to_owned()),
            _ => Ok(()),
        }
    })?)
}

fn repeat(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    expect(&mut line, &call(41).encode(), acked(41))?;
    expect(&mut line, &call(41).encode(), acked(41))
}

/// A frame whose checksum is right, whatever it says.
fn raw(text: &str) -> Vec<u8> {
    [b"\x02", text.as_bytes(), b"\x03", format!("{:04X}", crc16(text.as_bytes())).as_bytes()].concat()
}

fn unknown_kind(bench: &mut Bench<'_>) -> Outcome {
    expect(&mut bench.open()?, &raw("51\x1FDANCE"), Frame { sequence: 51, message: BoardMessage::Nak })
}

fn no_numbers(bench: &mut Bench<'_>) -> Outcome {
    expect(&mut bench.open()?, &raw("61\x1FNEWS\x1F123456789"), Frame { sequence: 61, message: BoardMessage::Nak })
}

fn damaged(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    let mut frame = call(71).encode();
    if let Some(last) = frame.last_mut() {
        *last ^= 1;
    }
    line.send(&frame)?;
    let heard = line.read(SILENCE, |_| false)?;
    if !heard.is_empty() {
        return Err(Unmet::Failed(format!("a damaged frame was answered by {}", hex(&heard))));
    }
    expect(&mut line, &call(72).encode(), acked(72))
}

fn junk(bench: &mut Bench<'_>) -> Outcome {
    let bytes = [b"\xFF\x00zz\x03\x1F", &call(81).encode()[..]].concat();
    expect(&mut bench.open()?, &bytes, acked(81))
}

fn pieces(bench: &mut Bench<'_>) -> Outcome {
    let mut line = bench.open()?;
    let mut heard = Vec::new();
    for byte in call(91).encode() {
        line.send(&[byte])?;
        // Each byte leaves alone: the next waits a moment.
        heard.extend(line.read(Duration::from_millis(3), |_| false)?);
    }
    heard.extend(line.read(ANSWER_WITHIN, |more| frames(&[&heard, more].concat()).len() == 1)?);
    let answers = frames(&heard);
    if answers == [acked(91)] {
        Ok("acknowledged".to_owned())
    } else {
        Err(Unmet::Failed(format!("answered by {answers:?}")))
    }
}

fn clear(bench: &mut Bench<'_>) -> Outcome {
    let frame = Frame { sequence: 101, message: BoardMessage::Clear };
    expect(&mut bench.open()?, &frame.encode(), acked(101))
}
