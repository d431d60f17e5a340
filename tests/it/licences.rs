//! Everything linked into the program may be used under a permissive licence.

use std::collections::BTreeSet;
use std::process::Command;

/// Licences that ask for no more than their text beside the program.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn permissive(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let plain = expression.replace(['(', ')'], "");
    // With one choice or more: one way must be open. Brackets occur as `(A OR B) AND C` alone.
    if expression.contains('(') {
        return expression
            .split(" AND ")
            .all(|part| permissive(&part.replace(['(', ')'], "")));
    }
    plain.split(" OR ").any(|way| {
        way.split(" AND ")
            .all(|name| PERMISSIVE.contains(&name.trim()))
    })
}

#[test]
fn nothing_copyleft_is_linked_in() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--locked", "--offline"])
        .args(["--prefix", "none", "--format", "{p}|{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<&str> = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    for line in &crates {
        let (name, licence) = line.split_once('|').unwrap();
        assert!(permissive(licence), "{name} is licensed as {licence:?}");
    }
    assert!(crates.len() > 100);
}

#[test]
fn licence_expressions_are_understood() {
    for good in [
        "MIT",
        "MIT OR GPL-3.0",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
    ] {
        assert!(permissive(good), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MPL-2.0",
        "MIT AND LGPL-2.1",
        "(MIT OR MPL-2.0) AND GPL-2.0",
        "",
    ] {
        assert!(!permissive(bad), "{bad}");
    }
}
