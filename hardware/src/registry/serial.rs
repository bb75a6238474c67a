//! The serial lines of this machine, from what the kernel tells of them.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Access, Claims, DeviceClass, Found, node_access};
use crate::address::Address;

/// Where the kernel shows its devices. Tests show their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialPlaces {
    /// `/dev`.
    pub dev: PathBuf,
    /// `/sys/class/tty`.
    pub class: PathBuf,
}

impl SerialPlaces {
    /// Those of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self { dev: "/dev".into(), class: "/sys/class/tty".into() }
    }
}

/// The serial lines, each by the link that survives re-plugging where it has one.
#[must_use]
pub fn serial_ports(places: &SerialPlaces) -> Vec<Found> {
    let links = links(&places.dev.join("serial/by-id"));
    let mut names: Vec<_> = entries(&places.class).filter_map(|path| Some(path.file_name()?.to_owned())).collect();
    names.sort();
    let ports = names.into_iter().filter(|name| is_real(&places.class.join(name)));
    ports
        .map(|name| {
            let node = places.dev.join(&name);
            let real = fs::canonicalize(&node).unwrap_or_else(|_| node.clone());
            let link = links.iter().find(|(_, target)| *target == real).map(|(link, _)| link.clone());
            found(&node, link, &places.class.join(&name))
        })
        .collect()
}

fn found(node: &Path, link: Option<PathBuf>, class: &Path) -> Found {
    let usb = fs::canonicalize(class.join("device")).ok().and_then(|device| usb_device(&device));
    let read = |name| usb.as_deref().and_then(|usb| text(&usb.join(name)));
    let ids = read("idVendor").zip(read("idProduct")).map(|(vendor, product)| format!("{vendor}:{product}"));
    let address = Address::serial(link.as_deref().unwrap_or(node));
    let access = match Claims::system().holder(&address) {
        Some(holder) => Access::InUse { by: Some(holder) },
        None => node_access(node, "dialout"),
    };
    Found {
        address,
        class: DeviceClass::SerialLine,
        maker: read("manufacturer"),
        model: read("product").or(ids),
        serial: read("serial"),
        access,
    }
}

/// A terminal with hardware behind it: consoles and ptys have no device, and a port that the kernel found no chip for has the type 0.
fn is_real(class: &Path) -> bool {
    class.join("device").exists() && text(&class.join("type")).is_none_or(|kind| kind != "0")
}

/// The USB device that a device belongs to: the nearest above it that has ids.
fn usb_device(device: &Path) -> Option<PathBuf> {
    device.ancestors().find(|above| above.join("idVendor").exists()).map(Path::to_owned)
}

fn links(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut links: Vec<_> =
        entries(folder).filter_map(|link| Some((link.clone(), fs::canonicalize(&link).ok()?))).collect();
    links.sort();
    links
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn text(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn lines_are_found_by_the_link_that_survives_with_what_their_maker_says() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (dev, class) = (root.join("dev"), root.join("class"));
        let usb = root.join("devices/usb1/1-2");
        for (name, value) in
            [("idVendor", "04b8\n"), ("idProduct", "0202\n"), ("manufacturer", "EPSON\n"), ("serial", "X3\n")]
        {
            write(&usb.join(name), value);
        }
        fs::create_dir_all(usb.join("1-2:1.0/ttyUSB0")).unwrap();
        for (name, device) in [
            ("ttyUSB0", Some("devices/usb1/1-2/1-2:1.0/ttyUSB0")),
            ("ttyS0", Some("devices/serial8250")),
            ("ttyS9", Some("devices/none")),
            ("tty1", None),
        ] {
            fs::create_dir_all(class.join(name)).unwrap();
            write(&dev.join(name), "");
            if let Some(device) = device {
                fs::create_dir_all(root.join(device)).unwrap();
                symlink(root.join(device), class.join(name).join("device")).unwrap();
            }
        }
        write(&class.join("ttyS0/type"), "4\n");
        write(&class.join("ttyS9/type"), "0\n");
        let by_id = dev.join("serial/by-id/usb-EPSON_X3");
        fs::create_dir_all(by_id.parent().unwrap()).unwrap();
        symlink(dev.join("ttyUSB0"), &by_id).unwrap();

        let found = serial_ports(&SerialPlaces { dev: dev.clone(), class });
        let addresses: Vec<_> = found.iter().map(|port| port.address.clone()).collect();
        assert_eq!(addresses, [Address::serial(dev.join("ttyS0")), Address::serial(by_id)]);
        assert_eq!(found[1].maker.as_deref(), Some("EPSON"));
        assert_eq!(found[1].model.as_deref(), Some("04b8:0202"));
        assert_eq!(found[1].serial.as_deref(), Some("X3"));
        assert_eq!((found[0].maker.as_deref(), &found[0].access), (None, &Access::Free));
        let open = fs::File::open(dev.join("ttyS0")).unwrap();
        let found = serial_ports(&SerialPlaces { dev, class: root.join("class") });
        let Access::InUse { by: Some(holder) } = &found[0].access else { panic!("{:?}", found[0].access) };
        assert_eq!(holder.pid, std::process::id());
        drop(open);
        assert_eq!(serial_ports(&SerialPlaces { dev: root.join("x"), class: root.join("y") }), []);
    }
}
