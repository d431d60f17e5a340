//! What the window starts with: settings of last time, the system's language, the machine.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::easel::MOST_IN_MEMORY;
use super::memory::of_this_machine;
use super::state::Settings;
use super::words::Language;
use super::{AppOptions, Device, Waker};
use crate::kernels::{Level, physical_cores};

impl AppOptions {
    /// What a window of this person on this machine starts with.
    pub fn of_this_user(
        settings_file: &Path,
        pictures_folder: PathBuf,
        open: Option<PathBuf>,
        wake: Waker,
    ) -> Self {
        let found = FoundSettings::read(settings_file);
        Self {
            settings: found.json,
            settings_put_aside: found.put_aside,
            language: system_language(),
            pictures_folder,
            device: this_machine(),
            open,
            most_in_memory: MOST_IN_MEMORY,
            free_memory: of_this_machine(),
            wake,
        }
    }
}

/// Settings as they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FoundSettings {
    /// The JSON, if there is one that can be read.
    json: Option<String>,
    /// Where damaged settings were put aside, so that nothing a person set is lost.
    put_aside: Option<PathBuf>,
}

impl FoundSettings {
    /// Reads the settings file; none is fine, and a damaged one is put aside.
    fn read(file: &Path) -> Self {
        let text = match std::fs::read(file) {
            Ok(bytes) => String::from_utf8(bytes).ok(),
            Err(error) => {
                if error.kind() != ErrorKind::NotFound {
                    log::warn!("{} cannot be read: {error}", file.display());
                }
                return Self::default();
            }
        };
        let json = text.filter(|text| serde_json::from_str::<Settings>(text).is_ok());
        let put_aside = if json.is_none() {
            put_aside(file)
        } else {
            None
        };
        Self { json, put_aside }
    }
}

fn put_aside(file: &Path) -> Option<PathBuf> {
    let mut name = file.file_name()?.to_owned();
    name.push(".broken");
    let aside = file.with_file_name(name);
    std::fs::rename(file, &aside)
        .inspect_err(|error| log::warn!("{} cannot be put aside: {error}", file.display()))
        .ok()?;
    Some(aside)
}

/// The first of the system's languages that the window speaks.
fn system_language() -> Option<Language> {
    sys_locale::get_locales().find_map(|locale| Language::of_locale(&locale))
}

/// What computes here.
fn this_machine() -> Device {
    let refresh = sysinfo::RefreshKind::nothing()
        .with_memory(sysinfo::MemoryRefreshKind::nothing().with_ram());
    let memory_bytes = sysinfo::System::new_with_specifics(refresh)
        .map(|system| system.total_memory())
        .unwrap_or_default();
    Device {
        name: "CPU".to_owned(),
        cores: physical_cores(),
        simd: Level::best().name().to_owned(),
        memory_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_settings_are_a_first_start() {
        let folder = tempfile::tempdir().unwrap();
        let found = FoundSettings::read(&folder.path().join("settings.json"));
        assert_eq!(found, FoundSettings::default());
    }

    #[test]
    fn damaged_settings_are_put_aside_and_good_ones_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        for damaged in [&b"{\"scale\": 1.0, \"langu"[..], b"\xff\xfe", b""] {
            std::fs::write(&file, damaged).unwrap();
            let found = FoundSettings::read(&file);
            let aside = folder.path().join("settings.json.broken");
            assert_eq!(found.json, None);
            assert_eq!(found.put_aside.as_deref(), Some(aside.as_path()));
            assert_eq!(std::fs::read(&aside).unwrap(), damaged);
            assert!(!file.exists());
        }
        std::fs::write(&file, "{}").unwrap();
        let found = FoundSettings::read(&file);
        assert_eq!(found.json.as_deref(), Some("{}"));
        assert!(file.exists());
    }

    #[test]
    fn this_machine_has_cores_and_memory() {
        let device = this_machine();
        assert!(device.cores > 0 && device.memory_bytes > 0);
    }
}
