use super::*;
use proptest::prelude::*;

fn all(mut bytes: &[u8]) -> Vec<Command> {
    let mut commands = Vec::new();
    while let Parsed::Command(command, length) = parse(bytes) {
        commands.push(command);
        bytes = &bytes[length..];
    }
    commands
}

#[test]
fn commands_are_read_with_their_parameters() {
    assert_eq!(
        all(b"\x1B@\x1Ba\x01A\n\x1BJ\x10\x1DV\x01\x1DVB\x08\x1Da\x0F\x1Dr\x01\x1D(H\x06\0\x30\x30abcd"),
        [
            Command::Initialise,
            Command::Align(1),
            Command::Text(b'A'),
            Command::Line,
            Command::FeedDots(16),
            Command::Cut(0),
            Command::Cut(8),
            Command::EnableAsb(15),
            Command::SendSensor(1),
            Command::Confirm(*b"abcd"),
        ]
    );
    let raster = Command::Raster { mode: 0, width_bytes: 2, dots: vec![1, 2, 3, 4] };
    assert_eq!(all(b"\x1Dv0\0\x02\0\x02\0\x01\x02\x03\x04"), [raster]);
    assert_eq!(parse(b"\x1Dv0\0\x02\0\x02\0\x01\x02\x03"), Parsed::Incomplete);
    assert_eq!(all(b"\x1D(k\x04\0\x31\x50\x30Q"), [Command::QrText(b"Q".to_vec())]);
}

#[test]
fn real_time_commands_are_found_wherever_they_stand() {
    let mut finder = RealTimeFinder::default();
    let bytes = b"\xFF\x10\x10\x04\x01\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08\x10\x05\x02\x10\x04\x09";
    let found: Vec<_> = bytes.iter().filter_map(|byte| finder.push(*byte)).collect();
    assert_eq!(found, [RealTime::Status(1), RealTime::Clear, RealTime::Recover(2)]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end_or_wait(bytes: Vec<u8>) {
        let mut rest = &bytes[..];
        while let Parsed::Command(_, length) = parse(rest) {
            prop_assert!(length > 0 && length <= rest.len());
            rest = &rest[length..];
        }
    }
}
