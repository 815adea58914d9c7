//! Manual pages and completions are complete: every command of `ser --help` has both.

use assert_cmd::Command;

fn ser(arguments: &[&str]) -> String {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("ser"))
        .args(arguments)
        .assert()
        .success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// The commands that `ser --help` lists.
fn commands() -> Vec<String> {
    let help = ser(&["--help"]);
    let listed = help.split("Commands:\n").nth(1).unwrap();
    listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_has_a_page_that_holds_its_examples() {
    let folder = tempfile::tempdir().unwrap();
    ser(&["generate", "man", "-o", folder.path().to_str().unwrap()]);
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let commands = commands();
    assert!(commands.len() >= 5);
    let main = page("ser.1");
    for name in &commands {
        assert!(
            main.contains(&format!("ser\\-{name}(1)")),
            "{name} in ser.1"
        );
        assert!(page(&format!("ser-{name}.1")).starts_with(".ie"));
    }
    assert!(page("ser-extract.1").contains("Examples:"));
    assert!(page("ser-corpus-prepare.1").contains("\\-\\-labels"));
}

#[test]
fn every_command_is_completed_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = ser(&["generate", &format!("complete-{shell}")]);
        for name in commands() {
            assert!(script.contains(&name), "{name} in {shell}");
        }
    }
}
