//! An emulated text display: interprets the bytes to rows of text, as a person before it would read them.

use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::line::{FarSide, Line, LineServer, LineSpec};
use crate::display::protocol::{Command, CommandStream};

/// What a display shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DisplayScreen {
    /// The text of each row, with its blanks.
    pub rows: Vec<String>,
    /// Whether it blinks.
    pub blinking: bool,
    /// 1 to 4.
    pub brightness: u8,
}

/// The glass, and where the next character goes. Pure.
#[derive(Clone, Debug)]
pub struct DisplayGlass {
    stream: CommandStream,
    columns: usize,
    cells: Vec<Vec<char>>,
    column: usize,
    row: usize,
    blink: u8,
    brightness: u8,
}

impl DisplayGlass {
    /// A display that was just switched on. It has at least one column and one row.
    #[must_use]
    pub fn new(columns: u8, rows: u8) -> Self {
        let (columns, rows) = (usize::from(columns.max(1)), usize::from(rows.max(1)));
        Self {
            stream: CommandStream::default(),
            columns,
            cells: vec![vec![' '; columns]; rows],
            column: 0,
            row: 0,
            blink: 0,
            brightness: 4,
        }
    }

    /// Takes bytes as they arrive.
    pub fn receive(&mut self, bytes: &[u8]) {
        for command in self.stream.push(bytes) {
            self.obey(command);
        }
    }

    /// What is seen.
    #[must_use]
    pub fn screen(&self) -> DisplayScreen {
        DisplayScreen {
            rows: self.cells.iter().map(|row| row.iter().collect()).collect(),
            blinking: self.blink != 0,
            brightness: self.brightness,
        }
    }

    /// Switched off and on: everything is forgotten.
    fn switch(&mut self) {
        let rows = u8::try_from(self.cells.len()).unwrap_or(u8::MAX);
        *self = Self::new(u8::try_from(self.columns).unwrap_or(u8::MAX), rows);
    }

    fn obey(&mut self, command: Command) {
        let (last_column, last_row) = (self.columns - 1, self.cells.len() - 1);
        match command {
            Command::Initialise => self.switch(),
            Command::Clear => {
                self.cells.iter_mut().for_each(|row| row.fill(' '));
                (self.column, self.row) = (0, 0);
            }
            Command::ClearRow => {
                self.cells[self.row].fill(' ');
                self.column = 0;
            }
            // A place that is not there is no command.
            Command::MoveTo { column, row } => {
                let (column, row) = (usize::from(column), usize::from(row));
                if (1..=self.columns).contains(&column) && (1..=self.cells.len()).contains(&row) {
                    (self.column, self.row) = (column - 1, row - 1);
                }
            }
            Command::Home => (self.column, self.row) = (0, 0),
            Command::RowBegin => self.column = 0,
            Command::Down => self.row = if self.row == last_row { 0 } else { self.row + 1 },
            Command::Back => self.column = self.column.saturating_sub(1),
            Command::Forward => self.column = (self.column + 1).min(last_column),
            Command::Brightness(level @ 1..=4) => self.brightness = level,
            Command::Blink(interval) => self.blink = interval,
            Command::Character(byte) => self.write(byte),
            Command::Brightness(_) | Command::Overwrite | Command::Cursor(_) | Command::Other | Command::Unknown(_) => {
            }
        }
    }

    /// In overwrite mode the cursor goes on to the next row, and from the last to the first.
    fn write(&mut self, byte: u8) {
        // A code page beyond ASCII is not known here.
        self.cells[self.row][self.column] = if byte < 0x7F { char::from(byte) } else { '?' };
        self.column += 1;
        if self.column == self.columns {
            self.column = 0;
            self.row = (self.row + 1) % self.cells.len();
        }
    }
}

type Shared = Arc<Mutex<DisplayGlass>>;

fn glass(shared: &Shared) -> MutexGuard<'_, DisplayGlass> {
    // What is behind the lock is plain data; a panic elsewhere leaves it usable.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

struct FarDisplay {
    glass: Shared,
    changes: Option<Sender<DisplayScreen>>,
}

impl FarSide for FarDisplay {
    /// A display says nothing.
    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let screen = {
            let mut glass = glass(&self.glass);
            glass.receive(bytes);
            glass.screen()
        };
        if let Some(changes) = &self.changes {
            // A window that closed needs no more news.
            let _ = changes.send(screen);
        }
        Vec::new()
    }
}

/// A display on a TCP port or a pty.
#[derive(Debug)]
pub struct EmulatedDisplay {
    server: LineServer,
    glass: Shared,
}

impl EmulatedDisplay {
    /// Starts it. Whatever arrives sends the screen to `changes`.
    ///
    /// # Errors
    /// When the port is taken or no pty can be made.
    pub fn start(spec: &LineSpec, columns: u8, rows: u8, changes: Option<Sender<DisplayScreen>>) -> io::Result<Self> {
        let shared = Arc::new(Mutex::new(DisplayGlass::new(columns, rows)));
        let server = LineServer::start(spec, FarDisplay { glass: shared.clone(), changes })?;
        Ok(Self { server, glass: shared })
    }

    /// What is seen now.
    #[must_use]
    pub fn screen(&self) -> DisplayScreen {
        glass(&self.glass).screen()
    }

    /// Switches it off and on; the line does not notice.
    pub fn switch_off_and_on(&self) {
        glass(&self.glass).switch();
    }

    /// The line, with its address and its faults.
    #[must_use]
    pub fn line(&self) -> &Line {
        self.server.line()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_goes_where_the_cursor_is() {
        let mut glass = DisplayGlass::new(6, 2);
        glass.receive(b"\x1F$\x03\x02AB\x0BXY");
        assert_eq!(glass.screen().rows, ["XY    ", "  AB  "]);
        glass.receive(b"\x1F$\x06\x02!?");
        assert_eq!(glass.screen().rows, ["?Y    ", "  AB !"]);
        glass.receive(b"\x1FE\x0A\x1FX\x02\x1F$\x01\x01\x18");
        let screen = glass.screen();
        assert_eq!((screen.rows[0].as_str(), screen.blinking, screen.brightness), ("      ", true, 2));
        glass.receive(b"\x1B@");
        assert_eq!(glass.screen(), DisplayGlass::new(6, 2).screen());
    }

    proptest! {
        #[test]
        fn any_bytes_leave_whole_rows(bytes: Vec<u8>, columns: u8, rows in 0..9_u8) {
            let mut glass = DisplayGlass::new(columns, rows);
            glass.receive(&bytes);
            let screen = glass.screen();
            prop_assert_eq!(screen.rows.len(), usize::from(rows.max(1)));
            prop_assert!(screen.rows.iter().all(|row| row.chars().count() == usize::from(columns.max(1))));
        }
    }
}
