//! The document scanners that SANE shows, through its own tool.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Instant;

use super::{Access, DeviceClass, Found};
use crate::address::Address;

/// Between the fields of a line. No device name holds it.
const FIELD: char = '\u{1f}';
/// The most that is read of a tool's list, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The scanners; or why the tool does not tell.
pub(super) fn scanners(deadline: Instant) -> Result<Vec<Found>, String> {
    let format = format!("%d{FIELD}%v{FIELD}%m{FIELD}%t%n");
    let mut command = Command::new("scanimage");
    command.args(["-f", &format]);
    run(command, deadline).map(|list| parse_scanners(&list))
}

/// Reads the tool's list: device, maker, model and kind, one device a line. A line that is none is passed over.
#[must_use]
pub fn parse_scanners(list: &str) -> Vec<Found> {
    list.lines().filter_map(scanner).collect()
}

fn scanner(line: &str) -> Option<Found> {
    let mut fields = line.split(FIELD).map(str::trim);
    let device = fields.next().filter(|device| !device.is_empty())?;
    let mut next = || fields.next().map(|field| (!field.is_empty()).then(|| field.to_owned()));
    let (maker, model) = (next()?, next()?);
    Some(Found {
        address: Address::Sane { device: device.to_owned() },
        class: DeviceClass::DocumentScanner,
        maker,
        model,
        serial: None,
        access: Access::Free,
    })
}

/// What a program says; one that is not done in time is ended.
fn run(mut command: Command, deadline: Instant) -> Result<String, String> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = spawned.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    let Some(stdout) = child.stdout.take() else { return Err("no output".to_owned()) };
    let (done, said) = channel();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = stdout.take(LONGEST).read_to_end(&mut text);
        // Nobody waits any longer: the program was ended.
        let _ = done.send(read.map(|_| String::from_utf8_lossy(&text).into_owned()));
    });
    let answer = said.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    // One that is done already cannot be ended, and ending one that hangs closes its output: the reader's thread ends either way.
    let _ = child.kill();
    let status = child.wait();
    let _ = reader.join();
    match (answer, status) {
        (Ok(Ok(text)), Ok(_)) => Ok(text),
        (Ok(Err(error)), _) | (_, Err(error)) => Err(error.to_string()),
        (Err(_), _) => Err(format!("{} did not answer in time", command.get_program().display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn a_list_is_read_line_by_line() {
        let found = parse_scanners(
            "test:0\u{1f}Noname\u{1f}frontend-tester\u{1f}virtual device\nno fields\n\u{1f}\u{1f}\u{1f}\nnet:a:b\u{1f}\u{1f}M\u{1f}\n",
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].address, "sane:test:0".parse().unwrap());
        assert_eq!((found[0].maker.as_deref(), found[0].model.as_deref()), (Some("Noname"), Some("frontend-tester")));
        assert_eq!((found[1].maker.as_deref(), found[1].model.as_deref()), (None, Some("M")));
    }

    #[test]
    fn a_tool_that_hangs_is_ended_and_one_that_is_missing_is_named() {
        let mut hangs = Command::new("sleep");
        hangs.arg("600");
        let began = Instant::now();
        assert!(run(hangs, Instant::now() + Duration::from_millis(50)).unwrap_err().contains("in time"));
        assert!(began.elapsed() < Duration::from_secs(300));
        assert!(run(Command::new("/nowhere/scanimage"), Instant::now()).unwrap_err().contains("scanimage"));
        let mut says = Command::new("echo");
        says.arg("x");
        assert_eq!(run(says, Instant::now() + Duration::from_secs(20)), Ok("x\n".to_owned()));
    }

    proptest! {
        #[test]
        fn any_list_is_read(list in "(.|\n|\u{1f}){0,100}") {
            for found in parse_scanners(&list) {
                prop_assert_eq!(found.address.to_string().parse::<Address>(), Ok(found.address));
            }
        }
    }
}
