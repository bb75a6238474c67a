//! How a page is to be scanned, and the options of a device that make it so. Pure.

use serde::{Deserialize, Serialize};

use super::protocol::{Capabilities, Constraint};

/// How much shorter than a page a device's bed may be, in millimetres: beds of A4 scanners are often a hair short.
const SHORT_MM: f64 = 2.0;

/// Colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Red, green and blue.
    #[default]
    Colour,
    /// 256 steps of grey.
    Grey,
    /// Black and white, one bit a dot.
    Lineart,
}

/// Where the paper lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// One page under the lid.
    #[default]
    Flatbed,
    /// A stack in the feeder, front sides.
    Feeder,
    /// A stack in the feeder, both sides.
    FeederDuplex,
}

/// How large the paper is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageSize {
    /// 210 by 297 mm.
    #[default]
    A4,
    /// 148 by 210 mm.
    A5,
    /// What the device takes by itself.
    Default,
}

impl PageSize {
    const fn mm(self) -> Option<(f64, f64)> {
        match self {
            Self::A4 => Some((210.0, 297.0)),
            Self::A5 => Some((148.0, 210.0)),
            Self::Default => None,
        }
    }
}

/// What is to be scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScanRequest {
    /// Dots an inch.
    pub resolution_dpi: u16,
    /// Colours.
    pub mode: Mode,
    /// Where the paper lies.
    pub source: Source,
    /// How large it is.
    pub size: PageSize,
    /// At most so many pages; a flatbed gives one.
    pub max_pages: Option<u32>,
    /// Further options of this device by name (without hyphens) and value, for a model that needs one, in the order in which they are set.
    pub extra: Vec<(String, String)>,
}

impl Default for ScanRequest {
    fn default() -> Self {
        Self {
            resolution_dpi: 300,
            mode: Mode::default(),
            source: Source::default(),
            size: PageSize::default(),
            max_pages: None,
            extra: Vec::new(),
        }
    }
}

impl ScanRequest {
    /// How many pages may come; none for as many as there are.
    #[must_use]
    pub fn most_pages(&self) -> Option<u32> {
        if self.source == Source::Flatbed { Some(1) } else { self.max_pages }
    }
}

/// What a device cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No such resolution.
    #[error("this scanner cannot scan at {0} dots an inch")]
    Resolution(u16),
    /// No such colours.
    #[error("this scanner has no mode {0:?}")]
    Mode(Mode),
    /// No such source.
    #[error("this scanner has no {0:?}")]
    Source(Source),
    /// The bed is too small.
    #[error("this scanner is too small for {0:?}")]
    Size(PageSize),
    /// No such option.
    #[error("this scanner has no option {0}")]
    Unknown(String),
}

/// The arguments that make a device scan so, checked against what it says it can.
///
/// # Errors
/// [`OptionError`] names the first thing that it cannot.
pub fn arguments(request: &ScanRequest, can: &Capabilities) -> Result<Vec<String>, OptionError> {
    // The order counts: what a source or a mode allows is set after it.
    let mut arguments = source(request.source, can)?;
    arguments.extend(mode(request.mode, can)?);
    arguments.extend(resolution(request.resolution_dpi, can)?);
    arguments.extend(size(request.size, can)?);
    for (name, value) in &request.extra {
        if !can.has(name) {
            return Err(OptionError::Unknown(name.clone()));
        }
        arguments.push(format!("--{name}={value}"));
    }
    Ok(arguments)
}

fn source(source: Source, can: &Capabilities) -> Result<Vec<String>, OptionError> {
    let is_feeder = |value: &str| value.contains("feeder") || value.contains("adf");
    let found = match source {
        Source::Flatbed => can.value("source", |value| value.contains("flatbed")),
        Source::Feeder => can.value("source", |value| is_feeder(value) && !value.contains("duplex")),
        Source::FeederDuplex => can.value("source", |value| value.contains("duplex")),
    };
    match found {
        Some(found) => Ok(vec![format!("--source={found}")]),
        // A scanner that has one place for paper has nothing to choose.
        None if source == Source::Flatbed && can.option("source").is_none() => Ok(Vec::new()),
        None => Err(OptionError::Source(source)),
    }
}

