//! The endpoints of a real printer, and which printers there are.

use std::io::ErrorKind;
use std::time::Duration;

use nusb::descriptors::TransferType;
use nusb::transfer::{Buffer, Bulk, Completion, ControlIn, ControlType, Direction, In, Out, Recipient, TransferError};
use nusb::{DeviceInfo, Endpoint, Interface, MaybeFuture};

use super::class::{CLASS, GET_DEVICE_ID, GET_PORT_STATUS, ONE_WAY, SUBCLASS, TWO_WAY};
use super::{Control, InPipe, LineError, OutPipe, PipeError, Pipes};

/// The longest device id that is asked for, in bytes.
const DEVICE_ID_BYTES: u16 = 1024;
/// How many packets one read may bring.
const PACKETS: usize = 8;

/// A printer that the bus shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbPrinter {
    /// The maker's id.
    pub vendor: u16,
    /// The model's id.
    pub product: u16,
    /// Its serial number, where it has one.
    pub serial: Option<String>,
    /// The maker's name.
    pub maker: Option<String>,
    /// The model's name.
    pub model: Option<String>,
    /// Whether bytes come back.
    pub two_way: bool,
    /// The node that must be writable for this account, such as `/dev/bus/usb/001/004`.
    pub node: std::path::PathBuf,
}

/// Every printer on the bus; none where there is no USB.
#[must_use]
pub fn printers() -> Vec<UsbPrinter> {
    devices().into_iter().filter_map(|device| describe(&device)).collect()
}

fn devices() -> Vec<DeviceInfo> {
    // Where there is no USB at all, listing fails; that is no printer, not a crash.
    nusb::list_devices().wait().map(Iterator::collect).unwrap_or_default()
}

fn describe(device: &DeviceInfo) -> Option<UsbPrinter> {
    let protocol = printer_interface(device)?.1;
    let text = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(UsbPrinter {
        vendor: device.vendor_id(),
        product: device.product_id(),
        serial: text(device.serial_number()),
        maker: text(device.manufacturer_string()),
        model: text(device.product_string()),
        two_way: protocol == TWO_WAY,
        node: format!("/dev/bus/usb/{:03}/{:03}", device.busnum(), device.device_address()).into(),
    })
}

/// The number and protocol of the printer's interface, one that answers before one that does not.
fn printer_interface(device: &DeviceInfo) -> Option<(u8, u8)> {
    let ours = device.interfaces().filter(|interface| {
        (interface.class(), interface.subclass()) == (CLASS, SUBCLASS)
            && matches!(interface.protocol(), ONE_WAY | TWO_WAY)
    });
    ours.map(|interface| (interface.interface_number(), interface.protocol())).max_by_key(|(_, protocol)| *protocol)
}

pub(super) fn open(vendor: u16, product: u16, serial: Option<&str>) -> Result<Pipes, LineError> {
    let wanted = |device: &DeviceInfo| {
        (device.vendor_id(), device.product_id()) == (vendor, product)
            && serial.is_none_or(|serial| device.serial_number().map(str::trim) == Some(serial))
    };
    let mut last = LineError::Absent;
    for device in devices().into_iter().filter(wanted) {
        match printer_interface(&device).map(|(number, _)| open_interface(&device, number)) {
            Some(Ok(pipes)) => return Ok(pipes),
            Some(Err(error)) => last = error,
            None => {}
        }
    }
    Err(last)
}

fn open_interface(device: &DeviceInfo, number: u8) -> Result<Pipes, LineError> {
    let device = device.open().wait().map_err(line_error)?;
    let interface = device.detach_and_claim_interface(number).wait().map_err(line_error)?;
    let setting = best_setting(&interface).ok_or(LineError::Failed(ErrorKind::Unsupported))?;
    if interface.get_alt_setting() != setting.alternate {
        interface.set_alt_setting(setting.alternate).wait().map_err(line_error)?;
    }
    let out = interface.endpoint::<Bulk, Out>(setting.out).map_err(line_error)?;
    let back = match setting.back {
        Some(address) => Some(interface.endpoint::<Bulk, In>(address).map_err(line_error)?),
        None => None,
    };
    Ok(Pipes {
        out: Box::new(BusOut(out)),
        back: back.map(|endpoint| Box::new(BusIn(endpoint)) as Box<dyn InPipe>),
        control: Box::new(BusControl { interface, alternate: setting.alternate }),
    })
}

