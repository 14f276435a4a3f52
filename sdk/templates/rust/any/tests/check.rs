// Runs `giflab check` on the module that was just built, if giflab is on the PATH.

use std::process::Command;

#[test]
fn giflab_check_passes() {
    let program = std::env::current_exe().expect("a test knows where it is"); // target/<profile>/deps/check-...
    let built = program.parent().and_then(|deps| deps.parent()).expect("the folder above deps");
    let module = built.join("lib@name@.so");
    match Command::new("giflab").arg("check").arg(&module).status() {
        Ok(ended) => assert!(ended.success(), "giflab check {} failed", module.display()),
        Err(_) => println!("skipped: giflab is not on the PATH"),
    }
}
