//! The thread that reads a printer's IN endpoint into a socket, whose near end can be waited on together with a waker.

use std::io::{self, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{InPipe, PipeError};

/// How long one read waits before the thread looks whether it is to end.
const READ_FOR: Duration = Duration::from_millis(200);
/// The pause after a read that brought nothing: some printers answer every read at once with nothing.
const PAUSE: Duration = Duration::from_millis(10);
/// Stalls in a row after which the endpoint is given up.
const STALLS: u32 = 3;

/// The running thread; ended and waited for when dropped, at most a read's time later.
pub(super) struct Reader {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    pub(super) fn start(pipe: Box<dyn InPipe>, far: UnixStream) -> io::Result<Self> {
        // A near end that nobody reads fills the socket; the thread then looks again whether it is to end.
        far.set_write_timeout(Some(READ_FOR))?;
        let (stop, stopped) = channel();
        let thread =
            std::thread::Builder::new().name("usb-reader".to_owned()).spawn(move || read(pipe, &far, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that reads a USB printer had panicked");
        }
    }
}

/// Reads until the device is gone or the thread is to end. The far end closes with the thread, and the line is closed.
fn read(mut pipe: Box<dyn InPipe>, far: &UnixStream, stopped: &Receiver<()>) {
    let mut stalls = 0;
    let mut pause = Duration::ZERO;
    while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        match pipe.receive(READ_FOR) {
            Ok(bytes) => {
                stalls = 0;
                pause = if bytes.is_empty() { PAUSE } else { Duration::ZERO };
                if !deliver(&bytes, far, stopped) {
                    return;
                }
            }
            Err(PipeError::Stall) if stalls < STALLS && pipe.clear_stall().is_ok() => stalls += 1,
            Err(error) => {
                tracing::debug!(?error, "a USB printer's way back ended");
                return;
            }
        }
    }
}

/// `false` when the near end is gone or the thread is to end.
fn deliver(mut bytes: &[u8], mut far: &UnixStream, stopped: &Receiver<()>) -> bool {
    while !bytes.is_empty() {
        match far.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) =>
            {
                if stopped.recv_timeout(Duration::ZERO) != Err(RecvTimeoutError::Timeout) {
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
    true
}
