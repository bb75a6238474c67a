//! The bytes of the Internet Printing Protocol (RFC 8010, 8011): requests, and what an answer says. Pure and total.

use std::fmt::Write;

/// What is asked of the spooler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Operation {
    /// Takes a whole document and makes a job of it.
    PrintJob = 0x0002,
    /// Withdraws a job.
    CancelJob = 0x0008,
    /// Tells how a job is.
    GetJobAttributes = 0x0009,
    /// Tells how a queue is.
    GetPrinterAttributes = 0x000B,
    /// Lists the queues (an operation of CUPS).
    CupsGetPrinters = 0x4002,
}

const OPERATION_GROUP: u8 = 0x01;
const JOB_GROUP: u8 = 0x02;
const END: u8 = 0x03;
const PRINTER_GROUP: u8 = 0x04;

const INTEGER: u8 = 0x21;
const BOOLEAN: u8 = 0x22;
const ENUM: u8 = 0x23;
const NAME: u8 = 0x42;
const KEYWORD: u8 = 0x44;
const URI: u8 = 0x45;
const CHARSET: u8 = 0x47;
const LANGUAGE: u8 = 0x48;
const MIME_TYPE: u8 = 0x49;

/// The longest attribute that is sent, in bytes.
const LONGEST: usize = 1023;

/// A request under construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    bytes: Vec<u8>,
}

impl Request {
    /// A request about one printer or job, in the name of `user`.
    #[must_use]
    pub fn new(operation: Operation, id: u32, target: Option<&str>, user: &str) -> Self {
        let mut bytes = vec![2, 0];
        bytes.extend((operation as u16).to_be_bytes());
        bytes.extend(id.to_be_bytes());
        bytes.push(OPERATION_GROUP);
        let mut request = Self { bytes };
        request.text(CHARSET, "attributes-charset", "utf-8");
        request.text(LANGUAGE, "attributes-natural-language", "en");
        if let Some(uri) = target {
            let name = if uri.contains("/jobs/") { "job-uri" } else { "printer-uri" };
            request.text(URI, name, uri);
        }
        request.text(NAME, "requesting-user-name", user);
        request
    }

    /// Only these attributes are wanted back.
    #[must_use]
    pub fn wanting(mut self, names: &[&str]) -> Self {
        for (index, wanted) in names.iter().enumerate() {
            // A further value of the same attribute has no name.
            self.text(KEYWORD, if index == 0 { "requested-attributes" } else { "" }, wanted);
        }
        self
    }

    /// What kind of document follows, and the name that the job has in the queue. Every user of the spooler sees the name.
    #[must_use]
    pub fn document(mut self, title: &str, mime_type: &str) -> Self {
        self.text(NAME, "job-name", title);
        self.text(MIME_TYPE, "document-format", mime_type);
        self
    }

    /// How a job is to be printed: copies, and keywords such as `media` and `sides`.
    #[must_use]
    pub fn job(mut self, copies: u16, keywords: &[(&str, &str)]) -> Self {
        self.bytes.push(JOB_GROUP);
        self.attribute(INTEGER, "copies", &i32::from(copies.max(1)).to_be_bytes());
        for (name, keyword) in keywords {
            self.text(KEYWORD, name, keyword);
        }
        self
    }

    /// The bytes, to be followed by the document where there is one.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(END);
        self.bytes
    }

    fn text(&mut self, tag: u8, name: &str, text: &str) {
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.attribute(tag, name, &text.as_bytes()[..end]);
    }

    fn attribute(&mut self, tag: u8, name: &str, value: &[u8]) {
        self.bytes.push(tag);
        for part in [name.as_bytes(), value] {
            // Names are ours and values at most LONGEST, so the length always fits.
            self.bytes.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
            self.bytes.extend(part);
        }
    }
}

/// One value of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An integer or an enumerated number.
    Number(i32),
    /// Yes or no.
    Flag(bool),
    /// Text of any kind.
    Text(String),
    /// A kind that nothing here needs.
    Other,
}

/// Attributes that stand together: of one job, of one printer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Which kind of thing it describes.
    pub tag: u8,
    attributes: Vec<(String, Vec<Value>)>,
}

impl Group {
    /// The first text of an attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).next()
    }

    /// All texts of an attribute.
    pub fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values(name).iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The first number of an attribute.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i32> {
        self.values(name).iter().find_map(|value| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        })
    }

    /// The first flag of an attribute.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.values(name).iter().find_map(|value| match value {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        })
    }

    fn values(&self, name: &str) -> &[Value] {
        self.attributes.iter().find(|(found, _)| found == name).map_or(&[], |(_, values)| values.as_slice())
    }
}

