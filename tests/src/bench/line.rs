//! A wire-tap on a printer's TCP line: notes when the last byte of each job passed.

use ::tests::fault::{Doing, Fault, Outcome};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// The longest that a job's end is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// `ESC @`, with which a job begins.
const JOB_BEGINS: [u8; 2] = [0x1B, b'@'];

/// By which bytes the end of a job is known.
#[derive(Clone, Copy, Debug)]
pub struct JobEnd {
    /// These bytes,
    pub mark: &'static [u8],
    /// and so many more.
    pub more: usize,
}

impl JobEnd {
    /// Our own jobs end with `GS ( H`, the request to confirm, and the job's four letters.
    pub const CONFIRMED: Self = Self { mark: &[0x1D, b'(', b'H', 6, 0, 48, 48], more: 4 };
    /// python-escpos ends with `ESC d 6` and `GS V 0`, a feed and a full cut.
    pub const FED_AND_CUT: Self = Self { mark: &[0x1B, b'd', 6, 0x1D, b'V', 0], more: 0 };

    fn position(self, bytes: &[u8]) -> Option<usize> {
        let at = bytes.windows(self.mark.len()).position(|window| window == self.mark)?;
        let end = at + self.mark.len() + self.more;
        (end <= bytes.len()).then_some(end)
    }
}

/// A job that passed.
#[derive(Clone, Copy, Debug)]
pub struct Passed {
    /// When its last byte arrived here.
    pub at: Instant,
    /// How long it is.
    pub bytes: usize,
}

/// A line that is listened to.
pub struct RecordedLine {
    /// Where the driver connects.
    pub address: SocketAddr,
    passed: Receiver<Passed>,
}

impl RecordedLine {
    /// Lays a line to the printer at `to`, or to nowhere: then it swallows what it gets.
    ///
    /// # Errors
    /// When there is no free port or no thread.
    pub fn lay(to: Option<SocketAddr>, end: JobEnd) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").doing("listening for a printer's driver")?;
        let address = listener.local_addr().doing("listening for a printer's driver")?;
        let (sender, passed) = channel();
        let accept = move || {
            for driver in listener.incoming().flatten() {
                // A connection that breaks is opened again by the driver.
                let _ = join(driver, to, end, sender.clone());
            }
        };
        std::thread::Builder::new().spawn(accept).doing("starting a thread")?;
        Ok(Self { address, passed })
    }

    /// The next job that passes.
    ///
    /// # Errors
    /// When none does for twenty seconds.
    pub fn next(&self) -> Outcome<Passed> {
        self.passed.recv_timeout(PATIENCE).map_err(|_| Fault::new("waiting for a ticket on the line", "none came"))
    }
}

fn join(driver: TcpStream, to: Option<SocketAddr>, end: JobEnd, passed: Sender<Passed>) -> std::io::Result<()> {
    driver.set_nodelay(true)?;
    let printer = to.map(TcpStream::connect).transpose()?;
    if let Some(printer) = &printer {
        printer.set_nodelay(true)?;
        let (from, into) = (printer.try_clone()?, driver.try_clone()?);
        std::thread::Builder::new().spawn(move || pass_back(from, into))?;
    }
    std::thread::Builder::new().spawn(move || pass_on(driver, printer, end, &passed)).map(drop)
}

fn pass_on(mut driver: TcpStream, mut printer: Option<TcpStream>, end: JobEnd, passed: &Sender<Passed>) {
    let mut chunk = vec![0; 128 * 1_024];
    let mut job = Vec::new();
    while let Ok(count @ 1..) = driver.read(&mut chunk) {
        let at = Instant::now();
        if let Some(printer) = &mut printer
            && printer.write_all(&chunk[..count]).is_err()
        {
            break;
        }
        job.extend(&chunk[..count]);
        while let Some(position) = end.position(&job) {
            // Questions of the driver between two jobs stand before the job's first byte.
            let begun = job.windows(2).position(|two| two == JOB_BEGINS).filter(|begun| *begun < position).unwrap_or(0);
            let _ = passed.send(Passed { at, bytes: position - begun });
            job.drain(..position);
        }
    }
    if let Some(printer) = &printer {
        let _ = printer.shutdown(Shutdown::Both);
    }
}

fn pass_back(mut printer: TcpStream, mut driver: TcpStream) {
    // Either end may close; then so does the other.
    let _ = std::io::copy(&mut printer, &mut driver);
    let _ = driver.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_counted_from_its_first_byte_to_its_mark_however_it_is_cut() {
        let line = RecordedLine::lay(None, JobEnd::CONFIRMED).unwrap();
        let mut driver = TcpStream::connect(line.address).unwrap();
        let job = b"\x1B@ink\x1D(H\x06\x0000abcd";
        driver.write_all(b"\x10\x04\x01").unwrap();
        for byte in job {
            driver.write_all(&[*byte]).unwrap();
        }
        driver.write_all(b"\x10\x04\x02").unwrap();
        assert_eq!(line.next().unwrap().bytes, job.len());
        driver.write_all(job).unwrap();
        assert_eq!(line.next().unwrap().bytes, job.len());
    }

    #[test]
    fn what_passes_arrives() {
        let far = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = RecordedLine::lay(Some(far.local_addr().unwrap()), JobEnd::FED_AND_CUT).unwrap();
        let mut driver = TcpStream::connect(line.address).unwrap();
        driver.write_all(b"\x1B@x\x1Bd\x06\x1DV\x00").unwrap();
        let (mut printer, _) = far.accept().unwrap();
        let mut got = [0; 9];
        printer.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"\x1B@x\x1Bd\x06\x1DV\x00");
        printer.write_all(b"ok").unwrap();
        let mut answer = [0; 2];
        driver.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"ok");
        assert_eq!(line.next().unwrap().bytes, 9);
    }
}
