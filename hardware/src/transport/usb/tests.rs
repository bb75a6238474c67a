//! The line's logic against a far side in memory: deadlines, pieces, stalls, unplugging, a near end that nobody reads, the end of the thread.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

use super::*;
use std::io::Write;
use std::net::TcpStream;

use crate::address::Address;
use crate::emulator::{EmulatedPrinter, LineSpec, PrinterModel};
use crate::printer::{EscPosPrinter, JobId, LastSlip, Outcome, Profile};
use crate::status::Fault;
use crate::{Align, Paper, TextSize};

#[derive(Default)]
struct State {
    taken: Vec<u8>,
    to_give: VecDeque<Vec<u8>>,
    /// How many bytes the device takes before it takes no more.
    room: usize,
    stalls_out: u32,
    stalls_in: u32,
    cleared: u32,
    unplugged: bool,
    readers: u32,
}

#[derive(Clone, Default)]
struct Device(Arc<(Mutex<State>, Condvar)>);

impl Device {
    fn new(room: usize) -> Self {
        let device = Self::default();
        device.with(|state| state.room = room);
        device
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let done = change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
        done
    }

    fn open(&self, ways: u8) -> UsbTransport {
        let back = (ways == 2).then(|| {
            self.with(|state| state.readers += 1);
            Box::new(Back(self.clone())) as Box<dyn InPipe>
        });
        UsbTransport::on(Pipes { out: Box::new(self.clone()), back, control: Box::new(self.clone()) }).unwrap()
    }
}

/// Counts the reading threads by the pipe that each owns.
struct Back(Device);

impl Drop for Back {
    fn drop(&mut self) {
        self.0.with(|state| state.readers -= 1);
    }
}

impl OutPipe for Device {
    fn send(&mut self, bytes: &[u8], time: Duration) -> Result<usize, PipeError> {
        assert!(time > Duration::ZERO, "no time means for ever to some calls");
        self.with(|state| {
            if state.unplugged {
                return Err(PipeError::Unplugged);
            }
            if state.stalls_out > 0 {
                return Err(PipeError::Stall);
            }
            let count = bytes.len().min(state.room);
            state.room -= count;
            state.taken.extend_from_slice(&bytes[..count]);
            Ok(count)
        })
    }

    fn clear_stall(&mut self) -> Result<(), PipeError> {
        self.with(|state| {
            state.stalls_out -= 1;
            state.cleared += 1;
        });
        Ok(())
    }
}

impl InPipe for Back {
    fn receive(&mut self, time: Duration) -> Result<Vec<u8>, PipeError> {
        let (lock, changed) = &*self.0.0;
        let idle = |state: &mut State| state.to_give.is_empty() && !state.unplugged && state.stalls_in == 0;
        let (mut state, _) = changed.wait_timeout_while(lock.lock().unwrap(), time, idle).unwrap();
        if state.unplugged {
            return Err(PipeError::Unplugged);
        }
        if state.stalls_in > 0 {
            return Err(PipeError::Stall);
        }
        Ok(state.to_give.pop_front().unwrap_or_default())
    }

    fn clear_stall(&mut self) -> Result<(), PipeError> {
        self.0.with(|state| {
            state.stalls_in -= 1;
            state.cleared += 1;
        });
        Ok(())
    }
}

impl Control for Device {
    fn port_status(&self, _time: Duration) -> Result<u8, PipeError> {
        self.with(|state| if state.unplugged { Err(PipeError::Unplugged) } else { Ok(0x18) })
    }