fn mode(mode: Mode, can: &Capabilities) -> Result<Vec<String>, OptionError> {
    let named = |found: &str| format!("--mode={found}");
    let grey = || can.value("mode", |value| value.contains("gray") || value.contains("grey"));
    let depth = |bits: &str| can.value("depth", |value| value == bits).map(|bits| format!("--depth={bits}"));
    match mode {
        Mode::Colour => can.value("mode", |value| value.contains("color")).map(|found| vec![named(found)]),
        Mode::Grey => grey().map(|found| [named(found)].into_iter().chain(depth("8")).collect()),
        Mode::Lineart => can
            .value("mode", |value| ["lineart", "monochrome", "binary", "black"].iter().any(|word| value.contains(word)))
            .map(|found| vec![named(found)])
            // Some have grey of one bit instead.
            .or_else(|| Some(vec![named(grey()?), depth("1")?])),
    }
    .ok_or(OptionError::Mode(mode))
}

fn resolution(dpi: u16, can: &Capabilities) -> Result<Vec<String>, OptionError> {
    match can.option("resolution") {
        Some(known) if known.takes(f64::from(dpi)) => Ok(vec![format!("--resolution={dpi}")]),
        _ => Err(OptionError::Resolution(dpi)),
    }
}

fn size(size: PageSize, can: &Capabilities) -> Result<Vec<String>, OptionError> {
    let Some((width, height)) = size.mm() else { return Ok(Vec::new()) };
    let fit = |name: &str, wanted: f64| {
        let most = can.option(name).and_then(Constraint::most).ok_or(OptionError::Size(size))?;
        if most + SHORT_MM < wanted { Err(OptionError::Size(size)) } else { Ok(wanted.min(most)) }
    };
    let (width, height) = (fit("x", width)?, fit("y", height)?);
    Ok(["-l", "0", "-t", "0", "-x", &width.to_string(), "-y", &height.to_string()].map(str::to_owned).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAN: &str = "
    --mode Gray|Color [Gray]
    --depth 1|8|16 [8]
    --resolution 75|150|300dpi [75]
    --source Flatbed|Automatic Document Feeder [Flatbed]
    -x 0..209.9mm [209.9]
    -y 0..297mm [297]
";

    fn ask(request: &ScanRequest) -> Result<String, OptionError> {
        arguments(request, &Capabilities::parse(CAN)).map(|arguments| arguments.join(" "))
    }

    #[test]
    fn a_request_becomes_the_options_of_this_device() {
        let colour = ScanRequest::default();
        assert_eq!(ask(&colour).unwrap(), "--source=Flatbed --mode=Color --resolution=300 -l 0 -t 0 -x 209.9 -y 297");
        let feeder = ScanRequest {
            source: Source::Feeder,
            mode: Mode::Lineart,
            size: PageSize::Default,
            ..ScanRequest::default()
        };
        assert_eq!(ask(&feeder).unwrap(), "--source=Automatic Document Feeder --mode=Gray --depth=1 --resolution=300");
    }

    #[test]
    fn what_the_device_cannot_is_told_before_it_is_asked() {
        let fine = ScanRequest { resolution_dpi: 1200, ..ScanRequest::default() };
        assert_eq!(ask(&fine), Err(OptionError::Resolution(1200)));
        let both = ScanRequest { source: Source::FeederDuplex, ..ScanRequest::default() };
        assert_eq!(ask(&both), Err(OptionError::Source(Source::FeederDuplex)));
        let extra = ScanRequest { extra: vec![("shine".to_owned(), "1".to_owned())], ..ScanRequest::default() };
        assert_eq!(ask(&extra), Err(OptionError::Unknown("shine".to_owned())));
        let small = Capabilities::parse(&CAN.replace("297mm", "216mm"));
        assert_eq!(arguments(&ScanRequest::default(), &small), Err(OptionError::Size(PageSize::A4)));
    }
}
