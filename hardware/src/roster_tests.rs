use super::*;

const STATION: &str = r#"[station]
role = "kiosk"

[[device]]
id = "printer"
kind = "ticket_printer"
address = "serial:/dev/ttyUSB0?baud=19200"
profile = "generic-80mm"
required = true

[[device]]
id = "printer-2"
kind = "ticket_printer"
address = "tcp:192.0.2.7:9100"

[[device]]
id = "voice"
kind = "announcer"
"#;

#[test]
fn devices_are_read_in_the_order_of_the_file() {
    let devices = read(STATION).unwrap();
    let ids: Vec<_> = devices.iter().map(|device| (device.id.as_str(), device.required)).collect();
    assert_eq!(ids, [("printer", true), ("printer-2", false), ("voice", false)]);
    assert_eq!(read("").unwrap(), []);
}

#[test]
fn a_mistake_names_its_line_and_what_to_write() {
    for (right, wrong, line, what, remedy) in [
        (
            "kind = \"ticket_printer\"\naddress = \"tcp",
            "kind = \"ticket_printre\"\naddress = \"tcp",
            13,
            "ticket_printre",
            "kinds",
        ),
        ("serial:/dev/ttyUSB0?baud=19200", "serail:/dev/ttyUSB0", 7, "does not begin with", "motcua-hw list"),
        ("baud=19200", "baud=fast", 7, "baud=NUMBER", "motcua-hw list"),
        ("profile = \"generic-80mm\"", "profil = \"generic-80mm\"", 8, "profil", "profile"),
        ("generic-80mm", "generic-90mm", 4, "generic-90mm", "profiles"),
        ("address = \"tcp:192.0.2.7:9100\"\n", "", 11, "printer-2", "address = \"serial:"),
        ("tcp:192.0.2.7:9100", "pcsc:ACS 00 00", 11, "cannot be at pcsc:", "serial:, tcp:"),
        ("id = \"printer-2\"", "id = \"printer\"", 11, "line 4", "an id of its own"),
        ("tcp:192.0.2.7:9100", "serial:/dev/ttyUSB0?baud=19200", 11, "line 4", "one address"),
        ("id = \"voice\"", "id = \"the voice\"", 16, "the voice", "letters"),
        ("id = \"voice\"\n", "", 16, "missing field", "`id`"),
        ("required = true", "required = \"yes\"", 4, "expected a boolean", "motcua-hw"),
        ("[[device]]\nid = \"voice\"", "[[device]\nid = \"voice\"", 16, "", "docs/station-file.md"),
    ] {
        assert!(STATION.contains(right), "{right}");
        let error = read(&STATION.replacen(right, wrong, 1)).unwrap_err();
        assert!(error.what.contains(what), "{wrong}: {error}");
        assert!(error.remedy.contains(remedy), "{wrong}: {error}");
        assert_eq!(error.line, line, "{wrong}: {error}");
    }
}

#[test]
fn a_scanner_in_keyboard_mode_is_refused_with_the_reason() {
    for address in ["keyboard:1", "hid:1", "serial:/dev/input/event3", "serial:/dev/hidraw0"] {
        let text = format!("[[device]]\nid = \"qr\"\nkind = \"card_scanner\"\naddress = \"{address}\"\n");
        let error = read(&text).unwrap_err();
        assert!(error.what.contains("keyboard") && error.what.contains("Vietnamese"), "{address}: {error}");
        assert_eq!(error.line, 4, "{error}");
    }
}