struct Setting {
    alternate: u8,
    out: u8,
    back: Option<u8>,
}

/// Among an interface's settings, one of the printer class that answers before one that does not.
fn best_setting(interface: &Interface) -> Option<Setting> {
    let ours = interface.descriptors().filter(|setting| {
        (setting.class(), setting.subclass()) == (CLASS, SUBCLASS) && matches!(setting.protocol(), ONE_WAY | TWO_WAY)
    });
    let mut settings: Vec<_> = ours.collect();
    settings.sort_by_key(|setting| std::cmp::Reverse(setting.protocol()));
    settings.into_iter().find_map(|setting| {
        let bulk = |direction| {
            let mut endpoints = setting.endpoints();
            endpoints
                .find(|endpoint| endpoint.transfer_type() == TransferType::Bulk && endpoint.direction() == direction)
                .map(|endpoint| endpoint.address())
        };
        let back = if setting.protocol() == TWO_WAY { bulk(Direction::In) } else { None };
        Some(Setting { alternate: setting.alternate_setting(), out: bulk(Direction::Out)?, back })
    })
}

struct BusOut(Endpoint<Bulk, Out>);

impl OutPipe for BusOut {
    fn send(&mut self, bytes: &[u8], time: Duration) -> Result<usize, PipeError> {
        let done = self.0.transfer_blocking(Buffer::from(bytes.to_vec()), time);
        carried(&done)
    }

    fn clear_stall(&mut self) -> Result<(), PipeError> {
        self.0.clear_halt().wait().map_err(|_| PipeError::Broken)
    }
}

struct BusIn(Endpoint<Bulk, In>);

impl InPipe for BusIn {
    fn receive(&mut self, time: Duration) -> Result<Vec<u8>, PipeError> {
        // A whole number of packets, else the device may send more than there is room for.
        let done = self.0.transfer_blocking(Buffer::new(self.0.max_packet_size() * PACKETS), time);
        carried(&done).map(|count| done.buffer[..count.min(done.buffer.len())].to_vec())
    }

    fn clear_stall(&mut self) -> Result<(), PipeError> {
        self.0.clear_halt().wait().map_err(|_| PipeError::Broken)
    }
}

/// How much a transfer carried; one that was ended by its time carried what it carried.
fn carried(done: &Completion) -> Result<usize, PipeError> {
    match done.status {
        Ok(()) | Err(TransferError::Cancelled) => Ok(done.actual_len),
        // What the device took before it broke off counts; the next transfer meets the cause again.
        Err(_) if done.actual_len > 0 => Ok(done.actual_len),
        Err(TransferError::Stall) => Err(PipeError::Stall),
        Err(TransferError::Disconnected) => Err(PipeError::Unplugged),
        Err(_) => Err(PipeError::Broken),
    }
}

struct BusControl {
    interface: Interface,
    alternate: u8,
}

impl BusControl {
    fn ask(&self, request: u8, index: u16, length: u16, time: Duration) -> Result<Vec<u8>, PipeError> {
        let (control_type, recipient) = (ControlType::Class, Recipient::Interface);
        let question = ControlIn { control_type, recipient, request, value: 0, index, length };
        self.interface.control_in(question, time).wait().map_err(|error| match error {
            TransferError::Stall => PipeError::Stall,
            TransferError::Disconnected => PipeError::Unplugged,
            _ => PipeError::Broken,
        })
    }
}

impl Control for BusControl {
    fn port_status(&self, time: Duration) -> Result<u8, PipeError> {
        let number = u16::from(self.interface.interface_number());
        let answer = self.ask(GET_PORT_STATUS, number, 1, time)?;
        answer.first().copied().ok_or(PipeError::Broken)
    }

    /// The interface stands in the high byte here, and the setting in the low one.
    fn device_id(&self, time: Duration) -> Result<Vec<u8>, PipeError> {
        let index = u16::from_be_bytes([self.interface.interface_number(), self.alternate]);
        self.ask(GET_DEVICE_ID, index, DEVICE_ID_BYTES, time)
    }
}

fn line_error(error: nusb::Error) -> LineError {
    use nusb::ErrorKind as K;
    match error.kind() {
        K::Disconnected | K::NotFound => LineError::Absent,
        K::Busy => LineError::InUse,
        K::PermissionDenied => LineError::Denied,
        K::Unsupported => LineError::Failed(ErrorKind::Unsupported),
        _ => LineError::Failed(ErrorKind::Other),
    }
}
