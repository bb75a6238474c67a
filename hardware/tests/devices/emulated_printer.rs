//! What the emulated printer puts on paper, read back by a program that we did not write.

use std::io::{Read, Write};
use std::net::TcpStream;

use hardware::emulator::{EmulatedPrinter, LineSpec, Page, PrinterModel};

use crate::{eventually, qr_on};

/// Sends bytes to a new printer, as any program would, and gives what was cut off.
pub fn pages_of(job: &[u8], model: PrinterModel) -> Vec<Page> {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), model, None).unwrap();
    let mut line = connect(&far);
    line.write_all(job).unwrap();
    // The roll's sensor is answered in its turn: all before it is on paper.
    line.write_all(b"\x1Dr\x01").unwrap();
    let mut answer = [0; 1];
    line.read_exact(&mut answer).unwrap();
    eventually("all is printed", || (!far.is_offline()).then(|| far.take_pages()))
}

fn connect(far: &EmulatedPrinter) -> TcpStream {
    let address = far.line().address().to_string();
    TcpStream::connect(address.strip_prefix("tcp:").unwrap()).unwrap()
}

#[test]
fn a_code_of_every_error_level_and_size_can_be_read() {
    let text = "MOTCUA:A105:Chứng thực bản sao";
    let mut heights = Vec::new();
    for level in 48..=51 {
        for module in [3, 6] {
            let size =
                [&[0x1D, b'(', b'k', 3, 0, 49, 67, module][..], &[0x1D, b'(', b'k', 3, 0, 49, 69, level]].concat();
            let length = (text.len() + 3) as u16;
            let store = [b"\x1D(k".as_slice(), &length.to_le_bytes(), b"\x31\x50\x30", text.as_bytes()].concat();
            let print = b"\x1Ba\x01\x1BJ\x28\x1D(k\x03\0\x31\x51\x30\x1BJ\x28\x1DV\0";
            let pages = pages_of(&[&size, &store, print.as_slice()].concat(), PrinterModel::default());
            assert_eq!(qr_on(&pages[0]), text, "level {level}, module {module}");
            assert_eq!(pages[0].qr_texts, [text]);
            heights.push(pages[0].height_dots - 80);
        }
    }
    // A higher level is a larger code, and a larger module is in proportion.
    assert!(heights.chunks(2).all(|pair| pair[1] == 2 * pair[0]), "{heights:?}");
    assert!(heights[0] < heights[6], "{heights:?}");
}