    fn device_id(&self, _time: Duration) -> Result<Vec<u8>, PipeError> {
        Ok(b"\x00\x12MFG:A;MDL:B-80;".to_vec())
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

#[test]
fn bytes_go_in_pieces_and_a_full_printer_ends_the_write_with_what_it_took() {
    let device = Device::new(10_000);
    let mut line = device.open(2);
    let short = line.write_all(&[7; 12_000], Instant::now() + Duration::from_millis(5)).unwrap_err();
    assert_eq!((short.written, short.cause), (10_000, LineError::TimedOut));
    assert_eq!(device.with(|state| state.taken.len()), 10_000);
}

#[test]
fn answers_are_read_and_waited_for_together_with_a_waker() {
    let device = Device::new(100);
    let mut line = device.open(2);
    let mut buffer = [0; 16];
    assert_eq!(line.read_some(&mut buffer, Instant::now()), Ok(0));
    device.with(|state| state.to_give.push_back(vec![0x16, 0x12]));
    line.wait(None, soon()).unwrap();
    assert_eq!(line.read_some(&mut buffer, soon()), Ok(2));
    assert_eq!(buffer[..2], [0x16, 0x12]);
    let waker = Waker::new().unwrap();
    waker.wake();
    let began = Instant::now();
    line.wait(Some(&waker), Instant::now() + Duration::from_secs(60)).unwrap();
    assert!(began.elapsed() < Duration::from_secs(30), "the waker ended the wait");
}

#[test]
fn a_stall_is_cleared_once_and_a_second_refuses() {
    let device = Device::new(100);
    let mut line = device.open(2);
    device.with(|state| state.stalls_out = 1);
    assert_eq!(line.write_some(b"abc", soon()), Ok(3));
    assert_eq!(device.with(|state| state.cleared), 1);
    device.with(|state| state.stalls_out = 2);
    assert!(matches!(line.write_some(b"abc", soon()), Err(LineError::Failed(_))));
    // The way back survives stalls too, and gives up after a few.
    device.with(|state| state.stalls_in = 2);
    device.with(|state| state.to_give.push_back(vec![1]));
    assert_eq!(line.read_some(&mut [0; 4], soon()), Ok(1));
    device.with(|state| state.stalls_in = 100);
    assert_eq!(line.read_some(&mut [0; 4], soon()), Err(LineError::Closed));
}

#[test]
fn an_unplugged_printer_is_a_closed_line_both_ways() {
    for ways in [1, 2] {
        let device = Device::new(100);
        let mut line = device.open(ways);
        assert_eq!(line.two_way(), ways == 2);
        device.with(|state| state.unplugged = true);
        assert_eq!(line.write_some(b"abc", soon()), Err(LineError::Closed));
        if ways == 2 {
            assert_eq!(line.read_some(&mut [0; 4], soon()), Err(LineError::Closed));
        } else {
            assert_eq!(line.read_some(&mut [0; 4], soon()), Ok(0));
            assert_eq!(line.wait(None, soon()), Err(LineError::Closed));
        }
    }
}

#[test]
fn the_reading_thread_ends_with_its_line_even_when_nobody_reads() {
    let device = Device::new(100);
    for _ in 0..20 {
        drop(device.open(2));
    }
    assert_eq!(device.with(|state| state.readers), 0);
    // Far more than the socket holds.
    device.with(|state| state.to_give.extend(std::iter::repeat_n(vec![0; 64 * 1024], 64)));
    let line = device.open(2);
    line.back.as_ref().map(|(near, _)| wait_readable(near.as_raw_fd(), None, soon())).unwrap().unwrap();
    drop(line);
    assert_eq!(device.with(|state| state.readers), 0);
}

#[test]
fn the_port_and_the_device_id_are_data() {
    let line = Device::new(100).open(1);
    assert_eq!(line.port_status(), Ok(PortStatus { paper_empty: false, selected: true, error: false }));
    assert_eq!(line.device_id().unwrap().model.as_deref(), Some("B-80"));
}

#[test]
fn a_machine_with_no_such_printer_says_so() {
    // No maker has the id 0000, so this holds with and without a bus.
    assert_eq!(UsbTransport::open(0, 0, None).err(), Some(LineError::Absent));
    assert!(printers().iter().all(|printer| printer.vendor != 0));
}

/// An emulated printer's socket as endpoints.
struct Socket(TcpStream);

fn broken(error: &io::Error) -> Result<usize, PipeError> {
    match LineError::from(io::Error::from(error.kind())) {
        LineError::TimedOut => Ok(0),
        _ => Err(PipeError::Unplugged),
    }
}

impl OutPipe for Socket {
    fn send(&mut self, bytes: &[u8], time: Duration) -> Result<usize, PipeError> {
        self.0.set_write_timeout(Some(time)).unwrap();
        self.0.write(bytes).or_else(|error| broken(&error))
    }

    fn clear_stall(&mut self) -> Result<(), PipeError> {
        Ok(())
    }
}

impl InPipe for Socket {
    fn receive(&mut self, time: Duration) -> Result<Vec<u8>, PipeError> {
        self.0.set_read_timeout(Some(time)).unwrap();
        let mut buffer = vec![0; 64];
        match self.0.read(&mut buffer) {
            Ok(0) => Err(PipeError::Unplugged),
            Ok(count) => Ok(buffer[..count].to_vec()),
            Err(error) => broken(&error).map(|_| Vec::new()),
        }
    }

    fn clear_stall(&mut self) -> Result<(), PipeError> {
        Ok(())
    }
}

#[test]
fn the_driver_prints_confirms_and_meets_faults_on_this_line_as_on_any_other() {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let Address::Tcp { host, port } = far.line().address() else { panic!("a TCP line") };
    let stream = TcpStream::connect((host.as_str(), port)).unwrap();
    let (out, back) = (Socket(stream.try_clone().unwrap()), Socket(stream));
    let pipes = Pipes { out: Box::new(out), back: Some(Box::new(back)), control: Box::new(Device::new(0)) };
    let line = UsbTransport::on(pipes).unwrap();
    let profile = Profile::named("generic-80mm").unwrap();
    let mut printer = EscPosPrinter::on(Box::new(line), profile, LastSlip::Whole).unwrap();
    let paper = Paper::new().text("Chứng thực bản sao", TextSize::Large, Align::Center).qr("A105", 6);
    assert_eq!(printer.print(JobId(1), &paper, Instant::now()).outcome, Outcome::Confirmed);
    far.set_cover_open(true);
    assert!(!printer.status(soon()).works());
    let report = printer.print(JobId(2), &paper, Instant::now());
    assert_eq!((report.outcome, report.fault), (Outcome::NotPrinted, Some(Fault::CoverOpen)));
    assert_eq!(far.pages().len(), 1);
}