/// An answer of the spooler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code; below 0x0100 it was done.
    pub status: u16,
    /// The groups, in their order.
    pub groups: Vec<Group>,
}

impl Answer {
    /// Reads an answer; `None` when the bytes are none.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = Reader(bytes);
        rest.take(2)?;
        let status = rest.u16()?;
        rest.take(4)?;
        let mut groups: Vec<Group> = Vec::new();
        loop {
            match rest.take(1)?[0] {
                END => return Some(Self { status, groups }),
                tag if tag < 0x10 => groups.push(Group { tag, attributes: Vec::new() }),
                tag => {
                    let name = rest.counted()?;
                    let value = value(tag, rest.counted()?);
                    groups.last_mut()?.add(name, value)?;
                }
            }
        }
    }

    /// Whether it was done.
    #[must_use]
    pub fn done(&self) -> bool {
        self.status < 0x0100
    }

    /// The first job described.
    #[must_use]
    pub fn job(&self) -> Option<&Group> {
        self.groups.iter().find(|group| group.tag == JOB_GROUP)
    }

    /// The printers described.
    pub fn printers(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.tag == PRINTER_GROUP)
    }
}

impl Group {
    fn add(&mut self, name: &[u8], value: Value) -> Option<()> {
        if name.is_empty() {
            self.attributes.last_mut()?.1.push(value);
        } else {
            self.attributes.push((String::from_utf8_lossy(name).into_owned(), vec![value]));
        }
        Some(())
    }
}

fn value(tag: u8, bytes: &[u8]) -> Value {
    match (tag, bytes) {
        (INTEGER | ENUM, [a, b, c, d]) => Value::Number(i32::from_be_bytes([*a, *b, *c, *d])),
        (BOOLEAN, [flag]) => Value::Flag(*flag != 0),
        (0x40..=0x5F, text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        _ => Value::Other,
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }
}

/// A queue's name as it stands in a path, with everything escaped that is not plain.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.bytes().fold(String::new(), |mut path, byte| {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => path.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(path, "%{byte:02X}")),
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let uri = "ipp://localhost/printers/TICKETS";
        Request::new(Operation::PrintJob, 7, Some(uri), "kiosk")
            .document("ticket", "application/vnd.cups-raw")
            .job(2, &[("media", "iso_a5_148x210mm")])
            .finish()
    }

    #[test]
    fn a_request_reads_back_as_it_was_written() {
        let bytes = sample();
        // Version 2.0, operation 2, request 7: RFC 8010 section 3.1.
        assert_eq!(bytes[..9], [2, 0, 0, 2, 0, 0, 0, 7, OPERATION_GROUP]);
        let read = Answer::parse(&bytes).unwrap();
        let operation = &read.groups[0];
        assert_eq!(operation.text("printer-uri"), Some("ipp://localhost/printers/TICKETS"));
        assert_eq!(operation.text("requesting-user-name"), Some("kiosk"));
        assert_eq!(operation.text("document-format"), Some("application/vnd.cups-raw"));
        assert_eq!(read.job().unwrap().number("copies"), Some(2));
        assert_eq!(read.job().unwrap().text("media"), Some("iso_a5_148x210mm"));
    }

    #[test]
    fn further_values_belong_to_the_attribute_before() {
        let request =
            Request::new(Operation::CupsGetPrinters, 1, None, "x").wanting(&["printer-name", "printer-state"]);
        let read = Answer::parse(&request.finish()).unwrap();
        let wanted: Vec<_> = read.groups[0].texts("requested-attributes").collect();
        assert_eq!(wanted, ["printer-name", "printer-state"]);
    }

    #[test]
    fn a_long_title_is_cut_at_a_letter() {
        let request = Request::new(Operation::PrintJob, 1, None, "x").document(&"ế".repeat(600), "application/pdf");
        let title = Answer::parse(&request.finish()).unwrap().groups[0].text("job-name").unwrap().to_owned();
        assert!(title.len() <= LONGEST && title.chars().all(|letter| letter == 'ế'));
    }

    #[test]
    fn every_cut_answer_is_none() {
        let whole = sample();
        for end in 0..whole.len() {
            assert_eq!(Answer::parse(&whole[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn names_are_escaped_in_paths() {
        assert_eq!(escaped("TICKETS-1_a.b"), "TICKETS-1_a.b");
        assert_eq!(escaped("a b/../c?d#"), "a%20b%2F..%2Fc%3Fd%23");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Answer::parse(&bytes);
        }

        #[test]
        fn any_damage_is_read_or_refused(at in 0_usize..150, byte in any::<u8>()) {
            let mut bytes = sample();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = Answer::parse(&bytes);
        }
    }
}
