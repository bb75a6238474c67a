//! The wire to vpcd, a driver of the system's PC/SC service that is a reader with no hardware. The card is the one who connects. A message is its
//! length in two bytes and its bytes; a message of one byte is a command to the slot and not to the card.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{ANSWER_TO_RESET, Shared};

/// How long before the service is looked for again.
const BACK_OFF: Duration = Duration::from_millis(50);
const CONNECT_TIME: Duration = Duration::from_secs(2);

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked<'a> {
    Reset,
    AnswerToReset,
    Command(&'a [u8]),
    /// A command to the slot that is not known.
    Nothing,
}

fn asked(message: &[u8]) -> Asked<'_> {
    match message {
        // Off, on, reset: after each of them the card knows nothing any more.
        [0..=2] => Asked::Reset,
        [4] => Asked::AnswerToReset,
        [] | [_] => Asked::Nothing,
        command => Asked::Command(command),
    }
}

/// Lies in the reader at this address for as long as the card exists: connects while it is present, connects again when the service was restarted.
pub(super) fn lie(shared: &Arc<Shared>, address: &str) -> io::Result<()> {
    // An address that cannot be one is told at once; a service that is not there yet is waited for.
    let address = address.to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let card = Arc::downgrade(shared);
    std::thread::Builder::new().name("card-vpcd".to_owned()).spawn(move || {
        while let Some(insertion) = wait_for_insertion(&card) {
            if let Ok(socket) = TcpStream::connect_timeout(&address, CONNECT_TIME) {
                // A socket that ends is a service that ended; it is looked for again.
                let _ = serve(&card, insertion, socket);
            }
            pause(&card);
        }
    })?;
    Ok(())
}

/// The present insertion; none once the card is no more.
fn wait_for_insertion(card: &Weak<Shared>) -> Option<u32> {
    loop {
        let shared = card.upgrade()?;
        let present = shared.lock();
        if present.present {
            return Some(present.insertion);
        }
        // Not for ever: whoever holds the card may drop it.
        drop(shared.moved.wait_timeout(present, BACK_OFF));
    }
}

fn pause(card: &Weak<Shared>) {
    if let Some(shared) = card.upgrade() {
        let guard = shared.lock();
        drop(shared.moved.wait_timeout(guard, BACK_OFF));
    }
}

fn serve(card: &Weak<Shared>, insertion: u32, mut socket: TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let watched = socket.try_clone()?;
    let watching = card.clone();
    // Taking a card away is heard at once, not at its next command.
    std::thread::Builder::new().name("card-watch".to_owned()).spawn(move || {
        while is_in(&watching, insertion) {
            pause(&watching);
        }
        // A socket that is closed already needs no closing.
        let _ = watched.shutdown(Shutdown::Both);
    })?;
    let done = converse(card, insertion, &mut socket);
    let _ = socket.shutdown(Shutdown::Both);
    done
}

fn is_in(card: &Weak<Shared>, insertion: u32) -> bool {
    card.upgrade().is_some_and(|shared| {
        let card = shared.lock();
        card.present && card.insertion == insertion
    })
}

fn converse(card: &Weak<Shared>, insertion: u32, socket: &mut TcpStream) -> io::Result<()> {
    loop {
        let mut length = [0; 2];
        acknowledge_at_once(socket);
        socket.read_exact(&mut length)?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        socket.read_exact(&mut message)?;
        let Some(shared) = card.upgrade() else { return Ok(()) };
        let answer = match asked(&message) {
            Asked::Nothing => continue,
            Asked::Reset => {
                shared.lock().machine.reset();
                continue;
            }
            Asked::AnswerToReset => ANSWER_TO_RESET.to_vec(),
            Asked::Command(command) => {
                let Ok(answer) = shared.answer(insertion, command, None) else { return Ok(()) };
                answer
            }
        };
        let length = u16::try_from(answer.len()).map_err(|_| io::ErrorKind::InvalidData)?;
        socket.write_all(&[&length.to_be_bytes(), &answer[..]].concat())?;
    }
}

/// vpcd sends the length and the bytes apart, and its system holds the bytes back until ours has acknowledged the length: 40 ms a command, were it
/// left to the system. Said for each message anew, since it does not last.
#[cfg(target_os = "linux")]
fn acknowledge_at_once(socket: &TcpStream) {
    use std::os::fd::AsRawFd;
    let on: libc::c_int = 1;
    let size = size_of_val(&on) as libc::socklen_t;
    #[expect(unsafe_code, reason = "setsockopt(2) has no form for this option in std; the value outlives the call")]
    // It only speeds up: without it everything works, slowly.
    let _ = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_QUICKACK, (&raw const on).cast(), size)
    };
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_socket: &TcpStream) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_is_for_the_slot_and_all_else_for_the_card() {
        for control in 0..=2 {
            assert_eq!(asked(&[control]), Asked::Reset);
        }
        assert_eq!(asked(&[4]), Asked::AnswerToReset);
        assert_eq!(asked(&[9]), Asked::Nothing);
        assert_eq!(asked(&[]), Asked::Nothing);
        assert_eq!(asked(&[0, 0xA4]), Asked::Command(&[0, 0xA4]));
    }
}
